//! Destinations: systems that events are sent to.

mod letters;
mod view;

use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
pub(crate) use letters::{LETTERS, dead_letters, discard, replay};
use picket_api_types::{
    ChangeDestination, Counted, CreateDestination, Destination, DestinationBalance, DestinationCoverage,
    DestinationCredentials, PauseDestination, PreviewedEvent, RotateDestination, TestedDestination,
};
use picket_db::WriteError;
use picket_dispatch::{Change, DispatchError, New, Settings, Start};
use picket_store::Permission;
use picket_store::sealed::{FIELDS_MAX, SECRET_BYTES_MAX, Secrets};
use std::time::Duration;
use zeroize::Zeroizing;

/// Parameters of `coverage`.
pub(crate) const COVERAGE: &[&str] = &["since", "from", "to"];
/// Parameters of `balance`.
pub(crate) const BALANCE: &[&str] = &["recount"];
/// Parameters of `preview`.
pub(crate) const PREVIEW: &[&str] = &["limit"];
/// Events of a preview.
const PREVIEWED_MAX: usize = 50;
/// How far back coverage looks, where nobody says.
const COVERED: Duration = Duration::from_secs(86_400);
/// How far back it may look at most.
const COVERED_MAX: Duration = Duration::from_secs(31 * 86_400);

