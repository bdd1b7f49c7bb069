//! The rows of bodies.

use crate::seal::{self, SealedBody, TRUNCATED};
use picket_db::{Migration, ReadError};
use picket_event::BodyClass;
use picket_keys::Key;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

/// Tables of this crate. A body that was erased keeps its row, without seed and ciphertext.
pub const MIGRATIONS: &[Migration] = &[Migration {
    component: "bodies",
    version: 1,
    sql: "CREATE TABLE body (
            log TEXT NOT NULL, position INTEGER NOT NULL, role TEXT NOT NULL, class TEXT NOT NULL, state INTEGER NOT NULL,
            commitment TEXT NOT NULL, media_type TEXT NOT NULL, flags INTEGER NOT NULL, generation INTEGER NOT NULL,
            subject TEXT, recorded_at INTEGER NOT NULL, seed BLOB, ciphertext BLOB,
            PRIMARY KEY (log, position, role)
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX body_by_subject ON body (log, subject) WHERE subject IS NOT NULL AND state = 0",
}];

/// Where a body stands.
#[derive(Debug, Clone, Copy)]
pub struct BodyKey<'a> {
    /// Log.
    pub log: &'a str,
    /// Position of its entry.
    pub position: u64,
    /// Role.
    pub role: &'a str,
    /// When its entry was recorded; only used when it is stored.
    pub at: Timestamp,
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
    key: &BodyKey<'_>,
    subject: Option<&str>,
    body: &SealedBody,
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO body (log, position, role, class, state, commitment, media_type, flags, generation, subject, recorded_at, seed, ciphertext)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    statement.execute(params![
        key.log,
        key.position,
        body.reference.role,
        body.class.as_str(),
        body.reference.commit,
        body.media_type,
        body.flags,
        body.generation,
        subject,
        key.at.as_micros(),
        body.seed.as_slice(),
        body.ciphertext,
    ])?;
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
            commit: row.get(1)?,
            media_type: row.get(2)?,
            flags: row.get(3)?,
            generation: row.get(4)?,
            sealed: seed.zip(ciphertext),
        })
    });
    row.optional()
}

pub(crate) fn erase(connection: &Connection, log: &str, position: u64) -> Result<usize, rusqlite::Error> {
    connection.execute(
        "UPDATE body SET state = 1, seed = NULL, ciphertext = NULL, subject = NULL WHERE log = ?1 AND position = ?2 AND state = 0",
        params![log, position],
    )
}

pub(crate) fn erase_subject(connection: &Connection, log: &str, subject: &str) -> Result<usize, rusqlite::Error> {
    connection.execute(
        "UPDATE body SET state = 1, seed = NULL, ciphertext = NULL, subject = NULL WHERE log = ?1 AND subject = ?2 AND state = 0",
        params![log, subject],
    )
}

pub(crate) fn expire(
    connection: &Connection,
    log: &str,
    before: Timestamp,
    limit: usize,
) -> Result<usize, rusqlite::Error> {
    // Positions grow with time, so the oldest bodies are the first of the primary key.
    connection.execute(
        "UPDATE body SET state = 2, seed = NULL, ciphertext = NULL WHERE (log, position, role) IN (
            SELECT log, position, role FROM body
            WHERE log = ?1 AND state = 0 AND class <> ?2 AND recorded_at < ?3 ORDER BY position LIMIT ?4)",
        params![log, BodyClass::Facts.as_str(), before.as_micros(), limit],
    )
}

fn state_of(number: i64) -> BodyState {
    match number {
        0 => BodyState::Present,
        1 => BodyState::Erased,
        _ => BodyState::Expired,
    }
}
