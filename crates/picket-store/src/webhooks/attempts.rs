//! How sending went, kept for a while.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::time::Duration;

/// One try to send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number.
    pub id: u64,
    /// `msg_…`.
    pub message: String,
    /// What was told.
    pub kind: String,
    /// The position of what it tells of.
    pub position: u64,
    /// Which try of the message it was, from 1.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// `delivered`, `retried`, `failed` or `gone`.
    pub outcome: String,
    /// What went wrong.
    pub error: Option<String>,
}

/// A try that just ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt<'a> {
    /// `msg_…`.
    pub message: &'a str,
    /// What was told.
    pub kind: &'a str,
    /// The position of what it tells of.
    pub position: u64,
    /// Which try of the message it was, from 1.
    pub attempt: u32,
    /// How long it took.
    pub took: Duration,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// `delivered`, `retried`, `failed` or `gone`.
    pub outcome: &'a str,
    /// What went wrong.
    pub error: Option<&'a str>,
}

const COLUMNS: &str = "id, message, type, position, attempt, at, took, status, outcome, error";

/// Writes a try down.
pub fn record_attempt(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    webhook: &str,
    new: &NewAttempt<'_>,
    now: Timestamp,
) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO webhook_attempt (workspace, webhook, message, type, position, attempt, at, took, status, outcome, error)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let done = tx.connection().prepare_cached(sql)?.execute(params![
        workspace.as_str(),
        webhook,
        new.message,
        new.kind,
        crate::held(new.position),
        new.attempt,
        now.as_micros(),
        i64::try_from(new.took.as_micros()).unwrap_or(i64::MAX),
        new.status,
        new.outcome,
        new.error
    ]);
    done.map(drop)
}

/// Tries of a webhook, newest first.
pub fn attempts(
    connection: &Connection,
    workspace: &Workspace,
    webhook: &str,
    limit: u64,
) -> Result<Vec<Attempt>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_attempt WHERE workspace = ?1 AND webhook = ?2 ORDER BY id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![workspace.as_str(), webhook, crate::held(limit)], read)?.collect()
}

/// The newest try of a message.
pub fn newest_attempt(
    connection: &Connection,
    workspace: &Workspace,
    (webhook, message): (&str, &str),
) -> Result<Option<Attempt>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_attempt WHERE workspace = ?1 AND webhook = ?2 AND message = ?3 ORDER BY id DESC LIMIT 1"
    );
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), webhook, message], read).optional()
}

/// Drops tries from before a moment, at most so many; how many.
pub fn forget_attempts(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    before: Timestamp,
    limit: u64,
) -> Result<usize, rusqlite::Error> {
    let sql = "DELETE FROM webhook_attempt WHERE id IN (SELECT id FROM webhook_attempt WHERE workspace = ?1 AND at < ?2 LIMIT ?3)";
    tx.connection().execute(sql, params![workspace.as_str(), before.as_micros(), crate::held(limit)])
}

fn read(row: &Row<'_>) -> Result<Attempt, rusqlite::Error> {
    Ok(Attempt {
        id: row.get(0)?,
        message: row.get(1)?,
        kind: row.get(2)?,
        position: row.get(3)?,
        attempt: row.get(4)?,
        at: Timestamp::from_micros(row.get(5)?),
        took: Duration::from_micros(row.get(6)?),
        status: row.get(7)?,
        outcome: row.get(8)?,
        error: row.get(9)?,
    })
}
