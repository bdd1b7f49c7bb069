//! The rows of bodies.

use crate::commitment;
use crate::seal::{self, SealedBody, TRUNCATED};
use picket_db::{Migration, ReadError};
use picket_event::BodyClass;
use picket_keys::Key;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::ops::Range;

/// Tables of this crate. A body that was erased keeps its row, without seed and ciphertext. Rows are appended in the order
/// of the log and hold nothing of who they are about: the log's entries know that.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        component: "bodies",
        version: 1,
        sql: "CREATE TABLE body (
                log TEXT NOT NULL, position INTEGER NOT NULL, role TEXT NOT NULL, class TEXT NOT NULL, state INTEGER NOT NULL,
                commitment BLOB NOT NULL, media_type TEXT NOT NULL, flags INTEGER NOT NULL, generation INTEGER NOT NULL,
                seed BLOB, ciphertext BLOB, PRIMARY KEY (log, position, role)
              ) STRICT",
    },
    Migration {
        component: "bodies",
        version: 2,
        sql: "CREATE TABLE kept_body (
                log TEXT NOT NULL, position INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (log, position)
              ) STRICT;
              CREATE INDEX kept_body_end ON kept_body (log, until)",
    },
];

/// Where a body stands.
#[derive(Debug, Clone, Copy)]
pub struct BodyKey<'a> {
    /// Log.
    pub log: &'a str,
    /// Position of its entry.
    pub position: u64,
    /// Role.
    pub role: &'a str,
}

/// Whether a body can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyState {
    /// It is here.
    Present,
    /// It was erased on request.
    Erased,
    /// Its retention ended.
    Expired,
}

/// An opened body.
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether it can be read.
    pub state: BodyState,
    /// The bytes, empty unless present.
    pub bytes: Vec<u8>,
    /// The salt of its commitment, unless gone.
    pub salt: Option<[u8; 32]>,
    /// Its commitment.
    pub commit: String,
    /// Media type.
    pub media_type: String,
    /// Whether only the beginning was kept.
    pub truncated: bool,
}

/// A body cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The row does not open: it was changed, or belongs elsewhere.
    #[error("a stored body is damaged")]
    Damaged,
    /// Its key-encryption key is not in the keyring.
    #[error("the key of a stored body is missing")]
    NoKey,
    /// The database failed.
    #[error("cannot read bodies")]
    Database(#[from] rusqlite::Error),
}

impl BodyError {
    pub(crate) fn from_read(error: ReadError<Self>) -> Self {
        match error {
            ReadError::Job(error) => error,
            ReadError::Database(error) => Self::Database(error),
        }
    }
}

pub(crate) struct Row {
    state: BodyState,
    commit: String,
    media_type: String,
    flags: u8,
    pub(crate) generation: u32,
    sealed: Option<([u8; 32], Vec<u8>)>,
}

impl Row {
    pub(crate) fn open(self, key: &BodyKey<'_>, kek: &Key) -> Result<Body, BodyError> {
        let (bytes, salt) = match (self.state, self.sealed) {
            (BodyState::Present, Some((seed, ciphertext))) => {
                let sealed = seal::Sealed {
                    log: key.log,
                    role: key.role,
                    commit: &self.commit,
                    flags: self.flags,
                    seed: &seed,
                    ciphertext,
                };
                let (bytes, salt) = seal::open(sealed, kek)?;
                (bytes, Some(salt))
            }
            (BodyState::Present, None) => return Err(BodyError::Damaged),
            _ => (Vec::new(), None),
        };
        let truncated = self.flags & TRUNCATED != 0;
        Ok(Body { state: self.state, bytes, salt, commit: self.commit, media_type: self.media_type, truncated })
    }
}

pub(crate) fn insert(
    connection: &Connection,
    log: &str,
    position: u64,
    bodies: &[SealedBody],
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO body (log, position, role, class, state, commitment, media_type, flags, generation, seed, ciphertext)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for body in bodies {
        statement.execute(params![
            log,
            position,
            body.reference.role,
            body.class.as_str(),
            body.commitment.as_slice(),
            body.media_type,
            body.flags,
            body.generation,
            body.seed.as_slice(),
            body.ciphertext,
        ])?;
    }
    Ok(())
}

pub(crate) fn find(connection: &Connection, key: &BodyKey<'_>) -> Result<Option<Row>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT state, commitment, media_type, flags, generation, seed, ciphertext FROM body
         WHERE log = ?1 AND position = ?2 AND role = ?3",
    )?;
    let row = statement.query_row(params![key.log, key.position, key.role], |row| {
        let seed: Option<[u8; 32]> = row.get(5)?;
        let ciphertext: Option<Vec<u8>> = row.get(6)?;
        Ok(Row {
            state: state_of(row.get(0)?),
            commit: commitment::text(row.get_ref(1)?.as_blob()?),
            media_type: row.get(2)?,
            flags: row.get(3)?,
            generation: row.get(4)?,
            sealed: seed.zip(ciphertext),
        })
    });
    row.optional()
}

pub(crate) fn erase(connection: &Connection, log: &str, position: u64) -> Result<usize, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "UPDATE body SET state = 1, seed = NULL, ciphertext = NULL WHERE log = ?1 AND position = ?2 AND state = 0",
    )?;
    statement.execute(params![log, position])
}

pub(crate) fn expire(connection: &Connection, log: &str, positions: Range<u64>) -> Result<usize, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "UPDATE body SET state = 2, seed = NULL, ciphertext = NULL
         WHERE log = ?1 AND position >= ?2 AND position < ?3 AND state = 0 AND class <> ?4
           AND NOT EXISTS (SELECT 1 FROM kept_body AS kept WHERE kept.log = ?1 AND kept.position = body.position)",
    )?;
    statement.execute(params![log, positions.start, positions.end, BodyClass::Facts.as_str()])
}

/// Keeps the content of a position until a moment, and not shorter than it is kept already.
pub(crate) fn keep(connection: &Connection, log: &str, position: u64, until: Timestamp) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO kept_body (log, position, until) VALUES (?1, ?2, ?3)
         ON CONFLICT (log, position) DO UPDATE SET until = max(until, excluded.until)",
    )?;
    statement.execute(params![log, position, until.as_micros()]).map(drop)
}

/// How many positions of a log are kept.
pub(crate) fn kept(connection: &Connection, log: &str) -> Result<u64, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM kept_body WHERE log = ?1")?;
    statement.query_row(params![log], |row| row.get(0))
}

/// Positions that are not kept any more, the first that ended first.
pub(crate) fn release(
    connection: &Connection,
    log: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<u64>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM kept_body WHERE log = ?1 AND position IN
           (SELECT position FROM kept_body WHERE log = ?1 AND until <= ?2 ORDER BY until LIMIT ?3)
         RETURNING position",
    )?;
    statement.query_map(params![log, now.as_micros(), limit], |row| row.get(0))?.collect()
}

fn state_of(number: i64) -> BodyState {
    match number {
        0 => BodyState::Present,
        1 => BodyState::Erased,
        _ => BodyState::Expired,
    }
}
