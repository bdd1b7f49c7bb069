//! Credentials of callers, people and services.

use crate::token::{self, Secret, TokenKind};
use crate::{Permission, Permissions, Roles};
use arc_swap::ArcSwap;
use ipnet::IpNet;
use picket_db::{Db, Tx};
use picket_event::Workspace;
use picket_keys::Key;
use picket_stdx::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What a credential carries besides its secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// User of a gateway key.
    #[serde(default)]
    pub user: Option<String>,
    /// Team.
    #[serde(default)]
    pub team: Option<String>,
    /// Application.
    #[serde(default)]
    pub application: Option<String>,
    /// Models that it may ask for, with `*`; empty means all.
    #[serde(default)]
    pub models: Vec<String>,
    /// Budget in millionths of a US dollar.
    #[serde(default)]
    pub budget_micro: Option<u64>,
    /// Whether it may assert the end user.
    #[serde(default)]
    pub service: bool,
    /// Addresses that may use it; empty means all.
    #[serde(default)]
    pub addresses: Vec<IpNet>,
    /// Scopes that it is narrowed to; empty means all that its roles may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// A credential to be made.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// What it is for.
    pub kind: TokenKind,
    /// Roles; of a gateway key `Service`.
    pub roles: Roles,
    /// Workspace.
    pub workspace: Workspace,
    /// Name.
    pub name: Option<String>,
    /// Details.
    pub details: Details,
    /// Who makes it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A credential as it is kept in memory.
#[derive(Debug)]
pub struct Credential {
    /// `key_…` or `tok_…`.
    pub id: String,
    /// What it is for.
    pub kind: TokenKind,
    /// Roles.
    pub roles: Roles,
    /// Workspace.
    pub workspace: Workspace,
    /// Name.
    pub name: Option<String>,
    /// Details.
    pub details: Details,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    mac: [u8; 32],
    /// Microseconds since the epoch; 0 means never.
    last_used: AtomicI64,
    spent_micro: AtomicU64,
}

impl Credential {
    /// When it was last used.
    pub fn last_used_at(&self) -> Option<Timestamp> {
        Some(self.last_used.load(Ordering::Relaxed)).filter(|at| *at > 0).map(Timestamp::from_micros)
    }

    /// What it may do: what its roles may, narrowed to its scopes. One that sends users does nothing else.
    pub fn permissions(&self) -> Permissions {
        if self.kind == TokenKind::Scim {
            return Permissions::of(&[Permission::Provision]);
        }
        narrowed(self.roles, &self.details.scopes)
    }

    /// What was spent with it, in millionths of a US dollar.
    pub fn spent_micro(&self) -> u64 {
        self.spent_micro.load(Ordering::Relaxed)
    }

    /// Counts what a request cost; [`Credentials::flush`] makes it durable.
    pub fn spend(&self, micro: u64) {
        self.spent_micro.fetch_add(micro, Ordering::Relaxed);
    }

    /// `active`, `revoked` or `expired`.
    pub fn status(&self, now: Timestamp) -> &'static str {
        if self.revoked_at.is_some() {
            "revoked"
        } else if self.expires_at.is_some_and(|end| end <= now) {
            "expired"
        } else {
            "active"
        }
    }
}

/// What roles may do, within scopes if there are any.
pub fn narrowed(roles: Roles, scopes: &[String]) -> Permissions {
    let all = roles.permissions();
    if scopes.is_empty() { all } else { all.within(Permissions::of_scopes(scopes.iter().map(String::as_str))) }
}

/// Why a token is not accepted. Callers hear only that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedToken {
    /// It has not the form of a token, or its checksum is wrong.
    #[error("the token is malformed")]
    Malformed,
    /// Nobody has it, or its secret is wrong.
    #[error("the token is unknown")]
    Unknown,
    /// It is for something else.
    #[error("the token is of another kind")]
    Kind,
    /// It was revoked.
    #[error("the token was revoked")]
    Revoked,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It may not be used from there.
    #[error("the token may not be used from this address")]
    Address,
}

