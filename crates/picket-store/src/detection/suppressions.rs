//! Suppressions: what a person does not want to be told, about whom, why, and until when.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A suppression. It names a rule, an entity, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// `sup_…`.
    pub id: String,
    /// The rule.
    pub rule: Option<String>,
    /// What the entity is, and its name.
    pub entity: Option<(String, String)>,
    /// Why.
    pub reason: String,
    /// Who made it, by name.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// Who ended it before, and when.
    pub ended: Option<(String, Timestamp)>,
    /// What it held back.
    pub hits: u64,
}

impl Suppression {
    /// Whether it counts at a moment.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at
    }

    /// Whether it is about what a rule finds about an entity.
    pub fn covers(&self, rule: &str, kind: &str, entity: &str) -> bool {
        self.rule.as_deref().is_none_or(|own| own == rule)
            && self.entity.as_ref().is_none_or(|(own, name)| own == kind && name == entity)
    }
}

const COLUMNS: &str =
    "id, rule, entity_kind, entity, reason, created_by, created_at, expires_at, ended_by, ended_at, hits";

/// Stores one.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Suppression) -> Result<(), rusqlite::Error> {
    let sql = format!(
        "INSERT INTO suppression (workspace, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, NULL, 0)"
    );
    let (kind, entity) = new.entity.as_ref().map(|(kind, entity)| (kind, entity)).unzip();
    let done = tx.connection().prepare_cached(&sql)?.execute(params![
        workspace.as_str(),
        new.id,
        new.rule,
        kind,
        entity,
        new.reason,
        new.created_by,
        new.created_at.as_micros(),
        new.expires_at.as_micros()
    ]);
    done.map(drop)
}

/// Ends one before its time; what it is then, or nothing if it had ended.
pub fn end(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    (by, now): (&str, Timestamp),
) -> Result<Option<Suppression>, rusqlite::Error> {
    let sql = "UPDATE suppression SET ended_by = ?3, ended_at = ?4 WHERE workspace = ?1 AND id = ?2 AND ended_at IS NULL AND expires_at > ?4";
    let changed = tx.connection().execute(sql, params![workspace.as_str(), id, by, now.as_micros()])?;
    if changed == 0 { Ok(None) } else { get(tx.connection(), workspace, id) }
}

/// Adds to what one held back.
pub fn count(tx: &mut Tx<'_>, workspace: &Workspace, id: &str, hits: u64) -> Result<(), rusqlite::Error> {
    let mut statement =
        tx.connection().prepare_cached("UPDATE suppression SET hits = hits + ?3 WHERE workspace = ?1 AND id = ?2")?;
    statement.execute(params![workspace.as_str(), id, crate::held(hits)]).map(drop)
}

/// One suppression.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Suppression>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM suppression WHERE workspace = ?1 AND id = ?2");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// Suppressions, newest first; with `now`, only those that count then.
pub fn list(
    connection: &Connection,
    workspace: &Workspace,
    now: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<Suppression>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM suppression WHERE workspace = ?1 AND (?2 IS NULL OR (expires_at > ?2 AND ended_at IS NULL))
         ORDER BY id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![workspace.as_str(), now.map(Timestamp::as_micros), crate::held(limit)], read)?.collect()
}

pub(super) fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str, id: &str) -> Result<(), rusqlite::Error> {
    let sql =
        "UPDATE suppression SET entity = ?3, reason = ?4 WHERE workspace = ?1 AND entity_kind = 'user' AND entity = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), user, id, crate::FORGOTTEN]).map(drop)
}

fn read(row: &Row<'_>) -> Result<Suppression, rusqlite::Error> {
    let at = row.get::<_, Option<i64>>(9)?.map(Timestamp::from_micros);
    Ok(Suppression {
        id: row.get(0)?,
        rule: row.get(1)?,
        entity: row.get::<_, Option<String>>(2)?.zip(row.get(3)?),
        reason: row.get(4)?,
        created_by: row.get(5)?,
        created_at: Timestamp::from_micros(row.get(6)?),
        expires_at: Timestamp::from_micros(row.get(7)?),
        ended: row.get::<_, Option<String>>(8)?.zip(at),
        hits: row.get(10)?,
    })
}
