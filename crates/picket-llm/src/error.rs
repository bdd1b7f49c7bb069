//! Errors in the words of each dialect, whole and inside streams.
//!
//! The official clients take `error.message` of a body for their exception's text and keep the rest of `error` beside
//! it; they try again by themselves at 408, 409, 429 and 5xx only. In a stream, OpenAI's raise whatever event has a
//! member `error`, on every endpoint; Anthropic's raise the event that is named `error`.

use crate::endpoint::{Dialect, Endpoint};
use bytes::Bytes;
use serde_json::{Value, json};

/// An error for a caller.
#[derive(Debug, Clone)]
pub struct ApiError<'a> {
    /// HTTP status.
    pub status: u16,
    /// A stable code, such as `content_blocked`.
    pub code: &'a str,
    /// What happened and what to do, never the caller's or the provider's words.
    pub message: &'a str,
    /// The request, to find it in the log.
    pub request_id: &'a str,
}

/// The body of an error answer.
pub fn error_body(dialect: Dialect, error: &ApiError<'_>) -> Bytes {
    let body = match dialect {
        Dialect::OpenAi => json!({"error": openai(error), "request_id": error.request_id}),
        Dialect::Anthropic => anthropic(error),
    };
    body.to_string().into()
}

/// The event that ends a stream with an error. Nothing may follow it.
pub fn error_event(endpoint: Endpoint, error: &ApiError<'_>) -> Bytes {
    let text = match (endpoint, endpoint.dialect()) {
        (_, Dialect::Anthropic) => format!("event: error\ndata: {}\n\n", anthropic(error)),
        (Endpoint::Responses, _) => {
            let data = json!({
                "type": "error", "code": error.code, "message": error.message, "param": null, "sequence_number": 0,
                "error": openai(error),
            });
            format!("event: error\ndata: {data}\n\n")
        }
        _ => format!("data: {}\n\n", json!({"error": openai(error)})),
    };
    text.into()
}

fn openai(error: &ApiError<'_>) -> Value {
    let kind = match error.status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    };
    json!({"message": error.message, "type": kind, "param": null, "code": error.code})
}

/// Anthropic's errors have no code; it stands at the end of the message, and beside it for those who look.
fn anthropic(error: &ApiError<'_>) -> Value {
    let kind = match error.status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        504 => "timeout_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    };
    let message = format!("{} [{}]", error.message, error.code);
    json!({
        "type": "error", "error": {"type": kind, "message": message, "code": error.code}, "request_id": error.request_id,
    })
}

#[cfg(test)]
mod tests;
