//! Syslog of RFC 5424 over TCP and TLS, with CEF, LEEF or JSON inside.
//!
//! The protocol has no answer: that a connection took bytes does not mean that anybody read them. So what was sent last is
//! kept for a while, and when a connection turns out to be broken, it is sent again on the next one, before anything else.
//! What a receiver lost earlier than that is lost, and what it had is there twice; the guarantee is best effort.
//!
//! A server that asks for a certificate may refuse it when the handshake is long over for this side, and what was sent
//! meanwhile is gone. Before the first byte it is given time to refuse.

mod tail;

use crate::answer::{Answer, Outcome, Warning};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Waited};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use bytes::Bytes;
use picket_egress::{EgressError, Line, Secured, Stream};
use picket_render::wire::WireError;
use picket_render::wire::syslog::{self, Message, Time, severity_of};
use picket_render::{Fixed, Renderer, Subject};
use picket_stdx::encode::unhex;
use picket_stdx::{Clock, error_chain};
use serde::{Deserialize, Serialize};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tail::Tail;
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;

const REQUEST_BYTES: usize = 256 * 1024;
const REQUEST_EVENTS: usize = 1_000;
const MESSAGE_BYTES: usize = 8_192;
const MESSAGE_BYTES_MIN: usize = 480;
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Reads of what a receiver says before a connection is given up.
const SAID_READS_MAX: usize = 64;
/// How long a server that asked for a certificate may take to refuse it, at least.
const VERDICT_WITHIN_MIN: Duration = Duration::from_millis(500);
/// How long others may take to end a new connection, at least: a balancer with nobody behind it takes all of them.
const END_WITHIN_MIN: Duration = Duration::from_millis(100);
/// Log audit.
const FACILITY: u8 = 13;

/// How a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// TLS (RFC 5425).
    #[default]
    Tls,
    /// Nothing: only into networks that the operator's configuration names.
    Tcp,
}

/// How messages are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// By their length in front.
    #[default]
    OctetCounting,
    /// By line breaks, for receivers that know nothing else; those inside a message are written as `\n`.
    Lines,
}

/// Options of the kind `syslog`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `host:port`; 6514 when the port is absent.
    pub address: String,
    /// How the connection is secured.
    #[serde(default)]
    pub transport: Transport,
    /// Authorities that vouch for the server in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// SHA-256 of the server's certificate in hexadecimal, with or without colons. With it, nothing else of the
    /// certificate is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// How messages are told apart.
    #[serde(default)]
    pub framing: Framing,
    /// Facility, 0 to 23; 13 (log audit) when absent.
    #[serde(default = "facility")]
    pub facility: u8,
    /// Name of the host in messages; `-` when absent.
    #[serde(default)]
    pub hostname: String,
    /// Name of the program in messages; the vendor in lower case when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
    /// Whether the text is announced as UTF-8.
    #[serde(default)]
    pub bom: bool,
    /// Longest message that the receiver takes, 480 to 1048576 bytes; 8192 when absent. What is longer is a dead letter,
    /// since receivers cut without a word.
    #[serde(default = "message_bytes")]
    pub message_bytes: usize,
    /// In what language; `cef` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

const fn facility() -> u8 {
    FACILITY
}

const fn message_bytes() -> usize {
    MESSAGE_BYTES
}

impl Config {
    fn place(&self) -> Option<(&str, u16)> {
        const PORT: u16 = 6_514;
        let address = self.address.as_str();
        // An address of IPv6 has colons of its own, and brackets around it.
        let behind = address.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match address.get(behind..)?.rfind(':') {
            None => (address, PORT),
            Some(at) => (address.get(..behind + at)?, address.get(behind + at + 1..)?.parse().ok()?),
        };
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
        let is_whole = behind == 0 && !host.contains([':', '[', ']']) || behind == host.len();
        (!host.is_empty() && port > 0 && is_whole && host.bytes().all(is_plain)).then_some((host, port))
    }

