//! The review queue, to be read.

use super::exceptions;
use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{Escalation, EscalationGroup, Note, Precedent, TriagePath, Trial, TrialRequest};
use picket_event::Severity;
use picket_review::{PATHS, paths_of};
use picket_stdx::Timestamp;
use picket_store::escalations::{self, Filter, Owner};
use std::time::Duration;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] =
    &["status", "stage", "severity", "type", "category", "user", "team", "assignee", "since", "limit"];
/// Parameters of the groups.
pub(crate) const GROUPS: &[&str] = &["limit"];
/// How far back precedents are looked for.
const PRECEDENT: Duration = Duration::from_secs(30 * 86_400);

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Escalation>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let status = parameters.get("status").map(str::to_owned);
    if status.as_ref().is_some_and(|status| !matches!(status.as_str(), "pending" | "resolved" | "expired")) {
        return Err(ApiProblem::bad("status is pending, resolved or expired"));
    }
    let stage = parameters.get("stage").map(|stage| stage.replace('-', "_"));
    if stage.as_ref().is_some_and(|stage| !["new", "claimed", "in_review", "snoozed"].contains(&stage.as_str())) {
        return Err(ApiProblem::bad("stage is new, claimed, in_review or snoozed"));
    }
    let limit = parameters.number("limit")?;
    let now = state.log.clock().now();
    let found = state.blocking(move |state| {
        let get = |name: &str| parameters.get(name).map(str::to_owned);
        let word = |name: &str| get(name).map(|word| word.replace('-', "_"));
        let assignee = parameters.get("assignee").map(|name| match name {
            "none" => Owner::Nobody,
            "me" => Owner::Person(caller.name()),
            name => Owner::Person(name.to_owned()),
        });
        let filter = Filter {
            status,
            stage,
            severity: get("severity"),
            kind: word("type"),
            category: word("category"),
            user: get("user"),
            routed_to: get("team"),
            assignee,
            since: parameters.moment("since", now)?,
            limit: limit.unwrap_or(10_000),
        };
        Ok(state.db.read(|connection| escalations::list(connection, caller.workspace(), &filter))?)
    });
    Ok(Json(found.await?.into_iter().map(|entry| view(entry, now)).collect()))
}

/// One, with others like it and whom it can be handed on to.
pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Escalation>, ApiProblem> {
    let (id, now) = (normal(&id), state.log.clock().now());
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| {
            let Some(entry) = escalations::get(connection, caller.workspace(), &id)? else { return Ok(None) };
            let before = escalations::precedent(connection, caller.workspace(), &entry, now.minus(PRECEDENT))?;
            Ok::<_, rusqlite::Error>(Some((entry, before)))
        });
        let (entry, before) = found?.ok_or_else(|| ApiProblem::not_found("escalation"))?;
        let proposal = exceptions::proposal(state, caller.workspace(), &entry);
        Ok((entry, before, proposal))
    });
    let (entry, before, exception_proposal) = found.await?;
    let category = entry.category.as_deref().and_then(|category| category.parse().ok());
    let precedent = Precedent {
        seen: before.seen,
        true_positive: before.true_positive,
        false_positive: before.false_positive,
        undetermined: before.undetermined,
        pending: before.pending,
    };
    Ok(Json(Escalation {
        precedent: Some(precedent),
        paths: paths_of(category).map(path).collect(),
        exception_proposal,
        ..view(entry, now)
    }))
}

/// What waits, equals together.
pub(crate) async fn groups(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<EscalationGroup>>, ApiProblem> {
    parameters.only(&[GROUPS])?;
    let limit = parameters.number("limit")?.unwrap_or(1_000);
    let found = state.blocking(move |state| {
        Ok(state.db.read(|connection| escalations::groups(connection, caller.workspace(), limit))?)
    });
    Ok(Json(found.await?.into_iter().map(group).collect()))
}

/// Whom an escalation can be handed on to.
pub(crate) async fn paths(_caller: Caller) -> Json<Vec<TriagePath>> {
    Json(PATHS.iter().map(path).collect())
}

/// Sends a marked one through the whole way.
pub(crate) async fn test(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<TrialRequest>,
) -> Result<(StatusCode, Json<Trial>), ApiProblem> {
    let severity = match wanted.severity.as_deref() {
        None => Severity::Low,
        Some(word) => {
            word.parse().map_err(|_error| ApiProblem::bad("severity is info, low, medium, high or critical"))?
        }
    };
    let sent = state
        .blocking(move |state| state.queue.trial(severity, &caller.name()).map_err(|error| ApiProblem::write(&error)));
    Ok((StatusCode::ACCEPTED, Json(Trial { escalation_id: sent.await?.to_string() })))
}

/// Ids are written with `_` or `-` after their prefix.
pub(super) fn normal(id: &str) -> String {
    id.parse::<picket_event::EscalationId>().map_or_else(|_| id.to_owned(), |id| id.to_string())
}

fn path(path: &picket_review::Path) -> TriagePath {
    TriagePath {
        name: path.name.to_owned(),
        signal: path.signal.to_owned(),
        question: path.question.to_owned(),
        team: path.team.to_owned(),
    }
}

fn group(group: escalations::Group) -> EscalationGroup {
    EscalationGroup {
        kind: group.kind,
        likeness: group.likeness,
        user: group.user,
        count: group.count,
        priority: picket_review::priority_word(group.priority).to_owned(),
        first_at: group.first_at,
        last_at: group.last_at,
        due_at: group.due_at,
        escalation_id: group.escalation,
    }
}

pub(super) fn view(entry: escalations::Escalation, now: Timestamp) -> Escalation {
    let is_pending = entry.status == "pending";
    Escalation {
        sla: entry.due_at.filter(|_| is_pending).map(|due| sla(entry.created_at, due, now).to_owned()),
        priority: picket_review::priority_word(entry.priority).to_owned(),
        notes: entry.notes.into_iter().map(|note| Note { at: note.at, by: note.by, text: note.text }).collect(),
        id: entry.id,
        kind: entry.kind,
        category: entry.category,
        created_at: entry.created_at,
        severity: entry.severity,
        stage: Some(entry.stage).filter(|_| is_pending),
        status: entry.status,
        event_id: entry.event_id,
        user: entry.user,
        routed_to: entry.routed_to,
        due_at: entry.due_at,
        expires_at: entry.expires_at,
        touched_at: entry.touched_at,
        snoozed_until: entry.snoozed_until,
        assignee: entry.assignee,
        approved_by: entry.vote.filter(|_| is_pending).map(|vote| vote.by),
        resolution: entry.resolution,
        verdict: entry.verdict,
        resolved_at: entry.resolved_at,
        resolved_by: entry.resolved_by,
        incident_id: entry.incident,
        precedent: None,
        paths: Vec::new(),
        exception_proposal: None,
        version: entry.version,
    }
}

/// How the time stands by which a person must have looked.
fn sla(created: Timestamp, due: Timestamp, now: Timestamp) -> &'static str {
    if now >= due {
        "breached"
    } else if due.since(now) < due.since(created) / 4 {
        "at_risk"
    } else {
        "on_time"
    }
}
