//! Sessions.

use super::{Context, each};
use crate::args::{EndArgs, SessionsCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["id", "user", "method", "strong", "current", "created_at", "last_used_at", "ends_at", "address", "agent"];

pub(super) fn run(command: SessionsCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    match command {
        SessionsCommand::List { user, all, show } => {
            let query = [("user", user.as_deref()), ("all", all.then_some("true"))];
            let rows: Vec<Value> = client.get("/v1/sessions", &query)?;
            context.list(&rows, COLUMNS, &show)?;
        }
        SessionsCommand::End(EndArgs { ids, yes, show }) => {
            context.confirm(&yes, &format!("End {}?", ids.join(", ")))?;
            let end = |id: &str| client.delete(&format!("/v1/sessions/{}", segment(id)));
            let (rows, code) = each(&ids, context, end)?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}
