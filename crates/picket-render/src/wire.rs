//! The formats that carry renderings to other systems, each as its standard or its maker documents it.
//!
//! Encoders append to a buffer of the caller's. What a format cannot hold is replaced as its module says; what would
//! break it (a key that is none, a delimiter that occurs in keys) is refused.

pub mod bulk;
pub mod cef;
pub mod digest;
pub mod hec;
pub mod ingest;
pub mod kafka;
pub mod leef;
pub mod otlp;
mod protobuf;
pub mod sharedkey;
pub mod syslog;
pub mod webhook;

/// A value that a format cannot carry, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The name of a field is not one of the format.
    #[error("`{name}` is no {what}; {remedy}")]
    Name {
        /// The name, cut to 64 characters.
        name: String,
        /// What it should be.
        what: &'static str,
        /// What names look like.
        remedy: &'static str,
    },
    /// A value is none of the format.
    #[error("{what} is not valid; {remedy}")]
    Value {
        /// Which value.
        what: &'static str,
        /// What values look like.
        remedy: &'static str,
    },
}

impl WireError {
    fn name(name: &str, what: &'static str, remedy: &'static str) -> Self {
        Self::Name { name: name.chars().take(64).collect(), what, remedy }
    }
}

/// The beginning of a text, at most so many bytes, cut between characters.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}
