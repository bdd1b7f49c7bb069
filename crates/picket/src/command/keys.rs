//! Gateway keys.

use super::{Context, each};
use crate::args::{EndArgs, KeysCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{Columns, Format};
use picket_api_types::{CreateKey, CreatedKey};
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["id", "name", "user", "team", "application", "models", "budget", "spent", "status", "expires_at", "last_used_at"];

pub(super) fn run(command: KeysCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    match command {
        KeysCommand::Create { name, user, team, application, models, budget, expires, service, addresses, show } => {
            let wanted = CreateKey { name, user, team, application, models, budget, expires, service, addresses };
            let created: CreatedKey = client.post("/v1/keys", &wanted)?;
            context.note("This is the only time that the key is shown.");
            match show.format.format {
                Format::Table => context.deliver(&format!("{}\n", created.token), None, &show)?,
                _ => context.object(&created, &[], &show)?,
            }
        }
        KeysCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/keys", &[])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        KeysCommand::Revoke(EndArgs { ids, yes, show }) => {
            context.confirm(
                &yes,
                &format!("Revoke {}? Nothing accepts them afterwards, and it cannot be undone.", ids.join(", ")),
            )?;
            let revoke = |id: &str| client.delete(&format!("/v1/keys/{}", segment(id)));
            let (rows, code) = each(&ids, context, revoke)?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}
