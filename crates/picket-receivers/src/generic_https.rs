//! Anything that takes a POST: JSON, CEF or LEEF, with a digest, and a signature of Standard Webhooks where a secret is
//! given.
//!
//! The digest is of workspace, event and body, and has no key: it shows that a body belongs to an event and tells copies,
//! not who sent it. That is what the signature is for.

use crate::answer::Answer;
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Sent, Waited};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use ::http::Method;
use ::http::header::{HeaderMap, HeaderName, HeaderValue};
use picket_render::wire::WireError;
use picket_render::wire::digest::{content_digest, digest};
use picket_render::wire::webhook::{self, Secret};
use picket_render::{Fixed, Renderer, Subject};
use picket_stdx::Clock;
use picket_stdx::encode::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use utoipa::ToSchema;

const REQUEST_BYTES: usize = 1_000_000;
const BATCH_MAX: usize = 1_000;
/// Headers that belong to the request itself, or say something of the body.
const TAKEN: &[&str] = &[
    "connection",
    "content-digest",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

/// How several events stand in one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// One event on a line.
    #[default]
    Lines,
    /// An array of JSON.
    Array,
}

/// Several events in one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// At most so many, 2 to 1000.
    pub events: usize,
    /// How they stand in the body.
    #[serde(default)]
    pub body: Body,
}

/// Options of the kind `generic_https`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to, with its path.
    pub url: String,
    /// Authorities that vouch for the server in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The header that holds the credential `auth`, such as `X-Auth`; `Authorization` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_header: Option<String>,
    /// Several events in one request; one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// In what language; `canonical` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "generic_https"
    }

    fn check(&self) -> Result<(), Problem> {
        http::check_url("url", &self.url)?;
        if let Some(header) = &self.auth_header {
            let name = http::name("auth_header", header)?;
            if TAKEN.contains(&name.as_str()) {
                return Err(Problem::new("auth_header", "is a header of the request itself: give another one"));
            }
        }
        let Some(batch) = &self.batch else { return self.rendering.check("canonical") };
        if !(2..=BATCH_MAX).contains(&batch.events) {
            return Err(Problem::new("batch.events", format!("is not between 2 and {BATCH_MAX}")));
        }
        match batch.body {
            Body::Lines => self.rendering.check("canonical"),
            Body::Array => self.rendering.check_object("canonical"),
        }
    }

    fn host(&self) -> Option<String> {
        http::origin_of(&self.url)
    }

    fn secrets(&self) -> &'static [SecretField] {
        const {
            &[
                SecretField::optional("auth", "the value of the header that authenticates"),
                SecretField::optional("secret", "`whsec_…` or `whsk_…`, by which requests are signed"),
                SecretField::optional("secret_next", "the secret that follows it, while receivers change over"),
            ]
        }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let renderer = self.rendering.renderer("canonical", &network.maker)?;
        let content_type = match (&self.batch, renderer.format().content_type()) {
            (Some(Batch { body: Body::Lines, .. }), "application/json") => "application/x-ndjson",
            (_, "text/plain") => "text/plain; charset=utf-8",
            (_, other) => other,
        };
        let mut headers = http::headers(content_type);
        let mut http = Http::open_origin("url", &self.url, self.ca.as_deref(), network)?;
        if let Some(value) = credentials.get("auth") {
            let name = http::name("auth_header", self.auth_header.as_deref().unwrap_or("authorization"))?;
            headers.insert(name, http::secret_value("auth", value)?);
            http.hide(value);
        } else if self.auth_header.is_some() {
            return Err(Problem::new("auth", "is missing: give the value of `auth_header`"));
        }
        let mut secrets = Vec::new();
        for field in ["secret", "secret_next"] {
            if let Some(text) = credentials.get(field) {
                secrets.push(Secret::parse(text).map_err(|error| Problem::new(field, error.to_string()))?);
            }
        }
        let named = |what: &str| http::name("header_prefix", &format!("x-{}-{what}", network.header_prefix));
        Ok(Arc::new(Generic {
            names: (named("event")?, named("digest")?),
            batch: self.batch.clone(),
            path: http::path_of(&self.url),
            place: format!("POST {}", self.url),
            clock: network.clock.clone(),
            renderer,
            secrets,
            headers,
            http,
        }))
    }
}

#[derive(Debug)]
struct Generic {
    http: Http,
    headers: HeaderMap,
    /// Of the event's type, and of the digest.
    names: (HeaderName, HeaderName),
    secrets: Vec<Secret>,
    batch: Option<Batch>,
    renderer: Renderer,
    path: String,
    place: String,
    clock: Clock,
}

impl Destination for Generic {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        self.renderer.render(event, out);
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(match self.batch.as_ref().map(|batch| batch.body) {
            None => Fixed::CONCATENATED,
            Some(Body::Lines) => Fixed::LINES,
            Some(Body::Array) => Fixed::ARRAY,
        })
    }

    fn limits(&self) -> Limits {
        let events = self.batch.as_ref().map_or(1, |batch| batch.events);
        Limits { bytes: REQUEST_BYTES, compressed_bytes: None, events }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(async move {
            let headers = self.signed(&request);
            let body = request.body;
            let post = Post { method: Method::POST, path: &self.path, headers, body, answer_bytes: ANSWER_BYTES_MAX };
            match self.http.send(post).await {
                Ok(reply) => reply.plain(),
                Err(answer) => answer,
            }
        })
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }
}

impl Generic {
    fn signed(&self, request: &Request<'_>) -> HeaderMap {
        let mut headers = self.headers.clone();
        let (event, digested) = &self.names;
        headers.insert("content-digest", http::value(&content_digest(&request.body)));
        if let ([one], None) = (request.events, &self.batch) {
            headers.insert(event, http::value(one.name));
            headers.insert(digested, http::value(&digest(one.workspace, one.id, &request.body)));
        }
        let id = id_of(request.events);
        headers.insert("webhook-id", http::value(&id));
        if self.secrets.is_empty() {
            return headers;
        }
        // Of this attempt: receivers refuse what is old.
        let at = self.clock.now().as_secs();
        headers.insert("webhook-timestamp", HeaderValue::from(at));
        if let Ok(signature) = webhook::signature(&id, at, &request.body, &self.secrets) {
            headers.insert("webhook-signature", http::value(&signature));
        }
        headers
    }
}

/// The id of a request, the same in every attempt: that of its one event, or a digest of all.
fn id_of(events: &[Sent<'_>]) -> String {
    let is_plain = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
    match events {
        [one] if is_plain(one.id) => one.id.to_owned(),
        _ => {
            let mut hash = Sha256::new();
            for event in events {
                hash.update(event.id);
                hash.update(b"\n");
            }
            format!("msg_{}", hex(&hash.finalize()))
        }
    }
}

#[cfg(test)]
mod tests;
