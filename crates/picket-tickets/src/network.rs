//! The way out: requests through the gate, and mails over connections that went through it.

use crate::exchange::{Mail, NoAnswer, Outlet, Then, Unsent};
use crate::kind::email::Security;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, AsyncTokioStream, Certificate, CertificateStore, TlsParameters, TlsVersion,
};
use lettre::transport::smtp::extension::ClientId;
use picket_egress::{Call, Called, Caller, EgressError};
use picket_stdx::error_chain;
use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Bytes that a mail server may say in one connection, certificates included, and ends of lines among them.
const SAID_BYTES_MAX: usize = 64 * 1024;
const SAID_LINES_MAX: usize = 512;
/// What the program calls itself to mail servers.
const HELLO: &str = "picket.invalid";

/// Sends for real. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Network {
    /// Requests and connections.
    pub caller: Caller,
    /// The time of one exchange.
    pub within: Duration,
}

impl Outlet for Network {
    async fn call(&self, call: Call) -> Result<Called, NoAnswer> {
        let server = picket_egress::origin(&call.url).unwrap_or_default();
        self.caller.call(call, self.within).await.map_err(|error| NoAnswer(format!("{server}: {}", why(&error))))
    }

    async fn mail(&self, mail: &Mail) -> Result<(), Unsent> {
        let sent = tokio::time::timeout(self.within, self.send(mail)).await;
        sent.map_err(|_elapsed| Unsent { then: Then::Retry, why: format!("{}: no answer in time", mail.host) })?
    }
}

impl Network {
    async fn send(&self, mail: &Mail) -> Result<(), Unsent> {
        let said = |error: EgressError| Unsent { then: Then::Retry, why: format!("{}: {}", mail.host, why(&error)) };
        let hello = ClientId::Domain(HELLO.to_owned());
        let mut connection = match mail.security {
            Security::Tls => {
                let stream = self.caller.dial_tls(&mail.host, mail.port, self.within).await.map_err(said)?;
                AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(stream)), &hello).await
            }
            Security::StartTls | Security::None => {
                let stream = self.caller.dial(&mail.host, mail.port, self.within).await.map_err(said)?;
                AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(stream)), &hello).await
            }
        }
        .map_err(|error| unsent(mail, &error, Then::Settings))?;
        if mail.security == Security::StartTls {
            let tls = self.tls(mail)?;
            connection.starttls(tls, &hello).await.map_err(|error| unsent(mail, &error, Then::Settings))?;
        }
        if let Some((user, password)) = &mail.login {
            let credentials = Credentials::new(user.clone(), password.to_string());
            let signed_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            signed_in.map_err(|error| unsent(mail, &error, Then::Auth))?;
        }
        let sent = connection.send(&mail.envelope, &mail.bytes).await;
        sent.map_err(|error| unsent(mail, &error, Then::Settings))?;
        // It is taken; how the server says good-bye changes nothing.
        drop(connection.quit().await);
        Ok(())
    }

    fn tls(&self, mail: &Mail) -> Result<TlsParameters, Unsent> {
        let refused = |error: lettre::transport::smtp::Error| unsent(mail, &error, Then::Settings);
        let parameters = TlsParameters::builder(mail.host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
        let parameters = match &self.caller.outside().ca {
            None => parameters.certificate_store(CertificateStore::WebpkiRoots),
            Some(pem) => {
                let mut own = parameters.certificate_store(CertificateStore::None);
                for certificate in certificates(pem) {
                    own = own.add_root_certificate(Certificate::from_pem(certificate.as_bytes()).map_err(refused)?);
                }
                own
            }
        };
        parameters.build_rustls().map_err(refused)
    }
}

/// The certificates of a file, one by one.
fn certificates(pem: &[u8]) -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----";
    let text = String::from_utf8_lossy(pem);
    let whole = text.split_inclusive(END).filter(|part| part.contains("-----BEGIN CERTIFICATE-----"));
    whole.map(|part| format!("{}\n", part.trim())).collect()
}

/// What a server's refusal means: what is refused for good is a fault of what was given at that step.
fn unsent(mail: &Mail, error: &lettre::transport::smtp::Error, refused: Then) -> Unsent {
    let is_final = error.is_permanent() || error.is_client() || error.is_tls();
    let then = if is_final { refused } else { Then::Retry };
    let cause: String = crate::notice::plain(&error_chain(error)).chars().take(256).collect();
    Unsent { then, why: format!("{}: {cause}", mail.host) }
}

/// Why there was no answer, without what the URL holds.
fn why(error: &EgressError) -> String {
    error.said("integrations").chars().take(256).collect()
}

/// A connection to a mail server, which hears so much of it and no more: the library reads an answer anew with each line
/// that comes, so that one without an end would keep a whole thread busy, and no timer would be heard there.
#[derive(Debug)]
struct Bounded<S> {
    stream: S,
    bytes: usize,
    lines: usize,
}

impl<S> Bounded<S> {
    const fn new(stream: S) -> Self {
        Self { stream, bytes: 0, lines: 0 }
    }
}

/// What tells who is at the other end.
trait Peer {
    fn peer(&self) -> io::Result<SocketAddr>;
}

impl Peer for TcpStream {
    fn peer(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }
}

impl Peer for TlsStream<TcpStream> {
    fn peer(&self) -> io::Result<SocketAddr> {
        self.get_ref().0.peer_addr()
    }
}

impl<S: Peer + AsyncRead + AsyncWrite + Send + Sync + Unpin + Debug> AsyncTokioStream for Bounded<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        let more = buffer.filled().get(before..).unwrap_or_default();
        self.lines += more.split(|byte| *byte == b'\n').count() - 1;
        self.bytes += more.len();
        if self.bytes > SAID_BYTES_MAX || self.lines > SAID_LINES_MAX {
            let said = format!("it said more than {SAID_BYTES_MAX} bytes or {SAID_LINES_MAX} lines");
            return Poll::Ready(Err(io::Error::other(said)));
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
