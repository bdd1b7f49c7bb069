//! Tickets as they are known here: one for each thing in each place.

use super::read_word;
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::fmt;
use std::str::FromStr;

/// Where a ticket stands, as far as that is known here. Each follows the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It is to be opened.
    Opening,
    /// It is there.
    Open,
    /// Somebody works on it.
    Acknowledged,
    /// It is done.
    Resolved,
    /// The place did not take it.
    Failed,
}

impl State {
    const ALL: &[Self] = &[Self::Opening, Self::Open, Self::Acknowledged, Self::Resolved, Self::Failed];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.iter().find(|state| state.as_str() == word).copied().ok_or(())
    }
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// `tkt_…`.
    pub id: String,
    /// The place.
    pub place: String,
    /// What it is about: `fnd_…` or `inc_…`.
    pub subject: String,
    /// Where it stands.
    pub state: State,
    /// The place's own id of it.
    pub remote_id: Option<String>,
    /// What people call it there.
    pub remote_key: Option<String>,
    /// Where it is shown.
    pub url: Option<String>,
    /// Where it stands there, in that system's word.
    pub remote_state: Option<String>,
    /// When that system said so.
    pub seen_at: Option<Timestamp>,
    /// Why it failed, or fails now.
    pub error: Option<String>,
    /// When it was wanted.
    pub created_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
}

/// What a place told of a ticket. What it did not say stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Where it stands.
    pub state: Option<State>,
    /// The place's own id of it.
    pub remote_id: Option<String>,
    /// What people call it there.
    pub remote_key: Option<String>,
    /// Where it is shown.
    pub url: Option<String>,
    /// Where it stands there.
    pub remote_state: Option<String>,
    /// What went wrong; nothing clears what did before.
    pub error: Option<String>,
    /// When its system is asked where it stands; nothing leaves that as it was.
    pub look_at: Option<Timestamp>,
}

/// What a place said when it was asked where a ticket stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Where it stands; nothing leaves that as it was.
    pub state: Option<State>,
    /// In that system's word.
    pub remote_state: Option<String>,
    /// Why it could not say.
    pub error: Option<String>,
    /// When it said so, if it did.
    pub seen_at: Option<Timestamp>,
    /// When it is asked again, if ever.
    pub look_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "id, place, subject, state, remote_id, remote_key, url, remote_state, seen_at, error, created_at, changed_at";

/// The ticket about something in a place, new under this id if there is none; whether it is new.
pub fn ensure(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    (id, place, subject): (&str, &str, &str),
    now: Timestamp,
) -> Result<(String, bool), rusqlite::Error> {
    let connection = tx.connection();
    let count = connection
        .prepare_cached(
            "INSERT INTO ticket (workspace, id, place, subject, state, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, 'opening', ?5, ?5)
             ON CONFLICT (workspace, subject, place) DO NOTHING",
        )?
        .execute(params![workspace.as_str(), id, place, subject, now.as_micros()])?;
    let known = connection
        .prepare_cached("SELECT id FROM ticket WHERE workspace = ?1 AND subject = ?2 AND place = ?3")?
        .query_row(params![workspace.as_str(), subject, place], |row| row.get(0))?;
    Ok((known, count > 0))
}

/// Writes what a place told; whether there is such a ticket.
pub fn tell(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    told: &Told,
    now: Timestamp,
) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE ticket SET state = coalesce(?3, state), remote_id = coalesce(?4, remote_id), remote_key = coalesce(?5, remote_key),
                 url = coalesce(?6, url), remote_state = coalesce(?7, remote_state), error = ?8, changed_at = ?9,
                 seen_at = CASE WHEN ?7 IS NULL THEN seen_at ELSE ?9 END, look_at = coalesce(?10, look_at)
               WHERE workspace = ?1 AND id = ?2";
    let count = tx.connection().prepare_cached(sql)?.execute(params![
        workspace.as_str(),
        id,
        told.state.map(State::as_str),
        told.remote_id,
        told.remote_key,
        told.url,
        told.remote_state,
        told.error,
        now.as_micros(),
        told.look_at.map(Timestamp::as_micros)
    ])?;
    Ok(count > 0)
}

