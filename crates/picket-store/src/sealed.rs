//! Credentials for other systems, sealed: tokens of receivers, keys that sign webhooks, passwords of ticket systems.
//!
//! Each belongs to an owner (`dst_…`, `whk_…`) and is bound to the host that it was entered for. **Invariants:** nothing
//! here shows a secret but [`Vault::open`], which wants the host again; a row that was moved to another workspace, owner,
//! field, host or version does not open.

use arc_swap::ArcSwap;
use picket_db::{Migration, Tx};
use picket_event::Workspace;
use picket_keys::{KeyError, Keyring, Sealers};
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Tables of sealed credentials.
pub const MIGRATIONS: &[Migration] = &[Migration {
    component: "sealed",
    version: 1,
    sql: "CREATE TABLE sealed (
            workspace TEXT NOT NULL, owner TEXT NOT NULL, version INTEGER NOT NULL, field TEXT NOT NULL, host TEXT NOT NULL, key_version INTEGER NOT NULL,
            secret BLOB NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, until INTEGER, PRIMARY KEY (workspace, owner, version, field)
          ) STRICT",
}];

/// Of the key that seals them.
const LABEL: &str = "credential/v1";
/// Fields of one owner.
pub const FIELDS_MAX: usize = 16;
/// Bytes of one field: a chain of certificates fits.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Secrets by the names of their fields; erased from memory when dropped, never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<String, Zeroizing<Vec<u8>>>);

impl Secrets {
    /// Adds a secret.
    pub fn set(&mut self, field: &str, secret: Zeroizing<Vec<u8>>) {
        self.0.insert(field.to_owned(), secret);
    }

    /// One of them.
    pub fn get(&self, field: &str) -> Option<&[u8]> {
        self.0.get(field).map(|secret| secret.as_slice())
    }

    /// Each with the name of its field.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(field, secret)| (field.as_str(), secret.as_slice()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What may be shown of a sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its field.
    pub field: String,
    /// Which of those that were entered one after the other; the newest is the highest.
    pub version: u32,
    /// The host that it was entered for.
    pub host: String,
    /// Who entered it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it still counts, if a newer one took its place.
    pub until: Option<Timestamp>,
}

/// Who enters secrets, when, and what becomes of those before them.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Until when the present ones still count, such as for receivers that learn a new key late; not at all without.
    pub keep_until: Option<Timestamp>,
}

/// Sealed secrets cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// They are for somebody else.
    #[error("the credentials were entered for another host; enter those of this one")]
    OtherHost,
    /// A row is damaged, was moved, or is of another store.
    #[error("the sealed credential `{0}` does not open; enter it again")]
    Damaged(String),
    /// The database failed.
    #[error("the credentials cannot be read")]
    Database(#[from] rusqlite::Error),
}

/// Seals and opens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault(Arc<ArcSwap<Sealers>>);

impl Vault {
    /// The vault of a store.
    pub fn of(keyring: &Keyring) -> Result<Self, KeyError> {
        Ok(Self(Arc::new(ArcSwap::from_pointee(keyring.sealers(LABEL)?))))
    }

    /// Makes a new key and seals with it from now on. What is there opens as before; [`Vault::reseal`] brings it along.
    pub fn renew(&self, keyring: &Keyring) -> Result<(), KeyError> {
        self.0.store(Arc::new(keyring.renew_sealers(LABEL)?));
        Ok(())
    }

    /// Seals all secrets of an owner, in place of those before; their version.
    pub fn put(
        &self,
        tx: &mut Tx<'_>,
        workspace: &Workspace,
        (owner, host): (&str, &str),
        secrets: &Secrets,
        entered: &Entered,
    ) -> Result<u32, rusqlite::Error> {
        let connection = tx.connection();
        let newest: Option<u32> = connection.query_row(
            "SELECT max(version) FROM sealed WHERE workspace = ?1 AND owner = ?2",
            params![workspace.as_str(), owner],
            |row| row.get(0),
        )?;
        match entered.keep_until {
            Some(until) => connection.execute(
                "UPDATE sealed SET until = min(coalesce(until, ?3), ?3) WHERE workspace = ?1 AND owner = ?2",
                params![workspace.as_str(), owner, until.as_micros()],
            )?,
            None => forget_of(connection, workspace, owner)?,
        };
        // What no longer counts need not lie there.
        connection.execute(
            "DELETE FROM sealed WHERE workspace = ?1 AND owner = ?2 AND until <= ?3",
            params![workspace.as_str(), owner, entered.at.as_micros()],
        )?;
        let version = newest.map_or(1, |newest| newest.saturating_add(1));
        let sealers = self.0.load();
        let mut insert = connection.prepare_cached(
            "INSERT INTO sealed (workspace, owner, version, field, host, key_version, secret, created_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for (field, secret) in secrets.iter() {
            let place = Place { workspace, owner, version, field, host, key_version: sealers.version() };
            let (sealed, at) = (sealers.seal(&place.bound(), secret), entered.at.as_micros());
            insert.execute(params![
                workspace.as_str(),
                owner,
                version,
                field,
                host,
                place.key_version,
                sealed,
                entered.by,
                at
            ])?;
        }
        Ok(version)
    }

