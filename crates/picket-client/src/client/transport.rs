//! Requests and pieces of answers, on a small runtime of their own.

use crate::failure::{Failure, Kind};
use crate::output;
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use picket_egress::{EgressError, Limits, Upstream, UpstreamBody};
use picket_stdx::escape;
use std::fmt;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// When to end.
pub(super) type Deadline = Instant;

/// Connections to one server.
#[derive(Debug)]
pub(super) struct Transport {
    runtime: Runtime,
    upstream: Upstream,
    url: String,
    /// Whether each request is told.
    verbose: bool,
    interrupt: Interrupt,
}

/// What Ctrl-C does, for as long as there is a transport: a listener that began anew with each wait would not hear
/// what comes between two waits, and the signal no longer ends the process by itself.
#[derive(Debug)]
struct Interrupt(Mutex<Signal>);

impl Interrupt {
    async fn came(&self) {
        self.0.lock().await.recv().await;
    }
}

/// An answer whose body has not been read.
pub(super) struct Answer<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Mutex<UpstreamBody>,
    transport: &'a Transport,
}

/// What came next of a stream.
pub(super) enum Next {
    Piece(Bytes),
    Ended,
    Deadline,
    Interrupted,
}

impl Transport {
    /// `head` is how long an answer may take to begin.
    pub(super) fn new(url: &str, ca: Option<&Path>, head: Duration, verbose: bool) -> Result<Self, Failure> {
        let limits = Limits { head, idle: Duration::from_secs(60), ..Limits::default() };
        let upstream = match ca {
            None => Upstream::new(url, limits).map_err(Failure::usage)?,
            Some(path) => {
                let refused = |error: &dyn fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
                let pem = std::fs::read(path).map_err(|error| refused(&error))?;
                Upstream::trusting(url, limits, &pem).map_err(|error| refused(&error))?
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let interrupt = {
            let _inside = runtime.enter();
            Interrupt(Mutex::new(signal(SignalKind::interrupt())?))
        };
        Ok(Self { runtime, upstream, url: url.trim_end_matches('/').to_owned(), verbose, interrupt })
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.verbose
    }

    pub(super) fn deadline(&self, limit: Option<Duration>) -> Option<Deadline> {
        limit.map(|limit| Instant::now() + limit)
    }

    /// Waits; whether the deadline came first.
    pub(super) fn pause(&self, wait: Duration, deadline: Option<Deadline>) -> Result<bool, Failure> {
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(wait) => Ok(deadline.is_some_and(|deadline| Instant::now() >= deadline)),
                () = self.interrupt.came() => Err(Failure::interrupted()),
            }
        })
    }

    pub(super) fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Bytes,
        extra: &[(&str, &str)],
    ) -> Result<Answer<'_>, Failure> {
        let mut headers = HeaderMap::new();
        if !token.is_empty() {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_error| Failure::new(Kind::Denied, "the token has characters that no token has"))?;
            bearer.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, bearer);
        }
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("picket-cli/", env!("CARGO_PKG_VERSION"))));
        if !body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in extra {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        let asked = format!("{method} {}{path}", self.url);
        let begun = Instant::now();
        let answer = self.runtime.block_on(async {
            tokio::select! {
                answer = self.upstream.send(method, path, headers, body) => answer.map_err(|error| self.unreachable(&error)),
                () = self.interrupt.came() => Err(Failure::interrupted()),
            }
        })?;
        let (head, body) = answer.into_parts();
        self.tell(&asked, &head, begun);
        Ok(Answer { status: head.status, headers: head.headers, body: Mutex::new(body), transport: self })
    }

    /// What was asked for and how the answer began: neither headers that were sent nor bodies.
    fn tell(&self, asked: &str, head: &Parts, begun: Instant) {
        if self.verbose {
            let id = head.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("none");
            let ms = begun.elapsed().as_millis();
            output::note(&escape::terminal(&format!("{asked}: {}, request {id}, {ms} ms", head.status)));
        }
    }

    fn unreachable(&self, error: &EgressError) -> Failure {
        let chain = picket_stdx::error_chain(error);
        if chain.contains("invalid peer certificate") {
            let advice = "if a private authority signed it, --ca or PICKET_CA names the file of its certificate";
            return Failure::new(Kind::Unreachable, format!("{}: {chain}; {advice}", self.url));
        }
        Failure::new(
            Kind::Unreachable,
            format!("{}: {chain}; is the server running? --url or PICKET_URL say where", self.url),
        )
    }
}

impl Answer<'_> {
    /// The whole body.
    pub(super) fn whole(&self, limit: usize) -> Result<Bytes, Failure> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece(None)? {
            if whole.len() + piece.len() > limit {
                return Err(Failure::general("the answer is too long for memory; use `events export --output`"));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    }

    /// The next piece; `None` at the end.
    pub(super) fn piece(&self, deadline: Option<Deadline>) -> Result<Option<Bytes>, Failure> {
        match self.next_piece(deadline, Duration::from_secs(60))? {
            Next::Piece(piece) => Ok(Some(piece)),
            Next::Ended => Ok(None),
            Next::Interrupted => Err(Failure::interrupted()),
            Next::Deadline => Err(Failure::new(Kind::Unreachable, "the answer stopped")),
        }
    }

    /// The next piece of a stream, or why there is none.
    pub(super) fn next_piece(&self, deadline: Option<Deadline>, silence: Duration) -> Result<Next, Failure> {
        self.transport.runtime.block_on(async {
            let until = deadline.unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400 * 365));
            let mut body = self.body.lock().await;
            tokio::select! {
                piece = body.piece() => match piece {
                    Ok(Some(piece)) => Ok(Next::Piece(piece)),
                    Ok(None) => Ok(Next::Ended),
                    Err(EgressError::Timeout(_)) => Ok(Next::Ended),
                    Err(error) => Err(Failure::new(Kind::Unreachable, picket_stdx::error_chain(&error))),
                },
                () = tokio::time::sleep_until(until) => Ok(Next::Deadline),
                () = tokio::time::sleep(silence) => Ok(Next::Ended),
                () = self.transport.interrupt.came() => Ok(Next::Interrupted),
            }
        })
    }
}

#[cfg(test)]
mod tests;
