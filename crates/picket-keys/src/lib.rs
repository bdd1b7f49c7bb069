//! The root key, and the keyring that it wraps.
//!
//! The root key encrypts other keys and nothing else. Those are random, one for each purpose and generation, and lie
//! wrapped in the database: key-encryption keys for bodies, the pepper of tokens, the key of keyed hashes, those that seal
//! small secrets of rows, and the signing seed of each log. **Invariant:** a wrapped key opens only as the purpose and generation that it was made
//! for, since both are authenticated with it.

mod root;
mod sealer;
mod wrap;

pub use root::{RootError, RootKey, RootSource};
pub use sealer::{Sealer, Sealers};

use hmac::{Hmac, KeyInit as _, Mac as _};
use picket_db::{Db, Lane, Migration, Tx, WriteError};
use picket_stdx::random;
use rusqlite::{OptionalExtension as _, params};
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Tables of this crate.
pub const MIGRATIONS: &[Migration] = &[Migration {
    component: "keys",
    version: 1,
    sql: "CREATE TABLE wrapped_key (
            purpose TEXT NOT NULL, generation INTEGER NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (purpose, generation)
          ) STRICT",
}];

/// 32 secret bytes, erased from memory when dropped, never printed.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// These bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 of the parts, one after the other, under this key.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC pads a short key with zeros to the block of the hash.
        let mut block = Zeroizing::new([0; 64]);
        for (to, from) in block.iter_mut().zip(self.0.iter()) {
            *to = *from;
        }
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// What a key is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Purpose {
    Kek,
    TokenPepper,
    Hash,
    LogSeed(String),
    Seal(&'static str),
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kek => f.write_str("kek"),
            Self::TokenPepper => f.write_str("token-pepper"),
            Self::Hash => f.write_str("hash"),
            Self::LogSeed(log) => write!(f, "log-seed:{log}"),
            Self::Seal(label) => write!(f, "seal:{label}"),
        }
    }
}

/// The keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The root key is not the one that wrapped this store's keys.
    #[error("the root key does not open the store's keys; give the root key that this store was made with")]
    WrongRoot,
    /// A row is damaged.
    #[error("the wrapped key `{0}` is damaged; restore a backup")]
    Damaged(String),
    /// The database failed.
    #[error("cannot read or write the keyring")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<rusqlite::Error> for KeyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

/// The opened keys of a store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keyring(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    root: RootKey,
    keks: Vec<Key>,
    pepper: Key,
    hash: Key,
}

impl Keyring {
    /// Opens the keys of a store, making those that a new store lacks.
    pub fn open(db: &Db, root: RootKey) -> Result<Self, KeyError> {
        let wrapping = root.clone();
        let made = db.write(Lane::Admin, "keys.open", move |tx| {
            let mut keks = vec![obtain(tx, &wrapping, &Purpose::Kek, 0)?];
            while let Some(kek) =
                find(tx.connection(), &wrapping, &Purpose::Kek, u32::try_from(keks.len()).unwrap_or(u32::MAX))?
            {
                keks.push(kek);
            }
            let pepper = obtain(tx, &wrapping, &Purpose::TokenPepper, 0)?;
            Ok((keks, pepper, obtain(tx, &wrapping, &Purpose::Hash, 0)?))
        });
        let (keks, pepper, hash) = made.wait().map_err(flatten)?;
        Ok(Self(Arc::new(Inner { db: db.clone(), root, keks, pepper, hash })))
    }

    /// The key-encryption key that new bodies use, with its generation.
    pub fn current_kek(&self) -> (u32, &Key) {
        let newest = self.0.keks.len().saturating_sub(1);
        (u32::try_from(newest).unwrap_or(0), self.0.keks.last().unwrap_or(&self.0.hash))
    }

    /// A key-encryption key by its generation.
    pub fn kek(&self, generation: u32) -> Option<&Key> {
        self.0.keks.get(usize::try_from(generation).ok()?)
    }

    /// The pepper of tokens.
    pub fn pepper(&self) -> &Key {
        &self.0.pepper
    }

    /// A keyed hash for looking things up without knowing them. Different purposes give unrelated hashes.
    pub fn keyed_hash(&self, purpose: &'static str, value: &[u8]) -> [u8; 32] {
        self.0.hash.mac(&[purpose.as_bytes(), &[0], value])
    }

    /// The signing seed of a log, made at first use.
    pub fn log_seed(&self, log: &str) -> Result<Key, KeyError> {
        self.of(Purpose::LogSeed(log.to_owned()))
    }

