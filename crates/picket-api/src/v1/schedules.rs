//! Schedules of exports.

use super::exports::{format, request};
use crate::act::{About, Undone};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use crate::time;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{CreateExportSchedule, ExportSchedule};
use picket_event::{EventType, ScheduleId, Workspace};
use picket_evidence::{ExportRequest, KEEP, NewSchedule, SCHEDULES_MAX, ScheduleError};
use picket_stdx::duration;
use picket_store::schedules::{self, Schedule};

const CREATED: EventType = EventType::of("export.schedule_created");
const PAUSED: EventType = EventType::of("export.schedule_paused");
const RESUMED: EventType = EventType::of("export.schedule_resumed");
const DELETED: EventType = EventType::of("export.schedule_deleted");

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateExportSchedule>,
) -> Result<(StatusCode, Json<ExportSchedule>), ApiProblem> {
    let created = state.blocking(move |state| {
        let now = state.log.clock().now();
        let asked = request(&caller, &wanted.kind, wanted.format, wanted.filter.as_deref(), wanted.include_bodies)?;
        let new = NewSchedule {
            request: asked.described(wanted.description),
            every: duration::parse(&wanted.every).map_err(|error| ApiProblem::bad(format!("`every`: {error}")))?,
            keep: wanted.keep.unwrap_or(KEEP),
            since: wanted.since.as_deref().map(|text| time::moment(text, now)).transpose()?,
            by: caller.name(),
        };
        let bodies = if wanted.include_bodies { ", with prompts and answers" } else { "" };
        let reason = format!("every {}{bodies}", duration::display(new.every));
        let schedule = state.exporter.schedule(new).map_err(|error| problem(&error))?;
        let (row, workspace) = (schedule.clone(), caller.workspace().clone());
        state.act_or(&caller, "exports.schedule", move |tx| {
            if schedules::list(tx.connection(), &workspace)?.len() >= SCHEDULES_MAX {
                return Err(Undone::Refused(problem(&ScheduleError::TooMany)));
            }
            schedules::create(tx, &workspace, &row)?;
            Ok(((), About { event_type: CREATED, target: target(&row.id), reason: Some(reason) }))
        })?;
        view(schedule)
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
) -> Result<Json<Vec<ExportSchedule>>, ApiProblem> {
    let all = state.blocking(move |state| {
        let all = state.db.read(|connection| schedules::list(connection, caller.workspace()))?;
        all.into_iter().map(view).collect()
    });
    all.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ExportSchedule>, ApiProblem> {
    state.blocking(move |state| find(state, caller.workspace(), &id).and_then(view)).await.map(Json)
}

/// Exports nothing until somebody resumes it; an export that runs comes to its end.
pub(crate) async fn pause(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ExportSchedule>, ApiProblem> {
    state.blocking(move |state| set_paused(state, &caller, &id, true)).await.map(Json)
}

/// Goes on where it was: what came meanwhile is exported, too.
pub(crate) async fn resume(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ExportSchedule>, ApiProblem> {
    state.blocking(move |state| set_paused(state, &caller, &id, false)).await.map(Json)
}

/// Removes a schedule. Its exports and their files stay for as long as those of others.
pub(crate) async fn delete(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let deleted = state.blocking(move |state| {
        let id = find(state, caller.workspace(), &id)?.id;
        let workspace = caller.workspace().clone();
        let removed = state.act_if(&caller, "exports.unschedule", move |tx| {
            let about = About { event_type: DELETED, target: target(&id), reason: None };
            Ok(schedules::remove(tx, &workspace, &id)?.then_some(about))
        })?;
        if removed { Ok(StatusCode::NO_CONTENT) } else { Err(ApiProblem::not_found("schedule")) }
    });
    deleted.await
}

fn set_paused(state: &State, caller: &Caller, id: &str, is_paused: bool) -> Result<ExportSchedule, ApiProblem> {
    let id = find(state, caller.workspace(), id)?.id;
    let (workspace, by, now) = (caller.workspace().clone(), caller.name(), state.log.clock().now());
    let changed = state.act_or(caller, "exports.schedule_state", move |tx| {
        let row = schedules::get(tx.connection(), &workspace, &id)?;
        let row = row.ok_or_else(|| Undone::Refused(ApiProblem::not_found("schedule")))?;
        if row.is_paused == is_paused {
            let word = if is_paused { "paused" } else { "active" };
            return Err(Undone::Refused(ApiProblem::conflict(format!("the schedule is {word} already"))));
        }
        let row = Schedule { is_paused, changed_by: by, changed_at: now, ..row };
        schedules::update(tx, &workspace, &row)?;
        let event_type = if is_paused { PAUSED } else { RESUMED };
        Ok((row.clone(), About { event_type, target: target(&row.id), reason: None }))
    })?;
    view(changed)
}

fn find(state: &State, workspace: &Workspace, id: &str) -> Result<Schedule, ApiProblem> {
    let id = id.parse::<ScheduleId>().map(|id| id.to_string()).map_err(|error| ApiProblem::bad(error.to_string()))?;
    let found = state.db.read(|connection| schedules::get(connection, workspace, &id))?;
    found.ok_or_else(|| ApiProblem::not_found("schedule"))
}

fn target(id: &str) -> String {
    format!("schedule:{id}")
}

fn problem(error: &ScheduleError) -> ApiProblem {
    match error {
        ScheduleError::Every | ScheduleError::Keep => ApiProblem::bad(error.to_string()),
        ScheduleError::TooMany => ApiProblem::conflict(error.to_string()),
        other => ApiProblem::internal(other),
    }
}

fn view(schedule: Schedule) -> Result<ExportSchedule, ApiProblem> {
    let request: ExportRequest =
        serde_json::from_str(&schedule.request).map_err(|error| ApiProblem::internal(&error))?;
    Ok(ExportSchedule {
        id: schedule.id,
        kind: "events".to_owned(),
        format: format(&request),
        every: duration::display(schedule.every),
        keep: schedule.keep,
        state: if schedule.is_paused { "paused" } else { "active" }.to_owned(),
        filter: Some(request.filter).filter(|filter| !filter.is_empty()),
        description: request.description,
        include_bodies: request.include_bodies,
        covered: schedule.covered,
        covered_at: schedule.covered_at,
        next_at: schedule.retry_at.unwrap_or(schedule.next_at),
        export: schedule.export,
        failures: schedule.failures,
        error: schedule.error,
        created_by: schedule.created_by,
        created_at: schedule.created_at,
        changed_by: schedule.changed_by,
        changed_at: schedule.changed_at,
    })
}
