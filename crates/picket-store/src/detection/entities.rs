//! The risk of entities: points that findings gave, each with the time in which it halves.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, Row, params};
use std::time::Duration;

/// Points of one entity that are kept, the newest.
const POINTS_MAX: u64 = 500;

/// Points that a finding gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// When.
    pub at: Timestamp,
    /// How many.
    pub points: f64,
    /// The time in which they halve.
    pub half_life: Duration,
    /// The rule that gave them.
    pub rule: String,
    /// The finding.
    pub finding: String,
}

impl Points {
    /// What is left of them at a moment.
    pub fn left(&self, now: Timestamp) -> f64 {
        let age = now.max(self.at).since(self.at).as_secs_f64();
        self.points * (-age / self.half_life.as_secs_f64().max(1.0)).exp2()
    }
}

/// What is left of them all at a moment; 0 of none.
pub fn risk(history: &[Points], now: Timestamp) -> f64 {
    history.iter().fold(0.0, |sum, points| sum + points.left(now))
}

/// An entity with what it had when that last changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// What it is, such as `user`.
    pub kind: String,
    /// Its name.
    pub entity: String,
    /// Its points then.
    pub score: f64,
    /// When that was.
    pub changed_at: Timestamp,
}

/// Gives points; what the entity has then.
pub fn add(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    (kind, entity): (&str, &str),
    new: &Points,
) -> Result<f64, rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "INSERT INTO entity_risk (workspace, kind, entity, at, points, half_life, rule, finding) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let half_life = i64::try_from(new.half_life.as_micros()).unwrap_or(i64::MAX);
    statement.execute(params![
        workspace.as_str(),
        kind,
        entity,
        new.at.as_micros(),
        new.points,
        half_life,
        new.rule,
        new.finding
    ])?;
    drop(statement);
    let score = risk(&history(tx.connection(), workspace, (kind, entity), POINTS_MAX)?, new.at);
    let mut statement = tx.connection().prepare_cached(
        "INSERT INTO entity (workspace, kind, entity, score, changed_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (workspace, kind, entity) DO UPDATE SET score = excluded.score, changed_at = excluded.changed_at",
    )?;
    statement.execute(params![workspace.as_str(), kind, entity, score, new.at.as_micros()])?;
    drop(statement);
    let mut statement = tx.connection().prepare_cached(
        "DELETE FROM entity_risk WHERE workspace = ?1 AND kind = ?2 AND entity = ?3 AND at <
           (SELECT at FROM entity_risk WHERE workspace = ?1 AND kind = ?2 AND entity = ?3 ORDER BY at DESC LIMIT 1 OFFSET ?4)",
    )?;
    statement.execute(params![workspace.as_str(), kind, entity, crate::held(POINTS_MAX - 1)])?;
    Ok(score)
}

/// Points of an entity, the newest first.
pub fn history(
    connection: &Connection,
    workspace: &Workspace,
    (kind, entity): (&str, &str),
    limit: u64,
) -> Result<Vec<Points>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT at, points, half_life, rule, finding FROM entity_risk WHERE workspace = ?1 AND kind = ?2 AND entity = ?3 ORDER BY at DESC LIMIT ?4",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Points {
            at: Timestamp::from_micros(row.get(0)?),
            points: row.get(1)?,
            half_life: Duration::from_micros(row.get(2)?),
            rule: row.get(3)?,
            finding: row.get(4)?,
        })
    };
    statement.query_map(params![workspace.as_str(), kind, entity, crate::held(limit)], read)?.collect()
}

/// Entities whose points changed since then, those that had most first.
pub fn list(
    connection: &Connection,
    workspace: &Workspace,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<Entity>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, entity, score, changed_at FROM entity WHERE workspace = ?1 AND changed_at >= ?2 ORDER BY score DESC, kind, entity LIMIT ?3",
    )?;
    let read = |row: &Row<'_>| {
        let (kind, entity, score) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Entity { kind, entity, score, changed_at: Timestamp::from_micros(row.get(3)?) })
    };
    statement.query_map(params![workspace.as_str(), since.as_micros(), crate::held(limit)], read)?.collect()
}

/// Drops points that were given before a moment, and entities that have none left; how many points.
pub fn drop_older(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    before: Timestamp,
    limit: u64,
) -> Result<usize, rusqlite::Error> {
    let gone = tx.connection().execute(
        "DELETE FROM entity_risk WHERE rowid IN (SELECT rowid FROM entity_risk WHERE workspace = ?1 AND at < ?2 LIMIT ?3)",
        params![workspace.as_str(), before.as_micros(), crate::held(limit)],
    )?;
    tx.connection().execute(
        "DELETE FROM entity WHERE workspace = ?1 AND changed_at < ?2",
        params![workspace.as_str(), before.as_micros()],
    )?;
    Ok(gone)
}

pub(super) fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
    for sql in [
        "DELETE FROM entity WHERE workspace = ?1 AND kind = 'user' AND entity = ?2",
        "DELETE FROM entity_risk WHERE workspace = ?1 AND kind = 'user' AND entity = ?2",
    ] {
        tx.connection().execute(sql, params![workspace.as_str(), user])?;
    }
    Ok(())
}
