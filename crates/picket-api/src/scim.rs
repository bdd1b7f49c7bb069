//! SCIM 2.0: an identity provider makes, changes and removes the users and groups that it sends, and sees no others.
//!
//! Every change is an act like others: it and its event become durable together, or neither. Errors have the standard's
//! form, those of the gate included.

mod answer;
mod groups;
mod users;

use crate::act::Undone;
use crate::extract::is_json;
use crate::problem::ApiProblem;
use crate::state::State;
use answer::{Listed, Shown};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use picket_identity::{PeopleError, ProvisionError, ScimSettings};
use picket_llm::tape::Tape;
use picket_scim::{self as scim, ScimError};
use serde_json::Value;
use std::sync::Arc;

pub(crate) use answer::{LISTING, shape};

/// Where it is.
pub(crate) const BASE: &str = "/scim/v2";
/// The longest body of a request.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Its routes; the table has the permission that each needs.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(provider))
        .route("/scim/v2/ResourceTypes", get(types))
        .route("/scim/v2/ResourceTypes/{id}", get(one_type))
        .route("/scim/v2/Schemas", get(schemas))
        .route("/scim/v2/Schemas/{id}", get(one_schema))
        .route("/scim/v2/Users", get(users::list).post(users::create))
        .route("/scim/v2/Users/{id}", get(users::get).put(users::put).patch(users::patch).delete(users::delete))
        .route("/scim/v2/Groups", get(groups::list).post(groups::create))
        .route("/scim/v2/Groups/{id}", get(groups::get).put(groups::put).patch(groups::patch).delete(groups::delete))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

async fn provider() -> Shown {
    std::future::ready(Shown::plain(scim::service_provider(BASE, answer::COUNT_MAX))).await
}

async fn types() -> Shown {
    std::future::ready(Listed::whole(scim::resource_types(BASE)).into()).await
}

async fn schemas() -> Shown {
    std::future::ready(Listed::whole(scim::schemas(BASE)).into()).await
}

async fn one_type(path: crate::extract::Path<String>) -> Result<Shown, ApiProblem> {
    std::future::ready(named(scim::resource_types(BASE), &path.0)).await
}

async fn one_schema(path: crate::extract::Path<String>) -> Result<Shown, ApiProblem> {
    std::future::ready(named(scim::schemas(BASE), &path.0)).await
}

fn named(all: Vec<Value>, id: &str) -> Result<Shown, ApiProblem> {
    let found = all.into_iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id));
    found.map(Shown::plain).ok_or_else(|| ApiProblem::not_found("resource"))
}

/// What the operator says of SCIM; without it nobody is sent.
fn configured(state: &State) -> Result<Arc<ScimSettings>, ApiProblem> {
    let detail = "this server takes no users from a provider; its operator configures `identity: { scim: … }`";
    state.identity.scim().ok_or_else(|| ApiProblem::new(StatusCode::NOT_FOUND, "scim_not_configured", detail))
}

/// A body that was sent: JSON as everywhere, of a bounded length.
#[derive(Debug)]
struct Sent(Value);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiProblem> {
        if !is_json(request.headers()) {
            let detail = "send JSON, with `Content-Type: application/scim+json`";
            return Err(ApiProblem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let body = Bytes::from_request(request, state).await.map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                let detail = format!("a request has at most {BODY_BYTES_MAX} bytes; send members in several");
                ApiProblem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
            }
            _ => ApiProblem::bad("the body was cut before its end"),
        })?;
        Tape::scan(&body).map_err(|error| refused(ScimError::bad("invalidSyntax", error.to_string())))?;
        let parsed = serde_json::from_slice(&body);
        parsed.map(Self).map_err(|_error| refused(ScimError::bad("invalidSyntax", "this is no JSON")))
    }
}

/// The version that a request was made for (RFC 7644, 3.14); `Err` when it names one that there never is.
fn seen(headers: &HeaderMap) -> Result<Option<u64>, ApiProblem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.trim_start_matches("W/").trim_matches('"').parse();
    version.map(Some).map_err(|_error| changed("it has another version"))
}

fn changed(detail: &str) -> ApiProblem {
    ApiProblem::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", detail)
}

/// An error of SCIM; its word is the problem's code, which the answer's shape puts in its place.
fn refused(error: ScimError) -> ApiProblem {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    ApiProblem::new(status, error.kind.unwrap_or("invalid_request"), error.detail)
}

impl From<ProvisionError> for Undone {
    fn from(error: ProvisionError) -> Self {
        match error {
            ProvisionError::People(error) => match error {
                PeopleError::Taken => Self::Refused(refused(ScimError {
                    status: 409,
                    kind: Some("uniqueness"),
                    detail: "a user or group of this name, or this external id, is there already; what SCIM did not make it does not take over".to_owned(),
                })),
                PeopleError::Changed(_) => Self::Refused(changed(&error.to_string())),
                other => other.into(),
            },
            ProvisionError::Scim(error) => Self::Refused(refused(error)),
            ProvisionError::Record(error) => Self::Failed(error),
        }
    }
}
