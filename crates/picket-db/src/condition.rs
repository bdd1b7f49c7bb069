//! Whether writes can be made durable now, and whether the file can still be trusted.

use rusqlite::ErrorCode;
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the writer, the mover of the write-ahead log, and whoever asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition(Arc<Mutex<Option<Failure>>>);

/// Why writes are not durable.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) cause: Arc<str>,
    /// After a failed sync nobody knows what is on the disk, and a second sync may claim what is not true. Only a start
    /// from the files finds out, so nothing is written until then.
    pub(crate) lasting: bool,
    /// Room on the disk is all that lacks.
    pub(crate) full: bool,
}

impl Failure {
    pub(crate) fn of(error: &rusqlite::Error) -> Self {
        let lasting = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        let full = error.sqlite_error_code() == Some(ErrorCode::DiskFull);
        let cause = match error.sqlite_error_code() {
            _ if lasting => {
                format!("{error}; nothing more is written until the program is restarted, check the disk before that")
            }
            _ if full => "the disk is full; free some space, writing goes on by itself".to_owned(),
            _ => error.to_string(),
        };
        Self { cause: cause.into(), lasting, full }
    }
}

impl Condition {
    /// Why writes fail now; `None` when they do not.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers how the last attempt ended. A lasting failure stays.
    pub(crate) fn set(&self, failure: Option<Failure>) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.as_ref().is_some_and(|now| now.lasting) {
            return;
        }
        match (&failure, now.is_some()) {
            (Some(Failure { cause, lasting, .. }), false) => {
                tracing::error!(cause = &**cause, lasting, "writes cannot be made durable");
            }
            (None, true) => tracing::info!("writes are durable again"),
            _ => {}
        }
        *now = failure;
    }
}
