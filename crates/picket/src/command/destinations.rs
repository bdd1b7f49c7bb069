//! Systems that events are sent to.

mod letters;
mod told;

use super::Context;
use crate::args::{DestinationsCommand, ShowArgs, ToldArgs};
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::{
    ChangeDestination, CreateDestination, Destination, DestinationBalance, PauseDestination, RotateDestination,
    TestedDestination,
};
use serde_json::Value;
use std::process::ExitCode;
use std::time::Duration;

/// How long the sums of a destination may be held against the log.
const RECOUNTED_WITHIN: Duration = Duration::from_secs(6 * 3_600);
const COLUMNS: Columns<'_> =
    &["id", "name", "kind", "host", "state", "bodies", "delivered", "pending", "dead_lettered", "unread", "reason"];
const BALANCE: Columns<'_> =
    &["name", "accepted", "delivered", "dead_lettered", "pending", "expired", "even", "unread", "dead_letters"];
const RECOUNTED: Columns<'_> = &["name", "accepted", "wanted", "from", "to", "dropped", "changes", "version", "agrees"];
const TESTED: Columns<'_> = &["passed", "outcome", "status", "verified", "note", "request", "response", "stored"];
const HOURS: Columns<'_> = &["hour", "accepted", "delivered", "dead_lettered", "stored", "percent", "problem"];
const PREVIEWED: Columns<'_> = &["event_id", "event_type", "encoded", "problem"];
/// A check that failed.
const FAILED: u8 = 6;

pub(super) fn run(command: DestinationsCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    let post = |id: &str, verb: &str| client.post::<Value>(&format!("{}/{verb}", path(id)), &Value::Null);
    let (value, show) = match command {
        DestinationsCommand::Create { name, told, start, show } => {
            let settings = told::settings(&told)?.ok_or_else(|| {
                Failure::usage("--settings FILE says where events go; the help shows what stands in it")
            })?;
            let credentials = told::credentials(&told.credentials)?;
            let wanted = CreateDestination { name, settings, credentials, start: Some(start) };
            (client.post("/v1/destinations", &wanted)?, show)
        }
        DestinationsCommand::Update { id, name, told, show } => {
            (client.patch(&path(&id), &changed(&client, &id, name, &told)?)?, show)
        }
        DestinationsCommand::Rotate { id, credentials, show } => {
            let wanted = RotateDestination { credentials: told::credentials(&credentials)? };
            (client.post(&format!("{}/rotate", path(&id)), &wanted)?, show)
        }
        DestinationsCommand::Pause { id, reason, show } => {
            (client.post(&format!("{}/pause", path(&id)), &PauseDestination { reason })?, show)
        }
        DestinationsCommand::Resume(args) => (post(&args.id, "resume")?, args.show),
        DestinationsCommand::Get(args) => (client.get(&path(&args.id), &[])?, args.show),
        DestinationsCommand::Reseal { show } => {
            let done: Value = client.post("/v1/destinations/reseal", &Value::Null)?;
            context.object(&done, &["count"], &show)?;
            return Ok(ExitCode::SUCCESS);
        }
        DestinationsCommand::Delete { id, yes } => {
            context.confirm(&yes, &format!("Delete the destination {id}, its credentials and its dead letters?"))?;
            client.end_at(&path(&id))?;
            return Ok(ExitCode::SUCCESS);
        }
        DestinationsCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/destinations", &[])?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(ExitCode::SUCCESS);
        }
        DestinationsCommand::Test(args) => {
            let tested: TestedDestination = client.post(&format!("{}/test", path(&args.id)), &Value::Null)?;
            context.object(&tested, TESTED, &args.show)?;
            return Ok(if tested.passed { ExitCode::SUCCESS } else { ExitCode::from(FAILED) });
        }
        DestinationsCommand::Balance { id, recount, show } => {
            return balance(&client, context, (id, recount), &show);
        }
        DestinationsCommand::Coverage { id, since, from, to, show } => {
            let parameters = [("since", since.as_deref()), ("from", from.as_deref()), ("to", to.as_deref())];
            let covered: Value = client.get(&format!("{}/coverage", path(&id)), &parameters)?;
            return coverage(&covered, context, &show);
        }
        DestinationsCommand::Preview { id, limit, show } => {
            let parameters = [("limit", Some(&*limit.to_string()))];
            let rows: Vec<Value> = client.get(&format!("{}/preview", path(&id)), &parameters)?;
            context.list(&rows, PREVIEWED, &show)?;
            return Ok(ExitCode::SUCCESS);
        }
        DestinationsCommand::Deadletters(command) => return letters::run(command, &client, context),
    };
    context.object(&value, COLUMNS, &show)?;
    Ok(ExitCode::SUCCESS)
}

