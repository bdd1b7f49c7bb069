//! The second factor of who asks.

use super::login::renewed;
use crate::auth::Caller;
use crate::extract::{Came, Json};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use axum::response::Response;
use http::StatusCode;
use picket_api_types::{TotpBegun, TotpCode};

/// A new secret, of which nothing counts until a code of it was shown.
pub(crate) async fn begin(
    Shared(state): Shared<State>,
    caller: Caller,
    Came(origin): Came,
) -> Result<(StatusCode, Json<TotpBegun>), ApiProblem> {
    let begun = state.blocking(move |state| {
        let (_session, user) = caller.confirmed_session(state)?;
        let begun = state.identity.begin_totp(user, &origin).map_err(|error| ApiProblem::login(&error))?;
        Ok(TotpBegun { secret: begun.secret, uri: begun.uri })
    });
    begun.await.map(|begun| (StatusCode::CREATED, Json(begun)))
}

pub(crate) async fn confirm(
    Shared(state): Shared<State>,
    caller: Caller,
    Came(origin): Came,
    Json(wanted): Json<TotpCode>,
) -> Result<Response, ApiProblem> {
    let is_cookie = caller.is_cookie();
    let confirmed = state.blocking(move |state| {
        let (session, _user) = caller.session()?;
        state.identity.confirm_totp(session, &wanted.code, &origin).map_err(|error| ApiProblem::login(&error))
    });
    let confirmed = confirmed.await?;
    Ok(renewed(&confirmed.token, confirmed.recovery_codes, is_cookie))
}

/// Ends it, and every session with it.
pub(crate) async fn end(
    Shared(state): Shared<State>,
    caller: Caller,
    Came(origin): Came,
) -> Result<StatusCode, ApiProblem> {
    let ended = state.blocking(move |state| {
        let (_session, user) = caller.confirmed_session(state)?;
        state.identity.end_totp(user, &origin).map_err(|error| ApiProblem::login(&error))
    });
    ended.await.map(|()| StatusCode::NO_CONTENT)
}
