//! Times as people write them: absolute, a whole day, or relative to now.

use picket_stdx::{Timestamp, duration};
use std::fmt;
use std::time::Duration;

/// Times from here on are refused: what is computed with them would leave the calendar.
const LAST: Timestamp = Timestamp::from_millis(253_370_764_800_000);
const DAY: Duration = Duration::from_hours(24);
/// The resolution of times.
pub(crate) const STEP: Duration = Duration::from_micros(1);

/// A moment, perhaps relative to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At this time.
    At(Timestamp),
    /// So long ago.
    Ago(Duration),
}

impl Moment {
    /// The time, counted back from `now` if it is relative.
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.minus(ago),
        }
    }

    /// The last moment before this one; a relative one stays, since its now moves anyway.
    pub(crate) fn before(self) -> Self {
        match self {
            Self::At(at) => Self::At(at.minus(STEP)),
            Self::Ago(ago) => Self::Ago(ago),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => f.write_str(&at.to_rfc3339_micros()),
            Self::Ago(Duration::ZERO) => f.write_str("now"),
            Self::Ago(ago) => write!(f, "now-{}", duration::display(*ago)),
        }
    }
}

/// What a text for a time covers: one moment, or a whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Moment,
    /// The first moment after it.
    pub until: Moment,
}

/// A text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time is written 24h, 2026-01-31 or 2026-01-31T08:00:00Z")]
pub struct ParseTimeError;

impl Span {
    /// Reads RFC 3339, a bare date (that whole UTC day), `now`, `now-24h`, or `24h` (so long ago).
    pub fn parse(text: &str) -> Result<Self, ParseTimeError> {
        let ago = |text: &str| duration::parse(text).ok().map(|ago| Self::moment(Moment::Ago(ago)));
        let relative = match text.strip_prefix("now") {
            Some("") => Some(Self::moment(Moment::Ago(Duration::ZERO))),
            Some(rest) => rest.strip_prefix('-').and_then(ago),
            None => ago(text),
        };
        relative.or_else(|| Self::absolute(text)).ok_or(ParseTimeError)
    }

    fn absolute(text: &str) -> Option<Self> {
        let span = match text.parse::<Timestamp>() {
            Ok(at) => Self { from: Moment::At(at), until: Moment::At(at.plus(STEP)) },
            Err(_) => {
                let day: Timestamp = format!("{text}T00:00:00Z").parse().ok()?;
                Self { from: Moment::At(day), until: Moment::At(day.plus(DAY)) }
            }
        };
        matches!(span.from, Moment::At(at) if at < LAST).then_some(span)
    }

    fn moment(moment: Moment) -> Self {
        Self { from: moment, until: moment }
    }

    /// Whether it depends on when it is asked.
    pub fn is_relative(self) -> bool {
        matches!(self.from, Moment::Ago(_))
    }
}
