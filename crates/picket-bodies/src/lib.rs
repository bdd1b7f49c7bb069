//! Bodies: what a caller chose or what is personal, outside the tree, encrypted, erasable.
//!
//! A body is sealed on the thread that has it: a random salt, a commitment for the log entry, compression where it
//! helps, AES-256-GCM under a key that exists once. The row of a sealed body is keyed by (log, position, role).
//! **Invariants:** present means that it opens its commitment; erased means that the key material is gone.

mod commitment;
pub mod manifest;
mod seal;
mod table;

pub use seal::{NewBody, SealedBody};
pub use table::{Body, BodyError, BodyKey, BodyState, MIGRATIONS};

use picket_db::{Db, Tx};
use picket_keys::Keyring;
use rusqlite::Connection;
use std::ops::Range;

/// Seals, stores, opens and erases bodies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bodies {
    db: Db,
    keyring: Keyring,
}

impl Bodies {
    /// Bodies of the store behind `db`.
    pub fn new(db: &Db, keyring: &Keyring) -> Self {
        Self { db: db.clone(), keyring: keyring.clone() }
    }

    /// Seals a body for a log. Pure computation, for the thread of the producer.
    pub fn seal(&self, log: &str, body: &NewBody<'_>) -> SealedBody {
        let (generation, kek) = self.keyring.current_kek();
        seal::seal(log, body, generation, kek)
    }

    /// Stores the sealed bodies of the entry at `position`. For the writer, inside its transaction.
    pub fn insert(
        connection: &Connection,
        log: &str,
        position: u64,
        bodies: &[SealedBody],
    ) -> Result<(), rusqlite::Error> {
        table::insert(connection, log, position, bodies)
    }

    /// Opens a body.
    pub fn open(&self, key: &BodyKey<'_>) -> Result<Option<Body>, BodyError> {
        self.db.read(|connection| self.open_with(connection, key)).map_err(BodyError::from_read)
    }

    /// Opens a body on a connection that the caller holds.
    pub fn open_with(&self, connection: &Connection, key: &BodyKey<'_>) -> Result<Option<Body>, BodyError> {
        let Some(row) = table::find(connection, key)? else { return Ok(None) };
        let kek = self.keyring.kek(row.generation).ok_or(BodyError::NoKey)?;
        row.open(key, kek).map(Some)
    }

    /// Erases the bodies of a position; how many were there.
    pub fn erase(tx: &mut Tx<'_>, log: &str, position: u64) -> Result<usize, rusqlite::Error> {
        table::erase(tx.connection(), log, position)
    }

    /// Lets the content of these positions expire; how many bodies there were. Facts stay.
    pub fn expire_content(tx: &mut Tx<'_>, log: &str, positions: Range<u64>) -> Result<usize, rusqlite::Error> {
        table::expire(tx.connection(), log, positions)
    }
}

#[cfg(test)]
mod tests;
