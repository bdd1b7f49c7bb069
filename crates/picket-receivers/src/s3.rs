//! Objects in S3 and what speaks like it: lines of JSON, compressed by Zstandard, or Parquet.
//!
//! The name of an object is made of the positions of its first and last event and of what it holds. So a request that is
//! sent again has the name that it had, and is refused as being there already: each is stored once. What holds other
//! events between the same positions has another name, and is stored beside it.

mod columns;
mod sigv4;

use crate::answer::{Answer, Outcome};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Sent, Waited};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post, Reply};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use ::http::header::{self, HeaderMap, HeaderValue};
use ::http::{Method, Uri};
use bytes::Bytes;
use picket_render::wire::WireError;
use picket_render::{Fixed, Renderer, Subject};
use picket_stdx::Clock;
use picket_stdx::encode::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sigv4::{Signer, escaped};
use std::sync::Arc;
use utoipa::ToSchema;
use zeroize::Zeroizing;

const REQUEST_BYTES: usize = 8 * 1024 * 1024;
const REQUEST_BYTES_MIN: usize = 64 * 1024;
const REQUEST_BYTES_MAX: usize = 256 * 1024 * 1024;
const REQUEST_EVENTS: usize = 10_000;
const PREFIX_BYTES_MAX: usize = 256;
/// Fair compression at a speed that no network outruns.
const LEVEL: i32 = 3;
/// Digits of the digest in a name.
const MARK: usize = 16;

/// What an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objects {
    /// Lines of JSON, compressed by Zstandard.
    #[default]
    Ndjson,
    /// Columns of Parquet: one for each member of an event, the same for every object.
    Parquet,
}

impl Objects {
    /// How the name of an object ends.
    const fn ending(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson.zst",
            Self::Parquet => "parquet",
        }
    }

    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Ndjson => "application/zstd",
            Self::Parquet => "application/vnd.apache.parquet",
        })
    }
}

/// Options of the kind `s3`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The bucket.
    pub bucket: String,
    /// Region, which is part of the signature.
    pub region: String,
    /// Where to, for services that speak like S3; Amazon's own address when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Whether the bucket stands in the path in place of the name of the host; true when absent and `endpoint` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
    /// What names of objects begin with, such as `picket/prod`.
    #[serde(default)]
    pub prefix: String,
    /// Authorities that vouch for the server in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Most bytes of an object before compression; 8388608 when absent.
    #[serde(default = "request_bytes")]
    pub request_bytes: usize,
    /// What objects hold; `ndjson` when absent.
    #[serde(default)]
    pub objects: Objects,
    /// In what language, for `ndjson`; `canonical` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

const fn request_bytes() -> usize {
    REQUEST_BYTES
}

impl Config {
    pub(crate) fn has_bodies(&self) -> bool {
        self.objects == Objects::Parquet || self.rendering.has_bodies("canonical")
    }

    fn is_path_style(&self) -> bool {
        self.path_style.unwrap_or(self.endpoint.is_some())
    }