fn path(id: &str) -> String {
    format!("/v1/destinations/{}", segment(id))
}

fn text(value: &Value, member: &str) -> String {
    value
        .get(member)
        .map(|member| member.as_str().map_or_else(|| member.to_string(), str::to_owned))
        .unwrap_or_default()
}

fn changed(client: &Client, id: &str, name: Option<String>, told: &ToldArgs) -> Result<ChangeDestination, Failure> {
    let credentials = if told.credentials.is_empty() { None } else { Some(told::credentials(&told.credentials)?) };
    let mut change = ChangeDestination { name, settings: told::settings(told)?, credentials, version: None };
    if let (None, Some(switch)) = (&change.settings, told.bodies) {
        // All that it is told is sent: what somebody else changes meanwhile is not undone.
        let mut present: Destination = client.get(&path(id), &[])?;
        told::set_bodies(&mut present.settings, switch)?;
        (change.settings, change.version) = (Some(present.settings), Some(present.version));
    }
    if change == ChangeDestination::default() {
        return Err(Failure::usage("nothing is to be changed: give --settings, --name, --bodies or --credential"));
    }
    Ok(change)
}

/// The hours, and what they come to.
fn coverage(covered: &Value, context: &Context, show: &ShowArgs) -> Result<ExitCode, Failure> {
    let hours = covered.get("hours").and_then(Value::as_array).cloned().unwrap_or_default();
    context.list(&hours, HOURS, show)?;
    let (by, percent) = (text(covered, "by"), text(covered, "percent"));
    let failed = hours.iter().any(|hour| hour.get("problem").is_some_and(Value::is_string));
    let failed = if failed { "; searching failed" } else { "" };
    if percent.is_empty() {
        context.note("nothing was to be sent in this time");
    } else {
        context.note(&format!("{percent} % by {by}{failed}"));
    }
    if let Some(unread) = covered.get("unread").and_then(Value::as_u64).filter(|unread| *unread > 0) {
        context.note(&format!("{unread} entries of the log were not looked at yet, and count nowhere here"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows the sums of one destination, or of all; fails where they do not add up.
fn balance(
    client: &Client,
    context: &Context,
    (id, is_recounted): (Option<String>, bool),
    show: &ShowArgs,
) -> Result<ExitCode, Failure> {
    if let (Some(id), true) = (&id, is_recounted) {
        return recount(client, context, id, show);
    }
    let all = balances(client, id)?;
    let rows = all.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    context.list(&rows, BALANCE, show)?;
    let is_even = all.iter().all(|balance| balance.even);
    Ok(if is_even { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// Shows what the log has for a destination beside its own sums; fails where they differ.
fn recount(client: &Client, context: &Context, id: &str, show: &ShowArgs) -> Result<ExitCode, Failure> {
    let client = client.patient(RECOUNTED_WITHIN)?;
    let balance: DestinationBalance = client.get(&format!("{}/balance", path(id)), &[("recount", Some("true"))])?;
    let Some(recount) = &balance.recount else {
        return Err(Failure::general("the server counts nothing in its log: it is older than this program"));
    };
    let mut shown = serde_json::to_value(recount)?;
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("name".to_owned(), balance.name.as_str().into());
    }
    context.object(&shown, RECOUNTED, show)?;
    if recount.agrees.is_none() {
        context.note("its settings were changed since it was made: what it wanted before is not what was counted");
    }
    Ok(if balance.even && recount.agrees != Some(false) { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn balances(client: &Client, id: Option<String>) -> Result<Vec<DestinationBalance>, Failure> {
    let ids = match id {
        Some(id) => vec![id],
        None => {
            let rows: Vec<Value> = client.get("/v1/destinations", &[])?;
            rows.iter().filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect()
        }
    };
    ids.iter().map(|id| client.get(&format!("{}/balance", path(id)), &[])).collect()
}