    fn pin(&self) -> Result<Option<[u8; 32]>, Problem> {
        let Some(text) = &self.fingerprint else { return Ok(None) };
        let digits: String = text.chars().filter(|character| *character != ':').collect();
        let bytes = unhex(&digits.to_ascii_lowercase()).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Some).ok_or_else(|| Problem::new("fingerprint", "is no SHA-256 in hexadecimal: give 64 digits"))
    }
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn check(&self) -> Result<(), Problem> {
        if self.place().is_none() {
            return Err(Problem::new("address", "is no address: write host:port"));
        }
        self.pin()?;
        if self.transport == Transport::Tcp && (self.ca.is_some() || self.fingerprint.is_some()) {
            return Err(Problem::new("transport", "is `tcp`, so that no certificate is looked at: make it `tls`"));
        }
        if self.facility > 23 {
            return Err(Problem::new("facility", "is not between 0 and 23"));
        }
        if !(MESSAGE_BYTES_MIN..=MESSAGE_BYTES_MAX).contains(&self.message_bytes) {
            let message = format!("is not between {MESSAGE_BYTES_MIN} and {MESSAGE_BYTES_MAX}");
            return Err(Problem::new("message_bytes", message));
        }
        self.rendering.check("cef")
    }

    fn host(&self) -> Option<String> {
        let (host, port) = self.place()?;
        let scheme = if self.transport == Transport::Tls { "tls" } else { "tcp" };
        Some(format!("{scheme}://{}:{port}", host.to_ascii_lowercase()))
    }

    fn secrets(&self) -> &'static [SecretField] {
        const {
            &[
                SecretField::optional("certificate", "the certificate by which Picket says who it is, as PEM"),
                SecretField::optional("key", "its key, as PEM"),
            ]
        }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let identity = match (credentials.get("certificate"), credentials.get("key")) {
            (Some(certificate), Some(key)) => Some((certificate.as_bytes(), key.as_bytes())),
            (None, None) => None,
            (None, Some(_)) => return Err(Problem::new("certificate", "is missing: give that of the key")),
            (Some(_), None) => return Err(Problem::new("key", "is missing: give that of the certificate")),
        };
        let authorities = crate::http::authorities(self.ca.as_deref())?.or(network.roots.as_deref());
        let secured = Secured { authorities, identity, fingerprint: self.pin()? };
        let secured = (self.transport == Transport::Tls).then_some(secured);
        let (host, port) = self.place().ok_or_else(|| Problem::new("address", "is no address: write host:port"))?;
        let within = network.within();
        let line = Line::gated(host, port, secured, within, &network.allowed).map_err(|error| {
            let field = match error {
                EgressError::Authorities(_) => "ca",
                EgressError::Identity(_) | EgressError::Tls(_) => "certificate",
                _ => "address",
            };
            Problem::new(field, error_chain(&error))
        })?;
        Ok(Arc::new(Syslog {
            place: format!("{}: {host}:{port}", if secured.is_some() { "TLS" } else { "TCP" }),
            renderer: self.rendering.renderer("cef", &network.maker)?,
            app_name: self.app_name.clone().unwrap_or_else(|| network.maker.vendor.to_lowercase()),
            connection: Mutex::new(Connection { stream: None, tail: Tail::default() }),
            clock: network.clock.clone(),
            config: self.clone(),
            within,
            line,
        }))
    }
}

#[derive(Debug)]
struct Syslog {
    line: Line,
    within: Duration,
    config: Config,
    app_name: String,
    renderer: Renderer,
    place: String,
    clock: Clock,
    connection: Mutex<Connection>,
}

#[derive(Debug)]
struct Connection {
    stream: Option<Stream>,
    tail: Tail,
}

