//! Export jobs.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// `exp_…`.
    pub id: String,
    /// `queued`, `running`, `done`, `failed`, `cancelled` or `expired`.
    pub state: String,
    /// What was asked for, as JSON.
    pub request: String,
    /// Who asked.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Events written.
    pub rows: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Events to write.
    pub total: u64,
    /// Digest of the finished file.
    pub sha256: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// How often the server stopped while it ran.
    pub restarts: u64,
    /// When it last was taken up again.
    pub restarted_at: Option<Timestamp>,
    /// What it covers, once it was taken up.
    pub part: Option<Part>,
    /// The schedule that it is of.
    pub schedule: Option<String>,
    /// What it covers, if it is of a schedule.
    pub window: Option<Window>,
}

/// What an export of a schedule covers: entries of the log from `begin` on and before `until`, which are those that the
/// log took from `from` on and before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first position.
    pub begin: u64,
    /// The first position that is not in it.
    pub until: u64,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
}

/// A job that a schedule makes.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// `exp_…`.
    pub id: &'a str,
    /// The schedule.
    pub schedule: &'a str,
    /// What was asked for, as JSON.
    pub request: &'a str,
    /// What it covers.
    pub window: Window,
}

/// Where a job goes on: `rows` and `bytes` are safely in its file, with this digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The first position that is not in them.
    pub next: u64,
    /// The first position that the job does not cover: what came later than it was taken up.
    pub until: u64,
    /// Digest of the bytes.
    pub sha256: String,
}

const COLUMNS: &str = "id, state, request, created_by, created_at, finished_at, row_count, bytes, total, sha256, error, restarts, restarted_at, part_next, part_until, part_sha256, schedule, window_begin, window_until, window_from, window_to";

/// Queues a job.
pub fn create(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    request: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), rusqlite::Error> {
    tx.connection()
        .execute(
            "INSERT INTO export (id, workspace, state, request, created_by, created_at, row_count, bytes, total) VALUES (?1, ?2, 'queued', ?3, ?4, ?5, 0, 0, 0)",
            params![id, workspace.as_str(), request, by, at.as_micros()],
        )
        .map(drop)
}

/// Queues a job of a schedule.
pub fn create_planned(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    planned: Planned<'_>,
    (by, at): (&str, Timestamp),
) -> Result<(), rusqlite::Error> {
    create(tx, workspace, planned.id, planned.request, by, at)?;
    let window = planned.window;
    tx.connection()
        .execute(
            "UPDATE export SET schedule = ?3, window_begin = ?4, window_until = ?5, window_from = ?6, window_to = ?7 WHERE workspace = ?1 AND id = ?2",
            params![workspace.as_str(), planned.id, planned.schedule, window.begin, window.until, window.from.as_micros(), window.to.as_micros()],
        )
        .map(drop)
}

/// Writes where a job stands; false when it has ended meanwhile, because somebody cancelled it.
pub fn update(tx: &mut Tx<'_>, workspace: &Workspace, job: &Export) -> Result<bool, rusqlite::Error> {
    let part = job.part.as_ref();
    tx.connection()
        .execute(
            "UPDATE export SET state = ?2, finished_at = ?3, row_count = ?4, bytes = ?5, total = ?6, sha256 = ?7, error = ?8, restarts = ?9, restarted_at = ?10, part_next = ?11, part_until = ?12, part_sha256 = ?13 WHERE workspace = ?14 AND id = ?1 AND state IN ('queued', 'running')",
            params![job.id, job.state, job.finished_at.map(Timestamp::as_micros), job.rows, job.bytes, job.total, job.sha256, job.error, job.restarts, job.restarted_at.map(Timestamp::as_micros), part.map(|part| part.next), part.map(|part| part.until), part.map(|part| &part.sha256), workspace.as_str()],
        )
        .map(|changed| changed > 0)
}

/// Cancels a job that has not ended; whether there was one.
pub fn cancel(tx: &mut Tx<'_>, workspace: &Workspace, id: &str, at: Timestamp) -> Result<bool, rusqlite::Error> {
    tx.connection()
        .execute(
            "UPDATE export SET state = 'cancelled', finished_at = ?3 WHERE workspace = ?1 AND id = ?2 AND state IN ('queued', 'running')",
            params![workspace.as_str(), id, at.as_micros()],
        )
        .map(|changed| changed > 0)
}

