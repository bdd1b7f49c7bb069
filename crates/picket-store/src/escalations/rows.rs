//! Entries as rows: made, read, listed.

use super::Escalation;
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;

/// Whose escalations a list shall hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Those that nobody works on.
    Nobody,
    /// Those of somebody.
    Person(String),
}

/// What a list shall hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Status.
    pub status: Option<String>,
    /// Stage of what is pending.
    pub stage: Option<String>,
    /// Severity.
    pub severity: Option<String>,
    /// What was found.
    pub kind: Option<String>,
    /// Place in the taxonomy.
    pub category: Option<String>,
    /// The user who caused it.
    pub user: Option<String>,
    /// The team that shall decide it.
    pub routed_to: Option<String>,
    /// Who works on it.
    pub assignee: Option<Owner>,
    /// Created since.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: u64,
}

pub(super) const COLUMNS: &str = "id, kind, created_at, severity, priority, status, stage, event_id, user, due_at, expires_at, assignee,
    resolution, verdict, notes, resolved_at, resolved_by, version, category, likeness, routed_to, touched_at, snoozed_until, changed_by, changed_at,
    vote, incident, queued_at";

/// Forgets a user in all entries.
pub fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE escalation SET user = NULL WHERE workspace = ?1 AND user = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), user]).map(drop)
}

/// Puts an escalation into the queue; `false` when it is there already.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Escalation) -> Result<bool, rusqlite::Error> {
    let inserted = tx.connection().execute(
        "INSERT INTO escalation (workspace, id, kind, created_at, severity, priority, status, stage, event_id, user, due_at, expires_at, notes, version, category, likeness, routed_to, queued_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 'new', ?7, ?8, ?9, ?10, '[]', 1, ?11, ?12, ?13, ?14) ON CONFLICT (id) DO NOTHING",
        params![
            workspace.as_str(),
            new.id,
            new.kind,
            new.created_at.as_micros(),
            new.severity,
            new.priority,
            new.event_id,
            new.user,
            new.due_at.map(Timestamp::as_micros),
            new.expires_at.map(Timestamp::as_micros),
            new.category,
            new.likeness,
            new.routed_to,
            new.queued_at.map(Timestamp::as_micros)
        ],
    )?;
    Ok(inserted > 0)
}

/// One escalation.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Escalation>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM escalation WHERE workspace = ?1 AND id = ?2");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// The queue, most urgent first: by priority, then by age.
pub fn list(
    connection: &Connection,
    workspace: &Workspace,
    filter: &Filter,
) -> Result<Vec<Escalation>, rusqlite::Error> {
    let since = filter.since.map(Timestamp::as_micros);
    // Only what is asked for stands in the statement: an index serves a condition, but none that may be void.
    let mut sql = format!("SELECT {COLUMNS} FROM escalation WHERE workspace = ?1");
    let whose = workspace.as_str();
    let mut values: Vec<&dyn ToSql> = vec![&whose];
    let texts = [
        ("status", &filter.status),
        ("stage", &filter.stage),
        ("severity", &filter.severity),
        ("kind", &filter.kind),
        ("category", &filter.category),
        ("user", &filter.user),
        ("routed_to", &filter.routed_to),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            values.push(value);
            write!(sql, " AND {column} = ?{}", values.len()).unwrap_or_default();
        }
    }
    if filter.stage.is_some() {
        sql.push_str(" AND status = 'pending'");
    }
    match &filter.assignee {
        None => {}
        Some(Owner::Nobody) => sql.push_str(" AND assignee IS NULL"),
        Some(Owner::Person(name)) => {
            values.push(name);
            write!(sql, " AND assignee = ?{}", values.len()).unwrap_or_default();
        }
    }
    if let Some(since) = &since {
        values.push(since);
        write!(sql, " AND created_at >= ?{}", values.len()).unwrap_or_default();
    }
    let limit = crate::held(filter.limit);
    values.push(&limit);
    write!(sql, " ORDER BY priority DESC, created_at, id LIMIT ?{}", values.len()).unwrap_or_default();
    connection.prepare_cached(&sql)?.query_map(values.as_slice(), read)?.collect()
}

/// Escalations that wait.
pub fn pending(connection: &Connection, workspace: &Workspace) -> Result<u64, rusqlite::Error> {
    connection.query_row(
        "SELECT count(*) FROM escalation WHERE workspace = ?1 AND status = 'pending'",
        params![workspace.as_str()],
        |row| row.get(0),
    )
}

/// A value as a column holds it.
pub(super) fn text(value: &impl Serialize) -> Result<String, rusqlite::Error> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn value<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<Option<T>, rusqlite::Error> {
    let text: Option<String> = row.get(column)?;
    let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
    parsed.map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

pub(super) fn read(row: &Row<'_>) -> Result<Escalation, rusqlite::Error> {
    let time = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_micros));
    Ok(Escalation {
        id: row.get(0)?,
        kind: row.get(1)?,
        created_at: Timestamp::from_micros(row.get(2)?),
        severity: row.get(3)?,
        priority: row.get(4)?,
        status: row.get(5)?,
        stage: row.get(6)?,
        event_id: row.get(7)?,
        user: row.get(8)?,
        due_at: time(9)?,
        expires_at: time(10)?,
        assignee: row.get(11)?,
        resolution: row.get(12)?,
        verdict: row.get(13)?,
        notes: value(row, 14)?.unwrap_or_default(),
        resolved_at: time(15)?,
        resolved_by: row.get(16)?,
        version: row.get(17)?,
        category: row.get(18)?,
        likeness: row.get(19)?,
        routed_to: row.get(20)?,
        touched_at: time(21)?,
        snoozed_until: time(22)?,
        changed_by: row.get(23)?,
        changed_at: time(24)?,
        vote: value(row, 25)?,
        incident: row.get(26)?,
        queued_at: time(27)?,
    })
}
