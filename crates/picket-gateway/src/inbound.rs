//! Reading a request within limits.

use crate::failure::Refusal;
use crate::gunzip::{GunzipError, gunzip};
use crate::snapshot::Patience;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use picket_stdx::limits::{BODY_BYTES_MAX, HEADER_BYTES_MAX};
use std::time::Duration;

/// Memory that is set aside for a body before it is there.
const RESERVED_MAX: usize = 256 * 1_024;
/// How much more is read of a body that was refused before its end, and for how long.
const DISCARDED_MAX: usize = 64 * 1_024 * 1_024;
const DISCARDING: Duration = Duration::from_secs(5);

/// Headers of a request that go upstream.
const FORWARDED: &[&str] = &[
    "accept",
    "anthropic-beta",
    "anthropic-version",
    "content-type",
    "idempotency-key",
    "openai-beta",
    "openai-organization",
    "openai-project",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-ms-client-request-id",
    "x-request-id",
];

/// Headers of an answer that go to the caller, besides the content type and what begins with a known prefix.
const RETURNED: &[&str] =
    &["content-type", "retry-after", "retry-after-ms", "request-id", "cache-control", "x-should-retry"];
const RETURNED_PREFIXES: &[&str] = &["openai-", "anthropic-", "x-ratelimit-"];

/// Refuses a head that is longer than promised, though the connection could read it.
pub(crate) fn bounded(headers: &HeaderMap) -> Result<(), Refusal> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > HEADER_BYTES_MAX {
        let message = format!("the headers of the request are larger than {HEADER_BYTES_MAX} bytes");
        return Err(Refusal::refused(431, "headers_too_large", message));
    }
    Ok(())
}

/// Reads a body, decompressed.
pub(crate) async fn body(headers: &HeaderMap, incoming: &mut Incoming, patience: Patience) -> Result<Bytes, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let read = tokio::time::timeout(patience.body, collect(incoming, announced.unwrap_or(0), patience.idle)).await;
    let bytes = read.map_err(|_elapsed| slow())??;
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter().map(HeaderValue::as_bytes);
    match (encodings.next(), encodings.next()) {
        (None | Some(b"identity"), None) => Ok(bytes),
        (Some(b"gzip"), None) => gunzip(&bytes).map_err(|error| match error {
            GunzipError::Malformed => Refusal::refused(400, "malformed_gzip", "the request body is not valid gzip"),
            GunzipError::TooLarge => too_large(),
        }),
        _ => Err(Refusal::refused(415, "unsupported_encoding", "send the body without compression, or with gzip")),
    }
}

