//! Sending a planned answer: whole, in events, or faulty.

use super::plan::{Fault, Plan};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

/// A JSON answer.
pub(super) fn json(status: u16, body: &Value) -> Response {
    respond(status, "application/json", Body::from(body.to_string()))
}

/// The answer that a plan's fault asks for, if it ends the matter before any content.
pub(super) async fn early_fault(plan: &Plan, error: impl Fn(u16) -> Value) -> Option<Response> {
    tokio::time::sleep(plan.latency).await;
    match plan.fault.as_ref()? {
        Fault::Status(status) => Some(json(*status, &error(*status))),
        Fault::Hang => std::future::pending().await,
        Fault::Html => Some(respond(502, "text/html", Body::from("<html><h1>Bad gateway</h1></html>"))),
        Fault::Garbage => Some(respond(200, "application/json", Body::from("{\"id\": \"x\", oops"))),
        Fault::Cut(_) if !plan.stream => {
            let half = stream::iter([Ok(Bytes::from_static(b"{\"id\":")), Err(std::io::Error::other("cut"))]);
            Some(respond(200, "application/json", Body::from_stream(half)))
        }
        Fault::Cut(_) => None,
    }
}

/// A stream of events, each already framed, paced and cut as the plan says.
pub(super) fn events(plan: &Plan, frames: Vec<String>) -> Response {
    let pace = plan.pace;
    let cut = if let Some(Fault::Cut(after)) = plan.fault { Some(after) } else { None };
    let mut parts: Vec<Result<Bytes, std::io::Error>> =
        frames.into_iter().map(|frame| Ok(Bytes::from(frame))).collect();
    if let Some(after) = cut {
        parts.truncate(after);
        parts.push(Err(std::io::Error::other("cut")));
    }
    let paced = stream::iter(parts.into_iter().enumerate()).then(move |(at, part)| async move {
        if at > 0 && !pace.is_zero() {
            tokio::time::sleep(pace).await;
        }
        part
    });
    respond(200, "text/event-stream", Body::from_stream(paced))
}

/// A frame without an event name.
pub(super) fn frame(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// A frame named by the `type` of its data.
pub(super) fn named(data: &Value) -> String {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n")
}

fn respond(status: u16, media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    let id = format!("prov_{}", picket_stdx::encode::random_base62(12));
    if let Ok(value) = http::HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
