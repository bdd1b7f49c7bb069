//! When a server wants to be asked again.

use http::{HeaderMap, HeaderName, header};
use std::time::{Duration, SystemTime};

/// However long a server asks for, it is asked again after an hour.
const AFTER_MAX: Duration = Duration::from_secs(3_600);

/// `Retry-After` of an answer, in seconds or as a date (RFC 9110 §10.2.3), at most an hour. A date is held against the
/// server's own clock, which is the answer's `Date`, and against `now` where it tells none. What is neither says nothing.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().map_or(AFTER_MAX, Duration::from_secs).min(AFTER_MAX));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let now = date(headers, &header::DATE).unwrap_or(now);
    Some(at.duration_since(now).unwrap_or(Duration::ZERO).min(AFTER_MAX))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests;
