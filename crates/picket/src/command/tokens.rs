//! API tokens.

use super::{Context, each};
use crate::args::{EndArgs, TokensCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{Columns, Format};
use picket_api_types::{CreateToken, CreatedToken};
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &["id", "name", "role", "scopes", "status", "created_at", "expires_at", "last_used_at"];

pub(super) fn run(command: TokensCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    match command {
        TokensCommand::Create { name, role, scopes, addresses, expires, show } => {
            let wanted = CreateToken { name, role, scopes, expires, addresses };
            let created: CreatedToken = client.post("/v1/tokens", &wanted)?;
            context.note("This is the only time that the token is shown.");
            match show.format.format {
                Format::Table => context.deliver(&format!("{}\n", created.token), None, &show)?,
                _ => context.object(&created, &[], &show)?,
            }
        }
        TokensCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/tokens", &[])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        TokensCommand::Revoke(EndArgs { ids, yes, show }) => {
            context.confirm(
                &yes,
                &format!("Revoke {}? Nothing accepts them afterwards, and it cannot be undone.", ids.join(", ")),
            )?;
            let revoke = |id: &str| client.delete(&format!("/v1/tokens/{}", segment(id)));
            let (rows, code) = each(&ids, context, revoke)?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}