    /// Encrypts small secrets that rows hold, such as those of second factors; each label has a key of its own, made at
    /// first use.
    pub fn sealer(&self, label: &'static str) -> Result<Sealer, KeyError> {
        Ok(Sealer::new(self.of(Purpose::Seal(label))?, label))
    }

    /// The same with several versions of the key, so that there can be a new one without asking anybody for the secrets
    /// again; the first is made at first use.
    pub fn sealers(&self, label: &'static str) -> Result<Sealers, KeyError> {
        self.sealers_from(label, 1)
    }

    /// The same, with one more key, with which everything is sealed from now on.
    pub fn renew_sealers(&self, label: &'static str) -> Result<Sealers, KeyError> {
        let known = self.sealers(label)?;
        self.sealers_from(label, known.version().saturating_add(2))
    }

    /// All versions of a label's key, at least so many.
    fn sealers_from(&self, label: &'static str, least: u32) -> Result<Sealers, KeyError> {
        let root = self.0.root.clone();
        let made = self.0.db.write(Lane::Admin, "keys.sealers", move |tx| {
            let purpose = Purpose::Seal(label);
            let mut older = Vec::new();
            let mut newest = obtain(tx, &root, &purpose, 0)?;
            for version in 1.. {
                let next = match find(tx.connection(), &root, &purpose, version)? {
                    Some(found) => found,
                    None if version < least => obtain(tx, &root, &purpose, version)?,
                    None => break,
                };
                older.push(Sealer::new(std::mem::replace(&mut newest, next), label));
            }
            Ok(Sealers::new(Sealer::new(newest, label), older))
        });
        made.wait().map_err(flatten)
    }

    fn of(&self, purpose: Purpose) -> Result<Key, KeyError> {
        let found = self.0.db.read(|connection| find(connection, &self.0.root, &purpose, 0));
        if let Some(key) = found.map_err(|error| KeyError::Database(Box::new(error)))? {
            return Ok(key);
        }
        let root = self.0.root.clone();
        self.0.db.write(Lane::Admin, "keys.obtain", move |tx| obtain(tx, &root, &purpose, 0)).wait().map_err(flatten)
    }

    /// Wraps every key anew under another root key, in one transaction.
    pub fn rotate_root(db: &Db, old: &RootKey, new: &RootKey) -> Result<(), KeyError> {
        let (old, new) = (old.clone(), new.clone());
        let rotated = db.write(Lane::Admin, "keys.rotate_root", move |tx| {
            let connection = tx.connection();
            let mut statement = connection.prepare("SELECT purpose, generation, wrapped FROM wrapped_key")?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, Vec<u8>>(2)?))
            })?;
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            for (purpose, generation, wrapped) in rows {
                let key = wrap::open(&old, &purpose, generation, &wrapped).ok_or(KeyError::WrongRoot)?;
                connection.execute(
                    "UPDATE wrapped_key SET wrapped = ?3 WHERE purpose = ?1 AND generation = ?2",
                    params![purpose, generation, wrap::seal(&new, &purpose, generation, &key)],
                )?;
            }
            Ok::<(), KeyError>(())
        });
        rotated.wait().map_err(flatten)
    }
}

fn find(
    connection: &rusqlite::Connection,
    root: &RootKey,
    purpose: &Purpose,
    generation: u32,
) -> Result<Option<Key>, KeyError> {
    let purpose = purpose.to_string();
    let wrapped: Option<Vec<u8>> = connection
        .query_row(
            "SELECT wrapped FROM wrapped_key WHERE purpose = ?1 AND generation = ?2",
            params![purpose, generation],
            |row| row.get(0),
        )
        .optional()?;
    let Some(wrapped) = wrapped else { return Ok(None) };
    if wrapped.len() != wrap::WRAPPED_BYTES {
        return Err(KeyError::Damaged(purpose));
    }
    wrap::open(root, &purpose, generation, &wrapped).map(Some).ok_or(KeyError::WrongRoot)
}

fn obtain(tx: &mut Tx<'_>, root: &RootKey, purpose: &Purpose, generation: u32) -> Result<Key, KeyError> {
    if let Some(key) = find(tx.connection(), root, purpose, generation)? {
        return Ok(key);
    }
    let key = Key::new(random::bytes());
    let name = purpose.to_string();
    tx.connection().execute(
        "INSERT INTO wrapped_key (purpose, generation, wrapped) VALUES (?1, ?2, ?3)",
        params![name, generation, wrap::seal(root, &name, generation, &key)],
    )?;
    Ok(key)
}

fn flatten(error: WriteError<KeyError>) -> KeyError {
    match error {
        WriteError::Job(error) => error,
        other => KeyError::Database(other.to_string().into()),
    }
}

#[cfg(test)]
mod tests;
