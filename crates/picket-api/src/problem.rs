//! Errors as problem documents (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use picket_api_types::Problem;
use picket_db::WriteError;
use picket_event::ids::RequestId;
use picket_query::QueryError;
use picket_stdx::{Clock, error_chain};
use std::fmt;

/// When to try again after a 503, in seconds.
const RETRY_AFTER_S: &str = "5";
/// The same after a 429: one more attempt on an account is taken then at the latest.
const RETRY_AFTER_LIMITED_S: &str = "12";

/// An error of the API.
#[derive(Debug)]
pub struct ApiProblem(Box<Problem>);

impl ApiProblem {
    /// A problem of a kind, with what to do about it.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem {
            kind: format!("urn:picket:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: Some(detail.into()),
            code: code.to_owned(),
            request_id: RequestId::new(Clock::system().now()).to_string(),
            column: None,
            suggestion: None,
            problems: Vec::new(),
            retryable: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
        }))
    }

    /// 400.
    pub fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// 409.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 503: as much of it is being done as may be at a time.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
    }

    /// 500; the cause goes to the program's log only.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        let problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "the server failed; its log has the cause under this request id",
        );
        tracing::error!(request_id = %problem.0.request_id, error = %error_chain(error), "a request to the control API failed");
        problem
    }

    /// 403.
    pub fn not_permitted(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_permitted", detail)
    }

    /// The same request may succeed later.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// The name that was probably meant.
    #[must_use]
    pub fn with_suggestion(mut self, suggestion: Option<&str>) -> Self {
        self.0.suggestion = suggestion.map(str::to_owned);
        self
    }

    /// The status of its answer.
    pub(crate) fn status(&self) -> u16 {
        self.0.status
    }

    /// The single problems, where there are several.
    pub fn problems(&self) -> &[String] {
        &self.0.problems
    }

    /// Several single problems.
    #[must_use]
    pub fn with_problems(mut self, problems: Vec<String>) -> Self {
        self.0.problems = problems;
        self
    }

    /// A write that did not happen.
    pub fn write<E: std::error::Error>(error: &WriteError<E>) -> Self {
        match error {
            WriteError::Busy | WriteError::Failed(_) | WriteError::Closed => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "audit_unavailable",
                "nothing was done, because it cannot be recorded now; try again later",
            ),
            WriteError::Job(error) => Self::internal(error),
            WriteError::Panicked(name) => Self::internal(&std::io::Error::other(*name)),
        }
    }

    /// A filter that cannot be read.
    pub(crate) fn query(error: &QueryError) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "invalid_filter", error.to_string());
        problem.0.column = Some(error.column);
        problem.0.suggestion.clone_from(&error.suggestion);
        problem
    }
}

impl fmt::Display for ApiProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.detail.as_deref().unwrap_or(&self.0.title))
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_LIMITED_S));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Ok(id) = HeaderValue::from_str(&self.0.request_id) {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }
}

impl From<picket_log::ReadError> for ApiProblem {
    fn from(error: picket_log::ReadError) -> Self {
        match error {
            picket_log::ReadError::Absent(_) => Self::not_found("entry; retention may have dropped it"),
            other => Self::internal(&other),
        }
    }
}

impl From<picket_search::SearchError> for ApiProblem {
    fn from(error: picket_search::SearchError) -> Self {
        use picket_search::SearchError as Error;
        match error {
            Error::Field(_) | Error::Cursor | Error::TwoCursors | Error::PrefixTooShort { .. } | Error::Interval(_) => {
                Self::bad(error.to_string())
            }
            Error::Index(_) | Error::Damaged | Error::Log(_) => Self::internal(&error),
        }
    }
}

impl From<picket_db::ReadError<rusqlite::Error>> for ApiProblem {
    fn from(error: picket_db::ReadError<rusqlite::Error>) -> Self {
        Self::internal(&error)
    }
}
