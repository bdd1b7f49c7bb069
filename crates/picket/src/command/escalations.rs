//! The review queue.

use super::{Context, PARTIAL, exceptions};
use crate::args::{EscalationsCommand, ShowArgs, StepArgs};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, Columns};
use picket_api_types::{ActRequest, ActWord, BulkRequest, BulkResult, Escalation, Resolution, Trial, TrialRequest};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const COLUMNS: Columns<'_> = &[
    "id",
    "priority",
    "severity",
    "type",
    "status",
    "stage",
    "assignee",
    "user",
    "created_at",
    "due_at",
    "sla",
    "event_id",
];
const GROUP_COLUMNS: Columns<'_> =
    &["count", "priority", "type", "user", "likeness", "first_at", "last_at", "due_at", "escalation_id"];
const PATH_COLUMNS: Columns<'_> = &["name", "team", "signal", "question"];
const RESULT_COLUMNS: Columns<'_> = &["id", "status", "version", "error"];
/// Escalations of one request.
const TOGETHER: usize = 1_000;
/// How long a test may take to come through.
const TEST_WAIT: Duration = Duration::from_secs(30);

pub(super) fn run(command: EscalationsCommand, context: &Context) -> Result<ExitCode, Failure> {
    use EscalationsCommand as E;
    let client = context.client()?;
    let noted = |act, notes| ActRequest { notes, ..ActRequest::new(act) };
    let (ids, wanted, show) = match command {
        E::List { status, stage, severity, kind, category, user, team, assignee, since, limit, show } => {
            let limit = limit.to_string();
            let query = [
                ("status", status.as_deref()),
                ("stage", stage.as_deref()),
                ("severity", severity.as_deref()),
                ("type", kind.as_deref()),
                ("category", category.as_deref()),
                ("user", user.as_deref()),
                ("team", team.as_deref()),
                ("assignee", assignee.as_deref()),
                ("since", since.as_deref()),
                ("limit", Some(limit.as_str())),
            ];
            let rows: Vec<Value> = client.get("/v1/escalations", &query)?;
            return context.list(&rows, COLUMNS, &show).map(|()| ExitCode::SUCCESS);
        }
        E::Groups { limit, show } => {
            let rows: Vec<Value> =
                client.get("/v1/escalations/groups", &[("limit", Some(limit.to_string().as_str()))])?;
            return context.list(&rows, GROUP_COLUMNS, &show).map(|()| ExitCode::SUCCESS);
        }
        E::Paths { show } => {
            let rows: Vec<Value> = client.get("/v1/escalations/paths", &[])?;
            return context.list(&rows, PATH_COLUMNS, &show).map(|()| ExitCode::SUCCESS);
        }
        E::Get { id, show } => return get(&client, context, &id, &show).map(|()| ExitCode::SUCCESS),
        E::Test { severity, show } => return test(&client, context, severity, &show).map(|()| ExitCode::SUCCESS),
        E::Claim(StepArgs { ids, notes, show }) => (ids, noted(ActWord::Claim, notes), show),
        E::Release(StepArgs { ids, notes, show }) => (ids, noted(ActWord::Release, notes), show),
        E::Review(StepArgs { ids, notes, show }) => (ids, noted(ActWord::Review, notes), show),
        E::Comment { ids, notes, show } => (ids, noted(ActWord::Comment, Some(notes)), show),
        E::Assign { step: StepArgs { ids, notes, show }, to } => {
            (ids, ActRequest { to: Some(to), ..noted(ActWord::Assign, notes) }, show)
        }
        E::Snooze { ids, wait, notes, show } => {
            (ids, ActRequest { wait: Some(wait), ..noted(ActWord::Snooze, Some(notes)) }, show)
        }
        E::HandOn { step: StepArgs { ids, notes, show }, path, team } => {
            (ids, ActRequest { path, team, ..noted(ActWord::HandOn, notes) }, show)
        }
        E::Resolve { mut positional, id, resolution, notes, verdict, except, show } => {
            positional.extend(id);
            if positional.is_empty() {
                return Err(Failure::usage("which escalation? give its id"));
            }
            let resolution: Resolution = serde_json::from_value(json!(resolution.to_lowercase()))
                .map_err(|_error| Failure::usage("--resolution takes approved, rejected or investigate"))?;
            let reason = notes.clone();
            let wanted = ActRequest { resolution: Some(resolution), verdict, ..noted(ActWord::Resolve, notes) };
            if except.except.is_none() {
                return acted(&client, context, &positional, &wanted, &show);
            }
            let code = acted(&client, context, &positional, &wanted, &show)?;
            let excepted = exceptions::except(&client, context, &positional, (&except, reason.as_deref()));
            return Ok(if code == ExitCode::SUCCESS { excepted } else { code });
        }
    };
    acted(&client, context, &ids, &wanted, &show)
}

