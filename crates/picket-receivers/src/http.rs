//! Requests over HTTP, and what the answers have in common.

use crate::answer::{Answer, Outcome, excerpt};
use crate::kind::Problem;
use crate::network::Network;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Uri};
use picket_egress::{EgressError, Limits, Upstream, UpstreamBody};
use picket_stdx::{Clock, error_chain};
use std::io::Write as _;
use std::time::Duration;
use zeroize::Zeroizing;

/// Bytes of an answer that are read: no answer that matters is longer, but for those with a line for each event.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Shorter credentials are not looked for in answers: they would be found in words.
const HIDDEN_BYTES_MIN: usize = 6;
/// Longest address.
const URL_BYTES_MAX: usize = 2_048;
/// Bodies up to this size are compressed where they are; longer ones on a thread that may take its time.
const SMALL_BYTES: usize = 16 * 1024;

/// Connections to one server.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    upstream: Upstream,
    clock: Clock,
    within: Duration,
    /// Credentials that go to this server. It may say them back, and what it says is shown.
    hidden: Vec<Zeroizing<Vec<u8>>>,
}

/// An answer of a server.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the body was read to its end.
    pub(crate) is_whole: bool,
    /// How long the server asks to be left alone.
    pub(crate) after: Option<Duration>,
}

/// A request.
#[derive(Debug)]
pub(crate) struct Post<'a> {
    pub(crate) method: Method,
    /// Behind the address that was opened, with its query.
    pub(crate) path: &'a str,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Bytes of the answer that are read.
    pub(crate) answer_bytes: usize,
}

impl Http {
    /// The same without the path of the address: requests name all of it.
    pub(crate) fn open_origin(field: &str, url: &str, ca: Option<&str>, network: &Network) -> Result<Self, Problem> {
        Self::open(field, &origin_of(url).unwrap_or_default(), ca, network)
    }

    /// Opens the server of an address that was [checked](check_url). `field` is the option that holds it.
    pub(crate) fn open(field: &str, url: &str, ca: Option<&str>, network: &Network) -> Result<Self, Problem> {
        let within = network.within();
        let limits = Limits { connect: within, head: within, idle: within, total: within, body_bytes: usize::MAX };
        let pem = authorities(ca)?.or(network.roots.as_deref());
        let upstream = Upstream::delivering(url, limits, pem, &network.allowed).map_err(|error| {
            let field = if matches!(error, EgressError::Authorities(_)) { "ca" } else { field };
            Problem::new(field, error_chain(&error))
        })?;
        Ok(Self { upstream, within, clock: network.clock.clone(), hidden: Vec::new() })
    }

    /// Takes a credential out of whatever the server will say.
    pub(crate) fn hide(&mut self, secret: &str) {
        if secret.len() >= HIDDEN_BYTES_MIN {
            self.hidden.push(Zeroizing::new(secret.as_bytes().to_vec()));
        }
    }

    /// Sends a request; an answer of Picket's own where the server gave none in time.
    pub(crate) async fn send(&self, post: Post<'_>) -> Result<Reply, Answer> {
        match tokio::time::timeout(self.within, self.exchange(post)).await {
            Err(_elapsed) => {
                let said = format!("no whole answer within {} s", self.within.as_secs());
                Err(Answer::new(Outcome::Retry, &said))
            }
            Ok(Err(error)) => {
                // What does not prove who it is will not do so the next time either.
                let outcome = if error.is_tls() { Outcome::Config } else { Outcome::Retry };
                Err(Answer::new(outcome, &error.said("destinations")))
            }
            Ok(Ok(reply)) => Ok(reply),
        }
    }

    async fn exchange(&self, post: Post<'_>) -> Result<Reply, EgressError> {
        let answer = self.upstream.send(post.method, post.path, post.headers, post.body).await?;
        let (head, mut rest) = answer.into_parts();
        let (mut body, is_whole) = read(&mut rest, post.answer_bytes).await?;
        for secret in &self.hidden {
            blank(&mut body, secret);
        }
        let after = picket_egress::retry_after(&head.headers, self.clock.now().into());
        Ok(Reply { status: head.status.as_u16(), headers: head.headers, body, is_whole, after })
    }
}

/// Replaces every occurrence of a text by stars.
fn blank(body: &mut [u8], text: &[u8]) {
    let mut at = 0;
    while let Some(found) = body.get(at..).and_then(|rest| memchr::memmem::find(rest, text)) {
        let end = at + found + text.len();
        if let Some(place) = body.get_mut(at + found..end) {
            place.fill(b'*');
        }
        at = end;
    }
}

/// Reads so many bytes, and says whether that was all.
async fn read(rest: &mut UpstreamBody, bytes_max: usize) -> Result<(Vec<u8>, bool), EgressError> {
    let mut body = Vec::new();
    while let Some(piece) = rest.piece().await? {
        let room = bytes_max - body.len();
        if piece.len() > room {
            body.extend_from_slice(piece.get(..room).unwrap_or_default());
            return Ok((body, false));
        }
        body.extend_from_slice(&piece);
    }
    Ok((body, true))
}

/// What a status means where a protocol says nothing else.
pub(crate) const fn outcome(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Ack,
        401 | 403 | 407 | 511 => Outcome::Auth,
        408 | 421 | 423 | 425 | 429 => Outcome::Retry,
        413 => Outcome::Split,
        400 | 409 | 422 => Outcome::Reject,
        501 | 505 => Outcome::Config,
        500..=599 => Outcome::Retry,
        // Redirects are not followed: who is redirected was given the wrong address.
        _ => Outcome::Config,
    }
}

