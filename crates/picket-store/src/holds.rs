//! Requests that wait for a person, by the digest of what was asked.
//!
//! A row lives from the first time that a request is held until its end: undecided and refused ones until they expire,
//! approved ones until they were used, once. Whoever asks the same again in that time gets the same answer.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::time::Duration;

/// A request that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its escalation.
    pub escalation: String,
    /// Least urgency of the escalation, 1 to 4; 0 where the policy names none.
    pub priority: u8,
    /// How long it waits for a decision, and how long the decision counts.
    pub lasts: Duration,
}

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing that ends the wait.
    Pending,
    /// It may run, once.
    Approved,
    /// It may not run.
    Rejected,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "approved" => Self::Approved,
            "rejected" => Self::Rejected,
            _ => Self::Pending,
        }
    }
}

/// What became of a request that would be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// It is held from now on.
    New,
    /// It waits already, under this escalation.
    Waits(String),
    /// This escalation was approved; the approval is used up now.
    Approved(String),
    /// This escalation was rejected.
    Rejected(String),
}

/// Holds a request, or tells what was decided of the same request before. An approval is taken here: two that ask at the
/// same time do not both get it.
pub fn enter(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    digest: &[u8; 32],
    new: &Hold,
    now: Timestamp,
) -> Result<Entered, rusqlite::Error> {
    if let Some((escalation, state)) = known(tx.connection(), workspace, digest, now)? {
        return Ok(match state {
            State::Pending => Entered::Waits(escalation),
            State::Rejected => Entered::Rejected(escalation),
            State::Approved => {
                tx.connection().execute(
                    "DELETE FROM hold WHERE workspace = ?1 AND digest = ?2",
                    params![workspace.as_str(), digest],
                )?;
                Entered::Approved(escalation)
            }
        });
    }
    let lasts = i64::try_from(new.lasts.as_micros()).unwrap_or(i64::MAX);
    tx.connection().execute(
        "INSERT INTO hold (workspace, digest, escalation, state, priority, lasts, ends_at) VALUES (?1, ?2, ?3, 'pending', ?4, ?5, ?6)
         ON CONFLICT (workspace, digest) DO UPDATE SET escalation = excluded.escalation, state = excluded.state,
           priority = excluded.priority, lasts = excluded.lasts, ends_at = excluded.ends_at",
        params![workspace.as_str(), digest, new.escalation, new.priority, lasts, now.plus(new.lasts).as_micros()],
    )?;
    Ok(Entered::New)
}

/// What is known of a request now: its escalation, and what was said.
pub fn known(
    connection: &Connection,
    workspace: &Workspace,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<(String, State)>, rusqlite::Error> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, State::of(&row.get::<_, String>(1)?)));
    connection
        .query_row(
            "SELECT escalation, state FROM hold WHERE workspace = ?1 AND digest = ?2 AND ends_at > ?3",
            params![workspace.as_str(), digest, now.as_micros()],
            read,
        )
        .optional()
}

/// The hold of an escalation: its least priority, and when it ends.
pub fn of_escalation(
    connection: &Connection,
    workspace: &Workspace,
    escalation: &str,
) -> Result<Option<(u8, Timestamp)>, rusqlite::Error> {
    let sql = "SELECT priority, ends_at FROM hold WHERE workspace = ?1 AND escalation = ?2";
    let read = |row: &Row<'_>| Ok((row.get(0)?, Timestamp::from_micros(row.get(1)?)));
    connection.query_row(sql, params![workspace.as_str(), escalation], read).optional()
}

/// Takes a decision, in its own transaction. It counts as long as the request would have waited.
pub fn decide(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    escalation: &str,
    state: State,
    now: Timestamp,
) -> Result<(), rusqlite::Error> {
    tx.connection()
        .execute(
            "UPDATE hold SET state = ?3, ends_at = ?4 + lasts WHERE workspace = ?1 AND escalation = ?2 AND ends_at > ?4",
            params![workspace.as_str(), escalation, state.as_str(), now.as_micros()],
        )
        .map(drop)
}

/// Forgets what has ended.
pub fn forget(tx: &mut Tx<'_>, workspace: &Workspace, now: Timestamp, limit: u64) -> Result<usize, rusqlite::Error> {
    let sql =
        "DELETE FROM hold WHERE rowid IN (SELECT rowid FROM hold WHERE workspace = ?1 AND ends_at <= ?2 LIMIT ?3)";
    tx.connection().execute(sql, params![workspace.as_str(), now.as_micros(), limit])
}
