//! What detection keeps: findings, suppressions, the risk of entities, what people decided about rules, and where the
//! correlations stood.

pub mod checkpoint;
pub mod entities;
pub mod findings;
pub mod late;
pub mod profiles;
pub mod rules;
pub mod suppressions;

use picket_db::{Migration, Tx};
use picket_event::Workspace;
use rusqlite::types::Type;

/// Tables of detection.
pub const MIGRATIONS: &[Migration] = &[FIRST, PROFILES, LATE];

/// Times in microseconds. Of a finding, `details` holds what nobody searches by.
const FIRST: Migration = Migration {
    component: "detection",
    version: 1,
    sql: "CREATE TABLE finding (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, fingerprint TEXT NOT NULL, rule TEXT NOT NULL, category TEXT, severity TEXT NOT NULL,
            entity_kind TEXT NOT NULL, entity TEXT NOT NULL, shadow INTEGER NOT NULL, status TEXT NOT NULL, verdict TEXT, hits INTEGER NOT NULL,
            first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, created_at INTEGER NOT NULL, version INTEGER NOT NULL, details TEXT NOT NULL
          ) STRICT;
          CREATE INDEX finding_newest ON finding (workspace, shadow, id DESC);
          CREATE INDEX finding_same ON finding (workspace, fingerprint, shadow, id DESC);
          CREATE INDEX finding_entity ON finding (workspace, entity_kind, entity, id DESC);
          CREATE INDEX finding_rule ON finding (workspace, rule, shadow, id DESC);
          CREATE INDEX finding_open ON finding (workspace, shadow, status, id DESC);
          CREATE INDEX finding_created ON finding (workspace, created_at);
          CREATE TABLE suppression (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, rule TEXT, entity_kind TEXT, entity TEXT, reason TEXT NOT NULL, created_by TEXT NOT NULL,
            created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_by TEXT, ended_at INTEGER, hits INTEGER NOT NULL
          ) STRICT;
          CREATE INDEX suppression_end ON suppression (workspace, expires_at);
          CREATE TABLE entity (
            workspace TEXT NOT NULL, kind TEXT NOT NULL, entity TEXT NOT NULL, score REAL NOT NULL, changed_at INTEGER NOT NULL,
            PRIMARY KEY (workspace, kind, entity)
          ) STRICT;
          CREATE INDEX entity_score ON entity (workspace, changed_at);
          CREATE TABLE entity_risk (
            workspace TEXT NOT NULL, kind TEXT NOT NULL, entity TEXT NOT NULL, at INTEGER NOT NULL, points REAL NOT NULL, half_life INTEGER NOT NULL,
            rule TEXT NOT NULL, finding TEXT NOT NULL
          ) STRICT;
          CREATE INDEX entity_risk_newest ON entity_risk (workspace, kind, entity, at DESC);
          CREATE INDEX entity_risk_age ON entity_risk (workspace, at);
          CREATE TABLE rule_choice (
            workspace TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, responds INTEGER NOT NULL, reason TEXT NOT NULL, changed_by TEXT NOT NULL,
            changed_at INTEGER NOT NULL, PRIMARY KEY (workspace, rule)
          ) STRICT;
          CREATE TABLE detector_state (workspace TEXT PRIMARY KEY, position INTEGER NOT NULL, state BLOB NOT NULL) STRICT",
};

const LATE: Migration = Migration {
    component: "detection",
    version: 3,
    sql: "CREATE TABLE late_group (
            workspace TEXT NOT NULL, rule TEXT NOT NULL, members TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
            positions TEXT NOT NULL, told TEXT NOT NULL, looked INTEGER, PRIMARY KEY (workspace, rule, members)
          ) STRICT",
};

const PROFILES: Migration = Migration {
    component: "detection",
    version: 2,
    sql: "CREATE TABLE profile (
            workspace TEXT NOT NULL, place INTEGER NOT NULL, owner INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY (workspace, place)
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE profiles (workspace TEXT PRIMARY KEY, position INTEGER NOT NULL, state BLOB NOT NULL) STRICT",
};

/// Forgets a user: as the entity of findings, risk and suppressions, and in what was written about him. What stands for
/// him comes in place of his name.
pub fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str, id: &str) -> Result<(), rusqlite::Error> {
    findings::forget_user(tx, workspace, user, id)?;
    suppressions::forget_user(tx, workspace, user, id)?;
    late::forget_user(tx, workspace, user)?;
    entities::forget_user(tx, workspace, user)
}

/// A column that holds what this version does not read.
fn unreadable(column: usize, name: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, name.to_owned(), Type::Text)
}

fn json_of<T: serde::Serialize>(value: &T) -> Result<String, rusqlite::Error> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

#[cfg(test)]
mod tests;
