//! Kafka.
//!
//! Four requests of its protocol are spoken, over the connections of this program: clients that exist open connections of
//! their own, to whatever address a broker names, and the one crate that knows the messages alone believes the lengths in
//! answers. Each record has the workspace for a key, so that its events stay in order on one partition, and headers with
//! the event's id and type. Requests wait for all replicas that are in sync.
//!
//! The producer is idempotent: what is sent again within a request's time has its number, and is stored once. When it
//! stays unknown whether a request was stored, the next one comes from a new producer: a number is never used for two
//! different requests, since brokers would drop the second as a copy of the first.

mod batch;
mod client;
mod wire;

use crate::answer::{Answer, Outcome};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Waited};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use crate::syslog::Transport;
use client::Client;
use picket_egress::{EgressError, Line, Secured};
use picket_render::wire::WireError;
use picket_render::wire::kafka::Record;
use picket_render::{Fixed, Renderer, Subject};
use picket_stdx::error_chain;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// What brokers take by their own default is 1,048,588 bytes, after compression.
const REQUEST_BYTES: usize = 1_000_000;
const REQUEST_BYTES_MIN: usize = 64 * 1024;
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;
const REQUEST_EVENTS: usize = 2_000;
const BROKERS_MAX: usize = 32;
const TOPIC_BYTES_MAX: usize = 249;
/// Between two attempts inside the time of one request.
const PAUSE: Duration = Duration::from_millis(200);

/// Who signs in (SASL PLAIN) with the credential `password`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sasl {
    /// The user.
    pub user: String,
}

/// Options of the kind `kafka`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Brokers to begin with, `host:port` each; 9093 where the port is absent. They name the others.
    pub brokers: Vec<String>,
    /// The topic, which has to be there.
    pub topic: String,
    /// How connections are secured.
    #[serde(default)]
    pub transport: Transport,
    /// Authorities that vouch for the brokers in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Who signs in; nobody when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sasl: Option<Sasl>,
    /// Most bytes of a request before compression; 1,000,000 when absent.
    #[serde(default = "request_bytes")]
    pub request_bytes: usize,
    /// In what language; `canonical` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

const fn request_bytes() -> usize {
    REQUEST_BYTES
}

/// Host and port.
fn place(address: &str) -> Option<(&str, u16)> {
    const PORT: u16 = 9_093;
    let behind = address.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match address.get(behind..)?.rfind(':') {
        None => (address, PORT),
        Some(at) => (address.get(..behind + at)?, address.get(behind + at + 1..)?.parse().ok()?),
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let is_whole = behind == 0 && !host.contains([':', '[', ']']) || behind == host.len();
    (!host.is_empty() && port > 0 && is_whole && host.bytes().all(fits)).then_some((host, port))
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "kafka"
    }

    fn check(&self) -> Result<(), Problem> {
        if !(1..=BROKERS_MAX).contains(&self.brokers.len()) {
            return Err(Problem::new("brokers", format!("are not 1 to {BROKERS_MAX}")));
        }
        if self.brokers.iter().any(|broker| place(broker).is_none()) {
            return Err(Problem::new("brokers", "hold one that is no address: write host:port"));
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let topic = &self.topic;
        if !(1..=TOPIC_BYTES_MAX).contains(&topic.len())
            || !topic.bytes().all(is_plain)
            || topic == "."
            || topic == ".."
        {
            return Err(Problem::new("topic", "is no name of a topic: give letters, digits, `.`, `-` and `_`"));
        }
        if self.sasl.as_ref().is_some_and(|sasl| sasl.user.is_empty() || sasl.user.contains('\0')) {
            return Err(Problem::new("sasl.user", "is no name of a user"));
        }
        if self.transport == Transport::Tcp && self.ca.is_some() {
            return Err(Problem::new("transport", "is `tcp`, so that no certificate is looked at: make it `tls`"));
        }
        if !(REQUEST_BYTES_MIN..=REQUEST_BYTES_MAX).contains(&self.request_bytes) {
            let message = format!("is not between {REQUEST_BYTES_MIN} and {REQUEST_BYTES_MAX}");
            return Err(Problem::new("request_bytes", message));
        }
        self.rendering.check("canonical")
    }

    fn host(&self) -> Option<String> {
        let scheme = if self.transport == Transport::Tls { "tls" } else { "tcp" };
        let mut hosts: Vec<String> = Vec::with_capacity(self.brokers.len());
        for broker in &self.brokers {
            let (host, port) = place(broker)?;
            hosts.push(format!("{scheme}://{}:{port}", host.to_ascii_lowercase()));
        }
        hosts.sort();
        Some(hosts.join(" "))
    }

    fn secrets(&self) -> &'static [SecretField] {
        const {
            &[
                SecretField::optional("password", "the password of `sasl.user`"),
                SecretField::optional("certificate", "the certificate by which Picket says who it is, as PEM"),
                SecretField::optional("key", "its key, as PEM"),
            ]
        }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let password = match (&self.sasl, credentials.get("password")) {
            (Some(_), None) => return Err(Problem::new("password", "is missing: give the password of `sasl.user`")),
            (None, Some(_)) => return Err(Problem::new("sasl", "is missing: say whose password it is")),
            (_, password) => password.map(|password| Zeroizing::new(password.to_owned())),
        };
        let identity = match (credentials.get("certificate"), credentials.get("key")) {
            (Some(certificate), Some(key)) => Some((certificate.to_owned(), Zeroizing::new(key.to_owned()))),
            (None, None) => None,
            (None, Some(_)) => return Err(Problem::new("certificate", "is missing: give that of the key")),
            (Some(_), None) => return Err(Problem::new("key", "is missing: give that of the certificate")),
        };
        let ca = crate::http::authorities(self.ca.as_deref())?.map(Arc::from).or_else(|| network.roots.clone());
        let reach = Reach {
            is_tls: self.transport == Transport::Tls,
            within: network.within(),
            allowed: Arc::clone(&network.allowed),
            identity,
            ca,
        };
        // What cannot be opened at all is found now.
        for (host, port) in self.brokers.iter().filter_map(|broker| place(broker)) {
            reach.line(host, port).map_err(|error| {
                let field = match error {
                    EgressError::Authorities(_) => "ca",
                    EgressError::Identity(_) | EgressError::Tls(_) => "certificate",
                    _ => "brokers",
                };
                Problem::new(field, error_chain(&error))
            })?;
        }
        let renderer = self.rendering.renderer("canonical", &network.maker)?;
        Ok(Arc::new(Kafka {
            schema: self.rendering.format.clone().unwrap_or_else(|| "canonical".to_owned()),
            place: format!("produce to {} at {}", self.topic, self.brokers.join(", ")),
            client: Mutex::new(Client::new(reach, self, password)),
            request_bytes: self.request_bytes,
            within: network.within(),
            renderer,
        }))
    }
}

