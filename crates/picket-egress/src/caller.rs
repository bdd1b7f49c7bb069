//! Single requests to servers that people name: webhooks, ticket systems, chat.
//!
//! Every address is judged where the connection is made, an exchange has one time for all of it, redirects are answers
//! like others, and of a body no more is read than somebody would want to see.

use crate::{EgressError, Limits, Upstream, origin};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use ipnet::IpNet;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes of an answer that are read; what comes behind them is not.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Servers whose connections are kept.
const SERVERS_MAX: usize = 64;

/// How servers are reached that people name. From the operator's file alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outside {
    /// Networks that may be reached though [`gate`](crate::gate) refuses them.
    pub allowed: Vec<IpNet>,
    /// The authorities that vouch for servers, as PEM; the public ones without.
    pub ca: Option<Vec<u8>>,
}

/// Sends requests to whatever server their URLs name. Cheap to clone; clones share connections, and no other caller's.
#[derive(Clone)]
pub struct Caller(Arc<Inner>);

struct Inner {
    outside: Outside,
    servers: Mutex<HashMap<String, Upstream>>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("allowed", &self.0.outside.allowed).finish_non_exhaustive()
    }
}

/// A request. Its URL may be a secret, so that of it only the server is ever shown.
#[derive(Clone)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// The whole URL, `http` or `https`, without user and password.
    pub url: String,
    /// Headers; `host` and `content-length` come by themselves.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = origin(&self.url).unwrap_or_default();
        f.debug_struct("Call").field("method", &self.method).field("server", &server).finish_non_exhaustive()
    }
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Called {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The beginning of the body, at most [`ANSWER_BYTES_MAX`].
    pub body: Bytes,
}

impl Caller {
    /// One that reaches what the gate lets through and what the operator allows.
    pub fn new(outside: Outside) -> Self {
        Self(Arc::new(Inner { outside, servers: Mutex::default() }))
    }

    /// What it may reach.
    pub fn outside(&self) -> &Outside {
        &self.0.outside
    }

    /// Sends a request; `within` is the time for connecting, sending and the whole answer.
    pub async fn call(&self, call: Call, within: Duration) -> Result<Called, EgressError> {
        let exchange = async {
            let (server, path) = self.server(&call.url, within)?;
            let answer = server.send(call.method, &path, call.headers, call.body).await?;
            let (head, mut body) = answer.into_parts();
            let mut read = Vec::new();
            while read.len() < ANSWER_BYTES_MAX
                && let Some(piece) = body.piece().await?
            {
                let room = ANSWER_BYTES_MAX - read.len();
                read.extend_from_slice(piece.get(..room.min(piece.len())).unwrap_or_default());
            }
            Ok(Called { status: head.status, headers: head.headers, body: read.into() })
        };
        tokio::time::timeout(within, exchange).await.map_err(|_elapsed| EgressError::Timeout("exchange"))?
    }

    fn server(&self, url: &str, within: Duration) -> Result<(Upstream, String), EgressError> {
        let refuse = || EgressError::NoServer;
        let origin = origin(url).ok_or_else(refuse)?;
        let uri: Uri = url.parse().map_err(|_error| refuse())?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let mut servers = self.0.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = servers.get(&origin) {
            return Ok((known.clone(), path));
        }
        let limits =
            Limits { connect: within, head: within, idle: within, total: within, body_bytes: ANSWER_BYTES_MAX };
        let Outside { allowed, ca } = &self.0.outside;
        let made = Upstream::gated(&origin, limits, ca.as_deref(), allowed)?;
        if servers.len() >= SERVERS_MAX {
            servers.clear();
        }
        servers.insert(origin, made.clone());
        Ok((made, path))
    }
}

#[cfg(test)]
mod tests;
