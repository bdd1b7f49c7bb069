//! Elasticsearch and OpenSearch.
//!
//! Documents are created under the ids of their events, so that what is sent twice is stored once: a conflict of versions
//! is success. The `_bulk` API answers 200 whatever became of its items; each has a status of its own. An id is unique in
//! one backing index: what is sent again after a rollover can be there twice, which `event.id` shows.

mod items;

use crate::answer::{Answer, Outcome};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Sent, Waited};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post, Reply};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use ::http::Method;
use ::http::header::{self, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_render::wire::WireError;
use picket_render::wire::bulk;
use picket_render::{Fixed, Renderer, Subject};
use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;
use zeroize::Zeroizing;

const REQUEST_BYTES: usize = 5_000_000;
const REQUEST_BYTES_MIN: usize = 64 * 1024;
/// What the servers take at most by their own default.
const REQUEST_BYTES_MAX: usize = 100_000_000;
const REQUEST_EVENTS: usize = 2_000;
/// What an item of an answer may take: a status, and the reason of a refusal, which may quote the document.
const ITEM_BYTES: usize = 2_048;
/// The parts of an answer that matter.
const FILTER: &str = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store";
/// What is written becomes searchable after a while: time between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(250);
const LOOKS: usize = 20;
const NAME_BYTES_MAX: usize = 255;

/// How documents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Write {
    /// Many at once, `_bulk` with `create`: for data streams and indexes.
    #[default]
    Bulk,
    /// One at a time, `_create` with the event's id.
    Create,
    /// One at a time, `_doc` without an id: what is sent twice is stored twice.
    Doc,
}

/// Options of the kind `elastic_http`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://host:9200`; a path before those of the API may follow.
    pub url: String,
    /// Authorities that vouch for the server in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The data stream or index.
    pub index: String,
    /// How documents are written.
    #[serde(default)]
    pub write: Write,
    /// Who signs in with the credential `password`; without it `api_key` is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether requests are compressed.
    #[serde(default = "yes")]
    pub compress: bool,
    /// Most bytes of a request before compression; 5,000,000 when absent.
    #[serde(default = "request_bytes")]
    pub request_bytes: usize,
    /// In what language; `canonical` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

const fn request_bytes() -> usize {
    REQUEST_BYTES
}

const fn yes() -> bool {
    true
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "elastic_http"
    }

    fn check(&self) -> Result<(), Problem> {
        http::check_url("url", &self.url)?;
        let name = &self.index;
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
        if !(1..=NAME_BYTES_MAX).contains(&name.len())
            || name.starts_with(['-', '_', '.'])
            || !name.bytes().all(is_plain)
        {
            let message =
                "is no name of an index: give lower-case letters, digits, `-`, `_` and `.`, a letter or digit first";
            return Err(Problem::new("index", message));
        }
        if self.user.as_ref().is_some_and(|user| user.is_empty() || user.contains(':')) {
            return Err(Problem::new("user", "is empty or holds `:`, which no name of a user may"));
        }
        if !(REQUEST_BYTES_MIN..=REQUEST_BYTES_MAX).contains(&self.request_bytes) {
            let message = format!("is not between {REQUEST_BYTES_MIN} and {REQUEST_BYTES_MAX}");
            return Err(Problem::new("request_bytes", message));
        }
        self.rendering.check_object("canonical")
    }

    fn host(&self) -> Option<String> {
        http::origin_of(&self.url)
    }

    fn secrets(&self) -> &'static [SecretField] {
        const {
            &[
                SecretField::optional("api_key", "an API key in its encoded form, or `id:key`"),
                SecretField::optional("password", "the password of `user`"),
            ]
        }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let mut http = Http::open("url", &self.url, self.ca.as_deref(), network)?;
        let content_type = if self.write == Write::Bulk { "application/x-ndjson" } else { "application/json" };
        let mut headers = http::headers(content_type);
        if let Some(value) = self.authorization(credentials)? {
            let shown = value.to_str().unwrap_or_default();
            http.hide(shown.rsplit(' ').next().unwrap_or_default());
            ["password", "api_key"].iter().filter_map(|field| credentials.get(field)).for_each(|text| http.hide(text));
            headers.insert(header::AUTHORIZATION, value);
        }
        let path = match self.write {
            Write::Bulk => format!("/{}/_bulk?filter_path={FILTER}", self.index),
            Write::Create => format!("/{}/_create/", self.index),
            Write::Doc => format!("/{}/_doc", self.index),
        };
        Ok(Arc::new(Elastic {
            base: self.url.trim_end_matches('/').to_owned(),
            renderer: self.rendering.renderer("canonical", &network.maker)?,
            index: self.index.clone(),
            write: self.write,
            compress: self.compress,
            request_bytes: self.request_bytes,
            path,
            http,
            headers,
        }))
    }
}

impl Config {
    fn authorization(&self, credentials: &Credentials) -> Result<Option<::http::HeaderValue>, Problem> {
        match (&self.user, credentials.get("password"), credentials.get("api_key")) {
            (Some(user), Some(password), None) => {
                let pair = Zeroizing::new(format!("{user}:{password}"));
                let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
                http::secret_value("password", &text).map(Some)
            }
            (None, None, Some(key)) => {
                // Both forms in which keys are shown when they are made.
                let encoded = Zeroizing::new(if key.contains(':') { STANDARD.encode(key) } else { key.to_owned() });
                http::secret_value("api_key", &format!("ApiKey {}", encoded.as_str())).map(Some)
            }
            (None, None, None) => Ok(None),
            (Some(_), None, None) => Err(Problem::new("password", "is missing: give the password of `user`")),
            (None, Some(_), None) => Err(Problem::new("user", "is missing: say whose password it is")),
            (_, _, Some(_)) => Err(Problem::new("api_key", "stands beside a user or password: give one of them")),
        }
    }
}

