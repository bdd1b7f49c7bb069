//! Schedules of exports: what each has covered, and when it is due.

use picket_db::{Migration, Tx};
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::time::Duration;

/// Tables of schedules. They come after those of exports, which they add to.
pub const MIGRATIONS: &[Migration] = &[FIRST];

/// Times and durations in microseconds; positions are those of the workspace's log.
const FIRST: Migration = Migration {
    component: "schedules",
    version: 1,
    sql: "CREATE TABLE export_schedule (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, request TEXT NOT NULL, every INTEGER NOT NULL, keep INTEGER NOT NULL,
            paused INTEGER NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, changed_by TEXT NOT NULL, changed_at INTEGER NOT NULL,
            covered INTEGER NOT NULL, covered_at INTEGER NOT NULL, next_at INTEGER NOT NULL, retry_at INTEGER, export TEXT,
            failures INTEGER NOT NULL, error TEXT, revision INTEGER NOT NULL
          ) STRICT;
          CREATE INDEX export_schedule_of ON export_schedule (workspace, created_at);
          ALTER TABLE export ADD COLUMN schedule TEXT;
          ALTER TABLE export ADD COLUMN window_begin INTEGER;
          ALTER TABLE export ADD COLUMN window_until INTEGER;
          ALTER TABLE export ADD COLUMN window_from INTEGER;
          ALTER TABLE export ADD COLUMN window_to INTEGER;
          CREATE INDEX export_scheduled ON export (workspace, schedule, created_at) WHERE schedule IS NOT NULL",
};

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// `exs_…`.
    pub id: String,
    /// What each export is asked for, as JSON.
    pub request: String,
    /// How long a period is.
    pub every: Duration,
    /// How many finished files are kept.
    pub keep: u32,
    /// Whether nothing is exported for now.
    pub is_paused: bool,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Who paused or resumed it last, or made it.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
    /// The first position of the log that no finished export of it covers.
    pub covered: u64,
    /// Where the next window begins.
    pub covered_at: Timestamp,
    /// Where it ends, at the earliest.
    pub next_at: Timestamp,
    /// Not before this, after a failure.
    pub retry_at: Option<Timestamp>,
    /// The export that is not settled yet.
    pub export: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// Why the last export failed.
    pub error: Option<String>,
    /// Counts writes, so that nobody undoes what another did.
    pub revision: u64,
}

const COLUMNS: &str = "id, request, every, keep, paused, created_by, created_at, changed_by, changed_at, covered, covered_at, next_at, retry_at, export, failures, error, revision";

/// Makes a schedule.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Schedule) -> Result<(), rusqlite::Error> {
    let sql = format!(
        "INSERT INTO export_schedule ({COLUMNS}, workspace) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
    );
    tx.connection()
        .execute(
            &sql,
            params![
                new.id,
                new.request,
                micros(new.every),
                new.keep,
                new.is_paused,
                new.created_by,
                new.created_at.as_micros(),
                new.changed_by,
                new.changed_at.as_micros(),
                new.covered,
                new.covered_at.as_micros(),
                new.next_at.as_micros(),
                new.retry_at.map(Timestamp::as_micros),
                new.export,
                new.failures,
                new.error,
                new.revision,
                workspace.as_str()
            ],
        )
        .map(drop)
}

/// Writes where a schedule stands; false when somebody else wrote it since it was read, or it is gone.
pub fn update(tx: &mut Tx<'_>, workspace: &Workspace, to: &Schedule) -> Result<bool, rusqlite::Error> {
    tx.connection()
        .execute(
            "UPDATE export_schedule SET paused = ?4, changed_by = ?5, changed_at = ?6, covered = ?7, covered_at = ?8, next_at = ?9, retry_at = ?10,
               export = ?11, failures = ?12, error = ?13, revision = revision + 1 WHERE workspace = ?1 AND id = ?2 AND revision = ?3",
            params![
                workspace.as_str(),
                to.id,
                to.revision,
                to.is_paused,
                to.changed_by,
                to.changed_at.as_micros(),
                to.covered,
                to.covered_at.as_micros(),
                to.next_at.as_micros(),
                to.retry_at.map(Timestamp::as_micros),
                to.export,
                to.failures,
                to.error
            ],
        )
        .map(|changed| changed > 0)
}

/// Removes a schedule; whether there was one. Its exports stay.
pub fn remove(tx: &mut Tx<'_>, workspace: &Workspace, id: &str) -> Result<bool, rusqlite::Error> {
    let sql = "DELETE FROM export_schedule WHERE workspace = ?1 AND id = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), id]).map(|removed| removed > 0)
}

/// One schedule.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Schedule>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM export_schedule WHERE workspace = ?1 AND id = ?2");
    connection.query_row(&sql, params![workspace.as_str(), id], read).optional()
}

/// All schedules, oldest first.
pub fn list(connection: &Connection, workspace: &Workspace) -> Result<Vec<Schedule>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM export_schedule WHERE workspace = ?1 ORDER BY created_at, id");
    connection.prepare_cached(&sql)?.query_map(params![workspace.as_str()], read)?.collect()
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> Result<Schedule, rusqlite::Error> {
    let time = |column| row.get::<_, i64>(column).map(Timestamp::from_micros);
    Ok(Schedule {
        id: row.get(0)?,
        request: row.get(1)?,
        every: Duration::from_micros(row.get(2)?),
        keep: row.get(3)?,
        is_paused: row.get(4)?,
        created_by: row.get(5)?,
        created_at: time(6)?,
        changed_by: row.get(7)?,
        changed_at: time(8)?,
        covered: row.get(9)?,
        covered_at: time(10)?,
        next_at: time(11)?,
        retry_at: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_micros),
        export: row.get(13)?,
        failures: row.get(14)?,
        error: row.get(15)?,
        revision: row.get(16)?,
    })
}
