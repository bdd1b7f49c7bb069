//! One server and its connections.

use crate::connect::{FLOOD, Resolver, Timely};
use crate::gate::{Gate, is_refusal, refusal};
use crate::tls;
use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::ext::on_informational;
use hyper_rustls::builderstates::WantsSchemes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ipnet::IpNet;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Bytes that are read from a connection at a time; a head must fit into them.
const READ_BYTES_MAX: usize = 64 * 1024;
/// Interim answers (1xx) to one request.
pub(crate) const INTERIM_MAX: usize = 32;

/// Time and size limits of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// To connect, TLS included.
    pub connect: Duration,
    /// From sending a request to the head of its answer.
    pub head: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// From the head of an answer to its end: a server that drips does not hold its place for ever.
    pub total: Duration,
    /// Bytes of an answer that is read whole.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            head: Duration::from_secs(600),
            idle: Duration::from_secs(120),
            total: Duration::from_secs(3_600),
            body_bytes: 64 * 1024 * 1024,
        }
    }
}

/// A request did not bring an answer.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The base URL cannot be used.
    #[error("`{0}` is not a usable base URL: write http://host[:port][/path] or https://…")]
    Url(String),
    /// A URL, which may be a secret, is none of a server.
    #[error("the URL is no address of HTTP: write http://host[:port][/path] or https://…, without user and password")]
    NoServer,
    /// No connection, or TLS failed.
    #[error("cannot connect")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It took too long.
    #[error("no answer in time ({0})")]
    Timeout(&'static str),
    /// The connection broke, or the answer is no HTTP.
    #[error("the connection broke")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Interim answers without end.
    #[error("more than {0} interim answers came before the answer")]
    Interim(usize),
    /// The answer is too long.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The certificate or key of this side cannot be used.
    #[error("the client's certificate and key cannot be used: {0}")]
    Identity(String),
    /// The server asked for a certificate of this side and ended the connection.
    #[error("the server wants a client's certificate that it trusts, and got none or another")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The certificates of authorities cannot be used.
    #[error("no certificates of authorities: {0}")]
    Authorities(String),
}

impl EgressError {
    /// The error with its causes; where the gate refused, with the member of the configuration that allows networks.
    pub fn said(&self, member: &str) -> String {
        if is_refusal(self) {
            format!("{}; the operator allows networks under `{member}: {{ allow: […] }}`", crate::gate::REFUSAL)
        } else {
            picket_stdx::error_chain(self)
        }
    }

    /// Whether the server did not prove who it is, or does not believe this side, or nothing could be agreed with it.
    pub fn is_tls(&self) -> bool {
        if matches!(self, Self::Refused(_)) {
            return true;
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if error.is::<rustls::Error>() {
                return true;
            }
            // An error of input and output stands for the one inside it, and names only the cause of that one.
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            cause = match inner {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        false
    }

    /// Whether the connection ended before anything of an answer came: a server closes what was idle for long, and may do
    /// so at the very moment at which it is used again.
    pub fn is_unanswered(&self) -> bool {
        let Self::Broken(source) = self else { return false };
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&**source);
        while let Some(error) = cause {
            let ended =
                error.downcast_ref::<hyper::Error>().map(|error| error.is_incomplete_message() || error.is_canceled());
            let broke = error.downcast_ref::<io::Error>().map(|error| {
                matches!(
                    error.kind(),
                    ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
                )
            });
            if ended == Some(true) || broke == Some(true) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// One server. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Upstream {
    client: Client<Timely<HttpsConnector<HttpConnector<Resolver>>>, Full<Bytes>>,
    scheme: Scheme,
    authority: Authority,
    prefix: String,
    limits: Limits,
}

impl Upstream {
    /// A server by its base URL, with a certificate that a public authority signed.
    pub fn new(base_url: &str, limits: Limits) -> Result<Self, EgressError> {
        Self::with(base_url, limits, public()?, None)
    }

    /// A server with a certificate that one of these authorities signed, and no other; `pem` holds their certificates.
    pub fn trusting(base_url: &str, limits: Limits, pem: &[u8]) -> Result<Self, EgressError> {
        Self::with(base_url, limits, vouched(pem)?, None)
    }

    /// A server that somebody else than the operator names: only addresses are reached that [`gate`](crate::gate) lets
    /// through, or that are among `allowed`. `pem` as above, where the public authorities do not count.
    pub fn gated(base_url: &str, limits: Limits, pem: Option<&[u8]>, allowed: &[IpNet]) -> Result<Self, EgressError> {
        let tls = pem.map_or_else(public, vouched)?;
        Self::with(base_url, limits, tls, Some((allowed, true)))
    }

    /// The same for what holds credentials and events: what is not encrypted reaches only addresses among `allowed`.
    pub fn delivering(
        base_url: &str,
        limits: Limits,
        pem: Option<&[u8]>,
        allowed: &[IpNet],
    ) -> Result<Self, EgressError> {
        let is_secured = base_url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        let tls = pem.map_or_else(public, vouched)?;
        Self::with(base_url, limits, tls, Some((allowed, is_secured)))
    }

    fn with(
        base_url: &str,
        limits: Limits,
        tls: HttpsConnectorBuilder<WantsSchemes>,
        gate: Option<(&[IpNet], bool)>,
    ) -> Result<Self, EgressError> {
        let refuse = || EgressError::Url(shown(base_url));
        let uri: Uri = base_url.parse().map_err(|_error| refuse())?;
        let parts = uri.into_parts();
        let scheme =
            parts.scheme.filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS).ok_or_else(refuse)?;
        let authority = parts.authority.filter(|authority| !authority.as_str().contains('@')).ok_or_else(refuse)?;
        let path = parts.path_and_query.filter(|path| path.query().is_none() || path.query() == Some(""));
        let prefix = path.map(|path| path.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let port = authority.port_u16().unwrap_or(if scheme == Scheme::HTTPS { 443 } else { 80 });
        let gate = gate.map(|(allowed, is_open)| Gate::new(allowed, port, is_open));
        let mut tcp = HttpConnector::new_with_resolver(Resolver { inner: GaiResolver::new(), gate: gate.clone() });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limits.connect));
        let inner = tls.https_or_http().enable_http1().enable_http2().wrap_connector(tcp);
        let connector = Timely { inner, within: limits.connect, gate };
        let client = Client::builder(TokioExecutor::new())
            .http1_max_buf_size(READ_BYTES_MAX)
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .build(connector);
        Ok(Self { client, scheme, authority, prefix, limits })
    }

    /// Sends a request; `path` is appended to the path of the base URL.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<UpstreamBody>, EgressError> {
        let target: PathAndQuery =
            format!("{}{path}", self.prefix).parse().map_err(|_error| EgressError::Url(self.prefix.clone()))?;
        let mut uri = http::uri::Parts::default();
        (uri.scheme, uri.authority, uri.path_and_query) =
            (Some(self.scheme.clone()), Some(self.authority.clone()), Some(target));
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = Uri::from_parts(uri).map_err(|_error| EgressError::Url(self.prefix.clone()))?;
        *request.headers_mut() = headers;
        let flooded = bound_interim(&mut request);
        let sent = tokio::select! {
            sent = tokio::time::timeout(self.limits.head, self.client.request(request)) => sent,
            () = flooded.notified() => return Err(EgressError::Interim(INTERIM_MAX)),
        };
        let answer = sent.map_err(|_elapsed| EgressError::Timeout("head"))?.map_err(|error| {
            if is_refusal(&error) {
                // Without the words of the client, which tell a name from an address.
                EgressError::Connect(refusal().into())
            } else if error.is_connect() {
                EgressError::Connect(Box::new(error))
            } else if is_flood(&error) {
                EgressError::Interim(INTERIM_MAX)
            } else {
                EgressError::Broken(Box::new(error))
            }
        })?;
        let end = Instant::now() + self.limits.total;
        Ok(answer.map(|body| UpstreamBody { body, end, idle: self.limits.idle, limit: self.limits.body_bytes }))
    }
}

