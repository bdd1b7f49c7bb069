//! How far consumers have come.

use picket_db::Tx;
use rusqlite::{Connection, OptionalExtension as _, params};

/// The next position that a consumer reads; 0 before the first time.
pub fn get(connection: &Connection, consumer: &str, log: &str) -> Result<u64, rusqlite::Error> {
    find(connection, consumer, log).map(Option::unwrap_or_default)
}

/// The same; none before the first time.
pub fn find(connection: &Connection, consumer: &str, log: &str) -> Result<Option<u64>, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT position FROM cursor WHERE consumer = ?1 AND log = ?2")?;
    statement.query_row(params![consumer, log], |row| row.get(0)).optional()
}

/// Moves a cursor, in the transaction of the consumer's effect.
pub fn set(tx: &mut Tx<'_>, consumer: &str, log: &str, position: u64) -> Result<(), rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "INSERT INTO cursor (consumer, log, position) VALUES (?1, ?2, ?3) ON CONFLICT (consumer, log) DO UPDATE SET position = excluded.position",
    )?;
    statement.execute(params![consumer, log, position]).map(drop)
}
