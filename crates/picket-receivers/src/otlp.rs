//! The OpenTelemetry Protocol over HTTP, with Protocol Buffers.
//!
//! Only 429, 502, 503 and 504 mean that the same may be sent again. An answer of success can tell that some records were
//! refused; it does not say which, and forbids to send the request again.

use crate::answer::{Answer, Outcome};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Waited};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post, Reply};
use crate::kind::Problem;
use crate::network::Network;
use ::http::Method;
use ::http::header::{self, HeaderMap};
use picket_render::wire::WireError;
use picket_render::wire::otlp::{PartialSuccess, partial_success};
use picket_render::{Format, Renderer, Subject};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

const REQUEST_BYTES: usize = 4_000_000;
const REQUEST_BYTES_MIN: usize = 64 * 1024;
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;
const REQUEST_EVENTS: usize = 2_000;
const LOGS_PATH: &str = "/v1/logs";

/// Options of the kind `otlp`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://host:4318`, with a path before `/v1/logs` where there is one; that follows where it is not said.
    pub url: String,
    /// Authorities that vouch for the server in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The header that holds the credential `auth`; `Authorization` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_header: Option<String>,
    /// Whether requests are compressed.
    #[serde(default = "yes")]
    pub compress: bool,
    /// Most bytes of a request before compression; 4,000,000 when absent.
    #[serde(default = "request_bytes")]
    pub request_bytes: usize,
}

const fn request_bytes() -> usize {
    REQUEST_BYTES
}

const fn yes() -> bool {
    true
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn check(&self) -> Result<(), Problem> {
        http::check_url("url", &self.url)?;
        if let Some(header) = &self.auth_header {
            http::name("auth_header", header)?;
        }
        if !(REQUEST_BYTES_MIN..=REQUEST_BYTES_MAX).contains(&self.request_bytes) {
            let message = format!("is not between {REQUEST_BYTES_MIN} and {REQUEST_BYTES_MAX}");
            return Err(Problem::new("request_bytes", message));
        }
        Ok(())
    }

    fn host(&self) -> Option<String> {
        http::origin_of(&self.url)
    }

    fn secrets(&self) -> &'static [SecretField] {
        const { &[SecretField::optional("auth", "the value of the header that authenticates, such as `Bearer …`")] }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let mut http = Http::open_origin("url", &self.url, self.ca.as_deref(), network)?;
        let mut headers = http::headers("application/x-protobuf");
        if let Some(value) = credentials.get("auth") {
            let name = http::name("auth_header", self.auth_header.as_deref().unwrap_or("authorization"))?;
            headers.insert(name, http::secret_value("auth", value)?);
            http.hide(value);
        }
        let said = http::path_of(&self.url);
        let said = said.trim_end_matches('/');
        let path = format!("{}{LOGS_PATH}", said.strip_suffix(LOGS_PATH).unwrap_or(said));
        Ok(Arc::new(Otlp {
            place: format!("POST {}{path}", http::origin_of(&self.url).unwrap_or_default()),
            renderer: Renderer::new(Format::Otel, network.maker.clone()),
            compress: self.compress,
            request_bytes: self.request_bytes,
            http,
            headers,
            path,
        }))
    }
}

#[derive(Debug)]
struct Otlp {
    http: Http,
    headers: HeaderMap,
    path: String,
    place: String,
    renderer: Renderer,
    compress: bool,
    request_bytes: usize,
}

impl Destination for Otlp {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        Renderer::otel_record(event, out);
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Otlp(self.renderer.otel_request())
    }

    fn limits(&self) -> Limits {
        Limits { bytes: self.request_bytes, compressed_bytes: None, events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(async move {
            let mut headers = self.headers.clone();
            let body = if self.compress { http::gzip(&mut headers, request.body).await } else { request.body };
            let post = Post { method: Method::POST, path: &self.path, headers, body, answer_bytes: ANSWER_BYTES_MAX };
            match self.http.send(post).await {
                Ok(reply) => read(&reply, request.events.len()),
                Err(answer) => answer,
            }
        })
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }

    fn packing(&self, body: &[u8]) -> Option<&'static str> {
        if self.compress { http::packing(body) } else { None }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Said {
    partial_success: Partial,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Partial {
    rejected_log_records: Number,
    error_message: String,
}

/// 64 bits, which JSON of this protocol writes as text; numbers are read too.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Number {
    Text(String),
    Number(u64),
}

impl Default for Number {
    fn default() -> Self {
        Self::Number(0)
    }
}

fn read(reply: &Reply, count: usize) -> Answer {
    match reply.status {
        200..=299 => taken(reply, count),
        429 | 502 | 503 | 504 => reply.answer(Outcome::Retry),
        // All other faults of a server must not be answered by sending the same again at once: they count towards the
        // pause, so that an outage does not turn into dead letters.
        408 | 421 | 423 | 425 | 500..=599 => reply.answer(Outcome::Config),
        _ => reply.plain(),
    }
}

fn taken(reply: &Reply, count: usize) -> Answer {
    if reply.body.is_empty() {
        return reply.answer(Outcome::Ack);
    }
    let is_json =
        reply.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let partial = if is_json {
        reply.json::<Said>().map(|said| PartialSuccess {
            rejected: match said.partial_success.rejected_log_records {
                Number::Text(text) => text.parse().unwrap_or(0),
                Number::Number(number) => number,
            },
            message: said.partial_success.error_message,
        })
    } else if reply.is_whole {
        partial_success(&reply.body)
    } else {
        None
    };
    let Some(partial) = partial else {
        return reply
            .saying(Outcome::Config, b"what answers is no receiver of OTLP: its answer is none of that protocol");
    };
    let rejected = usize::try_from(partial.rejected).unwrap_or(usize::MAX);
    let outcome = match rejected {
        0 => Outcome::Ack,
        some if some >= count => Outcome::Reject,
        some => Outcome::Partial { rejected: some },
    };
    reply.saying(outcome, partial.message.as_bytes())
}

#[cfg(test)]
mod tests;
