//! What others like an escalation were: how often they came, and how they ended.

use super::Escalation;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, params};

/// Others like an escalation, itself not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Precedent {
    /// All of them.
    pub seen: u64,
    /// Decided as real.
    pub true_positive: u64,
    /// Decided as harmless.
    pub false_positive: u64,
    /// Decided as neither.
    pub undetermined: u64,
    /// Not decided yet.
    pub pending: u64,
}

/// How others like it ended that came since a moment.
pub fn precedent(
    connection: &Connection,
    workspace: &Workspace,
    escalation: &Escalation,
    since: Timestamp,
) -> Result<Precedent, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*), coalesce(sum(verdict = 'true_positive'), 0), coalesce(sum(verdict = 'false_positive'), 0),
           coalesce(sum(verdict = 'undetermined'), 0), coalesce(sum(status = 'pending'), 0)
         FROM escalation WHERE workspace = ?1 AND likeness = ?2 AND created_at >= ?3 AND id <> ?4",
    )?;
    statement.query_row(params![workspace.as_str(), escalation.likeness, since.as_micros(), escalation.id], |row| {
        Ok(Precedent {
            seen: row.get(0)?,
            true_positive: row.get(1)?,
            false_positive: row.get(2)?,
            undetermined: row.get(3)?,
            pending: row.get(4)?,
        })
    })
}

/// Pending escalations that are the same for a reviewer: like each other, and of the same user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What was found.
    pub kind: String,
    /// What they share.
    pub likeness: String,
    /// The user.
    pub user: Option<String>,
    /// How many there are.
    pub count: u64,
    /// The highest priority among them.
    pub priority: u8,
    /// The oldest.
    pub first_at: Timestamp,
    /// The newest.
    pub last_at: Timestamp,
    /// The earliest time by which a person must have looked.
    pub due_at: Option<Timestamp>,
    /// The most urgent of them.
    pub escalation: String,
}

/// What waits, equals together, most urgent first.
pub fn groups(connection: &Connection, workspace: &Workspace, limit: u64) -> Result<Vec<Group>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, likeness, user, number, top, first_at, last_at, due, id FROM
           (SELECT kind, likeness, user, id, count(*) OVER equal AS number, max(priority) OVER equal AS top, min(created_at) OVER equal AS first_at,
              max(created_at) OVER equal AS last_at, min(due_at) OVER equal AS due,
              row_number() OVER (PARTITION BY likeness, user ORDER BY priority DESC, created_at, id) AS place
            FROM escalation WHERE workspace = ?1 AND status = 'pending' AND stage <> 'snoozed' WINDOW equal AS (PARTITION BY likeness, user))
         WHERE place = 1 ORDER BY top DESC, first_at, id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![workspace.as_str(), crate::held(limit)], |row| {
        Ok(Group {
            kind: row.get(0)?,
            likeness: row.get(1)?,
            user: row.get(2)?,
            count: row.get(3)?,
            priority: row.get(4)?,
            first_at: Timestamp::from_micros(row.get(5)?),
            last_at: Timestamp::from_micros(row.get(6)?),
            due_at: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
            escalation: row.get(8)?,
        })
    })?;
    rows.collect()
}
