//! Incidents: what reviewers handed on, and what findings opened.

use super::parameters::Parameters;
use super::tickets;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::{CloseIncident, Incident};
use picket_db::WriteError;
use picket_event::IncidentId;
use picket_review::{IncidentError, VERDICTS};
use picket_store::incidents;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["limit"];
/// Incidents of one list.
const LIMIT: u64 = 1_000;

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Incident>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT).min(LIMIT);
    let found = state.blocking(move |state| {
        Ok(state.db.read(|connection| incidents::list(connection, caller.workspace(), limit))?)
    });
    Ok(Json(found.await?.into_iter().map(view).collect()))
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Incident>, ApiProblem> {
    let id = id.parse::<IncidentId>().map_or(id, |id| id.to_string());
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| incidents::get(connection, caller.workspace(), &id))?;
        let mut shown = found.map(view).ok_or_else(|| ApiProblem::not_found("incident"))?;
        shown.tickets = state.db.read(|connection| tickets::about(connection, caller.workspace(), &shown.id))?;
        Ok(shown)
    });
    found.await.map(Json)
}

pub(crate) async fn acknowledge(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Incident>, ApiProblem> {
    let id = id.parse::<IncidentId>().map_or(id, |id| id.to_string());
    let done = state.blocking(move |state| {
        let done = state.queue.acknowledge_incident(&id, &caller.name());
        done.map(view).map_err(|error| problem(&error))
    });
    done.await.map(Json)
}

pub(crate) async fn close(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<CloseIncident>,
) -> Result<Json<Incident>, ApiProblem> {
    if !VERDICTS.contains(&wanted.verdict.as_str()) {
        return Err(ApiProblem::bad(format!("verdict is one of {}", VERDICTS.join(", "))));
    }
    let id = id.parse::<IncidentId>().map_or(id, |id| id.to_string());
    let done = state.blocking(move |state| {
        let done = state.queue.close_incident(&id, &wanted.verdict, &caller.name());
        done.map(view).map_err(|error| problem(&error))
    });
    done.await.map(Json)
}

fn problem(error: &WriteError<IncidentError>) -> ApiProblem {
    match error {
        WriteError::Job(IncidentError::Unknown) => ApiProblem::not_found("incident"),
        WriteError::Job(error @ IncidentError::Stands(_)) => ApiProblem::conflict(error.to_string()),
        other => ApiProblem::write(other),
    }
}

fn view(incident: incidents::Incident) -> Incident {
    let (acknowledged_by, acknowledged_at) = incident.acknowledged.unzip();
    let (closed_by, closed_at) = incident.closed.unzip();
    Incident {
        id: incident.id,
        kind: incident.kind,
        severity: incident.severity,
        status: incident.status,
        title: incident.title,
        category: incident.category,
        escalation_id: incident.escalation,
        finding_id: incident.finding,
        event_id: incident.event_id,
        user: incident.user,
        created_at: incident.created_at,
        created_by: incident.created_by,
        acknowledged_by,
        acknowledged_at,
        closed_by,
        closed_at,
        verdict: incident.verdict,
        tickets: Vec::new(),
    }
}
