//! Where the correlations stood, and at which position of the log: to go on from there after a restart.

use picket_db::Tx;
use picket_event::Workspace;
use rusqlite::{Connection, OptionalExtension as _, params};

/// The state, and the position before which everything is in it.
pub fn get(connection: &Connection, workspace: &Workspace) -> Result<Option<(u64, Vec<u8>)>, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT position, state FROM detector_state WHERE workspace = ?1")?;
    statement.query_row(params![workspace.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Keeps a state in place of the one before.
pub fn set(tx: &mut Tx<'_>, workspace: &Workspace, position: u64, state: &[u8]) -> Result<(), rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "INSERT INTO detector_state (workspace, position, state) VALUES (?1, ?2, ?3)
         ON CONFLICT (workspace) DO UPDATE SET position = excluded.position, state = excluded.state",
    )?;
    statement.execute(params![workspace.as_str(), position, state]).map(drop)
}

/// Drops the state: what was correlated is read from the log again.
pub fn forget(tx: &mut Tx<'_>, workspace: &Workspace) -> Result<(), rusqlite::Error> {
    tx.connection().execute("DELETE FROM detector_state WHERE workspace = ?1", params![workspace.as_str()]).map(drop)
}