impl Destination for Syslog {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        let mut text = Vec::with_capacity(1_024);
        self.renderer.render(event, &mut text);
        let message = Message {
            facility: self.config.facility,
            severity: severity_of(event.event().severity),
            time: Time::At(event.event().timestamp),
            hostname: &self.config.hostname,
            app_name: &self.app_name,
            procid: "",
            msgid: event.name(),
            data: &[],
            bom: self.config.bom,
            text: Some(&text),
        };
        let framing = match self.config.framing {
            Framing::OctetCounting => syslog::Framing::OctetCounting,
            Framing::Lines => syslog::Framing::NonTransparent,
        };
        let begin = out.len();
        syslog::encode(out, &message, framing)?;
        if out.len() - begin > self.config.message_bytes {
            out.truncate(begin);
            let remedy = "it is longer than `message_bytes`, which receivers cut: raise it here and there";
            return Err(WireError::Value { what: "message", remedy });
        }
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::CONCATENATED)
    }

    fn limits(&self) -> Limits {
        Limits { bytes: REQUEST_BYTES.max(self.config.message_bytes), compressed_bytes: None, events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(async move {
            let mut connection = self.connection.lock().await;
            let Connection { stream, tail } = &mut *connection;
            // Taken out while it is used: one that is given up halfway through a message is not used again.
            let used = stream.take();
            match tokio::time::timeout(self.within, self.write(used, tail, &request.body)).await {
                Ok(Ok((used, again))) => {
                    *stream = Some(used);
                    tail.push(request.body, request.events.len(), self.clock.steady());
                    let said = "written to the connection; syslog has no answer";
                    if again == 0 {
                        return Answer::new(Outcome::Ack, said);
                    }
                    let said = format!("connected anew; the last {again} messages were sent again");
                    Answer::new(Outcome::Ack, &said).warned(Warning::BestEffort)
                }
                Ok(Err(error)) => {
                    let outcome = if error.is_tls() { Outcome::Config } else { Outcome::Retry };
                    Answer::new(outcome, &error.said("destinations"))
                }
                Err(_elapsed) => {
                    Answer::new(Outcome::Retry, &format!("nothing was taken within {} s", self.within.as_secs()))
                }
            }
        })
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }
}

impl Syslog {
    /// Writes a request, on a new connection when the old one is broken; and how many messages went out again.
    async fn write(&self, used: Option<Stream>, tail: &mut Tail, body: &Bytes) -> Result<(Stream, usize), EgressError> {
        if let Some(mut stream) = used.map_or(Ok(None), still_open)?
            && put(&mut stream, body).await.is_ok()
        {
            return Ok((stream, 0));
        }
        let begun = Instant::now();
        let mut stream = self.line.connect().await?;
        // What the handshake took tells how far away it is. The time of the request is for other things, too.
        let took = begun.elapsed();
        let patience = |least: Duration| (took * 2).max(least).min(self.within / 4);
        if self.line.is_asked() {
            verdict(&mut stream, patience(VERDICT_WITHIN_MIN)).await?;
        }
        let mut again = 0;
        for (old, messages) in tail.recent(self.clock.steady()) {
            put(&mut stream, old).await.map_err(|error| EgressError::Broken(error.into()))?;
            again += messages;
        }
        put(&mut stream, body).await.map_err(|error| EgressError::Broken(error.into()))?;
        if !self.line.is_asked() {
            // Nobody has what was written into a connection that was ended at once.
            verdict(&mut stream, patience(END_WITHIN_MIN)).await.map_err(|error| match error {
                EgressError::Refused(cause) => EgressError::Broken(cause),
                other => other,
            })?;
        }
        Ok((stream, again))
    }
}

async fn put(stream: &mut Stream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Waits for a server to refuse a new connection.
async fn verdict(stream: &mut Stream, patience: Duration) -> Result<(), EgressError> {
    const ENDED: &str = "it ended the connection";
    let mut buffer = [0; 512];
    let end = Instant::now() + patience;
    for _ in 0..SAID_READS_MAX {
        match tokio::time::timeout_at(end, stream.read(&mut buffer)).await {
            Err(_elapsed) => return Ok(()),
            Ok(Ok(0)) => return Err(EgressError::Refused(ENDED.into())),
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(EgressError::Refused(ENDED.into()));
            }
            Ok(Err(error)) => return Err(EgressError::Refused(error.into())),
            Ok(Ok(_said)) => {}
        }
    }
    Ok(())
}

/// A connection, if the other side did not end it; an error, if it ended it by an alert of TLS.
fn still_open(mut stream: Stream) -> Result<Option<Stream>, EgressError> {
    let mut buffer = [0; 512];
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..SAID_READS_MAX {
        let mut read = ReadBuf::new(&mut buffer);
        match Pin::new(&mut stream).poll_read(&mut context, &mut read) {
            Poll::Pending => return Ok(Some(stream)),
            // A receiver has nothing to say; a little of what it says all the same is passed over.
            Poll::Ready(Ok(())) if !read.filled().is_empty() => {}
            Poll::Ready(Ok(())) => return Ok(None),
            Poll::Ready(Err(error)) => {
                let error = EgressError::Broken(error.into());
                return if error.is_tls() { Err(error) } else { Ok(None) };
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
