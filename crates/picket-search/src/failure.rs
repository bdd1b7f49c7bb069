//! Why the index cannot be opened or searched.

use std::path::PathBuf;

/// The index cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made, read or written.
    #[error("{path}: the folder of the index cannot be used; check its owner and the free space")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another process has it.
    #[error("{path}: the index is in use by another process; stop that server first")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The files are damaged.
    #[error("{path}: the index is damaged; stop the server, run `picket search rebuild`, and start it again")]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: tantivy::TantivyError,
    },
    /// The log cannot be read.
    #[error("the index cannot be compared with its log")]
    Log(#[from] picket_log::ReadError),
    /// The index cannot be filled from the log.
    #[error("the index cannot be filled from its log")]
    Fill(#[source] picket_pipeline::ConsumeError),
}

/// A search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index failed.
    #[error("the index cannot be searched; if that stays so, stop the server and run `picket search rebuild`")]
    Index(#[from] tantivy::TantivyError),
    /// The files of the index are damaged.
    #[error("the index is damaged; stop the server, run `picket search rebuild`, and start it again")]
    Damaged,
    /// The log failed while names were looked up.
    #[error("names cannot be looked up in the log")]
    Log(#[from] picket_log::ReadError),
    /// A cursor was made for another search.
    #[error("the cursor belongs to another filter or order; begin without one")]
    Cursor,
    /// Both ends of a list were given.
    #[error("`after` and `before` exclude each other")]
    TwoCursors,
    /// Too many names begin so.
    #[error("more than {most} names of {field} begin so; write more of the name")]
    PrefixTooShort {
        /// The field.
        field: &'static str,
        /// How many may.
        most: usize,
    },
    /// A field cannot be counted by.
    #[error("events cannot be counted by {0}: the index knows its values as hashes or measures only")]
    Field(&'static str),
    /// An interval makes too many buckets.
    #[error("the interval makes more than {0} buckets; choose a longer one, or a shorter time")]
    Interval(usize),
}

impl From<std::io::Error> for SearchError {
    fn from(error: std::io::Error) -> Self {
        Self::Index(error.into())
    }
}
