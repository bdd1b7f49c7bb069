//! Splunk's HTTP Event Collector.
//!
//! Events go to the event endpoint as envelopes one after another. An answer has a code of its own, which is what counts;
//! a body that is no JSON of the collector comes from something in front of it, and then the status does. Without
//! acknowledgement an answer of success says that the events are queued, no more; with it, they count as delivered when
//! the indexer has reported them.

mod acks;

use crate::answer::{Answer, ItemOutcome, Outcome, Warning, excerpt};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Waited};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post, Reply};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use ::http::Method;
use ::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use acks::Acks;
use picket_render::wire::WireError;
use picket_render::wire::hec::{Envelope, encode};
use picket_render::{Fixed, Renderer, Subject};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

const EVENT_PATH: &str = "/services/collector/event";
const ACK_PATH: &str = "/services/collector/ack";
const CHANNEL: HeaderName = HeaderName::from_static("x-splunk-request-channel");
const REQUEST_BYTES: usize = 1_000_000;
const REQUEST_BYTES_MIN: usize = 64 * 1024;
/// What the collector takes at most by its own default.
const REQUEST_BYTES_MAX: usize = 838_860_800;
const REQUEST_EVENTS: usize = 2_000;
const ACK_WITHIN_S: u64 = 120;
const TEXT_BYTES_MAX: usize = 255;

/// Options of the kind `splunk_hec`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://host:8088`; a path up to `/services/collector` or `/services/collector/event` may follow.
    pub url: String,
    /// Authorities that vouch for the server in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// `host` of the events; the name of the product's vendor in lower case when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// `source` of the events; the vendor when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `index` of the events; the token's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// Whether events count as delivered only when the indexer reports them; the token must have acknowledgement on.
    #[serde(default)]
    pub acknowledge: bool,
    /// How long the indexer may take, 1 to 3600 s; 120 when absent. What it has not reported then is sent again.
    #[serde(default = "ack_within_s")]
    pub acknowledge_within_s: u64,
    /// Whether requests are compressed.
    #[serde(default = "yes")]
    pub compress: bool,
    /// Most bytes of a request before compression; 1,000,000 when absent.
    #[serde(default = "request_bytes")]
    pub request_bytes: usize,
    /// In what language; `canonical` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

const fn ack_within_s() -> u64 {
    ACK_WITHIN_S
}

const fn request_bytes() -> usize {
    REQUEST_BYTES
}

const fn yes() -> bool {
    true
}

impl Config {
    /// The address without the collector's paths.
    fn base(&self) -> &str {
        let url = self.url.trim_end_matches('/');
        let ends = ["/services/collector/event/1.0", EVENT_PATH, "/services/collector"];
        ends.iter().find_map(|end| url.strip_suffix(end)).unwrap_or(url)
    }
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "splunk_hec"
    }

    fn check(&self) -> Result<(), Problem> {
        http::check_url("url", &self.url)?;
        for (field, text) in [("host", &self.host), ("source", &self.source), ("index", &self.index)] {
            if text.as_ref().is_some_and(|text| text.is_empty() || text.len() > TEXT_BYTES_MAX) {
                return Err(Problem::new(field, format!("is not of 1 to {TEXT_BYTES_MAX} bytes")));
            }
        }
        if !(1..=3_600).contains(&self.acknowledge_within_s) {
            return Err(Problem::new("acknowledge_within_s", "is not between 1 and 3600"));
        }
        if !(REQUEST_BYTES_MIN..=REQUEST_BYTES_MAX).contains(&self.request_bytes) {
            let message = format!("is not between {REQUEST_BYTES_MIN} and {REQUEST_BYTES_MAX}");
            return Err(Problem::new("request_bytes", message));
        }
        self.rendering.check("canonical")
    }

    fn host(&self) -> Option<String> {
        http::origin_of(&self.url)
    }

    fn secrets(&self) -> &'static [SecretField] {
        const { &[SecretField::required("token", "the token of the collector")] }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let token = credentials.get("token").unwrap_or_default();
        let authorization = http::secret_value("token", &format!("Splunk {token}"))?;
        let mut http = Http::open("url", self.base(), self.ca.as_deref(), network)?;
        http.hide(token);
        let mut headers = http::headers("application/json");
        headers.insert(header::AUTHORIZATION, authorization);
        let channel = channel();
        if self.acknowledge {
            headers.insert(CHANNEL, http::value(&channel));
        }
        let vendor = &network.maker.vendor;
        Ok(Arc::new(Splunk {
            host: self.host.clone().unwrap_or_else(|| vendor.to_lowercase()),
            source: self.source.clone().unwrap_or_else(|| vendor.clone()),
            index: self.index.clone(),
            renderer: self.rendering.renderer("canonical", &network.maker)?,
            acks: self.acknowledge.then(|| Acks::new(&channel)),
            within: Duration::from_secs(self.acknowledge_within_s),
            place: format!("POST {}{EVENT_PATH}", self.base()),
            compress: self.compress,
            request_bytes: self.request_bytes,
            http,
            headers,
        }))
    }
}

