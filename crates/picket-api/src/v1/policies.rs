//! Policy versions.

use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{ApplyPolicy, MonitorRequest, PolicyDiff, PolicyText, PolicyVersion, RollbackRequest};
use picket_policy::{Policy, compile};
use picket_store::policies;

pub(crate) async fn history(
    Shared(state): Shared<State>,
    _caller: Caller,
) -> Result<Json<Vec<PolicyVersion>>, ApiProblem> {
    let all = state
        .blocking(|state| Ok(state.db.read(|connection| policies::history(connection, &state.workspace))?))
        .await?;
    Ok(Json(all.into_iter().map(|version| PolicyVersion { text: None, ..view(version) }).collect()))
}

pub(crate) async fn active(Shared(state): Shared<State>, _caller: Caller) -> Result<Json<PolicyVersion>, ApiProblem> {
    state.blocking(in_force).await.map(view).map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(version): Path<u64>,
) -> Result<Json<PolicyVersion>, ApiProblem> {
    state.blocking(move |state| stored(state, version)).await.map(view).map(Json)
}

pub(crate) async fn apply(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<ApplyPolicy>,
) -> Result<(StatusCode, Json<PolicyVersion>), ApiProblem> {
    let applied =
        state.blocking(move |state| state.control.apply_policy(&wanted.text, caller.id(), wanted.base_version)).await?;
    Ok((StatusCode::CREATED, Json(applied)))
}

pub(crate) async fn diff(
    Shared(state): Shared<State>,
    _caller: Caller,
    Json(wanted): Json<PolicyText>,
) -> Result<Json<PolicyDiff>, ApiProblem> {
    let diff = state.blocking(move |state| {
        let new = compiled(&wanted.text)?;
        let changes = picket_policy::diff(&compiled(&in_force(state)?.text)?, &new);
        Ok(PolicyDiff { changes, managed_by_file: state.control.policy_is_of_file() })
    });
    diff.await.map(Json)
}

pub(crate) async fn rollback(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<RollbackRequest>,
) -> Result<Json<PolicyVersion>, ApiProblem> {
    let applied = state.blocking(move |state| {
        let target = match wanted.version {
            Some(version) => version,
            None => in_force(state)?
                .version
                .checked_sub(1)
                .filter(|version| *version > 0)
                .ok_or_else(|| ApiProblem::conflict("there is no earlier version"))?,
        };
        state.control.apply_policy(&stored(state, target)?.text, caller.id(), None)
    });
    applied.await.map(Json)
}

pub(crate) async fn monitor(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<MonitorRequest>,
) -> Result<Json<PolicyVersion>, ApiProblem> {
    let applied = state.blocking(move |state| {
        let text = with_mode(&in_force(state)?.text, &wanted.kind, wanted.enforce)?;
        state.control.apply_policy(&text, caller.id(), None)
    });
    applied.await.map(Json)
}

/// The document with the mode of one kind changed, by JSON, which YAML reads too.
fn with_mode(text: &str, kind: &str, enforce: bool) -> Result<String, ApiProblem> {
    let policy = compiled(text)?;
    let name = policy.name_in_chain(kind).ok_or_else(|| ApiProblem::bad("this kind is not in the chain"))?;
    policy.with_mode(&name, enforce).map_err(|problems| ApiProblem::conflict(problems.to_string()))
}

fn compiled(text: &str) -> Result<Policy, ApiProblem> {
    compile(text, "policy").map_err(|problems| {
        let list = problems.list.iter().map(ToString::to_string).collect();
        ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_policy", "the document cannot be used")
            .with_problems(list)
    })
}

/// The policy in force.
pub(super) fn in_force_compiled(state: &State) -> Result<Policy, ApiProblem> {
    compiled(&in_force(state)?.text)
}

fn in_force(state: &State) -> Result<policies::PolicyVersion, ApiProblem> {
    let active = state.db.read(|connection| policies::active(connection, &state.workspace))?;
    active.ok_or_else(|| ApiProblem::not_found("policy"))
}

fn stored(state: &State, version: u64) -> Result<policies::PolicyVersion, ApiProblem> {
    let found = state.db.read(|connection| policies::get(connection, &state.workspace, version))?;
    found.ok_or_else(|| ApiProblem::not_found("policy version"))
}

fn view(version: policies::PolicyVersion) -> PolicyVersion {
    PolicyVersion {
        version: version.version,
        digest: version.digest,
        author: version.author,
        created_at: version.created_at,
        active: version.active,
        text: Some(version.text),
    }
}
