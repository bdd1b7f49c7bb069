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

use manifest::Manifest;
use picket_db::{Db, Tx};
use picket_keys::Keyring;
use picket_stdx::Timestamp;
use rusqlite::Connection;
use std::ops::Range;

/// Positions of a log whose content is kept beyond its time.
pub const KEPT_MAX: u64 = 100_000;

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

    /// Lets the content of these positions expire, but for what is kept; how many bodies there were. Facts stay.
    pub fn expire_content(tx: &mut Tx<'_>, log: &str, positions: Range<u64>) -> Result<usize, rusqlite::Error> {
        table::expire(tx.connection(), log, positions)
    }

    /// Keeps the content of the entry at `position` from expiring before a moment, with what its request refers to in
    /// other entries. Whoever erases it erases it all the same. False if there is no room: [`KEPT_MAX`] are kept.
    pub fn keep(&self, tx: &mut Tx<'_>, log: &str, position: u64, until: Timestamp) -> Result<bool, rusqlite::Error> {
        let connection = tx.connection();
        if table::kept(connection, log)? >= KEPT_MAX {
            return Ok(false);
        }
        let manifest = match self.open_with(connection, &BodyKey { log, position, role: "manifest" }) {
            Ok(manifest) => manifest.and_then(|body| serde_json::from_slice::<Manifest>(&body.bytes).ok()),
            Err(BodyError::Database(error)) => return Err(error),
            // What it refers to is not known any more; the rest is kept.
            Err(BodyError::Damaged | BodyError::NoKey) => None,
        };
        let others = manifest.iter().flat_map(Manifest::positions);
        for position in others.chain([position]) {
            table::keep(connection, log, position, until)?;
        }
        Ok(true)
    }

    /// Ends what was kept until now, at most `limit` positions: their content expires if it lies before `old`, up to where
    /// content has expired. How many bodies there were, and how many positions.
    pub fn release(
        tx: &mut Tx<'_>,
        log: &str,
        (now, old): (Timestamp, u64),
        limit: u32,
    ) -> Result<(usize, usize), rusqlite::Error> {
        let positions = table::release(tx.connection(), log, now, limit)?;
        let mut bodies = 0;
        for position in positions.iter().filter(|position| **position < old) {
            bodies += table::expire(tx.connection(), log, *position..*position + 1)?;
        }
        Ok((bodies, positions.len()))
    }
}

#[cfg(test)]
mod tests;
