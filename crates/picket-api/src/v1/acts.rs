//! What people do with escalations: one at a time, or the same with many.

use super::escalations::{normal, view};
use super::exceptions;
use super::keys::check_name;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::{ActRequest, ActWord, BulkRequest, BulkResult, Escalation, Resolution, ResolveRequest};
use picket_db::WriteError;
use picket_review::{Act, Decide, PATHS, ReviewError, Reviewer};
use picket_stdx::{Timestamp, duration};
use picket_store::escalations::{QueueError, Step};
use std::time::Duration;

/// Characters of a remark.
pub(super) const NOTES_CHARS_MAX: usize = 4_000;
/// How long an escalation may be out of sight.
const SNOOZE_MAX: Duration = Duration::from_secs(7 * 86_400);
/// Escalations of one request.
const BULK_MAX: usize = 1_000;
const VERDICTS: [&str; 5] = ["true_positive", "false_positive", "benign", "duplicate", "undetermined"];

/// One thing with one escalation.
pub(crate) async fn act(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ActRequest>,
) -> Result<Json<Escalation>, ApiProblem> {
    let act = parsed(wanted, state.log.clock().now())?;
    one(state, caller, id, act).await
}

/// The decision, in the words of its own request.
pub(crate) async fn resolve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ResolveRequest>,
) -> Result<Json<Escalation>, ApiProblem> {
    let ResolveRequest { resolution, verdict, notes, version } = wanted;
    let wanted =
        ActRequest { resolution: Some(resolution), verdict, notes, version, ..ActRequest::new(ActWord::Resolve) };
    let act = parsed(wanted, state.log.clock().now())?;
    one(state, caller, id, act).await
}

async fn one(state: State, caller: Caller, id: String, act: Act) -> Result<Json<Escalation>, ApiProblem> {
    let now = state.log.clock().now();
    let done = state.blocking(move |state| {
        let done = state.queue.act(&normal(&id), act, &reviewer(&caller));
        let entry = done.inspect(|entry| decided(state, entry)).map_err(|error| problem(&error))?;
        let exception_proposal = exceptions::proposal(state, caller.workspace(), &entry);
        Ok(Escalation { exception_proposal, ..view(entry, now) })
    });
    done.await.map(Json)
}

fn reviewer(caller: &Caller) -> Reviewer {
    Reviewer { name: caller.name(), person: caller.person().to_owned(), also: caller.names() }
}

/// The same thing with many: each stands or falls by itself.
pub(crate) async fn bulk(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<BulkRequest>,
) -> Result<Json<Vec<BulkResult>>, ApiProblem> {
    if !(1..=BULK_MAX).contains(&wanted.ids.len()) {
        return Err(ApiProblem::bad(format!("ids are 1 to {BULK_MAX} escalations")));
    }
    if wanted.wanted.version.is_some() {
        return Err(ApiProblem::bad("`version` is of one escalation; leave it out for many"));
    }
    let act = parsed(wanted.wanted, state.log.clock().now())?;
    let ids: Vec<String> = wanted.ids.iter().map(|id| normal(id)).collect();
    let all = state.blocking(move |state| {
        let results = state.queue.act_on_all(ids, &act, &reviewer(&caller));
        Ok(results.into_iter().map(|(id, result)| outcome(state, id, result)).collect())
    });
    all.await.map(Json)
}

fn outcome(
    state: &State,
    id: String,
    result: Result<picket_store::escalations::Escalation, WriteError<ReviewError>>,
) -> BulkResult {
    match result {
        Ok(entry) => {
            decided(state, &entry);
            BulkResult { id, status: 200, version: Some(entry.version), error: None }
        }
        Err(error) => {
            let problem = problem(&error);
            BulkResult { id, status: problem.status(), version: None, error: Some(problem.to_string()) }
        }
    }
}

/// What waits at the gateway hears of a decision.
fn decided(state: &State, entry: &picket_store::escalations::Escalation) {
    if let (Some(_), Ok(id)) = (&entry.resolution, entry.id.parse()) {
        state.control.escalation_resolved(id);
    }
}