/// All live credentials in memory. Cheap to clone; checking does no I/O.
#[derive(Debug, Clone)]
pub struct Credentials {
    snapshot: Arc<ArcSwap<HashMap<String, Arc<Credential>>>>,
    pepper: Key,
}

impl Credentials {
    /// Loads the credentials of a store, of every workspace: which one a token is of is known when it was found.
    pub fn open(db: &Db, pepper: &Key) -> Result<Self, rusqlite::Error> {
        let all = db.read(load).map_err(|error| match error {
            picket_db::ReadError::Job(error) | picket_db::ReadError::Database(error) => error,
        })?;
        Ok(Self { snapshot: Arc::new(ArcSwap::from_pointee(all)), pepper: pepper.clone() })
    }

    /// Checks a token that shall be of one of `kinds` and comes from `address`. Asks no workspace: whoever shows a token
    /// is of that which the token was made in, and says so by nothing else.
    pub fn verify(
        &self,
        text: &str,
        kinds: &[TokenKind],
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Arc<Credential>, RefusedToken> {
        let parsed = token::parse(text).ok_or(RefusedToken::Malformed)?;
        if !kinds.contains(&parsed.kind) {
            return Err(RefusedToken::Kind);
        }
        let snapshot = self.snapshot.load();
        let key = format!("{}{}", parsed.kind.id_prefix(), parsed.id);
        let found = snapshot.get(&key).filter(|found| found.kind == parsed.kind);
        let found = found.filter(|found| parsed.matches(&found.mac, &self.pepper)).ok_or(RefusedToken::Unknown)?;
        match found.status(now) {
            "revoked" => return Err(RefusedToken::Revoked),
            "expired" => return Err(RefusedToken::Expired),
            _ => {}
        }
        let allowed = &found.details.addresses;
        // An IPv4 caller of a listener for both families.
        let address = address.map(|address| address.to_canonical());
        if !allowed.is_empty() && !address.is_some_and(|address| allowed.iter().any(|net| net.contains(&address))) {
            return Err(RefusedToken::Address);
        }
        found.last_used.store(now.as_micros(), Ordering::Relaxed);
        Ok(Arc::clone(found))
    }

    /// All credentials, oldest first.
    pub fn list(&self, workspace: &Workspace) -> Vec<Arc<Credential>> {
        let mut all: Vec<_> =
            self.snapshot.load().values().filter(|credential| credential.workspace == *workspace).cloned().collect();
        all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        all
    }

    /// A credential by its id.
    pub fn get(&self, workspace: &Workspace, id: &str) -> Option<Arc<Credential>> {
        self.snapshot.load().get(id).filter(|credential| credential.workspace == *workspace).cloned()
    }

    /// Makes a credential. Its secret is returned once and stored nowhere.
    pub fn create(&self, tx: &mut Tx<'_>, new: &NewCredential) -> Result<(Secret, String), rusqlite::Error> {
        let (secret, id, mac) = token::mint(new.kind, &self.pepper);
        let details = serde_json::to_string(&new.details)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        tx.connection().execute(
            "INSERT INTO credential (id, workspace, kind, role, name, mac, details, created_by, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                id,
                new.workspace.as_str(),
                new.kind.as_str(),
                new.roles.to_string(),
                new.name,
                mac.as_slice(),
                details,
                new.created_by,
                new.created_at.as_micros(),
                new.expires_at.map(Timestamp::as_micros)
            ],
        )?;
        self.refresh(tx)?;
        Ok((secret, id))
    }

    /// Ends a credential; whether there was one.
    pub fn revoke(
        &self,
        tx: &mut Tx<'_>,
        workspace: &Workspace,
        id: &str,
        at: Timestamp,
    ) -> Result<bool, rusqlite::Error> {
        let changed = tx.connection().execute(
            "UPDATE credential SET revoked_at = coalesce(revoked_at, ?3) WHERE id = ?1 AND workspace = ?2",
            params![id, workspace.as_str(), at.as_micros()],
        )?;
        self.refresh(tx)?;
        Ok(changed > 0)
    }

