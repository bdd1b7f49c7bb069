//! What is usual of users, keys, applications and models: one row each, whose place is given by who keeps them, and what
//! they share; all of it as of one position of the log.

use picket_db::Tx;
use picket_event::Workspace;
use rusqlite::{Connection, OptionalExtension as _, params};

/// A row that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its place.
    pub place: u32,
    /// What tells whose it is: a hash of the name.
    pub owner: u64,
    /// What it holds; none if it is gone.
    pub state: Option<Vec<u8>>,
}

/// What they share, and the position before which everything is in it.
pub fn shared(connection: &Connection, workspace: &Workspace) -> Result<Option<(u64, Vec<u8>)>, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT position, state FROM profiles WHERE workspace = ?1")?;
    statement.query_row(params![workspace.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Gives each row to `take`, with its place and owner, in the order of their places.
pub fn each(
    connection: &Connection,
    workspace: &Workspace,
    mut take: impl FnMut(u32, u64, &[u8]),
) -> Result<(), rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT place, owner, state FROM profile WHERE workspace = ?1 ORDER BY place")?;
    let mut rows = statement.query(params![workspace.as_str()])?;
    while let Some(row) = rows.next()? {
        let state = row.get_ref(2)?.as_blob().map_err(|_error| super::unreadable(2, "state"))?;
        take(row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned(), state);
    }
    Ok(())
}

/// Keeps what changed, and what they share, as of a position.
pub fn keep(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    (position, shared): (u64, &[u8]),
    changed: &[Changed],
) -> Result<(), rusqlite::Error> {
    let mut keep = tx.connection().prepare_cached(
        "INSERT INTO profile (workspace, place, owner, state) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (workspace, place) DO UPDATE SET owner = excluded.owner, state = excluded.state",
    )?;
    let mut drop = tx.connection().prepare_cached("DELETE FROM profile WHERE workspace = ?1 AND place = ?2")?;
    for Changed { place, owner, state } in changed {
        match state {
            Some(state) => keep.execute(params![workspace.as_str(), place, owner.cast_signed(), state])?,
            None => drop.execute(params![workspace.as_str(), place])?,
        };
    }
    let mut statement = tx.connection().prepare_cached(
        "INSERT INTO profiles (workspace, position, state) VALUES (?1, ?2, ?3)
         ON CONFLICT (workspace) DO UPDATE SET position = excluded.position, state = excluded.state",
    )?;
    statement.execute(params![workspace.as_str(), position, shared]).map(|_rows| ())
}

/// Drops a row, if it is still that owner's; whether it was.
pub fn forget(tx: &mut Tx<'_>, workspace: &Workspace, (place, owner): (u32, u64)) -> Result<bool, rusqlite::Error> {
    let sql = "DELETE FROM profile WHERE workspace = ?1 AND place = ?2 AND owner = ?3";
    Ok(tx.connection().execute(sql, params![workspace.as_str(), place, owner.cast_signed()])? > 0)
}

/// Drops all of it: what is usual is learned anew.
pub fn clear(tx: &mut Tx<'_>, workspace: &Workspace) -> Result<(), rusqlite::Error> {
    for sql in ["DELETE FROM profile WHERE workspace = ?1", "DELETE FROM profiles WHERE workspace = ?1"] {
        tx.connection().execute(sql, params![workspace.as_str()])?;
    }
    Ok(())
}