/// Open tickets whose systems are to be asked where they stand, each with a number of its own: those that wait longest
/// first, none of paused places and of `busy` ones, and none with which something is still to be done.
pub fn to_look_at(
    connection: &Connection,
    workspace: &Workspace,
    (now, busy): (Timestamp, &[String]),
    limit: u64,
) -> Result<Vec<(i64, Ticket)>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS}, rowid FROM ticket t
         WHERE workspace = ?1 AND look_at <= ?2 AND state IN ('open', 'acknowledged') AND place NOT IN (SELECT value FROM json_each(?3))
           AND EXISTS (SELECT 1 FROM ticket_place p WHERE p.workspace = ?1 AND p.id = t.place AND p.state = 'active')
           AND NOT EXISTS (SELECT 1 FROM ticket_outbox o WHERE o.workspace = ?1 AND o.ticket = t.id AND o.dead_at IS NULL)
         ORDER BY look_at LIMIT ?4"
    );
    let busy = super::list_of(busy)?;
    let values = params![workspace.as_str(), now.as_micros(), busy, crate::held(limit)];
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(values, |row| Ok((row.get(12)?, read(row)?)))?.collect()
}

/// Nobody asks a place where its tickets stand before a moment.
pub fn look_later(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    place: &str,
    until: Timestamp,
) -> Result<usize, rusqlite::Error> {
    let sql = "UPDATE ticket SET look_at = ?3
               WHERE workspace = ?1 AND place = ?2 AND state IN ('open', 'acknowledged') AND look_at < ?3";
    tx.connection().prepare_cached(sql)?.execute(params![workspace.as_str(), place, until.as_micros()])
}

/// Writes what a place said of a ticket as it was `before`; false if it was changed since, and nothing was written. Why
/// something was given up that was to be done with it stays.
pub fn see(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    before: &Ticket,
    seen: &Seen,
    now: Timestamp,
) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE ticket SET state = coalesce(?4, state), remote_state = coalesce(?5, remote_state), look_at = ?7,
                 seen_at = coalesce(?8, seen_at), changed_at = CASE WHEN ?10 THEN ?9 ELSE changed_at END,
                 error = CASE WHEN EXISTS (SELECT 1 FROM ticket_outbox o WHERE o.workspace = ?1 AND o.ticket = ?2 AND o.dead_at IS NOT NULL)
                              THEN error ELSE ?6 END
               WHERE workspace = ?1 AND id = ?2 AND changed_at = ?3";
    let is_news = seen.state.is_some() || seen.remote_state.is_some() && seen.remote_state != before.remote_state;
    let count = tx.connection().prepare_cached(sql)?.execute(params![
        workspace.as_str(),
        before.id,
        before.changed_at.as_micros(),
        seen.state.map(State::as_str),
        seen.remote_state,
        seen.error,
        seen.look_at.map(Timestamp::as_micros),
        seen.seen_at.map(Timestamp::as_micros),
        now.as_micros(),
        is_news
    ])?;
    Ok(count > 0)
}

/// One ticket.
pub fn get_ticket(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Ticket>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM ticket WHERE workspace = ?1 AND id = ?2");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// The tickets about something, oldest first.
pub fn tickets_of(
    connection: &Connection,
    workspace: &Workspace,
    subject: &str,
) -> Result<Vec<Ticket>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM ticket WHERE workspace = ?1 AND subject = ?2 ORDER BY id");
    connection.prepare_cached(&sql)?.query_map(params![workspace.as_str(), subject], read)?.collect()
}

/// Tickets, newest first.
pub fn list_tickets(
    connection: &Connection,
    workspace: &Workspace,
    state: Option<State>,
    limit: u64,
) -> Result<Vec<Ticket>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM ticket WHERE workspace = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![workspace.as_str(), state.map(State::as_str), crate::held(limit)], read)?.collect()
}

fn read(row: &Row<'_>) -> Result<Ticket, rusqlite::Error> {
    Ok(Ticket {
        id: row.get(0)?,
        place: row.get(1)?,
        subject: row.get(2)?,
        state: read_word(row, 3)?,
        remote_id: row.get(4)?,
        remote_key: row.get(5)?,
        url: row.get(6)?,
        remote_state: row.get(7)?,
        seen_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_micros),
        error: row.get(9)?,
        created_at: Timestamp::from_micros(row.get(10)?),
        changed_at: Timestamp::from_micros(row.get(11)?),
    })
}
