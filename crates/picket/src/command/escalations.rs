//! The review queue.

use super::Context;
use crate::args::EscalationsCommand;
use crate::failure::Failure;
use crate::output::{self, Columns};
use picket_api_types::{Resolution, ResolveRequest};
use serde_json::{Value, json};

const COLUMNS: Columns<'_> =
    &["id", "priority", "severity", "type", "status", "stage", "user", "created_at", "due_at", "event_id"];

pub(super) fn run(command: EscalationsCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        EscalationsCommand::List { status, severity, kind, since, limit, show } => {
            let limit = limit.to_string();
            let query = [
                ("status", status.as_deref()),
                ("severity", severity.as_deref()),
                ("type", kind.as_deref()),
                ("since", since.as_deref()),
                ("limit", Some(limit.as_str())),
            ];
            let rows: Vec<Value> = client.get("/v1/escalations", &query)?;
            context.list(&rows, COLUMNS, &show)
        }
        EscalationsCommand::Get { id, show } => {
            let escalation: Value = client.get(&path(&id), &[])?;
            context.object(&escalation, COLUMNS, &show)
        }
        EscalationsCommand::Resolve { positional, id, resolution, notes, verdict, show } => {
            let id = id.or(positional).ok_or_else(|| Failure::usage("which escalation? give its id"))?;
            let resolution: Resolution = serde_json::from_value(json!(resolution.to_lowercase()))
                .map_err(|_error| Failure::usage("--resolution takes approved, rejected or investigate"))?;
            let wanted = ResolveRequest { resolution, verdict, notes, version: None };
            let resolved: Value = client.post(&format!("{}/resolve", path(&id)), &wanted)?;
            context.note(&format!("{} is {}", output::cell(&resolved, "id"), output::cell(&resolved, "status")));
            context.object(&resolved, COLUMNS, &show)
        }
    }
}

fn path(id: &str) -> String {
    format!("/v1/escalations/{}", crate::client::segment(id))
}
