//! The audit log: what people and services did, apart from the traffic.

use super::{Context, log};
use crate::args::{AuditCommand, LogCommand};
use crate::failure::Failure;
use crate::output::Columns;
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &["timestamp", "event_type", "actor", "target", "reason", "event_id"];

pub(super) fn run(command: AuditCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        AuditCommand::List { since, filter, limit, show } => {
            let limit = limit.to_string();
            let query = [("since", since.as_deref()), ("filter", filter.as_deref()), ("limit", Some(limit.as_str()))];
            let rows: Vec<Value> = context.client()?.get("/v1/audit-log", &query)?;
            context.list(&rows, COLUMNS, &show).map(|()| ExitCode::SUCCESS)
        }
        // Acts and traffic are entries of the same logs.
        AuditCommand::Verify { show } => log::run(LogCommand::Verify { config: None, show }, context),
    }
}
