//! Containments: what somebody may not do for a while.

use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{Containment, ContainmentChange, CreateContainment};
use picket_contain::{ContainError, Wanted};
use picket_db::WriteError;
use picket_event::{ContainmentId, Workspace};
use picket_stdx::duration;
use picket_store::TokenKind;
use picket_store::containments::{self, TargetKind};
use std::time::Duration;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["state", "limit"];
/// Containments of one list.
const LIMIT: u64 = 1_000;
/// The time of a throttle, when none is said.
const PER: Duration = Duration::from_secs(60);
/// Characters of a reason for a change.
const REASON_CHARS_MAX: usize = 1_000;

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Containment>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let wanted = parameters.get("state").map(|word| word_of("state", word)).transpose()?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT).min(LIMIT);
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| containments::list(connection, caller.workspace(), wanted, limit))?;
        Ok(found.into_iter().map(|one| view(state, one)).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Containment>, ApiProblem> {
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| containments::get(connection, caller.workspace(), &normal(&id)))?;
        found.map(|one| view(state, one)).ok_or_else(|| ApiProblem::not_found("containment"))
    });
    found.await.map(Json)
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateContainment>,
) -> Result<(StatusCode, Json<Containment>), ApiProblem> {
    let wanted = parsed(wanted)?;
    let made = state.blocking(move |state| {
        let is_key = |id: &str| {
            let found = state.credentials.get(caller.workspace(), id);
            found.is_some_and(|found| found.kind == TokenKind::GatewayKey)
        };
        if wanted.kind == TargetKind::Key && !is_key(&wanted.target) {
            return Err(ApiProblem::bad("there is no gateway key of that id; `picket keys list` shows them"));
        }
        if state.container.takes_two(&wanted) {
            caller.proven()?;
        }
        let made = state.container.contain(wanted, caller.person()).map_err(|error| problem(&error))?;
        Ok(view(state, made))
    });
    made.await.map(|made| (StatusCode::CREATED, Json(made)))
}

/// What is done with one that is there.
#[derive(Debug, Clone, Copy)]
enum Verb {
    Approve,
    Refuse,
    Undo,
}

pub(crate) async fn approve(
    state: Shared<State>,
    caller: Caller,
    id: Path<String>,
    change: Json<ContainmentChange>,
) -> Result<Json<Containment>, ApiProblem> {
    changed(state, caller, id, change, Verb::Approve).await
}

pub(crate) async fn refuse(
    state: Shared<State>,
    caller: Caller,
    id: Path<String>,
    change: Json<ContainmentChange>,
) -> Result<Json<Containment>, ApiProblem> {
    changed(state, caller, id, change, Verb::Refuse).await
}

pub(crate) async fn undo(
    state: Shared<State>,
    caller: Caller,
    id: Path<String>,
    change: Json<ContainmentChange>,
) -> Result<Json<Containment>, ApiProblem> {
    changed(state, caller, id, change, Verb::Undo).await
}

async fn changed(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(change): Json<ContainmentChange>,
    verb: Verb,
) -> Result<Json<Containment>, ApiProblem> {
    if change.reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX) {
        return Err(ApiProblem::bad(format!("a reason has at most {REASON_CHARS_MAX} characters")));
    }
    let changed = state.blocking(move |state| {
        let (id, person, reason) = (normal(&id), caller.person(), change.reason);
        let done = match verb {
            Verb::Approve => state.container.approve(&id, caller.proven()?, reason),
            Verb::Refuse => state.container.refuse(&id, person, reason),
            Verb::Undo => state.container.undo(&id, person, reason),
        };
        done.map(|one| view(state, one)).map_err(|error| problem(&error))
    });
    changed.await.map(Json)
}

fn parsed(wanted: CreateContainment) -> Result<Wanted, ApiProblem> {
    let time = |name: &str, text: &String| {
        duration::parse(text).map_err(|_error| ApiProblem::bad(format!("`{name}` is a time such as 30s, 5m or 1h")))
    };
    let per = wanted.per.as_ref().map(|per| time("per", per)).transpose()?;
    if per.is_some() && wanted.requests.is_none() {
        return Err(ApiProblem::bad("`per` belongs to `requests`: so many requests in so long"));
    }
    Ok(Wanted {
        effect: word_of("effect", &wanted.effect)?,
        kind: word_of("kind", &wanted.kind)?,
        target: wanted.target,
        model: wanted.model,
        feature: wanted.feature,
        sender: None,
        rate: wanted.requests.map(|requests| (requests, per.unwrap_or(PER))),
        lasts: wanted.ttl.as_ref().map(|ttl| time("ttl", ttl)).transpose()?,
        is_dry: wanted.dry_run,
        needs_second: false,
        reason: wanted.reason,
        cause: None,
    })
}

fn word_of<T: std::str::FromStr<Err = containments::UnknownWord>>(name: &str, word: &str) -> Result<T, ApiProblem> {
    word.parse().map_err(|error| ApiProblem::bad(format!("`{name}`: {error}")))
}

/// The id as it is stored.
fn normal(id: &str) -> String {
    id.parse::<ContainmentId>().map_or_else(|_error| id.to_owned(), |id| id.to_string())
}

fn problem(error: &WriteError<ContainError>) -> ApiProblem {
    match error {
        WriteError::Job(ContainError::Unknown) => ApiProblem::not_found("containment"),
        WriteError::Job(error @ ContainError::Misfit(_)) => ApiProblem::bad(error.to_string()),
        WriteError::Job(error @ (ContainError::Stands(_) | ContainError::TooMany(_))) => {
            ApiProblem::conflict(error.to_string())
        }
        WriteError::Job(error @ (ContainError::Never(..) | ContainError::SamePerson)) => {
            ApiProblem::new(StatusCode::FORBIDDEN, "not_contained", error.to_string())
        }
        other => ApiProblem::write(other),
    }
}

/// Those of a target that are in force or wait.
pub(super) fn of_target(
    state: &State,
    workspace: &Workspace,
    (kind, target): (TargetKind, &str),
) -> Result<Vec<Containment>, ApiProblem> {
    let network = || containments::network(target).map(|net| net.trunc().to_string());
    let target = if kind == TargetKind::Address { network().unwrap_or_default() } else { target.to_owned() };
    let found = state.db.read(|connection| containments::of_target(connection, workspace, (kind, &target)))?;
    let live = found.into_iter().filter(|one| super::entities::matters(one.state));
    Ok(live.map(|one| view(state, one)).collect())
}

fn view(state: &State, one: containments::Containment) -> Containment {
    let (requests, per) = one.rate.unzip();
    let (sender_kind, sender) = one.sender.map(|(kind, sender)| (kind.to_string(), sender)).unzip();
    Containment {
        hits: state.container.in_force.hits(&one.id),
        id: one.id,
        effect: one.effect.to_string(),
        kind: one.kind.to_string(),
        target: one.target,
        state: one.state.to_string(),
        model: one.model,
        feature: one.feature,
        sender_kind,
        sender,
        requests,
        per: per.map(duration::display),
        dry_run: one.is_dry,
        reason: one.reason,
        cause: one.cause,
        created_by: one.created_by,
        created_at: one.created_at,
        ttl: duration::display(one.lasts),
        ends_at: one.ends_at,
        changed_by: one.changed_by,
        changed_at: one.changed_at,
        change_reason: one.change_reason,
    }
}