    /// The address of the bucket's host.
    fn url(&self) -> String {
        let (scheme, host) = match &self.endpoint {
            None => ("https", format!("s3.{}.amazonaws.com", self.region)),
            Some(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
                (scheme, rest.trim_end_matches('/').to_owned())
            }
        };
        if self.is_path_style() { format!("{scheme}://{host}") } else { format!("{scheme}://{}.{host}", self.bucket) }
    }
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn check(&self) -> Result<(), Problem> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        let bucket = &self.bucket;
        let ends_well = !bucket.starts_with(['-', '.']) && !bucket.ends_with(['-', '.']) && !bucket.contains("..");
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(is_plain) || !ends_well {
            return Err(Problem::new("bucket", "is no name of a bucket: give 3 to 63 of a-z, 0-9, `-` and `.`"));
        }
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=64).contains(&self.region.len()) || !self.region.bytes().all(is_word) {
            return Err(Problem::new("region", "is none: give one such as `eu-central-1`"));
        }
        http::check_url("endpoint", &self.url())?;
        if http::path_of(&self.url()) != "/" {
            return Err(Problem::new("endpoint", "has a path: give scheme, host and port alone"));
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=' | b'/');
        let has_dots = self.prefix.split('/').any(|part| part == "." || part == "..");
        if self.prefix.len() > PREFIX_BYTES_MAX || !self.prefix.bytes().all(fits) || has_dots {
            return Err(Problem::new("prefix", "has more than letters, digits, `-`, `_`, `.`, `=` and `/`"));
        }
        if !(REQUEST_BYTES_MIN..=REQUEST_BYTES_MAX).contains(&self.request_bytes) {
            let message = format!("is not between {REQUEST_BYTES_MIN} and {REQUEST_BYTES_MAX}");
            return Err(Problem::new("request_bytes", message));
        }
        if self.objects == Objects::Parquet && self.rendering != Rendering::default() {
            let message = "is of no use with `objects: parquet`, whose columns are the members of events: leave it out";
            return Err(Problem::new("rendering", message));
        }
        self.rendering.check_object("canonical")
    }

    fn host(&self) -> Option<String> {
        http::origin_of(&self.url())
    }

    fn secrets(&self) -> &'static [SecretField] {
        const {
            &[
                SecretField::required("access_key_id", "the id of an access key"),
                SecretField::required("secret_access_key", "the access key"),
                SecretField::optional("session_token", "the token of a temporary access key"),
            ]
        }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let url = self.url();
        let mut http = Http::open_origin("endpoint", &url, self.ca.as_deref(), network)?;
        let host = url.parse::<Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string)).unwrap_or_default();
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, http::value(&host));
        headers.insert(header::CONTENT_TYPE, self.objects.content_type());
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        if let Some(token) = credentials.get("session_token") {
            headers.insert("x-amz-security-token", http::secret_value("session_token", token)?);
            http.hide(token);
        }
        let key_id = credentials.get("access_key_id").unwrap_or_default();
        if !key_id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b',')) {
            return Err(Problem::new("access_key_id", "is none: it has no spaces, `/` and `,`"));
        }
        let signer = Signer {
            key_id: key_id.to_owned(),
            key: Zeroizing::new(credentials.get("secret_access_key").unwrap_or_default().to_owned()),
            region: self.region.clone(),
        };
        let bucket = if self.is_path_style() { format!("/{}", self.bucket) } else { String::new() };
        let prefix = self.prefix.trim_matches('/');
        let begin = if prefix.is_empty() { bucket } else { format!("{bucket}/{prefix}") };
        Ok(Arc::new(S3 {
            renderer: self.rendering.renderer("canonical", &network.maker)?,
            objects: self.objects,
            origin: url,
            clock: network.clock.clone(),
            request_bytes: self.request_bytes,
            begin,
            http,
            headers,
            signer,
        }))
    }
}

#[derive(Debug)]
struct S3 {
    http: Http,
    headers: HeaderMap,
    signer: Signer,
    /// The path before what is different from object to object.
    begin: String,
    /// Scheme, host and port.
    origin: String,
    clock: Clock,
    renderer: Renderer,
    objects: Objects,
    request_bytes: usize,
}

