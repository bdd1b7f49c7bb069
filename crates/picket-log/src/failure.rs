//! Why a log cannot be opened, appended to, read or verified.

use picket_bodies::BodyError;
use picket_event::entry::EntryError;
use picket_event::{EventId, ParseWorkspaceError};
use picket_keys::KeyError;
use std::path::PathBuf;
use std::sync::Arc;

/// A log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The log is shorter than, or differs from, what was signed before.
    #[error(
        "LOG_ROLLBACK: log {log} has {size} entries but {signed} were signed ({state}); \
         the data folder was restored from an older copy or changed: put back the newest data"
    )]
    Rollback {
        /// Log.
        log: String,
        /// Entries found.
        size: u64,
        /// Entries signed.
        signed: u64,
        /// The high-water file.
        state: PathBuf,
    },
    /// The high-water file cannot be read or written.
    #[error("{path}: the high-water file cannot be read or written")]
    HighWater {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The store has no logs; it was never set up.
    #[error("the store was never set up")]
    NoLog,
    /// The store has logs; creating them is for a new one.
    #[error("the store has logs already; it is set up")]
    Exists,
    /// The row of a log says nothing that names a workspace.
    #[error("the owner of a log cannot be read")]
    Owner(#[from] ParseWorkspaceError),
    /// A key is missing.
    #[error("the log's signing key cannot be opened")]
    Key(#[from] KeyError),
    /// Reading failed.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The first entry could not be written.
    #[error("the log cannot be created: {0}")]
    Create(String),
}

/// An entry cannot be appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The event does not fit an entry.
    #[error("the event does not fit an entry")]
    Entry(#[source] Arc<EntryError>),
    /// The database refused.
    #[error("the database refused an entry")]
    Database(#[from] rusqlite::Error),
    /// The event is in the log already.
    #[error("event {0} is recorded already")]
    Recorded(EventId),
    /// The record closes a request that is not open at that place.
    #[error("request {0} is not open at the place that its closing record names")]
    NotOpen(EventId),
    /// Two bodies of a record have one role.
    #[error("two bodies have the role {0}")]
    TwinRole(String),
    /// The tree in memory could not be rebuilt.
    #[error("the tree cannot be read")]
    Read(#[from] ReadError),
}

impl AppendError {
    /// Whether the record would be refused again, whatever becomes of the disk.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Entry(_) | Self::Recorded(_) | Self::NotOpen(_) | Self::TwinRole(_) => true,
            Self::Database(_) | Self::Read(_) => false,
        }
    }
}

impl From<EntryError> for AppendError {
    fn from(error: EntryError) -> Self {
        Self::Entry(Arc::new(error))
    }
}

/// The log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
    /// An entry is damaged.
    #[error("entry {position} is damaged: {cause}")]
    Damaged {
        /// Position.
        position: u64,
        /// What is wrong.
        cause: String,
    },
    /// A body is damaged.
    #[error("a body of entry {position} cannot be opened")]
    Body {
        /// Position.
        position: u64,
        /// Why.
        #[source]
        source: BodyError,
    },
    /// The position was never written, or its entry was dropped by retention.
    #[error("the log holds no entry {0}")]
    Absent(u64),
    /// A checkpoint could not be signed or read.
    #[error("a checkpoint cannot be signed or read: {0}")]
    Checkpoint(String),
}

impl From<picket_db::ReadError<Self>> for ReadError {
    fn from(error: picket_db::ReadError<Self>) -> Self {
        match error {
            picket_db::ReadError::Job(error) => error,
            picket_db::ReadError::Database(error) => Self::Database(error),
        }
    }
}

/// The log is not what was signed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The first place that does not hold.
    #[error("log {log}, {place}: {cause}")]
    Broken {
        /// Log.
        log: String,
        /// The first entry that is touched by it, as far as that can be told.
        position: Option<u64>,
        /// Entry, tile or checkpoint.
        place: String,
        /// What is wrong.
        cause: String,
    },
    /// It cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
}

/// A checkpoint or a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It is not in its format.
    #[error("the {0} is malformed")]
    Malformed(&'static str),
    /// The key did not sign it.
    #[error("the checkpoint is not signed by the verifier key")]
    NotSigned,
    /// It proves something about another log, or another entry.
    #[error("the proof is of another log or entry")]
    Origin,
    /// The path does not lead from the entry to the root.
    #[error("the entry is not in the tree of the checkpoint")]
    NotIncluded,
}
