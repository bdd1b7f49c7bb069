//! Whom findings are about.

use super::Context;
use crate::args::EntitiesCommand;
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use serde_json::Value;

const COLUMNS: Columns<'_> = &["kind", "id", "risk", "changed_at"];

pub(super) fn run(command: EntitiesCommand, context: &Context) -> Result<(), Failure> {
    match command {
        EntitiesCommand::List { since, limit, show } => {
            let parameters = [("since", since.as_deref()), ("limit", Some(&*limit.to_string()))];
            let rows: Vec<Value> = context.client()?.get("/v1/entities", &parameters)?;
            context.list(&rows, COLUMNS, &show)
        }
        EntitiesCommand::Get { kind, id, show } => {
            let found: Value = context.client()?.get(&format!("/v1/entities/{kind}/{}", segment(&id)), &[])?;
            context.object(&found, COLUMNS, &show)
        }
    }
}
