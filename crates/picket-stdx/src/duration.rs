//! Durations as people write them: `30d`, `90m`, `5h30m`, `2w`.

use std::time::Duration;

/// A text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration such as 30s, 5m, 1h, 5h30m, 7d or 2w")]
pub struct ParseDurationError(String);

/// Reads `30s`, `500ms`, `5m`, `1h`, `5h30m`, `7d`, `2w`. Units: ms, s, m, h, d, w; each with a whole number.
pub fn parse(text: &str) -> Result<Duration, ParseDurationError> {
    let refuse = || ParseDurationError(text.chars().take(64).collect());
    let mut total_ms = 0_u64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(refuse());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(refuse)?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return Err(refuse()),
        };
        let count: u64 = number.parse().map_err(|_error| refuse())?;
        total_ms = count.checked_mul(unit_ms).and_then(|ms| total_ms.checked_add(ms)).ok_or_else(refuse)?;
        rest = tail;
    }
    Ok(Duration::from_millis(total_ms))
}

/// The shortest exact text of a duration in the largest unit that divides it, at millisecond resolution.
pub fn display(duration: Duration) -> String {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let units = [(604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let fitting = units.iter().find(|(size, _)| ms >= *size && ms.is_multiple_of(*size));
    fitting.map_or_else(|| format!("{ms}ms"), |(size, unit)| format!("{}{unit}", ms / size))
}

#[cfg(test)]
mod tests;
