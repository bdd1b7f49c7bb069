//! Teams, and who is in them.

use super::users::find as user;
use crate::act::About;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{CreateTeam, Team};
use picket_event::EventType;
use picket_identity::{self as identity, Identity};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) async fn list(Shared(state): Shared<State>, _caller: Caller) -> Json<Vec<Team>> {
    let (teams, mut members) = (state.identity.teams(), members(&state.identity));
    Json(teams.iter().map(|team| shown(team, members.remove(&team.id).unwrap_or_default())).collect())
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateTeam>,
) -> Result<(StatusCode, Json<Team>), ApiProblem> {
    let made = state.blocking(move |state| {
        let (identity, by) = (state.identity.clone(), caller.id().to_owned());
        let id = state.act_or(&caller, "teams.create", move |tx| {
            let id = identity.create_team(tx, &wanted.name, &by)?;
            Ok((id.clone(), about("team.created", &id, None)))
        })?;
        find(&state.identity, &id).map(|team| view(&state.identity, &team))
    });
    made.await.map(|made| (StatusCode::CREATED, Json(made)))
}

pub(crate) async fn delete(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Team>, ApiProblem> {
    let deleted = state.blocking(move |state| {
        let found = find(&state.identity, &id)?;
        let gone = view(&state.identity, &found);
        let (identity, id) = (state.identity.clone(), found.id.clone());
        state.act_or(&caller, "teams.delete", move |tx| {
            identity.delete_team(tx, &id)?;
            Ok(((), about("team.deleted", &id, None)))
        })?;
        Ok(gone)
    });
    deleted.await.map(Json)
}

pub(crate) async fn add(
    state: Shared<State>,
    caller: Caller,
    Path((team, user)): Path<(String, String)>,
) -> Result<Json<Team>, ApiProblem> {
    member(state, caller, (team, user), true).await
}

pub(crate) async fn remove(
    state: Shared<State>,
    caller: Caller,
    Path((team, user)): Path<(String, String)>,
) -> Result<Json<Team>, ApiProblem> {
    member(state, caller, (team, user), false).await
}

async fn member(
    Shared(state): Shared<State>,
    caller: Caller,
    (team, member): (String, String),
    is_in: bool,
) -> Result<Json<Team>, ApiProblem> {
    let changed = state.blocking(move |state| {
        let (found, member) = (find(&state.identity, &team)?, user(&state.identity, &member)?);
        let (identity, id) = (state.identity.clone(), found.id.clone());
        state.act_or(&caller, "teams.member", move |tx| {
            identity.set_member(tx, &id, &member.id, is_in)?;
            let what = if is_in { "team.member_added" } else { "team.member_removed" };
            Ok(((), about(what, &id, Some(format!("user {}", member.id)))))
        })?;
        Ok(view(&state.identity, &found))
    });
    changed.await.map(Json)
}

fn about(what: &'static str, id: &str, reason: Option<String>) -> About {
    About { event_type: EventType::of(what), target: format!("team:{id}"), reason }
}

/// A team by id or name.
pub(crate) fn find(identity: &Identity, key: &str) -> Result<Arc<identity::Team>, ApiProblem> {
    let named = || identity.teams().into_iter().find(|team| team.name.eq_ignore_ascii_case(key));
    identity.team(key).or_else(named).ok_or_else(|| ApiProblem::not_found("team"))
}

/// Names of the members of every team.
fn members(identity: &Identity) -> HashMap<String, Vec<String>> {
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    for user in identity.users() {
        user.teams.iter().for_each(|team| all.entry(team.clone()).or_default().push(user.name.clone()));
    }
    all
}

fn view(identity: &Identity, team: &identity::Team) -> Team {
    shown(team, members(identity).remove(&team.id).unwrap_or_default())
}

fn shown(team: &identity::Team, members: Vec<String>) -> Team {
    Team {
        id: team.id.clone(),
        name: team.name.clone(),
        members,
        created_by: team.created_by.clone(),
        created_at: team.created_at,
    }
}
