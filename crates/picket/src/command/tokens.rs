//! API tokens.

use super::Context;
use crate::args::TokensCommand;
use crate::failure::Failure;
use crate::output::{self, Columns, Format};
use picket_api_types::{CreateToken, CreatedToken, Token};
use serde_json::Value;

const COLUMNS: Columns = &["id", "name", "role", "status", "created_at", "expires_at", "last_used_at"];

pub(super) fn run(command: TokensCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        TokensCommand::Create { name, role, expires, format } => {
            let wanted = CreateToken { name, role, expires, addresses: Vec::new() };
            let created: CreatedToken = client.post("/v1/tokens", &wanted)?;
            context.note("This is the only time that the token is shown.");
            match format.format {
                Format::Table => output::line(&created.token),
                other => output::object(&serde_json::to_value(&created)?, other),
            }
        }
        TokensCommand::List { format } => {
            let rows: Vec<Value> = client.get("/v1/tokens", &[])?;
            output::list(&rows, COLUMNS, format.format)
        }
        TokensCommand::Revoke { id } => {
            let token: Token = client.delete(&format!("/v1/tokens/{}", crate::client::segment(&id)))?;
            context.note(&format!("{} is {}", token.id, token.status));
            Ok(())
        }
    }
}
