//! A bounded pool of connections that cannot write.

use crate::{OpenError, ReadError, open};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug)]
pub(crate) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    pub(crate) fn open(path: &Path, count: usize) -> Result<Self, OpenError> {
        let idle = (0..count.max(1)).map(|_| open::reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { idle: Mutex::new(idle), returned: Condvar::new() })
    }

    pub(crate) fn with<T, E>(&self, read: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, ReadError<E>> {
        let lent = Lent { pool: self, connection: Some(self.take()) };
        let connection = lent.connection.as_ref().ok_or(ReadError::Database(rusqlite::Error::InvalidQuery))?;
        // One transaction, so that several statements see one state.
        connection.execute_batch("BEGIN").map_err(ReadError::Database)?;
        let result = read(connection);
        connection.execute_batch("COMMIT").map_err(ReadError::Database)?;
        result.map_err(ReadError::Job)
    }

    fn take(&self) -> Connection {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = idle.pop() {
                return connection;
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Gives the connection back even when the read panics.
struct Lent<'a> {
    pool: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK").unwrap_or_default();
            }
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            self.pool.returned.notify_one();
        }
    }
}
