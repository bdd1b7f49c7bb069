//! Gateway keys.

use super::Context;
use crate::args::KeysCommand;
use crate::failure::Failure;
use crate::output::{self, Columns, Format};
use picket_api_types::{CreateKey, CreatedKey, Key};
use serde_json::Value;

const COLUMNS: Columns =
    &["id", "name", "user", "team", "application", "models", "budget", "spent", "status", "expires_at", "last_used_at"];

pub(super) fn run(command: KeysCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        KeysCommand::Create { name, user, team, application, models, budget, expires, service, addresses, format } => {
            let wanted = CreateKey { name, user, team, application, models, budget, expires, service, addresses };
            let created: CreatedKey = client.post("/v1/keys", &wanted)?;
            context.note("This is the only time that the key is shown.");
            match format.format {
                Format::Table => output::line(&created.token),
                other => output::object(&serde_json::to_value(&created)?, other),
            }
        }
        KeysCommand::List { format } => {
            let rows: Vec<Value> = client.get("/v1/keys", &[])?;
            output::list(&rows, COLUMNS, format.format)
        }
        KeysCommand::Revoke { id } => {
            let key: Key = client.delete(&format!("/v1/keys/{}", crate::client::segment(&id)))?;
            context.note(&format!("{} is {}", key.id, key.status));
            Ok(())
        }
    }
}
