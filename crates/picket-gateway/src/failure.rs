//! Refusals and failures, in the dialect of the caller.

use crate::serve::Body;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use picket_egress::EgressError;
use picket_event::{Decision, Outcome};
use picket_llm::{ApiError, Dialect, error_body};
use std::time::Duration;

/// Why a request ends without the provider's answer.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) decision: Decision,
    pub(crate) outcome: Outcome,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) escalation: Option<String>,
}

impl Refusal {
    /// The caller's mistake, or a request that is not allowed.
    pub(crate) fn refused(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let (decision, outcome) = (Decision::Blocked, Outcome::Refused);
        Self { status, code, message: message.into(), decision, outcome, retry_after: None, escalation: None }
    }

    /// A failure that is not the caller's.
    pub(crate) fn failed(status: u16, code: &'static str, message: impl Into<String>, outcome: Outcome) -> Self {
        Self { decision: Decision::Error, outcome, ..Self::refused(status, code, message) }
    }

    /// A provider brought no answer.
    pub(crate) fn unreachable(error: &EgressError) -> Self {
        match error {
            EgressError::Timeout(_) => {
                Self::failed(504, "provider_timeout", "the provider did not answer in time", Outcome::Timeout)
            }
            _ => Self::failed(502, "provider_unreachable", "the provider cannot be reached", Outcome::UpstreamError),
        }
    }

    /// Nothing can be recorded, so nothing is done.
    pub(crate) fn unrecorded(cause: &str) -> Self {
        let message = format!("the gateway cannot record requests now ({cause}); try again later");
        let refusal = Self::failed(503, "audit_unavailable", message, Outcome::Refused);
        Self { retry_after: Some(Duration::from_secs(1)), ..refusal }
    }

    pub(crate) fn response(&self, dialect: Dialect, request_id: &str) -> Response<Body> {
        let error = ApiError { status: self.status, code: self.code, message: &self.message, request_id };
        let mut response = Response::new(whole(error_body(dialect, &error)));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if let Some(id) = self.escalation.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            headers.insert("picket-escalation", id);
        }
        // The official clients look here before they try again by themselves.
        let is_lasting = self.status < 500 && self.status != 429 || self.code == "provider_credentials_refused";
        if is_lasting {
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        response
    }
}

/// A body that is whole.
pub(crate) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}
