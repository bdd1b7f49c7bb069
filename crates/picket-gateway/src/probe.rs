//! What load balancers ask the port that they send traffic to. Neither authenticated nor written down, so the answers
//! say nothing that a caller chose, and nothing of the inside but a word.

use crate::failure::whole;
use crate::serve::Body;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Why requests cannot be taken now, in a word or two; none while they can.
type Cause = dyn Fn() -> Option<&'static str> + Send + Sync;

/// Whether requests can be taken now, as far as anybody said.
#[derive(Clone, Default)]
pub(crate) struct Readiness(Arc<OnceLock<Box<Cause>>>);

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Readiness({:?})", self.cause())
    }
}

impl Readiness {
    /// Says once and for all where to ask.
    pub(crate) fn tell(&self, cause: impl Fn() -> Option<&'static str> + Send + Sync + 'static) {
        // The first word counts.
        drop(self.0.set(Box::new(cause)));
    }

    fn cause(&self) -> Option<&'static str> {
        self.0.get().map_or(Some("starting"), |cause| cause())
    }
}

/// The answer to a probe; none when the request is no probe.
pub(crate) fn answer(readiness: &Readiness, head: &Parts) -> Option<Response<Body>> {
    if head.method != Method::GET && head.method != Method::HEAD {
        return None;
    }
    let (status, text) = match head.uri.path() {
        "/healthz" => (StatusCode::OK, "ok\n".to_owned()),
        "/readyz" => match readiness.cause() {
            None => (StatusCode::OK, "ready\n".to_owned()),
            Some(cause) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {cause}\n")),
        },
        _ => return None,
    };
    let mut response = Response::new(whole(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}
