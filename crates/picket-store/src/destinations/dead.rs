//! Events that a destination will not take, each with the reason.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeSet;

/// An event that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its position in the log.
    pub position: u64,
    /// The event.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// When it happened.
    pub happened_at: Timestamp,
    /// Why it was given up.
    pub reason: String,
    /// What the receiver answered, where it speaks HTTP.
    pub status: Option<u16>,
    /// What it said: at most 256 bytes.
    pub excerpt: String,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was given up.
    pub at: Timestamp,
    /// Whether somebody wants it sent once more.
    pub is_wanted: bool,
}

/// Some dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All that are there now.
    All,
    /// Those at these positions.
    At(Vec<u64>),
}

/// What became of dead letters that were meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// How many there were.
    pub count: usize,
    /// Positions that were named, and at which there is no dead letter.
    pub missing: Vec<u64>,
}

const COLUMNS: &str = "position, event_id, event_type, happened_at, reason, status, excerpt, attempts, at, replay";

/// Gives events up. One that was given up before has the newer reason.
pub fn bury(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    letters: &[DeadLetter],
) -> Result<(), rusqlite::Error> {
    let sql = format!(
        "INSERT INTO dead_letter (workspace, destination, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)
         ON CONFLICT (workspace, destination, position) DO UPDATE SET reason = excluded.reason, status = excluded.status,
           excerpt = excluded.excerpt, attempts = excluded.attempts, at = excluded.at, replay = 0"
    );
    let mut statement = tx.connection().prepare_cached(&sql)?;
    for letter in letters {
        statement.execute(params![
            workspace.as_str(),
            destination,
            letter.position,
            letter.event_id,
            letter.event_type,
            letter.happened_at.as_micros(),
            letter.reason,
            letter.status,
            letter.excerpt,
            letter.attempts,
            letter.at.as_micros()
        ])?;
    }
    Ok(())
}

/// Dead letters of a destination after a position, in the order of the log.
pub fn dead_letters(
    connection: &Connection,
    workspace: &Workspace,
    destination: &str,
    (after, limit): (Option<u64>, u64),
) -> Result<Vec<DeadLetter>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM dead_letter WHERE workspace = ?1 AND destination = ?2 AND position > ?3 ORDER BY position LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let after = after.map_or(-1, crate::held);
    statement.query_map(params![workspace.as_str(), destination, after, limit], read)?.collect()
}

/// How many dead letters a destination has.
pub fn count_dead(connection: &Connection, workspace: &Workspace, destination: &str) -> Result<u64, rusqlite::Error> {
    let sql = "SELECT count(*) FROM dead_letter WHERE workspace = ?1 AND destination = ?2";
    connection.prepare_cached(sql)?.query_row(params![workspace.as_str(), destination], |row| row.get(0))
}

/// Wants dead letters sent once more; how many of them there are that were not to be sent already.
pub fn want_replay(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    which: &Which,
) -> Result<Chosen, rusqlite::Error> {
    let sql = "UPDATE dead_letter SET replay = 1 WHERE workspace = ?1 AND destination = ?2 AND replay = 0";
    each(tx, workspace, destination, (sql, which))
}

/// Drops dead letters for good; how many. They stay counted as given up.
pub fn discard(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    which: &Which,
) -> Result<Chosen, rusqlite::Error> {
    let sql = "DELETE FROM dead_letter WHERE workspace = ?1 AND destination = ?2";
    each(tx, workspace, destination, (sql, which))
}

fn each(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    (sql, which): (&str, &Which),
) -> Result<Chosen, rusqlite::Error> {
    let Which::At(positions) = which else {
        let count = tx.connection().execute(sql, params![workspace.as_str(), destination])?;
        return Ok(Chosen { count, missing: Vec::new() });
    };
    let one = format!("{sql} AND position = ?3");
    let mut statement = tx.connection().prepare_cached(&one)?;
    let there = "SELECT EXISTS (SELECT 1 FROM dead_letter WHERE workspace = ?1 AND destination = ?2 AND position = ?3)";
    let mut there = tx.connection().prepare_cached(there)?;
    let mut chosen = Chosen::default();
    // Who names one twice means it once.
    for position in positions.iter().copied().collect::<BTreeSet<u64>>() {
        let place = params![workspace.as_str(), destination, crate::held(position)];
        let changed = statement.execute(place)?;
        if changed == 0 && !there.query_row(place, |row| row.get(0))? {
            chosen.missing.push(position);
        }
        chosen.count += changed;
    }
    Ok(chosen)
}

/// Takes at most so many of those that are wanted: they are dead letters no longer, and are returned in the order of the
/// log.
pub fn take_replays(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    destination: &str,
    limit: usize,
) -> Result<Vec<DeadLetter>, rusqlite::Error> {
    let sql = format!(
        "DELETE FROM dead_letter WHERE workspace = ?1 AND destination = ?2 AND position IN
           (SELECT position FROM dead_letter WHERE workspace = ?1 AND destination = ?2 AND replay = 1 ORDER BY position LIMIT ?3)
         RETURNING {COLUMNS}"
    );
    let mut statement = tx.connection().prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let taken = statement.query_map(params![workspace.as_str(), destination, limit], read)?;
    let mut taken = taken.collect::<Result<Vec<_>, _>>()?;
    taken.sort_by_key(|letter| letter.position);
    Ok(taken)
}

fn read(row: &Row<'_>) -> Result<DeadLetter, rusqlite::Error> {
    Ok(DeadLetter {
        position: row.get(0)?,
        event_id: row.get(1)?,
        event_type: row.get(2)?,
        happened_at: Timestamp::from_micros(row.get(3)?),
        reason: row.get(4)?,
        status: row.get(5)?,
        excerpt: row.get(6)?,
        attempts: row.get(7)?,
        at: Timestamp::from_micros(row.get(8)?),
        is_wanted: row.get(9)?,
    })
}
