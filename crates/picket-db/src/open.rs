//! Connections with the settings that durability needs, and the lock of the one owner.

use crate::OpenError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// How long opening looks for damage; a second is enough for about a gigabyte.
const CHECK_TIME: Duration = Duration::from_secs(2);

/// Takes the lock that makes this process the only owner.
pub(crate) fn lock(path: &Path) -> Result<File, OpenError> {
    let access = |source| OpenError::Access { path: path.to_owned(), source };
    let lock_path = path.with_extension("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(lock_path).map_err(access)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(access(source)),
    }
}

/// The one connection that writes.
pub(crate) fn writer(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open(path).map_err(|error| explain(path, error))?;
    configure(&connection).map_err(|error| explain(path, error))?;
    match quick_check(&connection).map_err(|error| explain(path, error))? {
        None => Ok(connection),
        Some(finding) => Err(OpenError::Corrupt { path: path.to_owned(), finding }),
    }
}

/// What is wrong with the structure of the file, as far as that can be told in a short time; large stores start soon, and
/// `log verify` reads everything.
fn quick_check(connection: &Connection) -> Result<Option<String>, rusqlite::Error> {
    let interrupt = connection.get_interrupt_handle();
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    let timer = std::thread::spawn(move || {
        if waiting.recv_timeout(CHECK_TIME) == Err(RecvTimeoutError::Timeout) {
            interrupt.interrupt();
        }
    });
    let finding = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    drop(done);
    // It does nothing that can panic.
    timer.join().unwrap_or_default();
    match finding {
        Ok(finding) if finding == "ok" => Ok(None),
        Ok(finding) => Ok(Some(finding)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The writer's connection after a failure, without the check of the whole file.
pub(crate) fn writer_again(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    configure(&connection)?;
    Ok(connection)
}

/// A connection that cannot write.
pub(crate) fn reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8192; PRAGMA mmap_size = 0;",
    )?;
    connection.set_prepared_statement_cache_capacity(128);
    keep_plans(&connection)?;
    Ok(connection)
}

/// The connection that moves the write-ahead log into the database.
pub(crate) fn checkpointer(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA busy_timeout = 100; PRAGMA synchronous = FULL;")?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<(), rusqlite::Error> {
    // Checkpoints run on their own connection, so the writer never stops for one.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;
         PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(256);
    keep_plans(connection)
}

/// A statement is planned once. Otherwise the values that are bound may have it parsed and planned anew each time, for a
/// better plan that nothing here asks for: no table is analysed.
fn keep_plans(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn explain(path: &Path, error: rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseCorrupt, NotADatabase, PermissionDenied, ReadOnly};
    match error.sqlite_error_code() {
        Some(NotADatabase | DatabaseCorrupt) => {
            OpenError::Corrupt { path: path.to_owned(), finding: error.to_string() }
        }
        Some(CannotOpen | PermissionDenied | ReadOnly) => {
            OpenError::Access { path: path.to_owned(), source: std::io::Error::other(error) }
        }
        _ => OpenError::Database(error),
    }
}
