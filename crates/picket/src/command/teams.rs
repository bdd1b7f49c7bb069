//! Teams.

use super::{Context, each};
use crate::args::TeamsCommand;
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::CreateTeam;
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &["id", "name", "members", "created_by", "created_at"];

pub(super) fn run(command: TeamsCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    let at = |team: &str| format!("/v1/teams/{}", segment(team));
    let member = |team: &str, user: &str| format!("{}/members/{}", at(team), segment(user));
    match command {
        TeamsCommand::Create { name, show } => {
            context.object(&client.post::<Value>("/v1/teams", &CreateTeam { name })?, COLUMNS, &show)?;
        }
        TeamsCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/teams", &[])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        TeamsCommand::Add { team, users, show } => {
            let (rows, code) = each(&users, context, |user| client.put(&member(&team, user)))?;
            context.list(rows.last().map(std::slice::from_ref).unwrap_or_default(), COLUMNS, &show)?;
            return Ok(code);
        }
        TeamsCommand::Remove { team, users, show } => {
            let (rows, code) = each(&users, context, |user| client.delete(&member(&team, user)))?;
            context.list(rows.last().map(std::slice::from_ref).unwrap_or_default(), COLUMNS, &show)?;
            return Ok(code);
        }
        TeamsCommand::Delete { team, yes, show } => {
            context.confirm(&yes, &format!("Delete the team {team}? Its members stay."))?;
            context.object(&client.delete::<Value>(&at(&team))?, COLUMNS, &show)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
