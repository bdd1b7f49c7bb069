//! Why a database cannot be opened, read or written.

use crate::migrate::PROGRAM;
use std::path::PathBuf;
use std::sync::Arc;

/// A database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process owns it.
    #[error("{0}: another process uses this store; stop it first")]
    Locked(PathBuf),
    /// The folder or the file cannot be read or written.
    #[error("{path}: cannot be opened for writing; check that the folder exists and belongs to this user")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no database, or is damaged.
    #[error("{path}: the database is damaged ({finding}); restore a backup, or move the file away to begin anew")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the check found.
        finding: String,
    },
    /// A newer version wrote it.
    #[error(
        "the store's {component} tables are of version {found}, made by picket {made_by}; this is picket {PROGRAM}, which knows \
         version {known}: use picket {made_by} or a newer one"
    )]
    Newer {
        /// Component.
        component: String,
        /// Version in the file.
        found: u32,
        /// Newest version that this program knows.
        known: u32,
        /// The program that made them.
        made_by: String,
    },
    /// A step that was applied differs from the program's.
    #[error(
        "the store's {component} tables of version {version} were made by picket {made_by}, and differ from those of this \
         picket {PROGRAM}: use picket {made_by} with this store, or move the data folder away to begin anew"
    )]
    Diverged {
        /// Component.
        component: String,
        /// Version.
        version: u32,
        /// The program that made them.
        made_by: String,
    },
    /// SQLite refused.
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
}

/// A write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The job itself failed; only it was undone.
    #[error(transparent)]
    Job(E),
    /// Too many jobs wait.
    #[error("too many writes wait; try again later")]
    Busy,
    /// The batch could not be made durable; nothing of it happened.
    #[error("the store cannot make writes durable: {0}")]
    Failed(Arc<str>),
    /// The job panicked; it was undone.
    #[error("the write failed inside: {0}")]
    Panicked(&'static str),
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
}

impl<E> WriteError<E> {
    /// The same failure with another type of job error.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> WriteError<F> {
        match self {
            Self::Job(error) => WriteError::Job(change(error)),
            Self::Busy => WriteError::Busy,
            Self::Failed(cause) => WriteError::Failed(cause),
            Self::Panicked(name) => WriteError::Panicked(name),
            Self::Closed => WriteError::Closed,
        }
    }
}

/// A read did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The reading itself failed.
    #[error(transparent)]
    Job(E),
    /// A connection could not be opened again.
    #[error("the database refused")]
    Database(#[source] rusqlite::Error),
}