impl Reply {
    /// The answer with this outcome and what the server said.
    pub(crate) fn answer(&self, outcome: Outcome) -> Answer {
        self.saying(outcome, &self.body)
    }

    /// The answer with this outcome and another text.
    pub(crate) fn saying(&self, outcome: Outcome, said: &[u8]) -> Answer {
        Answer { outcome, status: Some(self.status), excerpt: excerpt(said), after: self.after, warning: None }
    }

    /// What the status alone means.
    pub(crate) fn plain(&self) -> Answer {
        if (300..400).contains(&self.status) {
            let said = "the receiver redirects, which is not followed: give the address where it is";
            return self.saying(Outcome::Config, said.as_bytes());
        }
        self.answer(outcome(self.status))
    }

    /// The body, if all of it is JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        if self.is_whole { serde_json::from_slice(&self.body).ok() } else { None }
    }
}

/// Refuses addresses that are none of HTTP, or hold what may be a password.
pub(crate) fn check_url(field: &str, url: &str) -> Result<(), Problem> {
    parse_url(field, url).map(drop)
}

fn parse_url(field: &str, url: &str) -> Result<Uri, Problem> {
    let refuse = |message: &str| Err(Problem::new(field, message));
    if url.len() > URL_BYTES_MAX {
        return refuse("is longer than 2048 bytes");
    }
    let Ok(uri) = url.parse::<Uri>() else { return refuse("is no address: write https://host[:port][/path]") };
    if !matches!(uri.scheme_str(), Some("https" | "http")) {
        return refuse("is no address of HTTP: write https://host[:port][/path]");
    }
    let Some(authority) = uri.authority() else { return refuse("has no host: write https://host[:port][/path]") };
    if authority.as_str().contains('@') {
        return refuse("holds a user or password: leave them out, and give them as credentials");
    }
    let behind = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
    if !behind.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
        return refuse("has no port between 1 and 65535");
    }
    if uri.query().is_some() || url.contains('#') {
        return refuse("has a query or fragment, which may hold a credential: leave it out");
    }
    Ok(uri)
}

/// The path of an address, `/` where it has none.
pub(crate) fn path_of(url: &str) -> String {
    let path = url.parse::<Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default();
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Scheme, host and port of an address.
pub(crate) fn origin_of(url: &str) -> Option<String> {
    picket_egress::origin(url)
}

/// Headers with the type of the body.
pub(crate) fn headers(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("Picket/", env!("CARGO_PKG_VERSION"))));
    headers
}

/// The certificates of authorities that settings hold, which everybody sees who may read settings.
pub(crate) fn authorities(ca: Option<&str>) -> Result<Option<&[u8]>, Problem> {
    let Some(ca) = ca else { return Ok(None) };
    if ca.contains("PRIVATE KEY-----") {
        return Err(Problem::new("ca", "holds a private key, which belongs nowhere here: leave only certificates"));
    }
    if !ca.contains("-----BEGIN CERTIFICATE-----") {
        return Err(Problem::new("ca", "is no PEM with `BEGIN CERTIFICATE`: give the text itself, not its path"));
    }
    Ok(Some(ca.as_bytes()))
}

/// A value that is not shown in logs of libraries; refused are line breaks and other controls.
pub(crate) fn secret_value(field: &str, text: &str) -> Result<HeaderValue, Problem> {
    // The library takes what is beyond ASCII, which receivers read in as many ways as there are.
    let value = Some(text).filter(|text| text.is_ascii()).and_then(|text| HeaderValue::from_str(text).ok());
    let mut value = value.ok_or_else(|| {
        Problem::new(field, "has a line break, another control character or one beyond ASCII: copy it without them")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A value from an event or an option; what a header cannot hold is `?`.
pub(crate) fn value(text: &str) -> HeaderValue {
    let plain: String =
        text.chars().map(|character| if matches!(character, ' '..='~') { character } else { '?' }).collect();
    HeaderValue::from_str(&plain).unwrap_or_else(|_error| HeaderValue::from_static("?"))
}

/// The name of a header.
pub(crate) fn name(field: &str, text: &str) -> Result<HeaderName, Problem> {
    HeaderName::from_bytes(text.as_bytes())
        .map_err(|_error| Problem::new(field, "is no name of a header: give letters, digits and `-`"))
}

/// Compresses a body and says so, unless that makes it longer.
pub(crate) async fn gzip(headers: &mut HeaderMap, body: Bytes) -> Bytes {
    let given = body.clone();
    let packed = if body.len() <= SMALL_BYTES {
        gzipped(&given)
    } else {
        tokio::task::spawn_blocking(move || gzipped(&given)).await.unwrap_or_default()
    };
    if packed.is_empty() || packed.len() >= body.len() {
        return body;
    }
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    packed.into()
}

/// How [`gzip`] packs a body, which it does where that makes it shorter.
pub(crate) fn packing(body: &[u8]) -> Option<&'static str> {
    let packed = gzipped(body);
    (!packed.is_empty() && packed.len() < body.len()).then_some("gzip")
}

/// What is empty could not be compressed.
fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    let written = encoder.write_all(body);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
