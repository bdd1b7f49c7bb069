//! What a store is.

use picket_db::Tx;
use rusqlite::{Connection, OptionalExtension as _, params};

/// A value of the store's own, such as its default workspace.
pub fn get(connection: &Connection, name: &str) -> Result<Option<String>, rusqlite::Error> {
    connection.query_row("SELECT value FROM meta WHERE name = ?1", params![name], |row| row.get(0)).optional()
}

/// Sets a value.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), rusqlite::Error> {
    tx.connection()
        .execute(
            "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            params![name, value],
        )
        .map(drop)
}
