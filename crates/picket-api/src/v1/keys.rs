//! Gateway keys.

use crate::act::About;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{CreateKey, CreatedKey, Key};
use picket_event::EventType;
use picket_log::AppendError;
use picket_stdx::limits::NAME_BYTES_MAX;
use picket_stdx::{Timestamp, duration};
use picket_store::credentials::Details;
use picket_store::{Credential, NewCredential, Role, TokenKind};
use std::time::Duration;

/// Life of a credential that names none.
pub(crate) const LIFE: Duration = Duration::from_secs(90 * 86_400);

pub(crate) async fn list(Shared(state): Shared<State>, caller: Caller) -> Json<Vec<Key>> {
    let now = state.log.clock().now();
    let all = state.credentials.list(caller.workspace());
    Json(
        all.iter()
            .filter(|credential| credential.kind == TokenKind::GatewayKey)
            .map(|credential| view(credential, now))
            .collect(),
    )
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateKey>,
) -> Result<(StatusCode, Json<CreatedKey>), ApiProblem> {
    for name in
        [&wanted.name, &wanted.user, &wanted.team, &wanted.application].into_iter().flatten().chain(&wanted.models)
    {
        check_name(name)?;
    }
    let budget = wanted.budget.unwrap_or(0.0);
    if !budget.is_finite() || !(0.0..=1e9).contains(&budget) {
        return Err(ApiProblem::bad("a budget is between 0 and a billion US dollars"));
    }
    let now = state.log.clock().now();
    let expires_at = Some(now.plus(life(wanted.expires.as_deref())?));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let details = Details {
        user: wanted.user,
        team: wanted.team,
        application: wanted.application,
        models: wanted.models,
        budget_micro: wanted.budget.map(|budget| (budget * 1e6) as u64),
        service: wanted.service,
        addresses: addresses(&wanted.addresses)?,
        scopes: Vec::new(),
    };
    let new = NewCredential {
        kind: TokenKind::GatewayKey,
        roles: Role::Service.into(),
        workspace: caller.workspace().clone(),
        name: wanted.name,
        details,
        created_by: caller.id().to_owned(),
        created_at: now,
        expires_at,
    };
    let workspace = caller.workspace().clone();
    let (token, id) = make(&state, caller, new, "key.created").await?;
    let key = state.credentials.get(&workspace, &id).ok_or_else(|| ApiProblem::not_found("key"))?;
    Ok((StatusCode::CREATED, Json(CreatedKey { token, key: view(&key, now) })))
}

pub(crate) async fn revoke(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Key>, ApiProblem> {
    let found =
        state.credentials.get(caller.workspace(), &id).filter(|credential| credential.kind == TokenKind::GatewayKey);
    found.ok_or_else(|| ApiProblem::not_found("key"))?;
    let workspace = caller.workspace().clone();
    end(&state, caller, &id, "key.revoked").await?;
    let key = state.credentials.get(&workspace, &id).ok_or_else(|| ApiProblem::not_found("key"))?;
    Ok(Json(view(&key, state.log.clock().now())))
}

/// Makes a credential, recorded; its secret and id.
pub(crate) async fn make(
    state: &State,
    caller: Caller,
    new: NewCredential,
    event: &'static str,
) -> Result<(String, String), ApiProblem> {
    let made = state.blocking(move |state| {
        let credentials = state.credentials.clone();
        state.act(&caller, "credentials.create", move |tx| {
            let (secret, id) = credentials.create(tx, &new).map_err(AppendError::Database)?;
            let target = format!("credential:{id}");
            Ok(((secret.reveal().to_owned(), id), About { event_type: EventType::of(event), target, reason: None }))
        })
    });
    made.await
}

/// Ends a credential, recorded.
pub(crate) async fn end(state: &State, caller: Caller, id: &str, event: &'static str) -> Result<(), ApiProblem> {
    let id = id.to_owned();
    let ended = state.blocking(move |state| {
        let (credentials, workspace, now) =
            (state.credentials.clone(), caller.workspace().clone(), state.log.clock().now());
        state.act(&caller, "credentials.revoke", move |tx| {
            credentials.revoke(tx, &workspace, &id, now).map_err(AppendError::Database)?;
            Ok(((), About { event_type: EventType::of(event), target: format!("credential:{id}"), reason: None }))
        })
    });
    ended.await
}

pub(crate) fn life(text: Option<&str>) -> Result<Duration, ApiProblem> {
    let life =
        text.map_or(Ok(LIFE), |text| duration::parse(text).map_err(|error| ApiProblem::bad(error.to_string())))?;
    if life.is_zero() || life > Duration::from_secs(10 * 366 * 86_400) {
        Err(ApiProblem::bad("a credential lives at most ten years"))
    } else {
        Ok(life)
    }
}

pub(crate) fn addresses(texts: &[String]) -> Result<Vec<ipnet::IpNet>, ApiProblem> {
    let parse = |text: &String| {
        let net =
            text.parse::<ipnet::IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(ipnet::IpNet::from));
        net.ok_or_else(|| ApiProblem::bad("an address is written 10.0.0.0/8 or 10.1.2.3"))
    };
    texts.iter().map(parse).collect()
}

/// Names are shown to people and travel in headers: no control characters, no invisible ones.
pub(crate) fn check_name(name: &str) -> Result<(), ApiProblem> {
    let clean = picket_stdx::escape::terminal(name) == name;
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !clean || name.trim() != name {
        return Err(ApiProblem::bad(format!(
            "a name has 1 to {NAME_BYTES_MAX} bytes, without control or invisible characters"
        )));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "money is far below 2^52 millionths")]
fn view(credential: &Credential, now: Timestamp) -> Key {
    let details = &credential.details;
    Key {
        id: credential.id.clone(),
        name: credential.name.clone(),
        user: details.user.clone(),
        team: details.team.clone(),
        application: details.application.clone(),
        models: details.models.clone(),
        budget: details.budget_micro.map(|micro| micro as f64 / 1e6),
        spent: credential.spent_micro() as f64 / 1e6,
        service: details.service,
        status: credential.status(now).to_owned(),
        created_at: credential.created_at,
        expires_at: credential.expires_at,
        last_used_at: credential.last_used_at(),
    }
}
