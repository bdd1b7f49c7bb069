//! What reviewers handed on, and what findings opened.

use super::{Context, each};
use crate::args::IncidentsCommand;
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::CloseIncident;
use serde_json::{Value, json};
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["id", "severity", "type", "status", "user", "created_at", "created_by", "escalation_id", "finding_id", "verdict"];

pub(super) fn run(command: IncidentsCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    match command {
        IncidentsCommand::List { limit, show } => {
            let rows: Vec<Value> = client.get("/v1/incidents", &[("limit", Some(limit.to_string().as_str()))])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        IncidentsCommand::Get { id, show } => {
            let incident: Value = client.get(&format!("/v1/incidents/{}", segment(&id)), &[])?;
            context.object(&incident, COLUMNS, &show)?;
        }
        IncidentsCommand::Acknowledge { ids, show } => {
            let act = |id: &str| client.post(&format!("/v1/incidents/{}/acknowledge", segment(id)), &json!({}));
            let (rows, code) = each(&ids, context, act)?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
        IncidentsCommand::Close { ids, verdict, show } => {
            let wanted = CloseIncident { verdict };
            let act = |id: &str| client.post(&format!("/v1/incidents/{}/close", segment(id)), &wanted);
            let (rows, code) = each(&ids, context, act)?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}