/// How brokers are reached.
#[derive(Debug)]
pub(crate) struct Reach {
    is_tls: bool,
    within: Duration,
    allowed: Arc<[ipnet::IpNet]>,
    identity: Option<(String, Zeroizing<String>)>,
    ca: Option<Arc<[u8]>>,
}

impl Reach {
    fn line(&self, host: &str, port: u16) -> Result<Line, EgressError> {
        let identity = self.identity.as_ref().map(|(certificate, key)| (certificate.as_bytes(), key.as_bytes()));
        let secured = Secured { authorities: self.ca.as_deref(), identity, fingerprint: None };
        Line::gated(host, port, self.is_tls.then_some(secured), self.within, &self.allowed)
    }
}

#[derive(Debug)]
struct Kafka {
    client: Mutex<Client>,
    within: Duration,
    renderer: Renderer,
    schema: String,
    place: String,
    request_bytes: usize,
}

impl Destination for Kafka {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        let mut value = Vec::with_capacity(1_024);
        self.renderer.render(event, &mut value);
        let at = event.event().timestamp.as_millis();
        batch::put_record(out, at, &Record::new(event, &self.schema, &value));
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::CONCATENATED)
    }

    fn limits(&self) -> Limits {
        Limits { bytes: self.request_bytes, compressed_bytes: None, events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(async move {
            let Some(records) = batch::records(request.body).await else {
                return Answer::new(Outcome::Retry, "the records could not be compressed");
            };
            let key = request.events.first().map(|event| event.workspace.as_bytes()).unwrap_or_default();
            let end = Instant::now() + self.within;
            let mut client = self.client.lock().await;
            // Whoever sent before may have been given up in the middle.
            client.settle();
            let answer = loop {
                match tokio::time::timeout_at(end, client.produce(key, &records)).await {
                    Ok(Ok(())) => break Answer::new(Outcome::Ack, ""),
                    Ok(Err(failed)) if failed.outcome == Outcome::Retry && Instant::now() + PAUSE < end => {
                        tokio::time::sleep(PAUSE).await;
                    }
                    Ok(Err(failed)) => break Answer::new(failed.outcome, &failed.said),
                    Err(_elapsed) => {
                        let said = format!("no answer within {} s", self.within.as_secs());
                        break Answer::new(Outcome::Retry, &said);
                    }
                }
            };
            client.settle();
            answer
        })
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }

    fn packing(&self, _body: &[u8]) -> Option<&'static str> {
        Some("Zstandard")
    }
}

#[cfg(test)]
mod tests;