#[derive(Debug)]
struct Elastic {
    http: Http,
    headers: HeaderMap,
    path: String,
    /// The address before it.
    base: String,
    index: String,
    write: Write,
    compress: bool,
    request_bytes: usize,
    renderer: Renderer,
}

impl Destination for Elastic {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        let at = Some(event.event().timestamp).filter(|_at| !self.renderer.has_at());
        match self.write {
            Write::Bulk => bulk::create(out, event.id(), at, |out| self.renderer.render(event, out)),
            Write::Create | Write::Doc => bulk::document(out, at, |out| self.renderer.render(event, out)),
        }
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::CONCATENATED)
    }

    fn limits(&self) -> Limits {
        let events = if self.write == Write::Bulk { REQUEST_EVENTS } else { 1 };
        Limits { bytes: self.request_bytes, compressed_bytes: None, events }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(self.deliver(request))
    }

    fn place(&self, request: &Request<'_>) -> String {
        format!("POST {}{}", self.base, self.path_of(request))
    }

    fn packing(&self, body: &[u8]) -> Option<&'static str> {
        if self.compress { http::packing(body) } else { None }
    }

    fn read_back<'a>(&'a self, event: Sent<'a>) -> Waited<'a, Option<Result<String, Problem>>> {
        Box::pin(async { Some(self.look(event.id).await) })
    }

    fn count(&self, from: Timestamp, to: Timestamp) -> Waited<'_, Option<Result<u64, Problem>>> {
        Box::pin(async move { Some(self.counted(from, to).await) })
    }
}

impl Elastic {
    fn path_of(&self, request: &Request<'_>) -> String {
        let mut path = self.path.clone();
        if self.write == Write::Create {
            let id = request.events.first().map(|event| event.id).unwrap_or_default();
            path.extend(form_urlencoded::byte_serialize(id.as_bytes()));
        }
        path
    }

    async fn deliver(&self, request: Request<'_>) -> Answer {
        let count = request.events.len();
        let path = self.path_of(&request);
        let mut headers = self.headers.clone();
        let body = if self.compress { http::gzip(&mut headers, request.body).await } else { request.body };
        let answer_bytes = ANSWER_BYTES_MAX + count * ITEM_BYTES;
        let post = Post { method: Method::POST, path: &path, headers, body, answer_bytes };
        match self.http.send(post).await {
            Err(answer) => answer,
            Ok(reply) if self.write == Write::Bulk => items::bulk(&reply, count),
            Ok(reply) => items::single(&reply),
        }
    }

    async fn ask(&self, api: &str, body: &Value) -> Result<Value, Problem> {
        let mut headers = self.headers.clone();
        headers.insert(header::CONTENT_TYPE, ::http::HeaderValue::from_static("application/json"));
        let path = format!("/{}/{api}", self.index);
        let body = body.to_string().into();
        let post = Post { method: Method::POST, path: &path, headers, body, answer_bytes: ANSWER_BYTES_MAX };
        let refused = |message: String| Problem::new("index", format!("cannot be searched: {message}"));
        let reply: Reply = self.http.send(post).await.map_err(|answer| refused(answer.excerpt))?;
        match reply.json().filter(|_answer| reply.status == 200) {
            Some(answer) => Ok(answer),
            None if matches!(reply.status, 401 | 403) => {
                Err(refused("the credentials may not read it, which the privilege `read` allows".to_owned()))
            }
            None => Err(refused(format!("{} {}", reply.status, reply.plain().excerpt))),
        }
    }

    async fn look(&self, id: &str) -> Result<String, Problem> {
        let same = |field: &str| json!({"match_phrase": {field: id}});
        let any = [json!({"ids": {"values": [id]}}), same("event_id"), same("event.id")];
        let query = json!({"size": 1, "query": {"bool": {"should": any}}});
        for _ in 0..LOOKS {
            let found = self.ask("_search", &query).await?;
            if let Some(document) = found.pointer("/hits/hits/0/_source") {
                return Ok(document.to_string());
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        Err(Problem::new("index", "the document is not found by a search, although it was accepted"))
    }

    async fn counted(&self, from: Timestamp, to: Timestamp) -> Result<u64, Problem> {
        // Probes are of no log.
        let probe = |field: &str| json!({"match_phrase": {field: "system.test"}});
        let query = json!({"query": {"bool": {
            "filter": [{"range": {"@timestamp": {"gte": from, "lt": to}}}],
            "must_not": [probe("event_type"), probe("event.action"), probe("metadata.event_code")],
        }}});
        let answer = self.ask("_count", &query).await?;
        let count = answer.get("count").and_then(Value::as_u64);
        count.ok_or_else(|| Problem::new("index", "was not counted: the answer has no `count`"))
    }
}

/// What a request as a whole means that did not come to its items.
fn refused(reply: &Reply) -> Answer {
    let answer = reply.plain();
    // A full disk makes indexes read-only, under several statuses; that passes.
    let kind = reply.json::<Value>().and_then(|said| said.pointer("/error/type")?.as_str().map(str::to_owned));
    match kind.as_deref() {
        Some("cluster_block_exception") => reply.answer(Outcome::Retry),
        _ => answer,
    }
}

#[cfg(test)]
mod tests;
