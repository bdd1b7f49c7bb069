//! Errors in the words of each dialect, whole and inside streams.

use crate::endpoint::{Dialect, Endpoint};
use bytes::Bytes;
use serde_json::json;

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

/// The event that ends a stream with an error, well-formed for the official clients.
pub fn error_event(endpoint: Endpoint, error: &ApiError<'_>) -> Bytes {
    let text = match endpoint {
        Endpoint::Messages | Endpoint::CountTokens => format!("event: error\ndata: {}\n\n", anthropic(error)),
        Endpoint::Responses => {
            let data = json!({"type": "error", "code": error.code, "message": error.message, "param": null, "sequence_number": 0});
            format!("event: error\ndata: {data}\n\n")
        }
        _ => format!("data: {}\n\n", json!({"error": openai(error)})),
    };
    text.into()
}

fn openai(error: &ApiError<'_>) -> serde_json::Value {
    let kind = match error.status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    };
    json!({"message": error.message, "type": kind, "param": null, "code": error.code})
}

fn anthropic(error: &ApiError<'_>) -> serde_json::Value {
    let kind = match error.status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    };
    let message = format!("{} [{}]", error.message, error.code);
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": error.request_id})
}
