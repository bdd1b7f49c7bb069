//! Time zones that times are shown in. What is stored and sent is UTC.

use crate::Timestamp;
use jiff::tz::{Offset, TimeZone};
use std::fmt;
use std::str::FromStr;

/// A time zone.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A text names no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time zone: write UTC, local, a name such as Europe/Berlin, or an offset such as +02:00")]
pub struct ParseZoneError(String);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Whether this is UTC itself, in which times are written anyway.
    pub fn is_utc(&self) -> bool {
        *self == Self::UTC
    }

    /// A moment in this zone, as RFC 3339 with milliseconds and the offset.
    pub fn show(&self, at: Timestamp) -> String {
        if self.is_utc() {
            return at.to_string();
        }
        at.to_jiff().to_zoned(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }
}

impl FromStr for Zone {
    type Err = ParseZoneError;

    fn from_str(text: &str) -> Result<Self, ParseZoneError> {
        let zone = match text {
            "UTC" | "utc" | "Z" => Some(TimeZone::UTC),
            "local" => TimeZone::try_system().ok(),
            offset if offset.starts_with(['+', '-']) => seconds(offset).and_then(fixed),
            name => TimeZone::get(name).ok(),
        };
        zone.map(Self).ok_or_else(|| ParseZoneError(text.chars().take(64).collect()))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({:?})", self.0.iana_name())
    }
}

/// `+HH:MM` or `-HH:MM`, less than a day.
fn seconds(text: &str) -> Option<i32> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let number = |digits: &str, end: i32| {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i32>().ok().filter(|number| is_number && *number < end)
    };
    let seconds = number(hours, 24)? * 3_600 + number(minutes, 60)? * 60;
    Some(if text.starts_with('-') { -seconds } else { seconds })
}

fn fixed(seconds: i32) -> Option<TimeZone> {
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

#[cfg(test)]
mod tests;