/// TLS that believes the public authorities.
fn public() -> Result<HttpsConnectorBuilder<WantsSchemes>, EgressError> {
    let provider = rustls::crypto::ring::default_provider();
    HttpsConnectorBuilder::new().with_provider_and_webpki_roots(provider).map_err(EgressError::Tls)
}

/// TLS that believes these authorities, and no other.
fn vouched(pem: &[u8]) -> Result<HttpsConnectorBuilder<WantsSchemes>, EgressError> {
    let config = tls::builder()?.with_root_certificates(tls::authorities(pem)?).with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(config))
}

/// Whether a connection of HTTP/2 was given up for its interim answers; only the words of an error come this far.
fn is_flood(error: &dyn std::error::Error) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.to_string().contains(FLOOD))
}

/// The beginning of a URL, without what may be a password.
fn shown(url: &str) -> String {
    let safe = match url.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => url.to_owned(),
    };
    safe.chars().take(100).collect()
}

/// Counts the interim answers (1xx) to a request, and tells when they are too many.
fn bound_interim(request: &mut Request<Full<Bytes>>) -> Arc<Notify> {
    let (flooded, count) = (Arc::new(Notify::new()), AtomicUsize::new(0));
    let tell = Arc::clone(&flooded);
    on_informational(request, move |_interim| {
        if count.fetch_add(1, Ordering::Relaxed) >= INTERIM_MAX {
            tell.notify_one();
        }
    });
    flooded
}

/// The body of an answer.
#[derive(Debug)]
pub struct UpstreamBody {
    body: Incoming,
    end: Instant,
    idle: Duration,
    limit: usize,
}

impl UpstreamBody {
    /// The next piece; `None` at the end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, EgressError> {
        loop {
            let idle = Instant::now() + self.idle;
            let what = if idle > self.end { "whole body" } else { "body" };
            let frame = tokio::time::timeout_at(idle.min(self.end), self.body.frame())
                .await
                .map_err(|_elapsed| EgressError::Timeout(what))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(EgressError::Broken(Box::new(error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// The whole body.
    pub async fn whole(&mut self) -> Result<Bytes, EgressError> {
        let Some(first) = self.piece().await? else { return Ok(Bytes::new()) };
        if first.len() > self.limit {
            return Err(EgressError::TooLong(self.limit));
        }
        let Some(second) = self.piece().await? else { return Ok(first) };
        if first.len() + second.len() > self.limit {
            return Err(EgressError::TooLong(self.limit));
        }
        let mut whole = Vec::with_capacity(first.len() + second.len());
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&second);
        while let Some(piece) = self.piece().await? {
            if whole.len() + piece.len() > self.limit {
                return Err(EgressError::TooLong(self.limit));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    }
}

#[cfg(test)]
mod tests;
