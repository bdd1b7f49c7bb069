//! Times on the command line: relative (`24h`) or absolute (RFC 3339, or a bare date).

use crate::failure::Failure;
use picket_stdx::{Timestamp, duration};

/// Refuses a text that is no time, before it travels. The server reads it in the same way.
pub(crate) fn checked(text: &str) -> Result<String, String> {
    let is_date = format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok();
    if is_date || text.parse::<Timestamp>().is_ok() || duration::parse(text).is_ok() {
        Ok(text.to_owned())
    } else {
        Err("not a time: write 24h, 7d, 2026-01-31 or 2026-01-31T08:00:00Z".to_owned())
    }
}

/// Refuses times that contradict each other.
pub(crate) fn compatible(since: Option<&str>, from: Option<&str>) -> Result<(), Failure> {
    if since.is_some() && from.is_some() {
        Err(Failure::usage(
            "--since and --from exclude each other: --since is when it was recorded, --from when it happened",
        ))
    } else {
        Ok(())
    }
}
