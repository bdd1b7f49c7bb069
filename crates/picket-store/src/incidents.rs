//! Incidents: what reviewers handed on, and what findings opened.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// An incident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incident {
    /// `inc_…`.
    pub id: String,
    /// What was found.
    pub kind: String,
    /// How bad it is.
    pub severity: String,
    /// `open`, `acknowledged` or `closed`.
    pub status: String,
    /// What it is about, in words of ours.
    pub title: String,
    /// The escalation that it came from, if it came from one.
    pub escalation: Option<String>,
    /// The event that caused it.
    pub event_id: String,
    /// The user.
    pub user: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// The finding that opened it, if one did.
    pub finding: Option<String>,
    /// Place in the alert taxonomy.
    pub category: Option<String>,
    /// What the entity of the finding is, and its name.
    pub entity: Option<(String, String)>,
    /// Who took it up, and when.
    pub acknowledged: Option<(String, Timestamp)>,
    /// Who closed it, and when.
    pub closed: Option<(String, Timestamp)>,
    /// What it turned out to be.
    pub verdict: Option<String>,
}

/// Forgets a user in all incidents.
pub fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE incident SET user = NULL WHERE workspace = ?1 AND user = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), user])?;
    let sql = "UPDATE incident SET entity = NULL WHERE workspace = ?1 AND entity_kind = 'user' AND entity = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), user]).map(drop)
}

const COLUMNS: &str = "id, kind, severity, status, title, escalation, event_id, user, created_at, created_by, finding, category, entity_kind, entity, acknowledged_by, acknowledged_at, closed_by, closed_at, verdict";

/// Opens an incident.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Incident) -> Result<(), rusqlite::Error> {
    let sql = format!(
        "INSERT INTO incident (workspace, {COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, ''), ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, NULL, NULL, NULL, NULL, NULL)"
    );
    let (entity_kind, entity) = new.entity.as_ref().map(|(kind, name)| (kind, name)).unzip();
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
        new.created_by,
        new.finding,
        new.category,
        entity_kind,
        entity
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

/// The open incident about an entity in a category that a finding opened since then, if there is one.
pub fn open_about(
    connection: &Connection,
    workspace: &Workspace,
    (category, kind, entity): (Option<&str>, &str, &str),
    since: Timestamp,
) -> Result<Option<Incident>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM incident WHERE workspace = ?1 AND category IS ?2 AND entity_kind = ?3 AND entity = ?4
           AND status <> 'closed' AND created_at >= ?5 ORDER BY created_at DESC LIMIT 1"
    );
    let values = params![workspace.as_str(), category, kind, entity, since.as_micros()];
    connection.prepare_cached(&sql)?.query_row(values, read).optional()
}

/// How many findings opened since then.
pub fn opened_by_findings(
    connection: &Connection,
    workspace: &Workspace,
    since: Timestamp,
) -> Result<u64, rusqlite::Error> {
    let sql = "SELECT count(*) FROM incident WHERE workspace = ?1 AND created_at >= ?2 AND finding IS NOT NULL";
    connection.prepare_cached(sql)?.query_row(params![workspace.as_str(), since.as_micros()], |row| row.get(0))
}

/// Writes where an incident stands: status, severity, who took it up and closed it, and what it was.
pub fn change(tx: &mut Tx<'_>, workspace: &Workspace, incident: &Incident) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE incident SET status = ?3, severity = ?4, acknowledged_by = ?5, acknowledged_at = ?6, closed_by = ?7, closed_at = ?8, verdict = ?9
               WHERE workspace = ?1 AND id = ?2";
    let by = |act: &Option<(String, Timestamp)>| act.as_ref().map(|(by, at)| (by.clone(), at.as_micros())).unzip();
    let ((acknowledged_by, acknowledged_at), (closed_by, closed_at)) =
        (by(&incident.acknowledged), by(&incident.closed));
    let count = tx.connection().prepare_cached(sql)?.execute(params![
        workspace.as_str(),
        incident.id,
        incident.status,
        incident.severity,
        acknowledged_by,
        acknowledged_at,
        closed_by,
        closed_at,
        incident.verdict
    ])?;
    Ok(count > 0)
}

fn read(row: &Row<'_>) -> Result<Incident, rusqlite::Error> {
    let act = |column: usize| {
        let at = row.get::<_, Option<i64>>(column + 1)?.map(Timestamp::from_micros);
        Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.zip(at))
    };
    Ok(Incident {
        id: row.get(0)?,
        kind: row.get(1)?,
        severity: row.get(2)?,
        status: row.get(3)?,
        title: row.get(4)?,
        escalation: Some(row.get(5)?).filter(|escalation: &String| !escalation.is_empty()),
        event_id: row.get(6)?,
        user: row.get(7)?,
        created_at: Timestamp::from_micros(row.get(8)?),
        created_by: row.get(9)?,
        finding: row.get(10)?,
        category: row.get(11)?,
        entity: row.get::<_, Option<String>>(12)?.zip(row.get(13)?),
        acknowledged: act(14)?,
        closed: act(16)?,
        verdict: row.get(18)?,
    })
}
