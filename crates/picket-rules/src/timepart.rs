//! Parts of a time, for the modifiers `minute` to `year`. Without a time zone, as Sigma has it: everything is UTC.

use picket_stdx::Timestamp;

/// A part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TimePart {
    Minute,
    Hour,
    Day,
    /// Of ISO 8601.
    Week,
    Month,
    Year,
}

/// From here on a number counts milliseconds, not seconds, since the Unix epoch.
const MILLISECONDS_FROM: f64 = 1e12;
const DAY_MS: i64 = 86_400_000;

impl TimePart {
    pub(crate) const WORDS: &[(&str, Self)] = &[
        ("minute", Self::Minute),
        ("hour", Self::Hour),
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("year", Self::Year),
    ];

    /// This part of a moment in milliseconds since the Unix epoch.
    pub(crate) fn of(self, ms: i64) -> i64 {
        let days = ms.div_euclid(DAY_MS);
        let (year, month, day) = civil(days);
        match self {
            Self::Minute => ms.div_euclid(60_000).rem_euclid(60),
            Self::Hour => ms.div_euclid(3_600_000).rem_euclid(24),
            Self::Day => day,
            Self::Week => week(days),
            Self::Month => month,
            Self::Year => year,
        }
    }
}

/// Year, month and day of a day since the Unix epoch (proleptic Gregorian, by Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The ISO week of a day since the Unix epoch: the one that its Thursday is in.
fn week(days: i64) -> i64 {
    // The epoch was a Thursday.
    let thursday = days - (days + 3).rem_euclid(7) + 3;
    let (year, ..) = civil(thursday);
    let mut first = thursday;
    while civil(first - 7).0 == year {
        first -= 7;
    }
    (thursday - first) / 7 + 1
}

/// The moment that a text or number says, in milliseconds since the Unix epoch. Texts without a zone are UTC.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let parse = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_millis);
    let text = text.trim();
    if !(10..=40).contains(&text.len()) || !text.is_ascii() {
        return None;
    }
    parse(text).or_else(|| {
        let has_time = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b' '));
        if has_time { parse(&format!("{text}Z")) } else { None }
    })
}

/// The moment that a number says: seconds, or milliseconds if it is large.
pub(crate) fn moment_of_number(number: f64) -> Option<i64> {
    let ms = if number.abs() >= MILLISECONDS_FROM { number } else { number * 1_000.0 };
    // Until the year 9999.
    if !(-62_135_596_800_000.0..=253_402_300_799_999.0).contains(&ms) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked, and parts of a millisecond do not count"
    )]
    Some(ms.floor() as i64)
}

#[cfg(test)]
mod tests;
