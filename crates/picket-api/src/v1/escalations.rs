//! The review queue.

use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::{Escalation, Note, Resolution, ResolveRequest};
use picket_db::WriteError;
use picket_review::{Decide, ReviewError};
use picket_store::escalations::{self, Filter, ResolveError};

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["status", "stage", "severity", "type", "assignee", "since", "limit"];

pub(crate) async fn list(
    Shared(state): Shared<State>,
    _caller: Caller,
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
    let found = state.blocking(move |state| {
        let get = |name: &str| parameters.get(name).map(str::to_owned);
        let since = parameters.moment("since", state.log.clock().now())?;
        let filter = Filter {
            status,
            stage,
            severity: get("severity"),
            kind: get("type").map(|kind| kind.replace('-', "_")),
            assignee: get("assignee"),
            since,
            limit: limit.unwrap_or(10_000),
        };
        Ok(state.db.read(|connection| escalations::list(connection, &state.workspace, &filter))?)
    });
    Ok(Json(found.await?.into_iter().map(view).collect()))
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Escalation>, ApiProblem> {
    let id = normal(&id);
    let found = state
        .blocking(move |state| Ok(state.db.read(|connection| escalations::get(connection, &state.workspace, &id))?))
        .await?;
    found.map(view).map(Json).ok_or_else(|| ApiProblem::not_found("escalation"))
}

pub(crate) async fn resolve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ResolveRequest>,
) -> Result<Json<Escalation>, ApiProblem> {
    let id = normal(&id);
    if wanted.notes.as_ref().is_some_and(|notes| notes.chars().count() > 4_000) {
        return Err(ApiProblem::bad("notes have at most 4,000 characters"));
    }
    if wanted
        .verdict
        .as_ref()
        .is_some_and(|verdict| !matches!(verdict.as_str(), "true_positive" | "false_positive" | "undetermined"))
    {
        return Err(ApiProblem::bad("verdict is true_positive, false_positive or undetermined"));
    }
    let resolution = match wanted.resolution {
        Resolution::Approved => "approved",
        Resolution::Rejected => "rejected",
        Resolution::Investigate => "investigate",
    };
    let decide =
        Decide { resolution, verdict: wanted.verdict, note: wanted.notes, by: caller.name(), version: wanted.version };
    let resolved = state.blocking(move |state| {
        let resolved = picket_review::resolve(&state.db, &state.log, &state.workspace, &id, decide).map_err(problem)?;
        if let Ok(id) = resolved.id.parse() {
            state.control.escalation_resolved(id);
        }
        Ok(resolved)
    });
    resolved.await.map(view).map(Json)
}

fn problem(error: WriteError<ReviewError>) -> ApiProblem {
    match error {
        WriteError::Job(ReviewError::Queue(ResolveError::NotFound)) => ApiProblem::not_found("escalation"),
        WriteError::Job(ReviewError::Queue(conflict @ ResolveError::Conflict(_))) => {
            ApiProblem::conflict(conflict.to_string())
        }
        other => ApiProblem::write(&other),
    }
}

/// Ids are written with `_` or `-` after their prefix.
fn normal(id: &str) -> String {
    id.parse::<picket_event::EscalationId>().map_or_else(|_| id.to_owned(), |id| id.to_string())
}

fn view(entry: escalations::Escalation) -> Escalation {
    Escalation {
        priority: picket_review::priority_word(entry.priority).to_owned(),
        notes: entry.notes.into_iter().map(|note| Note { at: note.at, by: note.by, text: note.text }).collect(),
        id: entry.id,
        kind: entry.kind,
        created_at: entry.created_at,
        severity: entry.severity,
        stage: Some(entry.stage).filter(|_| entry.status == "pending"),
        status: entry.status,
        event_id: entry.event_id,
        user: entry.user,
        due_at: entry.due_at,
        expires_at: entry.expires_at,
        assignee: entry.assignee,
        resolution: entry.resolution,
        verdict: entry.verdict,
        resolved_at: entry.resolved_at,
        resolved_by: entry.resolved_by,
        version: entry.version,
    }
}
