//! Why the index cannot be opened or searched.

use std::path::PathBuf;

/// The index cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or read.
    #[error("{path}: the index cannot be opened; stop the server and run `picket search rebuild`")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The index is damaged or of another version.
    #[error("{path}: the index cannot be used; stop the server and run `picket search rebuild`")]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: tantivy::TantivyError,
    },
}

/// A search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index failed.
    #[error("the index cannot be searched")]
    Index(#[from] tantivy::TantivyError),
    /// Names could not be looked up in the log's dictionary.
    #[error("names cannot be looked up")]
    Log(#[from] picket_log::ReadError),
    /// A cursor was made for another search.
    #[error("the cursor belongs to another search; begin without one")]
    Cursor,
    /// A field cannot be counted by.
    #[error("events cannot be counted by {0}")]
    Field(&'static str),
}
