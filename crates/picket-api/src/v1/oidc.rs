//! Signing in through the identity provider: there, back, and on in the program that asked.

use super::login::entered;
use super::parameters::Parameters;
use crate::browser;
use crate::extract::{Came, Json};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use picket_api_types::SsoSession;
use picket_identity::{Callback, Oidc, OidcError, Wanted};
use std::time::Duration;

/// Parameters of the way there.
pub(crate) const BEGIN: &[&str] = &["port", "challenge"];
/// Parameters of the way back; providers add some of their own.
pub(crate) const BACK: &[&str] = &["state", "code", "error", "iss"];

/// How long a browser keeps what binds it to its sign-in.
const BINDING_LIFE: Duration = Duration::from_secs(600);
/// What somebody sees who came back.
const DONE: &str = "<!doctype html><title>Picket</title><p>You are signed in. You may close this window.\n";

/// Sends somebody to the provider.
pub(crate) async fn begin(
    Shared(state): Shared<State>,
    Came(origin): Came,
    parameters: Parameters,
) -> Result<Response, ApiProblem> {
    parameters.only(&[BEGIN])?;
    let oidc = provider(&state)?;
    let wanted = match (parameters.number("port")?, parameters.get("challenge")) {
        (None, None) => Wanted::Browser,
        (Some(port @ 1_024..), Some(challenge)) if is_challenge(challenge) => {
            Wanted::Loopback { port, challenge: challenge.to_owned() }
        }
        _ => return Err(ApiProblem::bad("a program gives `port`, from 1024, and `challenge`, SHA-256 as base64url")),
    };
    state.identity.may_go(&origin).map_err(|limited| ApiProblem::login(&limited.into()))?;
    let begun = oidc.begin(wanted).await.map_err(|error| ApiProblem::oidc(&error))?;
    let mut response = to(&begun.url)?;
    let binding = browser::binding(Some(&begun.binding), BINDING_LIFE);
    response.headers_mut().extend(binding.map(|value| (header::SET_COOKIE, value)));
    Ok(response)
}

/// Somebody comes back from the provider.
pub(crate) async fn back(
    Shared(state): Shared<State>,
    Came(origin): Came,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiProblem> {
    let oidc = provider(&state)?;
    let get = |name: &str| parameters.get(name).map(str::to_owned);
    let callback = Callback {
        state: get("state").unwrap_or_default(),
        code: get("code"),
        error: get("error"),
        issuer: get("iss"),
    };
    let binding = browser::bound(&headers).unwrap_or_default();
    let vouched = oidc.finish(&callback, binding).await.map_err(|error| refused(&state, &error))?;
    let mut response = match vouched.wanted {
        Wanted::Loopback { port, .. } => {
            let code = oidc.hand_over(vouched).map_err(|error| ApiProblem::oidc(&error))?;
            to(&format!("http://127.0.0.1:{port}/?code={code}"))?
        }
        Wanted::Browser => {
            let admitted = state.blocking(move |state| {
                state.identity.admit(&oidc, vouched, &origin).map_err(|error| refused(state, &error))
            });
            let token = admitted.await?.token;
            let page = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            let mut response = (StatusCode::OK, page, DONE).into_response();
            let session = browser::cookie(Some(token.reveal()), picket_identity::LIFE);
            response.headers_mut().extend(session.map(|value| (header::SET_COOKIE, value)));
            response
        }
    };
    let gone = browser::binding(None, BINDING_LIFE);
    response.headers_mut().extend(gone.map(|value| (header::SET_COOKIE, value)));
    Ok(response)
}

/// Gives the program that asked its session.
pub(crate) async fn session(
    Shared(state): Shared<State>,
    Came(origin): Came,
    Json(wanted): Json<SsoSession>,
) -> Result<Response, ApiProblem> {
    let oidc = provider(&state)?;
    let admitted = state.blocking(move |state| {
        let vouched = oidc.take_over(&wanted.code, &wanted.verifier).map_err(|error| ApiProblem::oidc(&error))?;
        let signed_in = state.identity.admit(&oidc, vouched, &origin).map_err(|error| refused(state, &error))?;
        entered(state, signed_in)
    });
    let (answer, token) = admitted.await?;
    let session = Some(token.reveal().to_owned());
    Ok(Json(picket_api_types::SignedIn { session, ..answer }).into_response())
}

/// Somebody did not come in, which counts.
fn refused(state: &State, error: &OidcError) -> ApiProblem {
    state.identity.count_failure();
    ApiProblem::oidc(error)
}

fn provider(state: &State) -> Result<Oidc, ApiProblem> {
    state.identity.oidc().ok_or_else(|| {
        ApiProblem::new(
            StatusCode::NOT_FOUND,
            "sso_not_configured",
            "no identity provider is configured: `identity: { oidc: … }`",
        )
    })
}

/// Whether a text is 32 bytes in base64url.
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn to(url: &str) -> Result<Response, ApiProblem> {
    let place = HeaderValue::try_from(url).map_err(|error| ApiProblem::internal(&error))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response())
}

impl ApiProblem {
    /// Somebody did not come in through the provider. What it did wrong is for the operator's log.
    pub(crate) fn oidc(error: &OidcError) -> Self {
        let text = error.to_string();
        let problem = match error {
            OidcError::Login(error) => return Self::login(error),
            OidcError::State => return Self::new(StatusCode::BAD_REQUEST, "sso_state", text),
            OidcError::Denied(_) => return Self::new(StatusCode::UNAUTHORIZED, "sso_denied", text),
            OidcError::NoRole => return Self::new(StatusCode::FORBIDDEN, "sso_no_role", text),
            OidcError::Taken(_) => return Self::new(StatusCode::CONFLICT, "sso_name_taken", text),
            OidcError::Unnamed => return Self::new(StatusCode::FORBIDDEN, "sso_unnamed", text),
            OidcError::Suspended => return Self::new(StatusCode::FORBIDDEN, "sso_suspended", text),
            OidcError::Busy => return Self::busy(text),
            OidcError::Token(_) => Self::new(StatusCode::UNAUTHORIZED, "sso_token_refused", text),
            OidcError::Settings(_) | OidcError::Down(_) | OidcError::Status(_) | OidcError::Lies(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "sso_provider_failed",
                "the identity provider failed; the server's log says how",
            ),
        };
        tracing::warn!(error = %picket_stdx::error_chain(error), "nobody came in through the identity provider");
        problem
    }
}
