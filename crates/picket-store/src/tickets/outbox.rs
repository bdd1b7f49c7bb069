//! What is still to be done in places, in order for each ticket, and what will not be done by itself any more.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, Row, params};

/// Something that is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number, which also names the message in the ticket.
    pub id: i64,
    /// The ticket.
    pub ticket: String,
    /// The place.
    pub place: String,
    /// What the ticket is about.
    pub subject: String,
    /// What is to be done, such as `open`.
    pub act: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// Something that nobody tries any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// What it was.
    pub was: Waiting,
    /// When it was wanted.
    pub created_at: Timestamp,
    /// When it was given up.
    pub dead_at: Timestamp,
    /// Why.
    pub error: Option<String>,
}

/// Puts something to do into the outbox, unless the same waits already and was not tried yet; whether it was put.
pub fn enqueue(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    (ticket, place, subject, act): (&str, &str, &str, &str),
    now: Timestamp,
) -> Result<bool, rusqlite::Error> {
    let sql = "INSERT INTO ticket_outbox (workspace, ticket, place, subject, act, attempts, next_at, created_at)
               SELECT ?1, ?2, ?3, ?4, ?5, 0, ?6, ?6
               WHERE NOT EXISTS (SELECT 1 FROM ticket_outbox WHERE workspace = ?1 AND ticket = ?2 AND act = ?5 AND attempts = 0 AND dead_at IS NULL)";
    let values = params![workspace.as_str(), ticket, place, subject, act, now.as_micros()];
    Ok(tx.connection().prepare_cached(sql)?.execute(values)? > 0)
}

/// What is due, the longest due first: of each ticket the oldest only, and nothing of paused places and of `busy` ones.
pub fn due(
    connection: &Connection,
    workspace: &Workspace,
    (now, busy): (Timestamp, &[String]),
    limit: u64,
) -> Result<Vec<Waiting>, rusqlite::Error> {
    let sql = "SELECT o.id, o.ticket, o.place, o.subject, o.act, o.attempts FROM ticket_outbox o
               JOIN ticket_place p ON p.workspace = o.workspace AND p.id = o.place AND p.state = 'active'
               WHERE o.workspace = ?1 AND o.dead_at IS NULL AND o.next_at <= ?2 AND o.place NOT IN (SELECT value FROM json_each(?3))
                 AND NOT EXISTS (SELECT 1 FROM ticket_outbox before WHERE before.workspace = ?1 AND before.ticket = o.ticket
                                 AND before.dead_at IS NULL AND before.id < o.id)
               ORDER BY o.next_at, o.id LIMIT ?4";
    let busy = super::list_of(busy)?;
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(params![workspace.as_str(), now.as_micros(), busy, crate::held(limit)], read)?.collect()
}

/// When something is due next, of what waits.
pub fn next_due(connection: &Connection, workspace: &Workspace) -> Result<Option<Timestamp>, rusqlite::Error> {
    let sql = "SELECT min(next_at) FROM ticket_outbox WHERE workspace = ?1 AND dead_at IS NULL";
    let next: Option<i64> = connection.prepare_cached(sql)?.query_row([workspace.as_str()], |row| row.get(0))?;
    Ok(next.map(Timestamp::from_micros))
}

/// How much waits, and how much is dead, of a place, or of all.
pub fn waiting_of(
    connection: &Connection,
    workspace: &Workspace,
    place: Option<&str>,
) -> Result<(u64, u64), rusqlite::Error> {
    let sql = "SELECT coalesce(sum(dead_at IS NULL), 0), coalesce(sum(dead_at IS NOT NULL), 0) FROM ticket_outbox
               WHERE workspace = ?1 AND (?2 IS NULL OR place = ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row(params![workspace.as_str(), place], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// It is done.
pub fn done_with(tx: &mut Tx<'_>, workspace: &Workspace, id: i64) -> Result<bool, rusqlite::Error> {
    let sql = "DELETE FROM ticket_outbox WHERE workspace = ?1 AND id = ?2";
    Ok(tx.connection().prepare_cached(sql)?.execute(params![workspace.as_str(), id])? > 0)
}

/// It was tried, and is tried again then.
pub fn put_off(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: i64,
    (next_at, error): (Timestamp, &str),
) -> Result<bool, rusqlite::Error> {
    let sql =
        "UPDATE ticket_outbox SET attempts = attempts + 1, next_at = ?3, error = ?4 WHERE workspace = ?1 AND id = ?2";
    let values = params![workspace.as_str(), id, next_at.as_micros(), error];
    Ok(tx.connection().prepare_cached(sql)?.execute(values)? > 0)
}

/// It was tried, and is not tried again by itself.
pub fn bury(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: i64,
    (now, error): (Timestamp, &str),
) -> Result<bool, rusqlite::Error> {
    let sql =
        "UPDATE ticket_outbox SET attempts = attempts + 1, dead_at = ?3, error = ?4 WHERE workspace = ?1 AND id = ?2";
    let values = params![workspace.as_str(), id, now.as_micros(), error];
    Ok(tx.connection().prepare_cached(sql)?.execute(values)? > 0)
}

/// What nobody tries any more, newest first.
pub fn dead(connection: &Connection, workspace: &Workspace, limit: u64) -> Result<Vec<Dead>, rusqlite::Error> {
    let sql = "SELECT id, ticket, place, subject, act, attempts, created_at, dead_at, error FROM ticket_outbox
               WHERE workspace = ?1 AND dead_at IS NOT NULL ORDER BY id DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![workspace.as_str(), crate::held(limit)], |row| {
        Ok(Dead {
            was: read(row)?,
            created_at: Timestamp::from_micros(row.get(6)?),
            dead_at: Timestamp::from_micros(row.get(7)?),
            error: row.get(8)?,
        })
    })?;
    rows.collect()
}

/// Has what is dead tried anew: of one ticket, or all of it; how much.
pub fn replay(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    ticket: Option<&str>,
    now: Timestamp,
) -> Result<usize, rusqlite::Error> {
    let sql = "UPDATE ticket_outbox SET dead_at = NULL, attempts = 0, next_at = ?3
               WHERE workspace = ?1 AND dead_at IS NOT NULL AND (?2 IS NULL OR ticket = ?2)";
    tx.connection().execute(sql, params![workspace.as_str(), ticket, now.as_micros()])
}

fn read(row: &Row<'_>) -> Result<Waiting, rusqlite::Error> {
    Ok(Waiting {
        id: row.get(0)?,
        ticket: row.get(1)?,
        place: row.get(2)?,
        subject: row.get(3)?,
        act: row.get(4)?,
        attempts: row.get(5)?,
    })
}
