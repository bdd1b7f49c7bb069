//! The system itself.

use crate::auth::Caller;
use crate::extract::Json;
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use picket_api_types::{Health, Reloaded, WhoAmI};

pub(crate) async fn health(Shared(state): Shared<State>, _caller: Caller) -> Result<Json<Health>, ApiProblem> {
    state.blocking(|state| Ok(Json(state.control.health()))).await
}

/// 200 when requests are served, 503 with the cause in a word when not: who asks shows no token, and `/v1/health` says more.
pub(crate) async fn ready(Shared(state): Shared<State>) -> Result<Response, ApiProblem> {
    let answer = match state.blocking(|state| Ok(state.control.not_ready())).await? {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(cause) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {cause}\n")),
    };
    Ok(answer.into_response())
}

pub(crate) async fn metrics(Shared(state): Shared<State>) -> Result<Response, ApiProblem> {
    let text = state.blocking(|state| Ok(state.control.metrics())).await?;
    let mut response = text.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    Ok(response)
}

pub(crate) async fn whoami(caller: Caller) -> Json<WhoAmI> {
    let workspace_id = caller.workspace().to_string();
    Json(WhoAmI { id: caller.id().to_owned(), name: caller.name(), role: caller.roles().to_string(), workspace_id })
}

pub(crate) async fn reload(Shared(state): Shared<State>, caller: Caller) -> Result<Json<Reloaded>, ApiProblem> {
    state.blocking(move |state| state.control.reload(caller.id())).await.map(Json)
}