/// What a request asks for, once all of it makes sense.
fn parsed(wanted: ActRequest, now: Timestamp) -> Result<Act, ApiProblem> {
    let ActRequest { act, to, wait, path, team, resolution, verdict, notes, version } = wanted;
    let given = [
        ("to", to.is_some(), &[ActWord::Assign][..]),
        ("for", wait.is_some(), &[ActWord::Snooze]),
        ("path", path.is_some(), &[ActWord::HandOn]),
        ("team", team.is_some(), &[ActWord::HandOn]),
        ("resolution", resolution.is_some(), &[ActWord::Resolve]),
        ("verdict", verdict.is_some(), &[ActWord::Resolve]),
    ];
    if let Some((name, ..)) = given.iter().find(|(_, is_given, acts)| *is_given && !acts.contains(&act)) {
        return Err(ApiProblem::bad(format!("`{name}` does not belong to this act")));
    }
    if notes.as_ref().is_some_and(|notes| notes.chars().count() > NOTES_CHARS_MAX) {
        return Err(ApiProblem::bad(format!("notes have at most {NOTES_CHARS_MAX} characters")));
    }
    let said = notes.as_deref().is_some_and(|notes| !notes.trim().is_empty());
    let step = match act {
        ActWord::Resolve => {
            let resolution = resolution.ok_or_else(|| ApiProblem::bad("a decision needs `resolution`"))?;
            return decision(resolution, verdict, notes, version);
        }
        ActWord::Claim => Step::Claim,
        ActWord::Release => Step::Release,
        ActWord::Review => Step::Review,
        ActWord::Comment if said => Step::Comment,
        ActWord::Comment => return Err(ApiProblem::bad("a comment needs `notes`")),
        ActWord::Assign => {
            let to = to.ok_or_else(|| ApiProblem::bad("an assignment needs `to`"))?;
            check_name(&to)?;
            Step::Assign { to }
        }
        ActWord::Snooze if said => Step::Snooze { until: now.plus(snoozed(wait.as_deref())?) },
        ActWord::Snooze => return Err(ApiProblem::bad("say in `notes` why it can wait")),
        ActWord::HandOn => Step::HandOn { team: team_of(path.as_deref(), team)? },
    };
    Ok(Act::Step { step, note: notes, version })
}

fn decision(
    resolution: Resolution,
    verdict: Option<String>,
    note: Option<String>,
    version: Option<u64>,
) -> Result<Act, ApiProblem> {
    if verdict.as_ref().is_some_and(|verdict| !VERDICTS.contains(&verdict.as_str())) {
        return Err(ApiProblem::bad(format!("verdict is one of {}", VERDICTS.join(", "))));
    }
    let resolution = match resolution {
        Resolution::Approved => "approved",
        Resolution::Rejected => "rejected",
        Resolution::Investigate => "investigate",
    };
    Ok(Act::Decide(Decide { resolution, verdict, note, version }))
}

fn snoozed(wait: Option<&str>) -> Result<Duration, ApiProblem> {
    let wait = wait.ok_or_else(|| ApiProblem::bad("say how long in `for`, such as 2h"))?;
    let wait = duration::parse(wait).map_err(|error| ApiProblem::bad(error.to_string()))?;
    if wait.is_zero() || wait > SNOOZE_MAX {
        return Err(ApiProblem::bad(format!("an escalation is snoozed for at most {}", duration::display(SNOOZE_MAX))));
    }
    Ok(wait)
}

fn team_of(path: Option<&str>, team: Option<String>) -> Result<String, ApiProblem> {
    match (path, team) {
        (Some(name), None) => {
            let found = PATHS.iter().find(|path| path.name == name);
            let names = || PATHS.iter().map(|path| path.name).collect::<Vec<_>>().join(", ");
            found
                .map(|path| path.team.to_owned())
                .ok_or_else(|| ApiProblem::bad(format!("there is no such path; there are {}", names())))
        }
        (None, Some(team)) => check_name(&team).map(|()| team),
        _ => Err(ApiProblem::bad("hand it on by `path` or to a `team`, one of them")),
    }
}

pub(super) fn problem(error: &WriteError<ReviewError>) -> ApiProblem {
    let refused = match error {
        WriteError::Job(ReviewError::Queue(refused)) => refused,
        WriteError::Job(full @ ReviewError::TooMany(_)) => return ApiProblem::conflict(full.to_string()),
        _ => return ApiProblem::write(error),
    };
    match refused {
        QueueError::NotFound => ApiProblem::not_found("escalation"),
        QueueError::Conflict(_) | QueueError::SamePerson { .. } | QueueError::Expires(_) | QueueError::Notes(_) => {
            ApiProblem::conflict(refused.to_string())
        }
        QueueError::OwnRequest { .. } => ApiProblem::not_permitted(refused.to_string()),
        QueueError::Database(_) => ApiProblem::write(error),
    }
}
