//! Requests, answers, and what they mean for what was wanted.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use picket_egress::{Call, Called, retry_after};
use picket_stdx::Clock;
use picket_store::tickets::State;
use serde_json::Value;
use std::time::Duration;

/// Bytes of an answer that are shown.
const EXCERPT_BYTES_MAX: usize = 256;

/// How requests and mails leave. What it says of an exchange without an answer is a plain sentence.
pub trait Outlet: Sync {
    /// Sends a request.
    fn call(&self, call: Call) -> impl Future<Output = Result<Called, NoAnswer>> + Send;
    /// Sends a mail.
    fn mail(&self, mail: &Mail) -> impl Future<Output = Result<(), Unsent>> + Send;
}

/// An exchange ended without an answer; whether it had an effect is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// A mail that is ready to go.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Where it goes first.
    pub host: String,
    /// Port there.
    pub port: u16,
    /// How the connection is protected.
    pub security: crate::kind::email::Security,
    /// Who sends it and who gets it.
    pub envelope: lettre::address::Envelope,
    /// The whole message, in the form of the network.
    pub bytes: Vec<u8>,
    /// User and password there.
    pub login: Option<(String, zeroize::Zeroizing<String>)>,
}

/// A mail did not go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unsent {
    /// What this means for what was wanted.
    pub then: Then,
    /// Why.
    pub why: String,
}

/// What follows from what did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The same may succeed later.
    Retry,
    /// Credentials are refused: the same may succeed when somebody has looked.
    Auth,
    /// The settings do not fit the place: the same may succeed when somebody has looked.
    Settings,
    /// This will never be taken.
    Refused,
}

/// A ticket as its system knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remote {
    /// The system's own id.
    pub id: Option<String>,
    /// What people call it, such as `SEC-42`.
    pub key: Option<String>,
    /// Where it is shown.
    pub url: Option<String>,
    /// Where it stands there, in that system's word.
    pub state: Option<String>,
    /// What that word means.
    pub stage: Option<State>,
}

/// What a system said when it was asked where a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It is there.
    There(Remote),
    /// It is not there.
    Gone,
    /// This system is only told, and tells nothing.
    Mute,
}

/// It did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Failed {
    /// What follows.
    pub then: Then,
    /// When at the earliest it is tried again.
    pub after: Option<Duration>,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why, in words that may be shown.
    pub why: String,
}

impl Failed {
    pub(crate) fn new(then: Then, why: impl Into<String>) -> Self {
        Self { then, after: None, status: None, why: why.into() }
    }
}

impl From<NoAnswer> for Failed {
    fn from(none: NoAnswer) -> Self {
        Self::new(Then::Retry, none.0)
    }
}

impl From<Unsent> for Failed {
    fn from(unsent: Unsent) -> Self {
        Self::new(unsent.then, unsent.why)
    }
}

/// What an exchange came to.
pub type Done = Result<Remote, Failed>;

/// A request with a JSON body.
pub(crate) fn json(method: Method, url: String, body: &Value) -> Call {
    let mut call = bare(method, url);
    call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    call.body = body.to_string().into();
    call
}

/// A request without a body.
pub(crate) fn bare(method: Method, url: String) -> Call {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Call { method, url, headers, body: Bytes::new() }
}

/// Gives a request a header that is a secret.
pub(crate) fn secret(call: &mut Call, name: HeaderName, value: &str) -> Result<(), Failed> {
    let refused = || Failed::new(Then::Auth, "the credential has characters that no header may have; enter it anew");
    let mut value = HeaderValue::from_str(value).map_err(|_invalid| refused())?;
    value.set_sensitive(true);
    call.headers.insert(name, value);
    Ok(())
}

/// Gives a request an `Authorization`.
pub(crate) fn authorize(call: &mut Call, value: &str) -> Result<(), Failed> {
    secret(call, AUTHORIZATION, value)
}

/// The answer's JSON; null where it is none.
pub(crate) fn document(answer: &Called) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

/// A text in a document.
pub(crate) fn text(document: &Value, pointer: &str) -> Option<String> {
    match document.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What an answer means that is no success, as most systems use statuses. `what` is what was wanted.
pub(crate) fn failed(what: &str, answer: &Called) -> Failed {
    let then = match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => Then::Auth,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS | StatusCode::CONFLICT | StatusCode::TOO_EARLY => {
            Then::Retry
        }
        status if status.is_server_error() => Then::Retry,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::PAYLOAD_TOO_LARGE => Then::Refused,
        _ => Then::Settings,
    };
    as_failed(what, answer, then)
}

/// The same, with what follows said.
pub(crate) fn as_failed(what: &str, answer: &Called, then: Then) -> Failed {
    let excerpt = excerpt(&answer.body);
    let said = if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") };
    Failed {
        then,
        after: retry_after(&answer.headers, Clock::system().now().into()),
        status: Some(answer.status.as_u16()),
        why: format!("{what}: the answer was {}{said}", answer.status.as_u16()),
    }
}

/// The beginning of a body, harmless to look at.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let beginning = body.get(..EXCERPT_BYTES_MAX.min(body.len())).unwrap_or_default();
    let text = String::from_utf8_lossy(beginning);
    crate::notice::plain(text.trim_end_matches('\u{fffd}').trim())
}
