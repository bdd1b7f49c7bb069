//! Users: who they are, and what they may.

use crate::act::{About, Undone};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{ChangeUser, CreateUser, CreatedUser, ExternalUser, NewPassword, User};
use picket_event::EventType;
use picket_identity::{self as identity, Identity, Maker, Method, NewUser, UserChange, UserState};
use picket_store::{ParseRoleError, Role, Roles};
use std::sync::Arc;

pub(crate) async fn list(Shared(state): Shared<State>, _caller: Caller) -> Json<Vec<User>> {
    Json(state.identity.users().iter().map(|user| view(&state.identity, user)).collect())
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<User>, ApiProblem> {
    shown(&state.identity, &id).map(Json)
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateUser>,
) -> Result<(StatusCode, Json<CreatedUser>), ApiProblem> {
    let made = state.blocking(move |state| {
        let first = first_password(state, wanted.password)?;
        let (password, hash) = first.unzip();
        let new = NewUser {
            roles: roles(&wanted.roles)?,
            teams: teams(&state.identity, &wanted.teams)?,
            name: wanted.name,
            full_name: wanted.full_name,
            email: wanted.email,
            temporary: hash,
            external: None,
        };
        let (identity, maker) = (state.identity.clone(), maker(state, &caller));
        let id = state.act_or(&caller, "users.create", move |tx| {
            let id = identity.create_user(tx, &new, &maker)?;
            Ok((id.clone(), about("user.created", &id, Some(format!("roles {}", new.roles)))))
        })?;
        let user = shown(&state.identity, &id)?;
        Ok(CreatedUser { user, password })
    });
    made.await.map(|made| (StatusCode::CREATED, Json(made)))
}

pub(crate) async fn change(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ChangeUser>,
) -> Result<Json<User>, ApiProblem> {
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let state_of = |word: String| {
        UserState::of(&word).ok_or_else(|| ApiProblem::bad("the state of a user is active or suspended"))
    };
    let changed = state.blocking(move |state| {
        let change = UserChange {
            full_name: wanted.full_name.map(filled),
            email: wanted.email.map(filled),
            roles: wanted.roles.as_deref().map(roles).transpose()?,
            teams: wanted.teams.as_deref().map(|wanted| teams(&state.identity, wanted)).transpose()?,
            state: wanted.state.map(state_of).transpose()?,
            version: wanted.version,
        };
        let before = find(&state.identity, &id)?;
        let (identity, maker, id) = (state.identity.clone(), maker(state, &caller), before.id.clone());
        let (what, reason) = told(&before, &change);
        state.act_or(&caller, "users.change", move |tx| {
            identity.change_user(tx, &id, &change, &maker)?;
            Ok(((), about(what, &id, reason)))
        })?;
        shown(&state.identity, &before.id)
    });
    changed.await.map(Json)
}

pub(crate) async fn delete(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<User>, ApiProblem> {
    let deleted = state.blocking(move |state| {
        let found = find(&state.identity, &id)?;
        let gone = view(&state.identity, &found);
        let (identity, maker, id) = (state.identity.clone(), maker(state, &caller), found.id.clone());
        state.act_or(&caller, "users.delete", move |tx| {
            identity.delete_user(tx, &id, &maker)?;
            Ok(((), about("user.deleted", &id, None)))
        })?;
        Ok(gone)
    });
    deleted.await.map(Json)
}

/// Gives a user a password that he has to change.
pub(crate) async fn reset_password(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<NewPassword>, ApiProblem> {
    let reset = state.blocking(move |state| {
        let found = find(&state.identity, &id)?;
        let (password, hash) = first_password(state, true)?.unzip();
        let (identity, maker, id) = (state.identity.clone(), maker(state, &caller), found.id.clone());
        let hash = hash.unwrap_or_default();
        state.act_or(&caller, "users.reset_password", move |tx| {
            identity.reset_password(tx, &id, &hash, &maker)?;
            Ok(((), about("user.password_reset", &id, None)))
        })?;
        let user = shown(&state.identity, &found.id)?;
        Ok(NewPassword { password: password.unwrap_or_default(), user })
    });
    reset.await.map(Json)
}

/// Ends a user's second factor, such as when his device is lost.
pub(crate) async fn reset_totp(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<User>, ApiProblem> {
    let reset = state.blocking(move |state| {
        let found = find(&state.identity, &id)?;
        let (identity, maker, id) = (state.identity.clone(), maker(state, &caller), found.id.clone());
        state.act_or(&caller, "users.reset_totp", move |tx| {
            identity.reset_totp(tx, &id, &maker)?;
            Ok(((), about("user.totp_reset", &id, None)))
        })?;
        shown(&state.identity, &found.id)
    });
    reset.await.map(Json)
}

/// A password to begin with, where passwords are taken at all.
fn first_password(state: &State, wanted: bool) -> Result<Option<(String, String)>, ApiProblem> {
    if !wanted {
        return Ok(None);
    }
    state.identity.allow(Method::Password).map_err(|error| ApiProblem::login(&error.into()))?;
    state.identity.temporary_password().map(Some).map_err(|busy| ApiProblem::busy(busy.to_string()))
}

/// What happened to a user, for the log.
fn about(what: &'static str, id: &str, reason: Option<String>) -> About {
    About { event_type: EventType::of(what), target: format!("user:{id}"), reason }
}

/// A change in words that hold nothing of the person.
fn told(before: &identity::User, change: &UserChange) -> (&'static str, Option<String>) {
    let what = match change.state {
        Some(UserState::Suspended) if before.is_active() => "user.suspended",
        Some(UserState::Active) if !before.is_active() => "user.resumed",
        _ => "user.changed",
    };
    let roles = change.roles.filter(|roles| *roles != before.roles);
    (what, roles.map(|roles| format!("roles {roles}, were {}", before.roles)))
}

/// A user by id or name.
pub(crate) fn find(identity: &Identity, key: &str) -> Result<Arc<identity::User>, ApiProblem> {
    identity.user(key).or_else(|| identity.user_named(key)).ok_or_else(|| ApiProblem::not_found("user"))
}

/// A user as he is shown, by id or name.
fn shown(identity: &Identity, key: &str) -> Result<User, ApiProblem> {
    find(identity, key).map(|user| view(identity, &user))
}

/// Ids of teams by ids or names.
fn teams(identity: &Identity, keys: &[String]) -> Result<Vec<String>, ApiProblem> {
    keys.iter().map(|key| super::teams::find(identity, key).map(|team| team.id.clone())).collect()
}

fn roles(words: &[String]) -> Result<Roles, ApiProblem> {
    let parse = |word: &String| word.parse().map_err(|error: ParseRoleError| ApiProblem::bad(error.to_string()));
    words.iter().map(parse).collect::<Result<Vec<Role>, _>>().map(|roles| Roles::of(&roles))
}

/// Whoever acts, as users are asked about him.
pub(crate) fn maker(state: &State, caller: &Caller) -> Maker {
    Maker {
        id: caller.id().to_owned(),
        permissions: caller.permissions(),
        others_own: state.a_token_owns(caller.workspace()),
    }
}

fn view(identity: &Identity, user: &identity::User) -> User {
    let team = |id: &String| identity.team(id).map(|team| team.name.clone());
    User {
        id: user.id.clone(),
        name: user.name.clone(),
        full_name: user.full_name.clone(),
        email: user.email.clone(),
        roles: user.roles.iter().map(|role| role.to_string()).collect(),
        teams: user.teams.iter().filter_map(team).collect(),
        state: user.state.as_str().to_owned(),
        has_password: user.has_password(),
        password_until: user.password_until,
        has_totp: user.has_totp,
        external: user
            .external
            .iter()
            .map(|external| ExternalUser { issuer: external.issuer.clone(), subject: external.subject.clone() })
            .collect(),
        created_by: user.created_by.clone(),
        created_at: user.created_at,
        last_login_at: user.last_login_at,
        version: user.version,
    }
}

impl From<identity::PeopleError> for Undone {
    fn from(error: identity::PeopleError) -> Self {
        use identity::PeopleError as Error;
        let text = error.to_string();
        Self::Refused(match error {
            Error::NotFound(what) => ApiProblem::not_found(what),
            Error::Name(_) | Error::NoRole => ApiProblem::bad(text),
            Error::Taken | Error::Sent | Error::Changed(_) | Error::LastOwner | Error::Full(_) => {
                ApiProblem::conflict(text)
            }
            Error::Wider => ApiProblem::not_permitted(text),
            Error::Database(_) => ApiProblem::internal(&error),
        })
    }
}
