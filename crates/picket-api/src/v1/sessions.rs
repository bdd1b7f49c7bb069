//! Sessions: one's own, and for who looks after users everybody's.

use super::parameters::Parameters;
use super::users::{find, maker};
use crate::act::About;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::Session;
use picket_event::EventType;
use picket_identity as identity;
use picket_store::Permission;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["user", "all"];

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Session>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let user = parameters.get("user").map(|key| find(&state.identity, key)).transpose();
    let wanted = if parameters.flag("all")? { None } else { Some(user) };
    let wanted = match wanted {
        Some(Ok(None)) => Some(caller.user().map(|user| user.id.clone()).unwrap_or_default()),
        // Whoever may not see users does not hear which there are.
        other if !caller.may(Permission::ReadUsers) => {
            drop(other);
            return Err(ApiProblem::not_permitted(format!("{} may see no sessions but his own", caller.who())));
        }
        Some(Ok(Some(user))) => Some(user.id.clone()),
        Some(Err(problem)) => return Err(problem),
        None => None,
    };
    let found = state.identity.sessions_of(wanted.as_deref());
    Ok(Json(found.iter().filter_map(|session| view(&state, &caller, session)).collect()))
}

/// Ends a session: one's own, or one of a user who may do no more than who ends it.
pub(crate) async fn end(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Session>, ApiProblem> {
    let ended = state.blocking(move |state| {
        let found = state.identity.session_by_id(&id);
        let own = caller.user().map(|user| user.id.as_str());
        let mine = |session: &&std::sync::Arc<identity::Session>| Some(session.user.as_str()) == own;
        let found = found.as_ref().filter(|session| mine(session) || caller.may(Permission::WriteUsers));
        let found = found.ok_or_else(|| ApiProblem::not_found("session"))?;
        if !mine(&found) {
            let theirs = state.identity.user(&found.user).map(|user| user.roles.permissions());
            if theirs.is_some_and(|theirs| !maker(state, &caller).permissions.covers(theirs)) {
                return Err(ApiProblem::not_permitted("this session belongs to somebody who may do more than you"));
            }
        }
        let shown = view(state, &caller, found).ok_or_else(|| ApiProblem::not_found("session"))?;
        let (identity, id) = (state.identity.clone(), found.id.clone());
        state.act_or(&caller, "sessions.end", move |tx| {
            identity.end_session(tx, &id)?;
            let target = format!("session:{id}");
            Ok(((), About { event_type: EventType::of("auth.session_ended"), target, reason: None }))
        })?;
        Ok(shown)
    });
    ended.await.map(Json)
}

fn view(state: &State, caller: &Caller, session: &identity::Session) -> Option<Session> {
    let user = state.identity.user(&session.user)?;
    Some(Session {
        id: session.id.clone(),
        user: user.name.clone(),
        user_id: user.id.clone(),
        method: session.method.as_str().to_owned(),
        strong: session.is_strong,
        current: caller.session().is_ok_and(|(current, _user)| current.id == session.id),
        created_at: session.created_at,
        last_used_at: session.last_used_at(),
        confirmed_at: session.confirmed_at,
        ends_at: session.ends_at,
        address: session.address.clone(),
        agent: session.agent.clone(),
    })
}
