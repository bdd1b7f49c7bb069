//! Times in queries: relative (`24h`), absolute, or a bare date, as in filters.

use crate::problem::ApiProblem;
use picket_query::time::Span;
use picket_stdx::Timestamp;

/// A moment: `24h` ago, a date's beginning, or an RFC 3339 time.
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, ApiProblem> {
    Ok(span(text)?.from.at(now))
}

/// The end of a range, excluded: a bare date means that whole day.
pub(crate) fn end(text: &str, now: Timestamp) -> Result<Timestamp, ApiProblem> {
    Ok(span(text)?.until.at(now))
}

fn span(text: &str) -> Result<Span, ApiProblem> {
    Span::parse(text).map_err(|error| ApiProblem::bad(error.to_string()))
}
