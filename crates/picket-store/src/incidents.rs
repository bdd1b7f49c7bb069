//! Incidents: what reviewers handed on, to begin with.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// `inc_…`.
    pub id: String,
    /// What was found.
    pub kind: String,
    /// How bad it is.
    pub severity: String,
    /// `open`.
    pub status: String,
    /// What it is about, in words of ours.
    pub title: String,
    /// The escalation that it came from.
    pub escalation: String,
    /// The event that caused that.
    pub event_id: String,
    /// The user.
    pub user: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

/// Forgets a user in all incidents.
pub fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE incident SET user = NULL WHERE workspace = ?1 AND user = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), user]).map(drop)
}

const COLUMNS: &str = "id, kind, severity, status, title, escalation, event_id, user, created_at, created_by";

/// Opens an incident.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Incident) -> Result<(), rusqlite::Error> {
    let sql =
        format!("INSERT INTO incident (workspace, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    let mut statement = tx.connection().prepare_cached(&sql)?;
    let done = statement.execute(params![
        workspace.as_str(),
        new.id,
        new.kind,
        new.severity,
        new.status,
        new.title,
        new.escalation,
        new.event_id,
        new.user,
        new.created_at.as_micros(),
        new.created_by
    ]);
    done.map(drop)
}

/// One incident.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Incident>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM incident WHERE workspace = ?1 AND id = ?2");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// Incidents, newest first.
pub fn list(connection: &Connection, workspace: &Workspace, limit: u64) -> Result<Vec<Incident>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM incident WHERE workspace = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2");
    connection.prepare_cached(&sql)?.query_map(params![workspace.as_str(), crate::held(limit)], read)?.collect()
}

fn read(row: &Row<'_>) -> Result<Incident, rusqlite::Error> {
    Ok(Incident {
        id: row.get(0)?,
        kind: row.get(1)?,
        severity: row.get(2)?,
        status: row.get(3)?,
        title: row.get(4)?,
        escalation: row.get(5)?,
        event_id: row.get(6)?,
        user: row.get(7)?,
        created_at: Timestamp::from_micros(row.get(8)?),
        created_by: row.get(9)?,
    })
}
