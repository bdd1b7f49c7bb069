//! How far a destination has come.

use picket_db::Tx;
use picket_event::Workspace;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::ops::AddAssign;

/// Events, by what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Read from the log and to be sent.
    pub accepted: u64,
    /// The receiver has them.
    pub delivered: u64,
    /// Given up, each with its reason.
    pub dead_lettered: u64,
    /// Dropped by the log's retention before they were sent.
    pub expired: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.dead_lettered += other.dead_lettered;
        self.expired += other.expired;
    }
}

/// How far a destination has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The first position that concerns it.
    pub begin: u64,
    /// The next position that it has not looked at.
    pub scanned: u64,
    /// Positions before that whose fate is not known, packed.
    pub open: Vec<u8>,
    /// All others that were to be sent, and those.
    pub counts: Counts,
}

/// What came of the events of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Hours since 1970, of the time of the events.
    pub hour: i64,
    /// Of changes: how many more. Since replayed ones are no longer dead letters, those may become fewer.
    pub accepted: i64,
    /// As above.
    pub delivered: i64,
    /// As above.
    pub dead_lettered: i64,
    /// As above.
    pub expired: i64,
}

/// Where a destination stands; none where there is no such destination.
pub fn standing(
    connection: &Connection,
    workspace: &Workspace,
    destination: &str,
) -> Result<Option<Standing>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT begin, scanned, open, accepted, delivered, dead_lettered, expired FROM delivery WHERE workspace = ?1 AND destination = ?2",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Standing {
            begin: row.get(0)?,
            scanned: row.get(1)?,
            open: row.get(2)?,
            counts: Counts {
                accepted: row.get(3)?,
                delivered: row.get(4)?,
                dead_lettered: row.get(5)?,
                expired: row.get(6)?,
            },
        })
    };
    statement.query_row(params![workspace.as_str(), destination], read).optional()
}

/// Where a new destination begins.
pub fn begin_anew(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    position: u64,
) -> Result<(), rusqlite::Error> {
    tx.connection()
        .execute(
            "INSERT INTO delivery (workspace, destination, begin, scanned, open, accepted, delivered, dead_lettered, expired)
             VALUES (?1, ?2, ?3, ?3, x'', 0, 0, 0, 0)",
            params![workspace.as_str(), destination, position],
        )
        .map(drop)
}

/// Writes where a destination stands; false when there is no such destination any more.
pub fn keep(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    standing: &Standing,
) -> Result<bool, rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "UPDATE delivery SET scanned = ?3, open = ?4, accepted = ?5, delivered = ?6, dead_lettered = ?7, expired = ?8
         WHERE workspace = ?1 AND destination = ?2",
    )?;
    let Standing { scanned, open, counts, .. } = standing;
    let changed = statement.execute(params![
        workspace.as_str(),
        destination,
        scanned,
        open,
        counts.accepted,
        counts.delivered,
        counts.dead_lettered,
        counts.expired
    ])?;
    Ok(changed > 0)
}

/// Counts what came of events by the hours in which they happened.
pub fn count_hours(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    more: &[Hour],
) -> Result<(), rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "INSERT INTO delivery_hour (workspace, destination, hour, accepted, delivered, dead_lettered, expired)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (workspace, destination, hour) DO UPDATE SET accepted = accepted + excluded.accepted,
           delivered = delivered + excluded.delivered, dead_lettered = dead_lettered + excluded.dead_lettered,
           expired = expired + excluded.expired",
    )?;
    for one in more {
        let (hour, accepted, delivered) = (one.hour, one.accepted, one.delivered);
        let (dead, expired) = (one.dead_lettered, one.expired);
        statement.execute(params![workspace.as_str(), destination, hour, accepted, delivered, dead, expired])?;
    }
    Ok(())
}

/// What came of the events of each hour from one on and before another, oldest first.
pub fn hours(
    connection: &Connection,
    workspace: &Workspace,
    destination: &str,
    (from, to): (i64, i64),
) -> Result<Vec<Hour>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT hour, accepted, delivered, dead_lettered, expired FROM delivery_hour
         WHERE workspace = ?1 AND destination = ?2 AND hour >= ?3 AND hour < ?4 ORDER BY hour LIMIT 10000",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Hour {
            hour: row.get(0)?,
            accepted: row.get(1)?,
            delivered: row.get(2)?,
            dead_lettered: row.get(3)?,
            expired: row.get(4)?,
        })
    };
    statement.query_map(params![workspace.as_str(), destination, from, to], read)?.collect()
}

/// Forgets the counts of hours that were counted long ago: all but the newest so many of a destination.
pub fn forget_hours(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    most: u32,
) -> Result<usize, rusqlite::Error> {
    tx.connection().execute(
        "DELETE FROM delivery_hour WHERE workspace = ?1 AND destination = ?2 AND hour NOT IN
         (SELECT hour FROM delivery_hour WHERE workspace = ?1 AND destination = ?2 ORDER BY hour DESC LIMIT ?3)",
        params![workspace.as_str(), destination, most],
    )
}
