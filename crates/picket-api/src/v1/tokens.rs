//! API tokens, and the first of them.

use super::keys;
use crate::act::About;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use ipnet::IpNet;
use picket_api_types::{CreateToken, CreatedToken, SetupRequest, Token};
use picket_event::{EventType, Workspace};
use picket_log::AppendError;
use picket_stdx::Timestamp;
use picket_store::credentials::{self, Details};
use picket_store::{Credential, NewCredential, ParseRoleError, Permission, Role, Roles, TokenKind};
use std::sync::Arc;

/// The role of tokens with which an identity provider sends users; no user has it.
const SCIM: &str = "scim";

pub(crate) async fn list(Shared(state): Shared<State>, caller: Caller) -> Json<Vec<Token>> {
    let now = state.log.clock().now();
    let all = state.credentials.list(caller.workspace());
    Json(all.iter().filter(|credential| is_token(credential)).map(|credential| view(credential, now)).collect())
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateToken>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiProblem> {
    if wanted.role.trim() == SCIM {
        return sending(&state, caller, wanted).await;
    }
    let roles: Roles = wanted.role.parse().map_err(|error: ParseRoleError| ApiProblem::bad(error.to_string()))?;
    let scopes = scopes(wanted.scopes, caller.scopes())?;
    let permissions = credentials::narrowed(roles, &scopes);
    if !caller.permissions().may_grant(permissions) {
        return Err(ApiProblem::not_permitted("a token may do at most what its maker may"));
    }
    let expires = keys::life(wanted.expires.as_deref())?;
    let addresses = within(keys::addresses(&wanted.addresses)?, caller.addresses())?;
    let details = Details { addresses, scopes, ..Details::default() };
    let kind = if roles == Role::Service.into() { TokenKind::Service } else { TokenKind::Personal };
    created(&state, caller, (kind, roles), wanted.name, details, expires).await
}

/// A token with which an identity provider sends users: whoever makes one can make tokens and users himself.
async fn sending(
    state: &State,
    caller: Caller,
    wanted: CreateToken,
) -> Result<(StatusCode, Json<CreatedToken>), ApiProblem> {
    if !wanted.scopes.is_empty() {
        return Err(ApiProblem::bad("a token of the role scim has no scopes: it does one thing"));
    }
    if !makes_users(&caller) {
        return Err(ApiProblem::not_permitted("a token may do at most what its maker may"));
    }
    let expires = keys::life(wanted.expires.as_deref())?;
    let addresses = within(keys::addresses(&wanted.addresses)?, caller.addresses())?;
    let details = Details { addresses, ..Details::default() };
    created(state, caller, (TokenKind::Scim, Role::Service.into()), wanted.name, details, expires).await
}

fn makes_users(caller: &Caller) -> bool {
    caller.may(Permission::WriteTokens) && caller.may(Permission::WriteUsers)
}

/// The networks of a new token: never wider than its maker's, and the same where none are named.
fn within(wanted: Vec<IpNet>, maker: &[IpNet]) -> Result<Vec<IpNet>, ApiProblem> {
    if maker.is_empty() {
        Ok(wanted)
    } else if wanted.is_empty() {
        Ok(maker.to_vec())
    } else if wanted.iter().all(|net| maker.iter().any(|allowed| allowed.contains(net))) {
        Ok(wanted)
    } else {
        Err(ApiProblem::not_permitted("a token has at most its maker's addresses"))
    }
}

/// The scopes of a new token: words that there are, never beyond its maker's, and the same where none are named.
fn scopes(wanted: Vec<String>, maker: &[String]) -> Result<Vec<String>, ApiProblem> {
    let known = || Permission::ALL.iter().filter_map(|permission| permission.scope());
    if let Some(unknown) = wanted.iter().find(|scope| known().all(|known| known != scope.as_str())) {
        let detail = format!("a scope is one of {}", known().collect::<Vec<_>>().join(", "));
        return Err(ApiProblem::bad(detail).with_suggestion(picket_query::nearest(unknown, known())));
    }
    Ok(if wanted.is_empty() { maker.to_vec() } else { wanted })
}

pub(crate) async fn revoke(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Token>, ApiProblem> {
    let found = state.credentials.get(caller.workspace(), &id).filter(|credential| is_token(credential));
    let found = found.ok_or_else(|| ApiProblem::not_found("token"))?;
    let may = match found.kind {
        TokenKind::Scim => makes_users(&caller),
        _ => caller.permissions().may_grant(found.permissions()),
    };
    if !may {
        return Err(ApiProblem::not_permitted("this token may do more than you"));
    }
    let now = state.log.clock().now();
    let is_owner =
        |token: &&Arc<Credential>| is_token(token) && token.roles.has(Role::Owner) && token.status(now) == "active";
    let owners = state.credentials.list(caller.workspace());
    let mut owners = owners.iter().filter(is_owner).map(|token| token.id.as_str());
    if owners.next() == Some(&id) && owners.next().is_none() {
        return Err(ApiProblem::conflict("this is the only owner's token that is left; make another one first"));
    }
    let workspace = caller.workspace().clone();
    keys::end(&state, caller, &id, "key.revoked").await?;
    let token = state.credentials.get(&workspace, &id).ok_or_else(|| ApiProblem::not_found("token"))?;
    Ok(Json(view(&token, state.log.clock().now())))
}

/// Trades the set-up token for the first owner's token; it works once.
pub(crate) async fn setup(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<SetupRequest>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiProblem> {
    let now = state.log.clock().now();
    let new =
        named(&state, &caller, (TokenKind::Admin, Role::Owner.into()), wanted.name, Details::default(), keys::LIFE)?;
    let workspace = new.workspace.clone();
    // One transaction: a set-up token that is used up has made an owner, whatever happens in between.
    let traded = state.blocking(move |state| {
        let (credentials, old) = (state.credentials.clone(), caller.id().to_owned());
        let made = state.act_if_some(&caller, "credentials.trade", move |tx| {
            let made = credentials.trade(tx, &old, &new).map_err(AppendError::Database)?;
            Ok(made.map(|(secret, id)| {
                let target = format!("credential:{id}");
                let about = About { event_type: EventType::of("admin.setup"), target, reason: None };
                ((secret.reveal().to_owned(), id), about)
            }))
        })?;
        made.ok_or_else(|| ApiProblem::conflict("this set-up token was used already"))
    });
    let (token, id) = traded.await?;
    shown(&state, &workspace, (token, &id), now)
}

async fn created(
    state: &State,
    caller: Caller,
    kind: (TokenKind, Roles),
    name: String,
    details: Details,
    life: std::time::Duration,
) -> Result<(StatusCode, Json<CreatedToken>), ApiProblem> {
    let new = named(state, &caller, kind, name, details, life)?;
    let (now, workspace) = (new.created_at, new.workspace.clone());
    let (token, id) = keys::make(state, caller, new, "key.created").await?;
    shown(state, &workspace, (token, &id), now)
}

/// A credential to be made, if its name is one.
fn named(
    state: &State,
    caller: &Caller,
    (kind, roles): (TokenKind, Roles),
    name: String,
    details: Details,
    life: std::time::Duration,
) -> Result<NewCredential, ApiProblem> {
    keys::check_name(&name)?;
    let now = state.log.clock().now();
    Ok(NewCredential {
        kind,
        roles,
        workspace: caller.workspace().clone(),
        name: Some(name),
        details,
        created_by: caller.id().to_owned(),
        created_at: now,
        expires_at: Some(now.plus(life)),
    })
}

fn shown(
    state: &State,
    workspace: &Workspace,
    (token, id): (String, &str),
    now: Timestamp,
) -> Result<(StatusCode, Json<CreatedToken>), ApiProblem> {
    let credential = state.credentials.get(workspace, id).ok_or_else(|| ApiProblem::not_found("token"))?;
    Ok((StatusCode::CREATED, Json(CreatedToken { token, credential: view(&credential, now) })))
}

fn is_token(credential: &Credential) -> bool {
    matches!(credential.kind, TokenKind::Personal | TokenKind::Service | TokenKind::Admin | TokenKind::Scim)
}

fn view(credential: &Credential, now: Timestamp) -> Token {
    Token {
        id: credential.id.clone(),
        name: credential.name.clone().unwrap_or_default(),
        role: if credential.kind == TokenKind::Scim { SCIM.to_owned() } else { credential.roles.to_string() },
        scopes: credential.details.scopes.clone(),
        status: credential.status(now).to_owned(),
        created_at: credential.created_at,
        expires_at: credential.expires_at,
        last_used_at: credential.last_used_at(),
    }
}
