//! Events as columns: files of Parquet, for warehouses and for whoever reads many events and few members of each.
//!
//! [`COLUMNS`] is the schema: one column for each member of an event, typed, the same for every file. [`Writer`] takes
//! events as the API shows them and gives out row groups of bounded size; where it was interrupted, [`Writer::resume`]
//! goes on. **Invariants:** every member of an event has its column; the same events give the same bytes, interrupted
//! or not; no more than a row group is in memory.

mod chunk;
mod reader;
mod schema;
mod writer;

pub use reader::holds;
pub use schema::{COLUMNS, CONTENTS, Column, Kind};
pub use writer::Writer;

/// Events could not be written or read as columns.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// An event has no value, or another one than its column takes.
    #[error("the member `{0}` of an event does not fit its column")]
    Misfit(&'static str),
    /// The format.
    #[error("the columns cannot be written or read")]
    Format(#[from] parquet::errors::ParquetError),
    /// An event cannot be read.
    #[error("an event cannot be read as JSON")]
    Event(#[from] serde_json::Error),
    /// Memory or a file.
    #[error("the bytes cannot be written or read")]
    Bytes(#[from] std::io::Error),
}

#[cfg(test)]
mod tests;
