//! Groups that a provider sends: teams, and what they bring.

use super::answer::{Asked, Narrow, Shown, meta};
use super::{BASE, Sent, configured, refused, seen};
use crate::act::About;
use crate::auth::Caller;
use crate::extract::Path;
use crate::problem::ApiProblem;
use crate::state::State;
use crate::v1::parameters::Parameters;
use axum::extract::State as Shared;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use picket_event::EventType;
use picket_identity::{Identity, Team, group_as_sent};
use picket_scim::{self as scim, Kind, Patch, ScimError};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Ids and names of the members of each group.
type Members = HashMap<String, Vec<(String, String)>>;

pub(super) async fn list(
    Shared(state): Shared<State>,
    _caller: Caller,
    parameters: Parameters,
) -> Result<Shown, ApiProblem> {
    configured(&state)?;
    let asked = Asked::read(&parameters)?;
    let found = state.blocking(move |state| {
        let (all, members) = (state.identity.teams(), members(&state.identity));
        let sent = all.iter().filter(|team| team.sent.is_some());
        Ok(asked.list(sent, |team| view(team, &members)))
    });
    found.await.map(Shown::from)
}

pub(super) async fn get(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    configured(&state)?;
    let narrow = Narrow::read(&parameters);
    let found = state.blocking(move |state| shown(state, &id)).await?;
    Ok(Shown::plain(narrow.apply(found)).unless_known(&headers))
}

pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Sent(body): Sent,
) -> Result<Shown, ApiProblem> {
    configured(&state)?;
    let new = scim::Group::read(&body).map_err(refused)?;
    let made = state.blocking(move |state| {
        let (identity, by) = (state.identity.clone(), caller.id().to_owned());
        let id = state.act_or(&caller, "scim.make_group", move |tx| {
            let id = identity.make_sent_group(tx, &new, &by)?;
            Ok((id.clone(), about("team.created", &id)))
        })?;
        shown(state, &id)
    });
    made.await.map(Shown::made)
}

pub(super) async fn put(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Shown, ApiProblem> {
    let new = scim::Group::read(&body).map_err(refused)?;
    change(state, caller, id, &headers, move |_before| Ok(new)).await
}

pub(super) async fn patch(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Shown, ApiProblem> {
    let patch = Patch::read(&body).map_err(refused)?;
    change(state, caller, id, &headers, move |before| before.patched(&patch)).await
}

async fn change(
    state: State,
    caller: Caller,
    id: String,
    headers: &HeaderMap,
    change: impl FnOnce(scim::Group) -> Result<scim::Group, ScimError> + Send + 'static,
) -> Result<Shown, ApiProblem> {
    configured(&state)?;
    let seen = seen(headers)?;
    let changed = state.blocking(move |state| {
        let (identity, by, group) = (state.identity.clone(), caller.id().to_owned(), id.clone());
        state.act_or(&caller, "scim.change_group", move |tx| {
            identity.change_sent_group(tx, &group, seen, &by, change)?;
            Ok(((), about("team.changed", &group)))
        })?;
        shown(state, &id)
    });
    changed.await.map(Shown::plain)
}

pub(super) async fn delete(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    configured(&state)?;
    let seen = seen(&headers)?;
    let deleted = state.blocking(move |state| {
        let (identity, by) = (state.identity.clone(), caller.id().to_owned());
        state.act_or(&caller, "scim.remove_group", move |tx| {
            identity.remove_sent_group(tx, &id, seen, &by)?;
            Ok(((), about("team.deleted", &id)))
        })
    });
    deleted.await.map(|()| StatusCode::NO_CONTENT)
}

fn about(what: &'static str, id: &str) -> About {
    About { event_type: EventType::of(what), target: format!("team:{id}"), reason: Some("by SCIM".to_owned()) }
}

fn members(identity: &Identity) -> Members {
    let mut all = Members::new();
    for user in identity.users().iter().filter(|user| user.sent.is_some()) {
        for team in &user.teams {
            all.entry(team.clone()).or_default().push((user.id.clone(), user.name.clone()));
        }
    }
    all
}

fn shown(state: &State, id: &str) -> Result<Value, ApiProblem> {
    let found = state.identity.team(id).filter(|team| team.sent.is_some());
    found.map(|team| view(&team, &members(&state.identity))).ok_or_else(|| ApiProblem::not_found("group"))
}

fn view(team: &Team, members: &Members) -> Value {
    let Some(sent) = &team.sent else { return Value::Null };
    let mut shown = group_as_sent(team, BTreeSet::new()).to_json();
    let member = |(id, name): &(String, String)| json!({"value": id, "display": name, "type": "User", "$ref": format!("{BASE}/Users/{id}")});
    let members: Vec<Value> = members.get(&team.id).into_iter().flatten().map(member).collect();
    if let Some(all) = shown.as_object_mut() {
        all.insert("id".to_owned(), team.id.as_str().into());
        all.insert("members".to_owned(), members.into());
        let meta = meta(Kind::Group, &team.id, (team.created_at, sent.changed_at), sent.version);
        all.insert("meta".to_owned(), meta);
    }
    shown
}
