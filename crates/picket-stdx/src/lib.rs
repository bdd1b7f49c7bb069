//! What the standard library lacks, and every other crate of Picket needs.
//!
//! Pure helpers without a domain: a [`Clock`] that tests can set, [`Timestamp`]s in microseconds, operating-system
//! randomness, durable file writes, human durations, and escaping of hostile text for terminals.
//! This crate knows no other crate of Picket, no runtime, and no network.

pub mod backoff;
mod clock;
pub mod duration;
pub mod encode;
pub mod escape;
pub mod fs;
mod glob;
pub mod limits;
mod lines;
mod mistake;
pub mod random;
mod timestamp;
mod zone;

pub use clock::Clock;
pub use glob::Glob;
pub use lines::skip_line;
pub use mistake::mistake;
pub use timestamp::{ParseTimestampError, Timestamp};
pub use zone::{ParseZoneError, Zone};

/// An error and all its causes on one line, joined by `: `.
///
/// Library errors keep their cause in [`std::error::Error::source`] and out of their own text; the edge of the program
/// prints the whole chain with this.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
