//! Evidence: events written out, whole, with what belongs to them.
//!
//! [`Writer`] turns positions of the log into JSON, NDJSON or CSV, for the API and for files alike; [`Exporter`] runs the
//! jobs, writes Parquet too, and ends them; a [`Schedule`] makes one after each period. **Invariants:** the digest that a
//! job shows is of the bytes that it serves; the finished jobs of a schedule cover each entry of the log once.

mod contents;
mod erasure;
mod expiry;
mod export;
mod format;
mod output;
mod period;
mod schedule;
mod sink;

pub use contents::{ContentsError, events_with_contents};
pub use export::{ExportError, ExportRequest, Exporter, context_of, file_of};
pub use format::{Format, Writer};
pub use period::{CATCH_UP, EVERY_MAX, EVERY_MIN};
pub use picket_log::{Content, contents};
pub use picket_store::schedules::Schedule;
pub use schedule::{KEEP, KEEP_MAX, NewSchedule, SCHEDULES_MAX, ScheduleError};

/// SHA-256 of bytes, lower-case hex.
pub fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    picket_stdx::encode::hex(&sha2::Sha256::digest(bytes))
}
