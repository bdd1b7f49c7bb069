//! A server of another protocol than HTTP.

use crate::EgressError;
use crate::gate::{Gate, is_disguised, refusal};
use crate::tls::{self, Asked, Pinned};
use hyper_rustls::ConfigBuilderExt as _;
use ipnet::IpNet;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest name of a host.
const HOST_BYTES_MAX: usize = 253;

/// How a connection is secured.
#[derive(Clone, Copy, Default)]
pub struct Secured<'a> {
    /// Authorities that vouch for the server, as PEM; the public ones without.
    pub authorities: Option<&'a [u8]>,
    /// Certificate and key of this side, as PEM.
    pub identity: Option<(&'a [u8], &'a [u8])>,
    /// SHA-256 of the server's certificate. With it, nothing else of the certificate is asked.
    pub fingerprint: Option<[u8; 32]>,
}

impl fmt::Debug for Secured<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Secured");
        shown.field("has_identity", &self.identity.is_some()).field("fingerprint", &self.fingerprint);
        shown.finish_non_exhaustive()
    }
}

/// A server that somebody else than the operator names, by host and port.
#[derive(Clone)]
pub struct Line {
    host: String,
    port: u16,
    tls: Option<Tls>,
    within: Duration,
    gate: Gate,
}

#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
    /// How often the server asked for a certificate of this side; where a session is taken up again it does not.
    asked: Arc<AtomicUsize>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Line");
        shown.field("host", &self.host).field("port", &self.port).field("is_secured", &self.tls.is_some());
        shown.finish_non_exhaustive()
    }
}

impl Line {
    /// A server: only addresses are reached that [`gate`](crate::gate) lets through, or that are among `allowed`; the
    /// latter alone when nothing is encrypted. `within` is for connecting, TLS included.
    pub fn gated(
        host: &str,
        port: u16,
        secured: Option<Secured<'_>>,
        within: Duration,
        allowed: &[IpNet],
    ) -> Result<Self, EgressError> {
        let refuse = || EgressError::Url(host.chars().take(100).collect());
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        if bare.is_empty() || bare.len() > HOST_BYTES_MAX || !bare.bytes().all(fits) || port == 0 {
            return Err(refuse());
        }
        let tls = match secured {
            None => None,
            Some(secured) => {
                let name = ServerName::try_from(bare.to_owned()).map_err(|_error| refuse())?;
                let mut config = client(secured)?;
                let asked = Arc::new(AtomicUsize::new(0));
                let answers = config.client_auth_cert_resolver;
                config.client_auth_cert_resolver = Arc::new(Asked { answers, times: Arc::clone(&asked) });
                Some(Tls { connector: TlsConnector::from(Arc::new(config)), name, asked })
            }
        };
        Ok(Self { host: bare.to_owned(), port, tls, within, gate: Gate::new(allowed, port, secured.is_some()) })
    }

    /// Connects.
    pub async fn connect(&self) -> Result<Stream, EgressError> {
        let connected = tokio::time::timeout(self.within, self.reach()).await;
        connected.map_err(|_elapsed| EgressError::Timeout("connection"))?
    }

    /// Whether the server asked for a certificate of this side, now or earlier. Its verdict may come after
    /// [`connect`](Self::connect) is done: by TLS 1.3, and wherever it looks at names, the handshake is over for this side
    /// by then. Who sends something that is not answered listens first.
    pub fn is_asked(&self) -> bool {
        self.asked() > 0
    }

    fn asked(&self) -> usize {
        self.tls.as_ref().map_or(0, |tls| tls.asked.load(Ordering::Relaxed))
    }

    async fn reach(&self) -> Result<Stream, EgressError> {
        let stream = self.dial().await.map_err(|error| EgressError::Connect(error.into()))?;
        let Some(tls) = &self.tls else { return Ok(Stream(Inner::Plain(stream))) };
        let before = self.asked();
        let error = match tls.connector.connect(tls.name.clone(), stream).await {
            Ok(stream) => return Ok(Stream(Inner::Tls(Box::new(stream)))),
            Err(error) => EgressError::Connect(error.into()),
        };
        // Ended without a word, after it asked who this is.
        let is_verdict = !error.is_tls() && self.asked() > before;
        Err(match error {
            EgressError::Connect(source) if is_verdict => EgressError::Refused(source),
            other => other,
        })
    }

    async fn dial(&self) -> io::Result<TcpStream> {
        if is_disguised(&self.host) {
            return Err(refusal());
        }
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let stream = first(&self.gate.keep(found.map(Iterator::collect))?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// The first of these addresses that takes a connection.
async fn first(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut failure = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(refusal))
}

fn client(secured: Secured<'_>) -> Result<ClientConfig, EgressError> {
    let builder = tls::builder()?;
    let builder = if let Some(fingerprint) = secured.fingerprint {
        let verifier = Pinned { fingerprint, provider: Arc::new(ring::default_provider()) };
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    } else if let Some(pem) = secured.authorities {
        builder.with_root_certificates(tls::authorities(pem)?)
    } else {
        builder.with_webpki_roots()
    };
    match secured.identity {
        None => Ok(builder.with_no_client_auth()),
        Some((certificates, key)) => {
            let (chain, key) = tls::identity(certificates, key)?;
            builder.with_client_auth_cert(chain, key).map_err(EgressError::Tls)
        }
    }
}

/// A connection.
#[derive(Debug)]
pub struct Stream(Inner);

#[derive(Debug)]
enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Inner::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Inner::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_flush(context),
            Inner::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Inner::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests;
