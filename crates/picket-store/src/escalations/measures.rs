//! What the queue's metrics are made of.

use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, params};

/// Escalations that are looked at, the newest.
const LIMIT: u64 = 100_000;

/// The times and the verdict of one escalation. Tests of the queue are none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// When the event happened that caused it.
    pub created_at: Timestamp,
    /// When it entered the queue.
    pub queued_at: Option<Timestamp>,
    /// When somebody first took it up.
    pub touched_at: Option<Timestamp>,
    /// What was decided.
    pub verdict: Option<String>,
    /// Whether it ended without anybody having decided it.
    pub expired: bool,
}

/// Those of escalations that were created since a moment, at most the newest 100,000.
pub fn measured(
    connection: &Connection,
    workspace: &Workspace,
    since: Timestamp,
) -> Result<Vec<Measured>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT created_at, queued_at, touched_at, verdict, status = 'expired' FROM escalation
         WHERE workspace = ?1 AND created_at >= ?2 AND kind <> 'test' ORDER BY created_at DESC LIMIT ?3",
    )?;
    let time = |at: Option<i64>| at.map(Timestamp::from_micros);
    let rows = statement.query_map(params![workspace.as_str(), since.as_micros(), LIMIT], |row| {
        Ok(Measured {
            created_at: Timestamp::from_micros(row.get(0)?),
            queued_at: time(row.get(1)?),
            touched_at: time(row.get(2)?),
            verdict: row.get(3)?,
            expired: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// What waits of one severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// How bad it is.
    pub severity: String,
    /// How many there are.
    pub count: u64,
    /// Those by whose due time nobody has decided.
    pub breached: u64,
    /// When the oldest was created.
    pub oldest: Timestamp,
}

/// What waits, by severity. Tests of the queue are none of it.
pub fn waiting(
    connection: &Connection,
    workspace: &Workspace,
    now: Timestamp,
) -> Result<Vec<Waiting>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT severity, count(*), coalesce(sum(due_at <= ?2), 0), min(created_at) FROM escalation
         WHERE workspace = ?1 AND status = 'pending' AND kind <> 'test' GROUP BY severity",
    )?;
    let rows = statement.query_map(params![workspace.as_str(), now.as_micros()], |row| {
        Ok(Waiting {
            severity: row.get(0)?,
            count: row.get(1)?,
            breached: row.get(2)?,
            oldest: Timestamp::from_micros(row.get(3)?),
        })
    })?;
    rows.collect()
}
