//! Users that a provider sends.

use super::answer::{Asked, Narrow, Shown, meta};
use super::{BASE, Sent, configured, refused, seen};
use crate::act::About;
use crate::auth::Caller;
use crate::extract::Path;
use crate::problem::ApiProblem;
use crate::state::State;
use crate::v1::parameters::Parameters;
use crate::v1::users::maker;
use axum::extract::State as Shared;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use picket_event::EventType;
use picket_identity::{Identity, User, as_sent};
use picket_scim::{self as scim, Kind, Patch, ScimError};
use serde_json::{Value, json};

pub(super) async fn list(
    Shared(state): Shared<State>,
    _caller: Caller,
    parameters: Parameters,
) -> Result<Shown, ApiProblem> {
    configured(&state)?;
    let asked = Asked::read(&parameters)?;
    let found = state.blocking(move |state| {
        let all = state.identity.users();
        let sent = all.iter().filter(|user| user.sent.is_some());
        Ok(asked.list(sent, |user| view(&state.identity, user)))
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
    let shown = Narrow::read(&parameters).apply(shown(&state, &id)?);
    std::future::ready(Ok(Shown::plain(shown).unless_known(&headers))).await
}

pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Sent(body): Sent,
) -> Result<Shown, ApiProblem> {
    configured(&state)?;
    let new = scim::User::read(&body).map_err(refused)?;
    let made = state.blocking(move |state| {
        let (identity, by) = (state.identity.clone(), caller.id().to_owned());
        let id = state.act_or(&caller, "scim.make_user", move |tx| {
            let id = identity.make_sent_user(tx, &new, &by)?;
            Ok((id.clone(), about("user.created", &id)))
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
    let new = scim::User::read(&body).map_err(refused)?;
    change(state, caller, id, &headers, move |before| {
        // Who somebody is need not be said again.
        Ok(scim::User { external_id: new.external_id.clone().or(before.external_id), ..new })
    })
    .await
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
    change: impl FnOnce(scim::User) -> Result<scim::User, ScimError> + Send + 'static,
) -> Result<Shown, ApiProblem> {
    configured(&state)?;
    let seen = seen(headers)?;
    let changed = state.blocking(move |state| {
        let (identity, maker, user) = (state.identity.clone(), maker(state, &caller), id.clone());
        state.act_or(&caller, "scim.change_user", move |tx| {
            let what = identity.change_sent_user(tx, &user, seen, &maker, change)?;
            Ok(((), about(what, &user)))
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
        let (identity, maker) = (state.identity.clone(), maker(state, &caller));
        state.act_or(&caller, "scim.remove_user", move |tx| {
            identity.remove_sent_user(tx, &id, seen, &maker)?;
            Ok(((), about("user.deleted", &id)))
        })
    });
    deleted.await.map(|()| StatusCode::NO_CONTENT)
}

fn about(what: &'static str, id: &str) -> About {
    About { event_type: EventType::of(what), target: format!("user:{id}"), reason: Some("by SCIM".to_owned()) }
}

fn shown(state: &State, id: &str) -> Result<Value, ApiProblem> {
    let found = state.identity.user(id).filter(|user| user.sent.is_some());
    found.map(|user| view(&state.identity, &user)).ok_or_else(|| ApiProblem::not_found("user"))
}

fn view(identity: &Identity, user: &User) -> Value {
    let Some(sent) = &user.sent else { return Value::Null };
    let mut shown = as_sent(user, sent).to_json();
    let teams = user.teams.iter().filter_map(|id| identity.team(id)).filter(|team| team.sent.is_some());
    let groups: Vec<Value> = teams
        .map(|team| json!({"value": team.id, "display": team.name, "$ref": format!("{BASE}/Groups/{}", team.id)}))
        .collect();
    if let Some(members) = shown.as_object_mut() {
        members.insert("id".to_owned(), user.id.as_str().into());
        members.insert("groups".to_owned(), groups.into());
        let meta = meta(Kind::User, &user.id, (user.created_at, sent.changed_at), user.version);
        members.insert("meta".to_owned(), meta);
    }
    shown
}