fn acted(
    client: &Client,
    context: &Context,
    ids: &[String],
    wanted: &ActRequest,
    show: &ShowArgs,
) -> Result<ExitCode, Failure> {
    match ids {
        [id] => one(client, context, id, wanted, show).map(|()| ExitCode::SUCCESS),
        _ => many(client, context, ids, wanted, show),
    }
}

fn one(client: &Client, context: &Context, id: &str, wanted: &ActRequest, show: &ShowArgs) -> Result<(), Failure> {
    let done: Value = client.post(&format!("{}/act", path(id)), wanted)?;
    if done.get("approved_by").is_some() {
        context.note(&format!("{} is approved by one; a second person has to approve it", output::cell(&done, "id")));
    } else {
        let stands = if done.get("stage").is_some() { "stage" } else { "status" };
        context.note(&format!("{} is {}", output::cell(&done, "id"), output::cell(&done, stands)));
    }
    if done.get("exception_proposal").is_some() {
        context.note(&format!(
            "it was a false positive: picket exceptions create --from-escalation {} keeps it from coming again",
            output::cell(&done, "id")
        ));
    }
    context.object(&done, COLUMNS, show)
}

/// The same with many: how it went with each; done in part is an exit code of its own.
fn many(
    client: &Client,
    context: &Context,
    ids: &[String],
    wanted: &ActRequest,
    show: &ShowArgs,
) -> Result<ExitCode, Failure> {
    let mut results: Vec<BulkResult> = Vec::with_capacity(ids.len());
    for ids in ids.chunks(TOGETHER) {
        let request = BulkRequest { ids: ids.to_vec(), wanted: wanted.clone() };
        results.extend(client.post::<Vec<BulkResult>>("/v1/escalations/bulk", &request)?);
    }
    let failed = results.iter().filter(|result| result.error.is_some()).count();
    context.note(&format!("{} of {} done", results.len() - failed, results.len()));
    let rows = results.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    context.list(&rows, RESULT_COLUMNS, show)?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) })
}

fn get(client: &Client, context: &Context, id: &str, show: &ShowArgs) -> Result<(), Failure> {
    let escalation: Escalation = client.get(&path(id), &[])?;
    if let Some(before) = escalation.precedent.as_ref().filter(|before| before.seen > 0) {
        context.note(&format!(
            "seen {} times in 30 days: {} closed as false positives, {} as true positives, {} undetermined; {} pending",
            before.seen, before.false_positive, before.true_positive, before.undetermined, before.pending
        ));
    }
    for path in &escalation.paths {
        context.note(&format!("{} (hand-on --path {})", path.question, path.name));
    }
    context.object(&escalation, COLUMNS, show)
}

/// Sends a test, and waits until it has come the whole way.
fn test(client: &Client, context: &Context, severity: String, show: &ShowArgs) -> Result<(), Failure> {
    let sent = Instant::now();
    let wanted = TrialRequest { severity: Some(severity) };
    let Trial { escalation_id: id } = client.post("/v1/escalations/test", &wanted)?;
    loop {
        let found: Result<Value, Failure> = client.get(&path(&id), &[]);
        match found {
            Ok(escalation) => {
                context.note(&format!("{id} is in the queue, {} ms after it was sent", sent.elapsed().as_millis()));
                return context.object(&escalation, COLUMNS, show);
            }
            Err(failure) if failure.is_not_found() && sent.elapsed() < TEST_WAIT => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(failure) if failure.is_not_found() => {
                let wait = TEST_WAIT.as_secs();
                return Err(Failure::general(format!(
                    "{id} is not in the queue {wait} s after it was sent; see picket doctor"
                )));
            }
            Err(failure) => return Err(failure),
        }
    }
}

fn path(id: &str) -> String {
    format!("/v1/escalations/{}", crate::client::segment(id))
}