impl Destination for S3 {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        match self.objects {
            Objects::Ndjson => self.renderer.render(event, out),
            Objects::Parquet => columns::line(event, out),
        }
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::LINES)
    }

    fn limits(&self) -> Limits {
        Limits { bytes: self.request_bytes, compressed_bytes: None, events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(async move {
            let path = self.path(&request);
            let Some(body) = packed(request.body, self.objects).await else {
                return Answer::new(Outcome::Retry, "the object could not be packed");
            };
            let mut headers = self.headers.clone();
            self.signer.sign(&Method::PUT, &path, "", &mut headers, &body, self.clock.now());
            let post = Post { method: Method::PUT, path: &path, headers, body, answer_bytes: ANSWER_BYTES_MAX };
            match self.http.send(post).await {
                Ok(reply) => read(&reply),
                Err(answer) => answer,
            }
        })
    }

    fn place(&self, request: &Request<'_>) -> String {
        format!("PUT {}{}", self.origin, self.path(request))
    }

    fn packing(&self, _body: &[u8]) -> Option<&'static str> {
        Some(match self.objects {
            Objects::Ndjson => "Zstandard",
            Objects::Parquet => "being written as columns of Parquet",
        })
    }
}

impl S3 {
    /// The path of the object that a request becomes.
    fn path(&self, request: &Request<'_>) -> String {
        escaped(&format!("{}/{}", self.begin, name(request.events, &request.body, self.objects)))
    }
}

/// The name of an object: workspace, hour of its first event, positions, and a digest of what it holds before it is packed.
fn name(events: &[Sent<'_>], body: &[u8], objects: Objects) -> String {
    let plain =
        |character: char| if character.is_ascii_alphanumeric() || "-_.".contains(character) { character } else { '_' };
    let workspace: String =
        events.first().map(|event| event.workspace.chars().map(plain).collect()).unwrap_or_default();
    let at = events.first().map(|event| event.timestamp.to_string()).unwrap_or_default();
    let part = |from: usize, to: usize| at.get(from..to).unwrap_or("0");
    let (first, last) =
        (events.first().map_or(0, |event| event.position), events.last().map_or(0, |event| event.position));
    let digest = hex(&Sha256::digest(body));
    let mark = digest.get(..MARK).unwrap_or_default();
    let (year, month, day, hour) = (part(0, 4), part(5, 7), part(8, 10), part(11, 13));
    let ending = objects.ending();
    format!("{workspace}/{year}/{month}/{day}/{hour}/{first:020}-{last:020}-{mark}.{ending}")
}

async fn packed(body: Bytes, objects: Objects) -> Option<Bytes> {
    let pack = move || match objects {
        Objects::Ndjson => zstd::bulk::compress(&body, LEVEL).ok(),
        Objects::Parquet => columns::file(&body).ok(),
    };
    tokio::task::spawn_blocking(pack).await.ok()?.map(Bytes::from)
}

/// The word of an error, which stands in XML.
fn code(reply: &Reply) -> &str {
    let text = std::str::from_utf8(&reply.body).unwrap_or_default();
    let inner = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    inner.map_or("", |(code, _)| code)
}

fn read(reply: &Reply) -> Answer {
    let outcome = match (reply.status, code(reply)) {
        // Every object that is stored has a tag.
        (200, _) if reply.headers.contains_key(header::ETAG) => Outcome::Ack,
        (200..=299, _) => return reply.saying(Outcome::Config, b"what answers is no S3: its answer has no tag"),
        (412, _) => return reply.saying(Outcome::Ack, b"it is stored already"),
        (409, "ConditionalRequestConflict" | "OperationAborted") => Outcome::Retry,
        (_, "RequestTimeout" | "SlowDown" | "ServiceUnavailable" | "InternalError") => Outcome::Retry,
        (_, "EntityTooLarge") => Outcome::Split,
        (_, "RequestTimeTooSkewed") => {
            let said = b"RequestTimeTooSkewed: the clocks of this machine and of the service are too far apart";
            return reply.saying(Outcome::Config, said);
        }
        (_, "ExpiredToken" | "InvalidToken" | "InvalidAccessKeyId" | "SignatureDoesNotMatch") => Outcome::Auth,
        // What is in an object is nothing that the service looks at: it is not an event that is refused.
        (400 | 409 | 422, _) => Outcome::Config,
        _ => return reply.plain(),
    };
    reply.answer(outcome)
}

#[cfg(test)]
mod tests;
