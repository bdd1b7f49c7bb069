//! Evidence: events written out, whole, with what belongs to them.
//!
//! [`Writer`] turns positions of the log into JSON, NDJSON or CSV, for the API and for files alike; [`contents`] puts
//! stored prompts and answers together; [`Exporter`] runs the jobs, and ends them. **Invariant:** the digest that a job shows is of the
//! bytes that it serves.

mod contents;
mod erasure;
mod expiry;
mod export;
mod format;
mod sink;

pub use contents::{Content, ContentsError, contents, events_with_contents};
pub use export::{ExportError, ExportRequest, Exporter, context_of, file_of};
pub use format::{Format, Writer};

/// SHA-256 of bytes, lower-case hex.
pub fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    picket_stdx::encode::hex(&sha2::Sha256::digest(bytes))
}
