//! What destinations are told.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::fmt;
use std::str::FromStr;

/// Whether a destination is sent events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Events are sent as they come.
    Active,
    /// Events wait in the log until somebody resumes it.
    Paused,
}

impl State {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text is no state of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a destination is `active` or `paused`")]
pub struct UnknownState;

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        [Self::Active, Self::Paused].into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

/// A destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// `dst_…`.
    pub id: String,
    /// Its name, of which there is one in a workspace.
    pub name: String,
    /// The word of its kind.
    pub kind: String,
    /// Scheme, host and port that its credentials are for; none where nothing is connected to.
    pub host: Option<String>,
    /// All that it is told, as JSON.
    pub settings: String,
    /// Whether it is sent events.
    pub state: State,
    /// Why it is paused.
    pub reason: Option<String>,
    /// Who changed it last; the program, as long as it is paused by it.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Counts changes of what it is told, from 1; pausing is none.
    pub version: u64,
}

const COLUMNS: &str =
    "id, name, kind, host, settings, state, reason, changed_by, changed_at, created_by, created_at, version";

/// Makes a destination; false when there is one of that name.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Destination) -> Result<bool, rusqlite::Error> {
    let sql = format!(
        "INSERT INTO destination ({COLUMNS}, workspace) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (workspace, name) DO NOTHING"
    );
    let made = tx.connection().execute(
        &sql,
        params![
            new.id,
            new.name,
            new.kind,
            new.host,
            new.settings,
            new.state.as_str(),
            new.reason,
            new.changed_by,
            new.changed_at.as_micros(),
            new.created_by,
            new.created_at.as_micros(),
            new.version,
            workspace.as_str()
        ],
    )?;
    Ok(made > 0)
}

/// One destination, by its id or its name.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Destination>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM destination WHERE workspace = ?1 AND (id = ?2 OR name = ?2) ORDER BY id = ?2 DESC LIMIT 1"
    );
    connection.query_row(&sql, params![workspace.as_str(), id], read).optional()
}

/// All destinations, by name.
pub fn list(connection: &Connection, workspace: &Workspace) -> Result<Vec<Destination>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM destination WHERE workspace = ?1 ORDER BY name");
    connection.prepare_cached(&sql)?.query_map(params![workspace.as_str()], read)?.collect()
}

/// Writes what a destination is told, if its version is still the one before; whether it was.
pub fn update(tx: &mut Tx<'_>, workspace: &Workspace, to: &Destination) -> Result<bool, rusqlite::Error> {
    let changed = tx.connection().execute(
        "UPDATE destination SET name = ?3, host = ?4, settings = ?5, changed_by = ?6, changed_at = ?7, version = ?8, kind = ?9
         WHERE workspace = ?1 AND id = ?2 AND version = ?8 - 1
         AND NOT EXISTS (SELECT 1 FROM destination AS other WHERE other.workspace = ?1 AND other.name = ?3 AND other.id <> ?2)",
        params![
            workspace.as_str(),
            to.id,
            to.name,
            to.host,
            to.settings,
            to.changed_by,
            to.changed_at.as_micros(),
            to.version,
            to.kind
        ],
    )?;
    Ok(changed > 0)
}

/// Pauses a destination, with a reason, or resumes it; false when it is so already.
pub fn set_state(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    (to, reason): (State, Option<&str>),
    (by, at): (&str, Timestamp),
) -> Result<bool, rusqlite::Error> {
    let changed = tx.connection().execute(
        "UPDATE destination SET state = ?3, reason = ?4, changed_by = ?5, changed_at = ?6
         WHERE workspace = ?1 AND id = ?2 AND state <> ?3",
        params![workspace.as_str(), id, to.as_str(), reason, by, at.as_micros()],
    )?;
    Ok(changed > 0)
}

/// Removes a destination with all that is kept of it; whether there was one.
pub fn remove(tx: &mut Tx<'_>, workspace: &Workspace, id: &str) -> Result<bool, rusqlite::Error> {
    let (connection, of) = (tx.connection(), params![workspace.as_str(), id]);
    for sql in [
        "DELETE FROM delivery WHERE workspace = ?1 AND destination = ?2",
        "DELETE FROM delivery_hour WHERE workspace = ?1 AND destination = ?2",
        "DELETE FROM dead_letter WHERE workspace = ?1 AND destination = ?2",
    ] {
        connection.execute(sql, of)?;
    }
    let removed = connection.execute("DELETE FROM destination WHERE workspace = ?1 AND id = ?2", of)?;
    Ok(removed > 0)
}

/// Forgets a user in what receivers said about events.
pub fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE dead_letter SET reason = '', excerpt = '' WHERE workspace = ?1
               AND (instr(lower(excerpt), lower(?2)) > 0 OR instr(lower(reason), lower(?2)) > 0)";
    tx.connection().execute(sql, params![workspace.as_str(), user]).map(drop)
}

fn read(row: &Row<'_>) -> Result<Destination, rusqlite::Error> {
    let state: String = row.get(5)?;
    let unreadable = |_error| rusqlite::Error::InvalidColumnType(5, "state".to_owned(), Type::Text);
    Ok(Destination {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        host: row.get(3)?,
        settings: row.get(4)?,
        state: state.parse().map_err(unreadable)?,
        reason: row.get(6)?,
        changed_by: row.get(7)?,
        changed_at: Timestamp::from_micros(row.get(8)?),
        created_by: row.get(9)?,
        created_at: Timestamp::from_micros(row.get(10)?),
        version: row.get(11)?,
    })
}
