//! Where tickets are opened.

use super::{list_of, read_list, read_word, unreadable};
use picket_db::Tx;
use picket_event::{Severity, Workspace};
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// Whether a place is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceState {
    /// It is.
    Active,
    /// What is to be done there waits.
    Paused,
}

impl PlaceState {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

impl fmt::Display for PlaceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for PlaceState {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Active, Self::Paused].into_iter().find(|state| state.as_str() == word).ok_or(())
    }
}

/// A place, without its credentials.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// `tkp_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, such as `jira`.
    pub kind: String,
    /// How it is spoken to.
    pub settings: Value,
    /// What it is told of: `alert`, `ticket`, `incident`.
    pub takes: Vec<String>,
    /// Owners whose things it is told of; everybody's without.
    pub owners: Vec<String>,
    /// At least so bad.
    pub severity: Severity,
    /// The host that its credentials are for.
    pub host: String,
    /// Whether it is used.
    pub state: PlaceState,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Grows with each change.
    pub version: u64,
    /// Failures since the last success.
    pub failures: u64,
    /// The last failure.
    pub error: Option<String>,
    /// When that was.
    pub failed_at: Option<Timestamp>,
    /// The last success.
    pub succeeded_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, name, kind, settings, takes, owners, severity, host, state, created_by, created_at, version, failures, error, failed_at, succeeded_at";

/// Stores a new one; false if there is one of its name.
pub fn create_place(tx: &mut Tx<'_>, workspace: &Workspace, new: &Place) -> Result<bool, rusqlite::Error> {
    let sql = format!(
        "INSERT INTO ticket_place (workspace, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, NULL, NULL, NULL)
         ON CONFLICT (workspace, name) DO NOTHING"
    );
    let count = tx.connection().prepare_cached(&sql)?.execute(params![
        workspace.as_str(),
        new.id,
        new.name,
        new.kind,
        new.settings.to_string(),
        list_of(&new.takes)?,
        list_of(&new.owners)?,
        new.severity.as_str(),
        new.host,
        new.state.as_str(),
        new.created_by,
        new.created_at.as_micros(),
        crate::held(new.version)
    ])?;
    Ok(count > 0)
}

/// Writes what people changed: everything but id, kind and who made it; what waits is tried again at once. False if there is
/// none, or another has its name.
pub fn change_place(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    place: &Place,
    now: Timestamp,
) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE ticket_place SET name = ?3, settings = ?4, takes = ?5, owners = ?6, severity = ?7, host = ?8, state = ?9, version = version + 1,
                      failures = 0, error = NULL
               WHERE workspace = ?1 AND id = ?2
                 AND NOT EXISTS (SELECT 1 FROM ticket_place other WHERE other.workspace = ?1 AND other.name = ?3 AND other.id <> ?2)";
    let count = tx.connection().prepare_cached(sql)?.execute(params![
        workspace.as_str(),
        place.id,
        place.name,
        place.settings.to_string(),
        list_of(&place.takes)?,
        list_of(&place.owners)?,
        place.severity.as_str(),
        place.host,
        place.state.as_str()
    ])?;
    let sql =
        "UPDATE ticket_outbox SET next_at = min(next_at, ?3) WHERE workspace = ?1 AND place = ?2 AND dead_at IS NULL";
    tx.connection().execute(sql, params![workspace.as_str(), place.id, now.as_micros()])?;
    // Where its tickets stand is asked at once, or not at all while it is paused.
    let look_at = (place.state == PlaceState::Active).then_some(now.as_micros());
    let sql =
        "UPDATE ticket SET look_at = ?3 WHERE workspace = ?1 AND place = ?2 AND state IN ('open', 'acknowledged')";
    tx.connection().execute(sql, params![workspace.as_str(), place.id, look_at])?;
    Ok(count > 0)
}

/// Removes a place, with what was still to be done there; whether there was one. Its tickets are left as what they were.
pub fn remove_place(tx: &mut Tx<'_>, workspace: &Workspace, id: &str) -> Result<bool, rusqlite::Error> {
    let connection = tx.connection();
    connection
        .execute("DELETE FROM ticket_outbox WHERE workspace = ?1 AND place = ?2", params![workspace.as_str(), id])?;
    connection.execute(
        "UPDATE ticket SET look_at = NULL WHERE workspace = ?1 AND place = ?2",
        params![workspace.as_str(), id],
    )?;
    let sql = "DELETE FROM ticket_place WHERE workspace = ?1 AND id = ?2";
    Ok(connection.execute(sql, params![workspace.as_str(), id])? > 0)
}

/// One place, by its id or name.
pub fn get_place(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Place>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM ticket_place WHERE workspace = ?1 AND (id = ?2 OR name = ?2)");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// All places, by name.
pub fn list_places(connection: &Connection, workspace: &Workspace) -> Result<Vec<Place>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM ticket_place WHERE workspace = ?1 ORDER BY name");
    connection.prepare_cached(&sql)?.query_map([workspace.as_str()], read)?.collect()
}

/// Something succeeded there.
pub fn succeeded_at(tx: &mut Tx<'_>, workspace: &Workspace, id: &str, now: Timestamp) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE ticket_place SET failures = 0, error = NULL, succeeded_at = ?3 WHERE workspace = ?1 AND id = ?2";
    tx.connection().prepare_cached(sql)?.execute(params![workspace.as_str(), id, now.as_micros()]).map(drop)
}

/// Something failed there.
pub fn failed_at(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    (error, now): (&str, Timestamp),
) -> Result<(), rusqlite::Error> {
    let sql =
        "UPDATE ticket_place SET failures = failures + 1, error = ?3, failed_at = ?4 WHERE workspace = ?1 AND id = ?2";
    tx.connection().prepare_cached(sql)?.execute(params![workspace.as_str(), id, error, now.as_micros()]).map(drop)
}

fn read(row: &Row<'_>) -> Result<Place, rusqlite::Error> {
    let settings: String = row.get(3)?;
    let at = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros));
    Ok(Place {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        settings: serde_json::from_str(&settings).map_err(|_error| unreadable(3, "settings"))?,
        takes: read_list(row, 4)?,
        owners: read_list(row, 5)?,
        severity: read_word(row, 6)?,
        host: row.get(7)?,
        state: read_word(row, 8)?,
        created_by: row.get(9)?,
        created_at: Timestamp::from_micros(row.get(10)?),
        version: row.get(11)?,
        failures: row.get(12)?,
        error: row.get(13)?,
        failed_at: at(14)?,
        succeeded_at: at(15)?,
    })
}
