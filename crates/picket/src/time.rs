//! Times on the command line: relative (`24h`) or absolute (RFC 3339, or a bare date).

use crate::failure::Failure;
use picket_query::time::Span;

/// Refuses a text that is no time, before it travels. The server reads it in the same way.
pub(crate) fn checked(text: &str) -> Result<String, String> {
    Span::parse(text).map(|_span| text.to_owned()).map_err(|error| error.to_string())
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
