//! Signing in and out, and what a password is good for.

use crate::act::{About, Undone};
use crate::auth::Caller;
use crate::browser;
use crate::extract::{Came, Json};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use picket_api_types::{ChangePassword, ConfirmRequest, LoginRequest, Renewed, SignedIn};
use picket_event::EventType;
use picket_identity::{self as identity, LIFE, LoginError, SessionToken, Shown};

pub(crate) async fn login(
    Shared(state): Shared<State>,
    Came(origin): Came,
    (uri, headers): (Uri, HeaderMap),
    Json(wanted): Json<LoginRequest>,
) -> Result<Response, ApiProblem> {
    if wanted.cookie {
        // Nobody is signed in by a page of somebody else, as somebody else.
        browser::refuse_foreign(&Method::POST, &uri, &headers)?;
    }
    let cookie = wanted.cookie;
    let (answer, token) = state
        .blocking(move |state| {
            let shown = Shown { name: &wanted.name, password: &wanted.password, code: wanted.code.as_deref() };
            let signed_in = state.identity.login(shown, &origin).map_err(|error| ApiProblem::login(&error))?;
            entered(state, signed_in)
        })
        .await?;
    let session = (!cookie).then(|| token.reveal().to_owned());
    Ok(with_session(Json(SignedIn { session, ..answer }).into_response(), cookie.then_some(&token)))
}

/// What somebody hears who came in.
pub(super) fn entered(state: &State, signed_in: identity::SignedIn) -> Result<(SignedIn, SessionToken), ApiProblem> {
    let session = state.identity.session_by_id(&signed_in.session);
    let session = session.ok_or_else(|| ApiProblem::login(&LoginError::Refused))?;
    let answer = SignedIn {
        session: None,
        session_id: signed_in.session,
        user_id: signed_in.user.id.clone(),
        name: signed_in.user.name.clone(),
        ends_at: session.ends_at,
        second_factor_needed: !session.is_strong && state.needs_factor(signed_in.user.roles),
    };
    Ok((answer, signed_in.token))
}

pub(crate) async fn logout(Shared(state): Shared<State>, caller: Caller) -> Result<Response, ApiProblem> {
    let ended = state.blocking(move |state| {
        let (session, _user) = caller.session()?;
        let (identity, id) = (state.identity.clone(), session.id.clone());
        state.act_or(&caller, "sessions.logout", move |tx| {
            identity.end_session(tx, &id)?;
            Ok(((), About { event_type: EventType::of("auth.logout"), target: format!("session:{id}"), reason: None }))
        })
    });
    ended.await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(browser::cookie(None, LIFE).map(|value| (header::SET_COOKIE, value)));
    Ok(response)
}

/// Sets a password of his own for somebody who shows the present one.
pub(crate) async fn password(
    Shared(state): Shared<State>,
    Came(origin): Came,
    Json(wanted): Json<ChangePassword>,
) -> Result<StatusCode, ApiProblem> {
    let changed = state.blocking(move |state| {
        let shown = Shown { name: &wanted.name, password: &wanted.password, code: wanted.code.as_deref() };
        let changed = state.identity.change_password(shown, &wanted.new_password, &origin);
        changed.map(drop).map_err(|error| ApiProblem::login(&error))
    });
    changed.await.map(|()| StatusCode::NO_CONTENT)
}

/// Shows once more who sits there: for a while he may do what needs that.
pub(crate) async fn confirm(
    Shared(state): Shared<State>,
    caller: Caller,
    Came(origin): Came,
    Json(wanted): Json<ConfirmRequest>,
) -> Result<Response, ApiProblem> {
    let is_cookie = caller.is_cookie();
    let confirmed = state.blocking(move |state| {
        let (session, user) = caller.session()?;
        let shown = (wanted.password.as_str(), wanted.code.as_deref());
        state.identity.confirm(session, user, shown, &origin).map_err(|error| ApiProblem::login(&error))
    });
    Ok(renewed(&confirmed.await?, Vec::new(), is_cookie))
}

/// The answer to what gave a session another text.
pub(super) fn renewed(token: &SessionToken, recovery_codes: Vec<String>, is_cookie: bool) -> Response {
    let session = (!is_cookie).then(|| token.reveal().to_owned());
    with_session(Json(Renewed { session, recovery_codes }).into_response(), is_cookie.then_some(token))
}

fn with_session(mut response: Response, token: Option<&SessionToken>) -> Response {
    let cookie = token.and_then(|token| browser::cookie(Some(token.reveal()), LIFE));
    response.headers_mut().extend(cookie.map(|value| (header::SET_COOKIE, value)));
    response
}

impl ApiProblem {
    /// Somebody did not come in, and hears no more than he may know.
    pub(crate) fn login(error: &LoginError) -> Self {
        let text = error.to_string();
        match error {
            LoginError::Sso(_) => Self::new(StatusCode::FORBIDDEN, "sso_needed", text),
            LoginError::Limited(limited) => {
                let seconds = limited.retry_after.as_secs() + 1;
                let detail = format!("too many attempts; try again in {seconds} s");
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail)
            }
            LoginError::Busy(_) => Self::busy(text),
            LoginError::Refused => Self::new(StatusCode::UNAUTHORIZED, "wrong_credentials", text),
            LoginError::CodeNeeded => Self::new(StatusCode::UNAUTHORIZED, "code_needed", text),
            LoginError::Temporary => Self::new(StatusCode::FORBIDDEN, "password_change_needed", text),
            LoginError::Password(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", text),
            LoginError::Factor(_) => Self::conflict(text),
            LoginError::NotRecorded(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "audit_unavailable", text),
            LoginError::Log(_) | LoginError::People(_) | LoginError::Database(_) => Self::internal(error),
        }
    }
}

impl From<LoginError> for Undone {
    fn from(error: LoginError) -> Self {
        Self::Refused(ApiProblem::login(&error))
    }
}
