//! Incidents: what reviewers handed on.

use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::Incident;
use picket_event::IncidentId;
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
    let found = state
        .blocking(move |state| Ok(state.db.read(|connection| incidents::get(connection, caller.workspace(), &id))?));
    found.await?.map(view).map(Json).ok_or_else(|| ApiProblem::not_found("incident"))
}

fn view(incident: incidents::Incident) -> Incident {
    Incident {
        id: incident.id,
        kind: incident.kind,
        severity: incident.severity,
        status: incident.status,
        title: incident.title,
        escalation_id: incident.escalation,
        event_id: incident.event_id,
        user: incident.user,
        created_at: incident.created_at,
        created_by: incident.created_by,
    }
}
