//! What reviewers handed on.

use super::Context;
use crate::args::IncidentsCommand;
use crate::failure::Failure;
use crate::output::Columns;
use serde_json::Value;

const COLUMNS: Columns<'_> = &["id", "severity", "type", "status", "user", "created_at", "created_by", "escalation_id"];

pub(super) fn run(command: IncidentsCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        IncidentsCommand::List { limit, show } => {
            let rows: Vec<Value> = client.get("/v1/incidents", &[("limit", Some(limit.to_string().as_str()))])?;
            context.list(&rows, COLUMNS, &show)
        }
        IncidentsCommand::Get { id, show } => {
            let incident: Value = client.get(&format!("/v1/incidents/{}", crate::client::segment(&id)), &[])?;
            context.object(&incident, COLUMNS, &show)
        }
    }
}
