//! What handlers take from requests; what does not fit is a problem document, never axum's plain text.

use crate::problem::ApiProblem;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use picket_identity::Origin;
use picket_llm::tape::Tape;
use picket_signals::SIGNALS_MAX;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::convert::Infallible;
use std::net::SocketAddr;

/// Characters of a parser's complaint that are passed on.
const COMPLAINT_CHARS_MAX: usize = 300;

/// A JSON body, in and out. Members that the type does not know are refused, and so is what the gateway would refuse:
/// members that are there twice, and depth without end.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiProblem> {
        if !is_json(request.headers()) {
            return Err(ApiProblem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "send JSON, with `Content-Type: application/json`",
            ));
        }
        let body = whole(request, state).await?;
        scanned(&body)?;
        // Serde would take a list for a structure, member by member.
        if body.trim_ascii_start().first() == Some(&b'[') {
            return Err(ApiProblem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_body",
                "expected an object, found a list",
            ));
        }
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let complaint: String = error.to_string().chars().take(COMPLAINT_CHARS_MAX).collect();
            if error.is_data() {
                ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", complaint)
            } else {
                ApiProblem::new(StatusCode::BAD_REQUEST, "malformed_json", complaint)
            }
        })
    }
}

/// The body of a request, if it is not too long.
async fn whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiProblem> {
    Bytes::from_request(request, state).await.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiProblem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("a request to this API has at most {} bytes", crate::routes::BODY_BYTES_MAX),
        ),
        _ => ApiProblem::bad("the body was cut before its end"),
    })
}

/// Refuses JSON that the gateway would refuse.
fn scanned(text: &[u8]) -> Result<(), ApiProblem> {
    Tape::scan(text)
        .map(drop)
        .map_err(|error| ApiProblem::new(StatusCode::BAD_REQUEST, "malformed_json", error.to_string()))
}

/// Signals: an object, a list of them, or a line for each (`application/x-ndjson`).
#[derive(Debug)]
pub(crate) struct Signals {
    /// Each, or what is wrong with its line: one that is no JSON says nothing against the others.
    pub(crate) values: Vec<Result<Value, String>>,
    /// Whether it was one, and no list: then it is refused as a whole.
    pub(crate) is_one: bool,
}

impl<S: Send + Sync> FromRequest<S> for Signals {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiProblem> {
        let (is_json, is_lines) = (is_json(request.headers()), is_lines(request.headers()));
        if !is_json && !is_lines {
            return Err(ApiProblem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "send JSON with `Content-Type: application/json`, or a line for each with `application/x-ndjson`",
            ));
        }
        let body = whole(request, state).await?;
        let malformed = |cause: String| ApiProblem::new(StatusCode::BAD_REQUEST, "malformed_json", cause);
        let parsed = |text: &[u8]| picket_llm::tape::strict(text).map_err(|error| error.to_string());
        let (values, is_one) = if is_lines {
            let lines = body.split(|byte| *byte == b'\n').zip(1..);
            let lines = lines.filter(|(line, _)| !line.trim_ascii().is_empty());
            let numbered =
                |(line, number): (&[u8], u64)| parsed(line).map_err(|cause| format!("line {number}: {cause}"));
            (lines.take(SIGNALS_MAX + 1).map(numbered).collect::<Vec<_>>(), false)
        } else {
            match parsed(&body).map_err(malformed)? {
                Value::Array(values) => (values.into_iter().map(Ok).collect(), false),
                value => (vec![Ok(value)], true),
            }
        };
        if let Some(Err(first)) = values.first()
            && values.iter().all(Result::is_err)
        {
            return Err(malformed(first.clone()));
        }
        if !(1..=SIGNALS_MAX).contains(&values.len()) {
            return Err(ApiProblem::bad(format!("a request has 1 to {SIGNALS_MAX} signals")));
        }
        Ok(Self { values, is_one })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Where a request comes from, and with what.
#[derive(Debug)]
pub(crate) struct Came(pub(crate) Origin);

impl<S: Send + Sync> FromRequestParts<S> for Came {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned);
        std::future::ready(Ok(Self(Origin { address, agent }))).await
    }
}

/// The parameters of the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiProblem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_misfit| ApiProblem::not_found("path"))
    }
}

fn media(headers: &HeaderMap) -> String {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_lines(headers: &HeaderMap) -> bool {
    matches!(media(headers).as_str(), "application/x-ndjson" | "application/ndjson" | "application/jsonl")
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let media = media(headers);
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}
