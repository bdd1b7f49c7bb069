//! Times in queries: relative (`24h`), absolute, or a bare date.

use crate::problem::ApiProblem;
use picket_stdx::{Timestamp, duration};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// A moment: `24h` ago, a date's beginning, or an RFC 3339 time.
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, ApiProblem> {
    if let Ok(ago) = duration::parse(text) {
        return Ok(now.minus(ago));
    }
    date(text)
        .or_else(|| text.parse().ok())
        .ok_or_else(|| ApiProblem::bad("a time is written 24h, 7d, 2026-01-31 or 2026-01-31T08:00:00Z"))
}

/// The end of a range, excluded: a bare date means that whole day.
pub(crate) fn end(text: &str, now: Timestamp) -> Result<Timestamp, ApiProblem> {
    match date(text) {
        Some(day) => Ok(day.plus(DAY)),
        None => moment(text, now).map(|at| at.plus(Duration::from_millis(1))),
    }
}

fn date(text: &str) -> Option<Timestamp> {
    let is_date = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_date.then(|| format!("{text}T00:00:00Z").parse().ok()).flatten()
}