    /// The secrets of an owner for a host, by version, newest first; those whose time is over are left out. None where
    /// none were entered.
    pub fn open(
        &self,
        connection: &Connection,
        workspace: &Workspace,
        (owner, host): (&str, &str),
        now: Timestamp,
    ) -> Result<Vec<(u32, Secrets)>, SealedError> {
        let mut statement = connection.prepare_cached(
            "SELECT version, field, host, key_version, secret FROM sealed
             WHERE workspace = ?1 AND owner = ?2 AND (until IS NULL OR until > ?3) ORDER BY version DESC, field",
        )?;
        let rows = statement.query_map(params![workspace.as_str(), owner, now.as_micros()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        let rows = rows.collect::<Result<Vec<(u32, String, String, u32, Vec<u8>)>, _>>()?;
        let sealers = self.0.load();
        let mut all: Vec<(u32, Secrets)> = Vec::new();
        for (version, field, sealed_for, key_version, sealed) in rows {
            if sealed_for != host {
                return Err(SealedError::OtherHost);
            }
            let place = Place { workspace, owner, version, field: &field, host, key_version };
            let secret = sealers.open(key_version, &place.bound(), &sealed);
            let secret = secret.ok_or_else(|| SealedError::Damaged(field.clone()))?;
            if all.last().is_none_or(|(last, _)| *last != version) {
                all.push((version, Secrets::default()));
            }
            if let Some((_, secrets)) = all.last_mut() {
                secrets.set(&field, secret);
            }
        }
        Ok(all)
    }

    /// Seals with the newest key what was sealed with older ones; how many.
    pub fn reseal(&self, tx: &mut Tx<'_>, workspace: &Workspace) -> Result<usize, SealedError> {
        let sealers = self.0.load();
        let connection = tx.connection();
        let mut statement = connection.prepare_cached(
            "SELECT owner, version, field, host, key_version, secret FROM sealed WHERE workspace = ?1 AND key_version < ?2",
        )?;
        let rows = statement.query_map(params![workspace.as_str(), sealers.version()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })?;
        let rows = rows.collect::<Result<Vec<(String, u32, String, String, u32, Vec<u8>)>, _>>()?;
        let mut update = connection.prepare_cached(
            "UPDATE sealed SET key_version = ?5, secret = ?6 WHERE workspace = ?1 AND owner = ?2 AND version = ?3 AND field = ?4",
        )?;
        let count = rows.len();
        for (owner, version, field, host, key_version, sealed) in rows {
            let old = Place { workspace, owner: &owner, version, field: &field, host: &host, key_version };
            let secret = sealers.open(key_version, &old.bound(), &sealed);
            let secret = secret.ok_or_else(|| SealedError::Damaged(field.clone()))?;
            let new = Place { key_version: sealers.version(), ..old };
            let sealed = sealers.seal(&new.bound(), &secret);
            update.execute(params![workspace.as_str(), owner, version, field, new.key_version, sealed])?;
        }
        Ok(count)
    }
}

/// What may be shown of an owner's secrets, newest first.
pub fn held(connection: &Connection, workspace: &Workspace, owner: &str) -> Result<Vec<Held>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT field, version, host, created_by, created_at, until FROM sealed WHERE workspace = ?1 AND owner = ?2
         ORDER BY version DESC, field",
    )?;
    let rows = statement.query_map(params![workspace.as_str(), owner], |row| {
        Ok(Held {
            field: row.get(0)?,
            version: row.get(1)?,
            host: row.get(2)?,
            created_by: row.get(3)?,
            created_at: Timestamp::from_micros(row.get(4)?),
            until: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_micros),
        })
    })?;
    rows.collect()
}

/// Whether an owner has secrets for a host.
pub fn is_held_for(
    connection: &Connection,
    workspace: &Workspace,
    (owner, host): (&str, &str),
) -> Result<bool, rusqlite::Error> {
    let sql = "SELECT 1 FROM sealed WHERE workspace = ?1 AND owner = ?2 AND host = ?3 LIMIT 1";
    let found = connection.query_row(sql, params![workspace.as_str(), owner, host], |_row| Ok(())).optional()?;
    Ok(found.is_some())
}

/// Drops all secrets of an owner; how many.
pub fn forget(tx: &mut Tx<'_>, workspace: &Workspace, owner: &str) -> Result<usize, rusqlite::Error> {
    forget_of(tx.connection(), workspace, owner)
}

fn forget_of(connection: &Connection, workspace: &Workspace, owner: &str) -> Result<usize, rusqlite::Error> {
    let sql = "DELETE FROM sealed WHERE workspace = ?1 AND owner = ?2";
    connection.execute(sql, params![workspace.as_str(), owner])
}

/// What a sealed secret is bound to.
struct Place<'a> {
    workspace: &'a Workspace,
    owner: &'a str,
    version: u32,
    field: &'a str,
    host: &'a str,
    key_version: u32,
}

impl Place<'_> {
    /// As bytes: each part with its length, so that no two places are alike.
    fn bound(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [self.workspace.as_str(), self.owner, self.field, self.host] {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.key_version.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests;