    /// Ends a credential and makes another in its place, both or neither; `None` when it had ended before.
    pub fn trade(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        new: &NewCredential,
    ) -> Result<Option<(Secret, String)>, rusqlite::Error> {
        let ended = tx.connection().execute(
            "UPDATE credential SET revoked_at = ?3 WHERE id = ?1 AND workspace = ?2 AND revoked_at IS NULL",
            params![id, new.workspace.as_str(), new.created_at.as_micros()],
        )?;
        if ended == 0 { Ok(None) } else { self.create(tx, new).map(Some) }
    }

    /// Takes a user out of keys that have ended. Those that live are revoked first.
    pub fn forget_user(&self, tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
        tx.connection().execute(
            "UPDATE credential SET details = json_remove(details, '$.user') WHERE workspace = ?1 AND json_extract(details, '$.user') = ?2",
            params![workspace.as_str(), user],
        )?;
        self.refresh(tx)
    }

    /// Makes last use and spending durable, of the credentials of every workspace: they are those of this process.
    pub fn flush(&self, tx: &mut Tx<'_>) -> Result<(), rusqlite::Error> {
        let mut statement = tx.connection().prepare_cached(
            "UPDATE credential SET last_used_at = ?2, spent_micro = max(spent_micro, ?3) WHERE id = ?1 AND (coalesce(last_used_at, 0) <> ?2 OR spent_micro <> ?3)",
        )?;
        for credential in self.snapshot.load().values().filter(|credential| credential.last_used_at().is_some()) {
            statement.execute(params![
                credential.id,
                credential.last_used.load(Ordering::Relaxed),
                credential.spent_micro()
            ])?;
        }
        Ok(())
    }

    /// Reads the table anew, and shows it once the transaction is durable. Counters in memory are kept.
    fn refresh(&self, tx: &mut Tx<'_>) -> Result<(), rusqlite::Error> {
        let fresh = load(tx.connection())?;
        let snapshot = Arc::clone(&self.snapshot);
        tx.on_commit(move || {
            let old = snapshot.load();
            fresh.values().filter_map(|new| Some((new, old.get(&new.id)?))).for_each(|(new, old)| {
                new.last_used.fetch_max(old.last_used.load(Ordering::Relaxed), Ordering::Relaxed);
                new.spent_micro.fetch_max(old.spent_micro(), Ordering::Relaxed);
            });
            snapshot.store(Arc::new(fresh));
        });
        Ok(())
    }
}

/// All of them; see [`Credentials::open`].
fn load(connection: &Connection) -> Result<HashMap<String, Arc<Credential>>, rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT id, workspace, kind, role, name, mac, details, created_at, expires_at, revoked_at, last_used_at, spent_micro, created_by FROM credential",
    )?;
    let rows = statement.query_map([], read)?;
    rows.map(|row| row.map(|credential| (credential.id.clone(), Arc::new(credential)))).collect()
}

fn read(row: &Row<'_>) -> Result<Credential, rusqlite::Error> {
    let invalid = |column: usize| {
        rusqlite::Error::InvalidColumnType(column, "credential".to_owned(), rusqlite::types::Type::Text)
    };
    let time = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_micros));
    Ok(Credential {
        id: row.get(0)?,
        workspace: Workspace::parse(&row.get::<_, String>(1)?).map_err(|_error| invalid(1))?,
        kind: TokenKind::of(&row.get::<_, String>(2)?).ok_or_else(|| invalid(2))?,
        roles: row.get::<_, String>(3)?.parse().map_err(|_error| invalid(3))?,
        name: row.get(4)?,
        mac: row.get(5)?,
        details: serde_json::from_str(&row.get::<_, String>(6)?).map_err(|_error| invalid(6))?,
        created_at: Timestamp::from_micros(row.get(7)?),
        expires_at: time(8)?,
        revoked_at: time(9)?,
        last_used: AtomicI64::new(row.get::<_, Option<i64>>(10)?.unwrap_or(0)),
        spent_micro: AtomicU64::new(row.get(11)?),
        created_by: row.get(12)?,
    })
}