/// A GUID of the fourth version.
fn channel() -> String {
    let mut bytes = picket_stdx::random::bytes::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = picket_stdx::encode::hex(&bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[derive(Debug)]
struct Splunk {
    http: Http,
    headers: HeaderMap,
    host: String,
    source: String,
    index: Option<String>,
    renderer: Renderer,
    acks: Option<Acks>,
    within: Duration,
    place: String,
    compress: bool,
    request_bytes: usize,
}

/// What the collector says.
#[derive(Debug, Deserialize)]
pub(crate) struct Said {
    code: u16,
    #[serde(default)]
    text: String,
    #[serde(rename = "invalid-event-number")]
    event: Option<usize>,
    #[serde(rename = "ackId")]
    ack_id: Option<u64>,
}

impl Destination for Splunk {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        let envelope = Envelope {
            time: event.event().timestamp,
            host: &self.host,
            source: &self.source,
            sourcetype: &self.renderer.sourcetype(event),
            index: self.index.as_deref(),
            fields: &[("event_id", event.id())],
        };
        encode(out, &envelope, |out| self.renderer.render_json(event, out))
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::CONCATENATED)
    }

    fn limits(&self) -> Limits {
        Limits { bytes: self.request_bytes, compressed_bytes: None, events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(self.deliver(request))
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }

    fn packing(&self, body: &[u8]) -> Option<&'static str> {
        if self.compress { http::packing(body) } else { None }
    }
}

impl Splunk {
    async fn deliver(&self, request: Request<'_>) -> Answer {
        let count = request.events.len();
        let mut headers = self.headers.clone();
        let body = if self.compress { http::gzip(&mut headers, request.body).await } else { request.body };
        let post = Post { method: Method::POST, path: EVENT_PATH, headers, body, answer_bytes: ANSWER_BYTES_MAX };
        let reply = match self.http.send(post).await {
            Ok(reply) => reply,
            Err(answer) => return answer,
        };
        let (answer, ack_id) = read(&reply, count);
        let (Outcome::Ack, Some(acks)) = (&answer.outcome, &self.acks) else { return answer };
        match ack_id {
            Some(id) => acks.reported(id, self.within, answer, &self.http, &self.headers).await,
            None => answer.warned(Warning::AcknowledgementOff),
        }
    }
}

/// What an answer of the event endpoint means, and the number under which the indexer will report.
fn read(reply: &Reply, count: usize) -> (Answer, Option<u64>) {
    // Something in front of the collector answers for it with a page.
    if matches!(reply.status, 413 | 415) {
        return (reply.plain(), None);
    }
    let Some(said) = reply.json::<Said>() else {
        let answer = if (200..300).contains(&reply.status) {
            reply.saying(Outcome::Config, b"what answers is no event collector: its answer is not JSON with a code")
        } else {
            reply.plain()
        };
        return (answer, None);
    };
    let answer = reply.saying(outcome(&said, reply.status, count), told(&said).as_bytes());
    let answer = match said.code {
        24..=27 => answer.warned(Warning::Capacity),
        _ => answer,
    };
    (answer, said.ack_id)
}

/// The code with its text, and the event that it is about, counted from one.
fn told(said: &Said) -> String {
    let event = position(said).map(|at| format!(", at event {}", at + 1)).unwrap_or_default();
    format!("code {}: {}{event}", said.code, said.text)
}

/// Which event a code is about, counted from zero. One code counts from one.
fn position(said: &Said) -> Option<usize> {
    if said.code == 7 { said.event?.checked_sub(1) } else { said.event }
}

/// What a code means.
fn outcome(said: &Said, status: u16, count: usize) -> Outcome {
    match said.code {
        0 | 24 | 25 => Outcome::Ack,
        // The token: disabled, missing, not understood, unknown, or not wanted in the address.
        1..=4 | 16 | 21 | 22 => Outcome::Auth,
        // Every event has the destination's own index, so that it is not the event's fault; nor is the channel.
        7 | 10 | 11 | 14 => Outcome::Config,
        5 | 6 | 12 | 13 | 15 => match position(said).filter(|at| *at < count && count > 1) {
            // Whether those before it are stored is not documented. Their ids make it harmless to send them again.
            Some(bad) => Outcome::Items((0..count).map(|at| item(at == bad, said)).collect()),
            None => Outcome::Reject,
        },
        8 | 9 | 18 | 19 | 20 | 23 | 26 | 27 => Outcome::Retry,
        // Of its health, where nobody asked for it.
        17 => Outcome::Config,
        _ if status < 300 => Outcome::Config,
        _ => http::outcome(status),
    }
}

fn item(is_bad: bool, said: &Said) -> ItemOutcome {
    if is_bad {
        ItemOutcome::Reject { reason: excerpt(format!("code {}: {}", said.code, said.text).as_bytes()) }
    } else {
        ItemOutcome::Retry
    }
}

/// Headers of a question about acknowledgements.
fn ack_headers(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}

#[cfg(test)]
mod tests;
