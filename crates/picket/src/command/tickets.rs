//! Tickets elsewhere, the places where they are opened, and the runbook.

use super::{Context, each};
use crate::args::{EndArgs, PlaceArgs, PlacesCommand, RunbookCommand, TicketsCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::{
    ChangeRunbookLine, ChangeTicketPlace, CreateTicketPlace, PlaceCredentials, ReplayTickets, TicketTest,
};
use picket_event::Severity;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["id", "subject", "place", "state", "key", "remote_state", "seen_at", "url", "error", "changed_at"];
const DEAD_COLUMNS: Columns<'_> = &["ticket_id", "subject", "act", "attempts", "error", "dead_at"];
const PLACE_COLUMNS: Columns<'_> =
    &["id", "name", "kind", "host", "state", "takes", "owners", "severity", "waiting", "dead", "failures", "error"];
const LINE_COLUMNS: Columns<'_> = &["category", "action", "severity", "owners", "changed_by", "changed_at"];
const STEP_COLUMNS: Columns<'_> = &["act", "ok", "key", "url", "status", "error"];
/// Bytes of a credential that is read from standard input.
const STDIN_BYTES_MAX: u64 = 64 * 1024;
/// When something was tried and did not succeed.
const FAILED: u8 = 6;

pub(super) fn run(command: TicketsCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    match command {
        TicketsCommand::List { state, limit, show } => {
            let limit = limit.to_string();
            let parameters = [("state", state.as_deref()), ("limit", Some(limit.as_str()))];
            let rows: Vec<Value> = client.get("/v1/tickets", &parameters)?;
            context.list(&rows, COLUMNS, &show)?;
        }
        TicketsCommand::Get { id, show } => {
            let found: Value = client.get(&format!("/v1/tickets/{}", segment(&id)), &[])?;
            context.object(&found, COLUMNS, &show)?;
        }
        TicketsCommand::DeadLetters { limit, show } => {
            let limit = limit.to_string();
            let rows: Vec<Value> = client.get("/v1/tickets/dead-letters", &[("limit", Some(limit.as_str()))])?;
            context.list(&rows, DEAD_COLUMNS, &show)?;
        }
        TicketsCommand::Replay { ticket, show } => {
            let wanted = ReplayTickets { ticket_id: ticket };
            let done: Value = client.post("/v1/tickets/dead-letters/replay", &wanted)?;
            context.object(&done, &["count"], &show)?;
        }
        TicketsCommand::Places(command) => return places(command, context),
        TicketsCommand::Runbook(command) => runbook(command, context)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn places(command: PlacesCommand, context: &Context) -> Result<ExitCode, Failure> {
    use PlacesCommand as P;
    let client = context.client()?;
    let at = |id: &str| format!("/v1/tickets/places/{}", segment(id));
    match command {
        P::Create { name, kind, place, show } => {
            let PlaceArgs { settings, credentials, takes, owners, severity } = *place;
            let wanted = CreateTicketPlace {
                name,
                kind,
                settings: pairs(&settings)?,
                credentials: PlaceCredentials(sources(&credentials)?),
                takes,
                owners: owners.unwrap_or_default(),
                severity: severity.as_deref().map(word).transpose()?,
            };
            let made: Value = client.post("/v1/tickets/places", &wanted)?;
            context.object(&made, PLACE_COLUMNS, &show)?;
        }
        P::List { show } => {
            let rows: Vec<Value> = client.get("/v1/tickets/places", &[])?;
            context.list(&rows, PLACE_COLUMNS, &show)?;
        }
        P::Get { id, show } => {
            let found: Value = client.get(&at(&id), &[])?;
            context.object(&found, PLACE_COLUMNS, &show)?;
        }
        P::Update { id, name, place, pause, resume, show } => {
            let PlaceArgs { settings, credentials, takes, owners, severity } = *place;
            let settings =
                if settings.is_empty() { None } else { Some(merged(&client.get(&at(&id), &[])?, &settings)?) };
            let wanted = ChangeTicketPlace {
                name,
                settings,
                credentials: (!credentials.is_empty())
                    .then(|| sources(&credentials))
                    .transpose()?
                    .map(PlaceCredentials),
                takes,
                owners,
                severity: severity.as_deref().map(word).transpose()?,
                paused: if pause { Some(true) } else { resume.then_some(false) },
                version: None,
            };
            let done: Value = client.patch(&at(&id), &wanted)?;
            context.object(&done, PLACE_COLUMNS, &show)?;
        }
        P::Delete(EndArgs { ids, yes, show }) => {
            context.confirm(&yes, &format!("Remove {}? Tickets that are open there stay open.", ids.join(", ")))?;
            let (rows, code) = each(&ids, context, |id| client.delete(&at(id)))?;
            context.list(&rows, PLACE_COLUMNS, &show)?;
            return Ok(code);
        }
        P::Test { id, show } => {
            let done: TicketTest = client.post(&format!("{}/test", at(&id)), &json!({}))?;
            let rows = done.steps.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
            context.list(&rows, STEP_COLUMNS, &show)?;
            return Ok(if done.ok { ExitCode::SUCCESS } else { ExitCode::from(FAILED) });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn runbook(command: RunbookCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    let at = |category: &str| format!("/v1/tickets/runbook/{}", segment(category));
    match command {
        RunbookCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/tickets/runbook", &[])?;
            context.list(&rows, LINE_COLUMNS, &show)
        }
        RunbookCommand::Set { category, action, severity, owners, show } => {
            let severity = severity.as_deref().map(word).transpose()?;
            let done: Value = client.post(&at(&category), &ChangeRunbookLine { action, severity, owners })?;
            context.object(&done, LINE_COLUMNS, &show)
        }
        RunbookCommand::Reset { category, yes, show } => {
            context.confirm(&yes, &format!("Go back to the usual for {category}?"))?;
            context.object(&client.delete::<Value>(&at(&category))?, LINE_COLUMNS, &show)
        }
    }
}

fn word(text: &str) -> Result<Severity, Failure> {
    text.parse().map_err(|error| Failure::usage(format!("--severity: {error}")))
}

/// `NAME=VALUE`, where the value is JSON or a text.
fn pairs(given: &[String]) -> Result<Map<String, Value>, Failure> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=').ok_or_else(|| Failure::usage("--set takes NAME=VALUE"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_no_json| Value::String(value.to_owned()));
        Ok((name.to_owned(), value))
    };
    given.iter().map(pair).collect()
}

/// The settings of a place with some of them changed.
fn merged(place: &Value, given: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut settings = place.get("settings").and_then(Value::as_object).cloned().unwrap_or_default();
    settings.extend(pairs(given)?);
    settings.retain(|_, value| !value.is_null());
    Ok(settings)
}

/// Credentials from where they lie: no secret stands on a command line.
fn sources(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let one = |text: &String| {
        let (name, source) = text
            .split_once('=')
            .ok_or_else(|| Failure::usage("--credential takes NAME=SOURCE, such as token=env:TOKEN"))?;
        Ok((name.to_owned(), secret(source)?))
    };
    given.iter().map(one).collect()
}

/// What an environment variable, a file or standard input holds.
pub(super) fn secret(source: &str) -> Result<String, Failure> {
    let text = match (source.strip_prefix("env:"), source.strip_prefix("file:"), source) {
        (Some(name), _, _) => crate::profile::named_variable(name)
            .map_err(|wrong| Failure::usage(format!("the environment variable {name} {wrong}")))?,
        (_, Some(path), _) => {
            std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{path}: {error}")))?
        }
        (_, _, "-") => {
            let mut text = String::new();
            let read = std::io::stdin().lock().take(STDIN_BYTES_MAX).read_to_string(&mut text);
            read.map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
            text
        }
        _ => return Err(Failure::usage("a credential comes from env:VARIABLE, file:PATH, or - for standard input")),
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
