//! The review queue.

use picket_db::Tx;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

/// An entry of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// `esc_…`.
    pub id: String,
    /// What was found.
    pub kind: String,
    /// When it entered the queue.
    pub created_at: Timestamp,
    /// How bad it is.
    pub severity: String,
    /// 1 low to 4 critical.
    pub priority: u8,
    /// `pending`, `resolved` or `expired`.
    pub status: String,
    /// `new`, `claimed`, `in_review` or `snoozed`; of no meaning once it is no longer pending.
    pub stage: String,
    /// The event that caused it.
    pub event_id: String,
    /// The user.
    pub user: Option<String>,
    /// When a person must have looked.
    pub due_at: Option<Timestamp>,
    /// When it expires by itself.
    pub expires_at: Option<Timestamp>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// The decision.
    pub resolution: Option<String>,
    /// Whether it was a real attack.
    pub verdict: Option<String>,
    /// Remarks, oldest first.
    pub notes: Vec<Note>,
    /// When it was decided.
    pub resolved_at: Option<Timestamp>,
    /// Who decided.
    pub resolved_by: Option<String>,
    /// Counts changes.
    pub version: u64,
}

/// A decision.
#[derive(Debug, Clone)]
pub struct Resolve {
    /// `approved`, `rejected` or `investigate`.
    pub resolution: &'static str,
    /// Verdict.
    pub verdict: String,
    /// Remark.
    pub note: Option<String>,
    /// Who decides.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The version that the reviewer saw.
    pub version: Option<u64>,
}

/// A decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// There is no such escalation in the workspace.
    #[error("there is no escalation with this id")]
    NotFound,
    /// Somebody was first.
    #[error("{}", taken(.0))]
    Conflict(Box<Escalation>),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
}

fn taken(escalation: &Escalation) -> String {
    match (&escalation.resolved_by, escalation.resolved_at) {
        (Some(by), Some(at)) => {
            format!("{by} resolved it first, at {at}: {}", escalation.resolution.as_deref().unwrap_or("?"))
        }
        _ if escalation.status == "expired" => "it has expired".to_owned(),
        _ => format!("it was changed in the meantime; its version is {} now", escalation.version),
    }
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
    /// Who works on it.
    pub assignee: Option<String>,
    /// Created since.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: u64,
}

const COLUMNS: &str =
    "id, kind, created_at, severity, priority, status, stage, event_id, user, due_at, expires_at, assignee,
    resolution, verdict, notes, resolved_at, resolved_by, version";

/// Puts an escalation into the queue; `false` when it is there already.
pub fn create(tx: &mut Tx<'_>, workspace: &str, new: &Escalation) -> Result<bool, rusqlite::Error> {
    let inserted = tx.connection().execute(
        "INSERT INTO escalation (workspace, id, kind, created_at, severity, priority, status, stage, event_id, user, due_at, expires_at, notes, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 'new', ?7, ?8, ?9, ?10, '[]', 1) ON CONFLICT (id) DO NOTHING",
        params![
            workspace,
            new.id,
            new.kind,
            new.created_at.as_micros(),
            new.severity,
            new.priority,
            new.event_id,
            new.user,
            new.due_at.map(Timestamp::as_micros),
            new.expires_at.map(Timestamp::as_micros)
        ],
    )?;
    Ok(inserted > 0)
}

/// One escalation.
pub fn get(connection: &Connection, workspace: &str, id: &str) -> Result<Option<Escalation>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM escalation WHERE workspace = ?1 AND id = ?2");
    connection.query_row(&sql, params![workspace, id], read).optional()
}

/// The queue, most urgent first: by priority, then by age.
pub fn list(connection: &Connection, workspace: &str, filter: &Filter) -> Result<Vec<Escalation>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM escalation WHERE workspace = ?1
         AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR stage = ?3 AND status = 'pending') AND (?4 IS NULL OR severity = ?4) AND (?5 IS NULL OR kind = ?5)
         AND (?6 IS NULL OR assignee = ?6) AND (?7 IS NULL OR created_at >= ?7)
         ORDER BY priority DESC, created_at, id LIMIT ?8"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![
            workspace,
            filter.status,
            filter.stage,
            filter.severity,
            filter.kind,
            filter.assignee,
            filter.since.map(Timestamp::as_micros),
            filter.limit
        ],
        read,
    )?;
    rows.collect()
}

/// Escalations that wait.
pub fn pending(connection: &Connection, workspace: &str) -> Result<u64, rusqlite::Error> {
    connection.query_row(
        "SELECT count(*) FROM escalation WHERE workspace = ?1 AND status = 'pending'",
        params![workspace],
        |row| row.get(0),
    )
}

/// Takes a decision, once.
pub fn resolve(tx: &mut Tx<'_>, workspace: &str, id: &str, resolve: &Resolve) -> Result<Escalation, ResolveError> {
    let connection = tx.connection();
    let found = get(connection, workspace, id)?.ok_or(ResolveError::NotFound)?;
    let seen = resolve.version.is_none_or(|version| version == found.version);
    let overdue = found.expires_at.is_some_and(|end| end <= resolve.at);
    if found.status != "pending" || !seen || overdue {
        return Err(ResolveError::Conflict(Box::new(found)));
    }
    let mut notes = found.notes.clone();
    notes.extend(resolve.note.clone().map(|text| Note { at: resolve.at, by: resolve.by.clone(), text }));
    let notes =
        serde_json::to_string(&notes).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection.execute(
        "UPDATE escalation SET status = 'resolved', resolution = ?3, verdict = ?4, notes = ?5, resolved_at = ?6, resolved_by = ?7, version = version + 1
         WHERE workspace = ?1 AND id = ?2",
        params![workspace, id, resolve.resolution, resolve.verdict, notes, resolve.at.as_micros(), resolve.by],
    )?;
    get(connection, workspace, id)?.ok_or(ResolveError::NotFound)
}

/// Ends what nobody decided in time; the ended ones.
pub fn expire(
    tx: &mut Tx<'_>,
    workspace: &str,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Escalation>, rusqlite::Error> {
    let sql = format!(
        "UPDATE escalation SET status = 'expired', version = version + 1 WHERE id IN
           (SELECT id FROM escalation WHERE workspace = ?1 AND status = 'pending' AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3)
         RETURNING {COLUMNS}"
    );
    let mut statement = tx.connection().prepare_cached(&sql)?;
    statement.query_map(params![workspace, now.as_micros(), limit], read)?.collect()
}

fn read(row: &Row<'_>) -> Result<Escalation, rusqlite::Error> {
    let time = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_micros));
    let notes: String = row.get(14)?;
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
        notes: serde_json::from_str(&notes).unwrap_or_default(),
        resolved_at: time(15)?,
        resolved_by: row.get(16)?,
        version: row.get(17)?,
    })
}