pub(crate) async fn list(Shared(state): Shared<State>) -> Result<Json<Vec<Destination>>, ApiProblem> {
    let found = state.blocking(|state| {
        let all = state.dispatch.list().map_err(|error| problem(&WriteError::Job(error)))?;
        Ok(all.into_iter().map(view::destination).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn get(Shared(state): Shared<State>, Path(id): Path<String>) -> Result<Json<Destination>, ApiProblem> {
    let found =
        state.blocking(move |state| state.dispatch.get(&id).map(view::destination).map_err(|error| problem(&error)));
    found.await.map(Json)
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateDestination>,
) -> Result<(StatusCode, Json<Destination>), ApiProblem> {
    let made = state.blocking(move |state| {
        let now = state.log.clock().now();
        let start = match wanted.start.as_deref() {
            None | Some("now") => Start::Now,
            Some("beginning") => Start::Beginning,
            Some(text) => Start::At(crate::time::moment(text, now)?),
        };
        let new = New {
            name: wanted.name,
            settings: settings(wanted.settings)?,
            secrets: secrets(wanted.credentials)?,
            start,
            reads_bodies: caller.may(Permission::ReadBodies),
        };
        state.dispatch.create(new, caller.id()).map(view::destination).map_err(|error| problem(&error))
    });
    made.await.map(|made| (StatusCode::CREATED, Json(made)))
}

pub(crate) async fn change(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ChangeDestination>,
) -> Result<Json<Destination>, ApiProblem> {
    let changed = state.blocking(move |state| {
        let change = Change {
            name: wanted.name,
            settings: wanted.settings.map(settings).transpose()?,
            secrets: wanted.credentials.map(secrets).transpose()?,
            version: wanted.version,
            reads_bodies: caller.may(Permission::ReadBodies),
        };
        state.dispatch.update(&id, change, caller.id()).map(view::destination).map_err(|error| problem(&error))
    });
    changed.await.map(Json)
}

pub(crate) async fn delete(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let deleted = state.blocking(move |state| state.dispatch.delete(&id, caller.id()).map_err(|error| problem(&error)));
    deleted.await.map(|()| StatusCode::NO_CONTENT)
}

pub(crate) async fn pause(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<PauseDestination>,
) -> Result<Json<Destination>, ApiProblem> {
    let paused = state.blocking(move |state| {
        let paused = state.dispatch.pause(&id, wanted.reason, caller.id());
        paused.map(view::destination).map_err(|error| problem(&error))
    });
    paused.await.map(Json)
}

pub(crate) async fn resume(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Destination>, ApiProblem> {
    let resumed = state.blocking(move |state| {
        state.dispatch.resume(&id, caller.id()).map(view::destination).map_err(|error| problem(&error))
    });
    resumed.await.map(Json)
}

pub(crate) async fn rotate(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<RotateDestination>,
) -> Result<Json<Destination>, ApiProblem> {
    let rotated = state.blocking(move |state| {
        let secrets = secrets(wanted.credentials)?;
        let entered = (secrets, caller.may(Permission::ReadBodies));
        let rotated = state.dispatch.rotate(&id, entered, caller.id());
        rotated.map(view::destination).map_err(|error| problem(&error))
    });
    rotated.await.map(Json)
}

/// Seals the credentials of all destinations anew, with a new key.
pub(crate) async fn reseal(Shared(state): Shared<State>, caller: Caller) -> Result<Json<Counted>, ApiProblem> {
    let count = state.blocking(move |state| state.control.reseal(caller.id()));
    count.await.map(|count| Json(Counted { count }))
}

pub(crate) async fn test(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TestedDestination>, ApiProblem> {
    let tested = state.dispatch.test(&id, caller.id()).await.map_err(|error| problem(&error))?;
    Ok(Json(view::tested(tested)))
}

pub(crate) async fn balance(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<DestinationBalance>, ApiProblem> {
    parameters.only(&[BALANCE])?;
    let recount = if parameters.flag("recount")? {
        let counted = state.dispatch.recount(&id).await;
        Some(counted.map_err(|error| problem(&WriteError::Job(error)))?)
    } else {
        None
    };
    let found =
        state.blocking(move |state| state.dispatch.balance(&id).map(view::balance).map_err(|error| problem(&error)));
    let balance = found.await?;
    Ok(Json(DestinationBalance { recount: recount.as_ref().map(view::recount), ..balance }))
}

pub(crate) async fn coverage(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<DestinationCoverage>, ApiProblem> {
    parameters.only(&[COVERAGE])?;
    let now = state.log.clock().now();
    let from = match (parameters.moment("since", now)?, parameters.moment("from", now)?) {
        (Some(_), Some(_)) => return Err(ApiProblem::bad("give `since` or `from`, not both")),
        (since, from) => since.or(from).unwrap_or(now.minus(COVERED)),
    };
    let to = parameters.end("to", now)?.unwrap_or(now);
    if to <= from || to.since(from) > COVERED_MAX {
        return Err(ApiProblem::bad("a coverage is of at most 31 days, and ends after it begins"));
    }
    let covered = state.dispatch.coverage(&id, (from, to)).await;
    covered.map(|covered| Json(view::coverage(covered))).map_err(|error| problem(&WriteError::Job(error)))
}

pub(crate) async fn preview(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<Vec<PreviewedEvent>>, ApiProblem> {
    parameters.only(&[PREVIEW])?;
    let limit = parameters.number("limit")?.unwrap_or(5).min(PREVIEWED_MAX);
    let found = state.blocking(move |state| {
        let previews = state.dispatch.preview(&id, limit).map_err(|error| problem(&WriteError::Job(error)))?;
        Ok(previews.into_iter().map(view::preview).collect())
    });
    found.await.map(Json)
}

/// What a destination is told, from JSON.
fn settings(value: serde_json::Value) -> Result<Settings, ApiProblem> {
    serde_json::from_value(value).map_err(|error| {
        let said: String = picket_stdx::mistake(&error.to_string()).chars().take(300).collect();
        ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", format!("`settings`: {said}"))
    })
}

fn secrets(given: DestinationCredentials) -> Result<Secrets, ApiProblem> {
    if given.0.len() > FIELDS_MAX {
        return Err(ApiProblem::bad(format!("a destination has at most {FIELDS_MAX} credentials")));
    }
    let mut secrets = Secrets::default();
    for (field, secret) in given.0 {
        if secret.len() > SECRET_BYTES_MAX {
            return Err(ApiProblem::bad(format!("a credential has at most {SECRET_BYTES_MAX} bytes")));
        }
        secrets.set(&field, Zeroizing::new(secret.into_bytes()));
    }
    Ok(secrets)
}

pub(super) fn problem(error: &WriteError<DispatchError>) -> ApiProblem {
    use DispatchError as E;
    match error {
        WriteError::Job(E::Unknown) => ApiProblem::not_found("destination"),
        WriteError::Job(why @ (E::Recounting | E::Unfinished)) => ApiProblem::busy(why.to_string()),
        WriteError::Job(why @ E::Bodies) => ApiProblem::not_permitted(why.to_string()),
        WriteError::Job(
            why @ (E::Taken(_)
            | E::SharedFile(_)
            | E::TooMany
            | E::OtherHost
            | E::Stale(_)
            | E::Stands(_)
            | E::Sealed(_)),
        ) => ApiProblem::conflict(why.to_string()),
        WriteError::Job(why @ (E::Name | E::Settings(_))) => {
            ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_destination", why.to_string())
        }
        other => ApiProblem::write(other),
    }
}