/// Puts the pieces of a body together; one that comes in one piece stays where it is. What was `announced` is only
/// believed as far as it costs little.
async fn collect(incoming: &mut Incoming, announced: usize, idle: Duration) -> Result<Bytes, Refusal> {
    let Some(first) = piece(incoming, idle).await? else { return Ok(Bytes::new()) };
    let Some(second) = piece(incoming, idle).await? else {
        return if first.len() > BODY_BYTES_MAX { Err(too_large()) } else { Ok(first) };
    };
    let mut whole = BytesMut::with_capacity(announced.min(RESERVED_MAX).max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(data) = next {
        if whole.len() + data.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        whole.extend_from_slice(&data);
        next = piece(incoming, idle).await?;
    }
    Ok(whole.freeze())
}

/// The next piece of a body; `None` at its end.
async fn piece(incoming: &mut Incoming, idle: Duration) -> Result<Option<Bytes>, Refusal> {
    loop {
        if incoming.is_end_stream() {
            return Ok(None);
        }
        let frame = tokio::time::timeout(idle, incoming.frame()).await.map_err(|_elapsed| slow())?;
        let Some(frame) = frame else { return Ok(None) };
        let frame = frame.map_err(|_error| Refusal::refused(400, "body_cut", "the request body ended too early"))?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

/// Reads the rest of a body that nobody wants, for a while. Whoever still sends it gets to the answer then: a connection
/// that is closed with something unread in it is reset, and a reset takes what the caller has not read yet with it.
pub(crate) async fn discard(mut incoming: Incoming, patience: Patience) {
    let rest = async {
        let mut discarded = 0;
        while let Some(Ok(frame)) = incoming.frame().await {
            discarded += frame.data_ref().map_or(0, Bytes::len);
            if discarded > DISCARDED_MAX {
                return;
            }
        }
    };
    if tokio::time::timeout(DISCARDING.min(patience.body), rest).await.is_err() {
        tracing::debug!("a caller went on sending a refused body, and was cut off");
    }
}

fn too_large() -> Refusal {
    Refusal::refused(
        413,
        "request_too_large",
        format!("the request body is larger than {BODY_BYTES_MAX} bytes, or expands too far"),
    )
}

fn slow() -> Refusal {
    Refusal::refused(408, "body_too_slow", "the request body did not arrive in time")
}

/// The headers that go upstream. Neither destination nor credentials can be among them.
pub(crate) fn upstream_headers(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(8);
    for name in FORWARDED {
        if let Some(value) = headers.get(*name) {
            kept.insert(*name, value.clone());
        }
    }
    kept
}

/// The headers of an answer that go to the caller.
pub(crate) fn returned_headers(headers: &HeaderMap) -> HeaderMap {
    let known =
        |name: &str| RETURNED.contains(&name) || RETURNED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    headers.iter().filter(|(name, _)| known(name.as_str())).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Bytes of a text in a header that is taken.
const TEXT_BYTES_MAX: usize = 256;
/// Headers that name somebody or something by which requests are told apart, and contained.
const NAMING: &[&str] = &[USER_HEADER, FEATURE_HEADER, AGENT_HEADER];
/// The end user, from service keys.
pub(crate) const USER_HEADER: &str = "x-picket-user";
/// The feature of an application.
pub(crate) const FEATURE_HEADER: &str = "x-picket-feature";
/// The agent.
pub(crate) const AGENT_HEADER: &str = "x-picket-agent";

/// A short printable value of a header.
pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    let printable = value.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    (!value.is_empty() && value.len() <= TEXT_BYTES_MAX && printable).then(|| value.to_owned())
}

/// The text in UTF-8 of a header that stands there once, if it does; an error if there is something else.
pub(crate) fn named<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let value = std::str::from_utf8(value.as_bytes()).map_err(|_not_text| ())?.trim();
    let is_usable = value.len() <= TEXT_BYTES_MAX && !value.chars().any(char::is_control);
    if is_usable && values.all(|other| other.as_bytes().trim_ascii() == value.as_bytes()) {
        Ok((!value.is_empty()).then_some(value))
    } else {
        Err(())
    }
}

/// Refuses a request that names somebody in a way that cannot be read: taken for nameless it would count as another's.
pub(crate) fn check_names(headers: &HeaderMap) -> Result<(), Refusal> {
    match NAMING.iter().find(|name| named(headers, name).is_err()) {
        Some(name) => {
            let message = format!(
                "`{name}` cannot be read: give it once, in UTF-8, with at most {TEXT_BYTES_MAX} bytes and no control characters"
            );
            Err(Refusal::refused(400, "invalid_header", message))
        }
        None => Ok(()),
    }
}

/// Trace and span of a `traceparent` as W3C has it; none if it is something else.
pub(crate) fn trace(parent: &str) -> Option<(&str, &str)> {
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |text: &str, length| is_hex(text, length) && text.bytes().any(|byte| byte != b'0');
    let mut fields = parent.split('-');
    let (version, trace, span, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    // Later versions may have more fields; the first has none.
    let is_right = is_hex(version, 2) && version != "ff" && is_hex(flags, 2);
    let is_whole = version != "00" || fields.next().is_none();
    (is_right && is_whole && is_id(trace, 32) && is_id(span, 16)).then_some((trace, span))
}

#[cfg(test)]
mod tests;
