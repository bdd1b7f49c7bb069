//! Signals that are events already, by their keys.

use picket_db::Tx;
use picket_event::{EventId, Workspace};
use picket_stdx::Timestamp;
use rusqlite::{OptionalExtension as _, params};

/// Remembers a signal as the event `id`, or says which one it is already.
pub fn remember(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    key: &[u8; 32],
    id: EventId,
    now: Timestamp,
) -> Result<Option<EventId>, rusqlite::Error> {
    let connection = tx.connection();
    let known: Option<String> = connection
        .prepare_cached("SELECT event_id FROM signal WHERE workspace = ?1 AND key = ?2")?
        .query_row(params![workspace.as_str(), key], |row| row.get(0))
        .optional()?;
    if let Some(known) = known.and_then(|known| known.parse().ok()) {
        return Ok(Some(known));
    }
    connection
        .prepare_cached(
            "INSERT INTO signal (workspace, key, event_id, taken_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (workspace, key) DO UPDATE SET event_id = excluded.event_id, taken_at = excluded.taken_at",
        )?
        .execute(params![workspace.as_str(), key, id.to_string(), now.as_micros()])?;
    Ok(None)
}

/// Forgets at most so many of those that were taken before; how many.
pub fn forget(tx: &mut Tx<'_>, workspace: &Workspace, before: Timestamp, limit: u64) -> Result<usize, rusqlite::Error> {
    tx.connection()
        .prepare_cached(
            "DELETE FROM signal WHERE workspace = ?1 AND key IN
             (SELECT key FROM signal WHERE workspace = ?1 AND taken_at < ?2 ORDER BY taken_at LIMIT ?3)",
        )?
        .execute(params![workspace.as_str(), before.as_micros(), limit])
}