/// Ends at most `limit` jobs that were finished before a moment; their ids.
pub fn expire(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "UPDATE export SET state = 'expired' WHERE id IN (SELECT id FROM export WHERE workspace = ?1 AND state = 'done' AND finished_at < ?2 ORDER BY finished_at LIMIT ?3) RETURNING id",
    )?;
    statement.query_map(params![workspace.as_str(), before.as_micros(), limit], |row| row.get(0))?.collect()
}

/// Ends at most `limit` finished jobs of a schedule beyond the newest `keep`, by what they cover; their ids.
pub fn expire_surplus(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    schedule: &str,
    (keep, limit): (u32, u32),
) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "UPDATE export SET state = 'expired' WHERE workspace = ?1 AND id IN (
           SELECT id FROM export WHERE workspace = ?1 AND schedule = ?2 AND state = 'done'
           ORDER BY window_until DESC, window_to DESC LIMIT ?4 OFFSET ?3) RETURNING id",
    )?;
    statement.query_map(params![workspace.as_str(), schedule, keep, limit], |row| row.get(0))?.collect()
}

/// Forgets jobs of a schedule that ended and have no file, beyond the newest `keep` of all; how many. The log has their
/// events.
pub fn forget_ended(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    schedule: &str,
    keep: u32,
) -> Result<usize, rusqlite::Error> {
    tx.connection().execute(
        "DELETE FROM export WHERE workspace = ?1 AND state IN ('failed', 'cancelled', 'expired') AND id IN (
           SELECT id FROM export WHERE workspace = ?1 AND schedule = ?2 ORDER BY window_until DESC, window_to DESC LIMIT -1 OFFSET ?3)",
        params![workspace.as_str(), schedule, keep],
    )
}

/// The jobs that have a file: finished ones, and those that are being written.
pub fn with_files(connection: &Connection, workspace: &Workspace) -> Result<Vec<Export>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM export WHERE workspace = ?1 AND state IN ('done', 'running')");
    connection.prepare(&sql)?.query_map(params![workspace.as_str()], read)?.collect()
}

/// Ends a job that has a file before its time; whether it was finished, or nothing where it had ended.
pub fn withdraw(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    at: Timestamp,
) -> Result<Option<bool>, rusqlite::Error> {
    let sql = "UPDATE export SET state = CASE state WHEN 'done' THEN 'expired' ELSE 'cancelled' END, finished_at = coalesce(finished_at, ?3)
               WHERE workspace = ?1 AND id = ?2 AND state IN ('done', 'running') RETURNING state = 'expired'";
    tx.connection().query_row(sql, params![workspace.as_str(), id, at.as_micros()], |row| row.get(0)).optional()
}

/// One job.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Export>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM export WHERE workspace = ?1 AND id = ?2");
    connection.query_row(&sql, params![workspace.as_str(), id], read).optional()
}

/// All jobs, newest first.
pub fn list(connection: &Connection, workspace: &Workspace) -> Result<Vec<Export>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM export WHERE workspace = ?1 ORDER BY created_at DESC, window_to DESC, id DESC LIMIT 1000"
    );
    connection.prepare(&sql)?.query_map(params![workspace.as_str()], read)?.collect()
}

/// The oldest job that is not finished; one that a crash interrupted goes on.
pub fn next(connection: &Connection, workspace: &Workspace) -> Result<Option<Export>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM export WHERE workspace = ?1 AND state IN ('queued', 'running') ORDER BY created_at LIMIT 1"
    );
    connection.query_row(&sql, params![workspace.as_str()], read).optional()
}

fn read(row: &Row<'_>) -> Result<Export, rusqlite::Error> {
    let part = match (row.get(13)?, row.get(14)?, row.get(15)?) {
        (Some(next), Some(until), Some(sha256)) => Some(Part { next, until, sha256 }),
        _ => None,
    };
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros));
    let window = match (row.get(17)?, row.get(18)?, time(19)?, time(20)?) {
        (Some(begin), Some(until), Some(from), Some(to)) => Some(Window { begin, until, from, to }),
        _ => None,
    };
    Ok(Export {
        id: row.get(0)?,
        state: row.get(1)?,
        request: row.get(2)?,
        created_by: row.get(3)?,
        created_at: Timestamp::from_micros(row.get(4)?),
        finished_at: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_micros),
        rows: row.get(6)?,
        bytes: row.get(7)?,
        total: row.get(8)?,
        sha256: row.get(9)?,
        error: row.get(10)?,
        restarts: row.get(11)?,
        restarted_at: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_micros),
        part,
        schedule: row.get(16)?,
        window,
    })
}
