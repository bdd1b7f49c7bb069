//! Exceptions from the policy: what people said is a false positive, for whom, and until when.
//!
//! One that has ended stays, so that what it set aside can be told; an ended one never comes back.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

/// What an exception is about, and for whom. Names are exact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covers {
    /// The check, by its name in the chain.
    pub policy: String,
    /// What it finds, in the words of events.
    pub finding: String,
    /// Rules or kinds of values; empty means all of the check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// `input` or `output`; both without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// User.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Id of the gateway key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Keyed digests of the texts that it is for, in hex; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// `exc_…`.
    pub id: String,
    /// What, and for whom.
    pub covers: Covers,
    /// Why.
    pub reason: String,
    /// Who made it, by name.
    pub author: String,
    /// Who that is: the id of his credential or user.
    pub author_id: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The escalation that it came from.
    pub escalation: Option<String>,
    /// `active`, `revoked` or `expired`.
    pub status: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who ended it, by name.
    pub ended_by: Option<String>,
}

const COLUMNS: &str =
    "id, covers, reason, author, author_id, created_at, expires_at, escalation, status, ended_at, ended_by";

/// Stores one.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Exception) -> Result<(), rusqlite::Error> {
    let covers =
        serde_json::to_string(&new.covers).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    tx.connection()
        .execute(
            "INSERT INTO exception (workspace, id, covers, reason, author, author_id, created_at, expires_at, escalation, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'active')",
            params![
                workspace.as_str(),
                new.id,
                covers,
                new.reason,
                new.author,
                new.author_id,
                new.created_at.as_micros(),
                new.expires_at.as_micros(),
                new.escalation
            ],
        )
        .map(drop)
}

/// One exception.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Exception>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM exception WHERE workspace = ?1 AND id = ?2");
    connection.query_row(&sql, params![workspace.as_str(), id], read).optional()
}

/// Exceptions, newest first; those of a status, or of an escalation, if they are named.
pub fn list(
    connection: &Connection,
    workspace: &Workspace,
    (status, escalation): (Option<&str>, Option<&str>),
    limit: u64,
) -> Result<Vec<Exception>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM exception WHERE workspace = ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR escalation = ?3)
         ORDER BY created_at DESC, id DESC LIMIT ?4"
    );
    connection
        .prepare(&sql)?
        .query_map(params![workspace.as_str(), status, escalation, crate::held(limit)], read)?
        .collect()
}

/// Forgets a user in all exceptions; those of him alone cover nobody then.
pub fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
    let all = list(tx.connection(), workspace, (None, None), u64::MAX)?;
    for mut one in all.into_iter().filter(|one| one.covers.user.as_deref() == Some(user)) {
        one.covers.user = Some(crate::FORGOTTEN.to_owned());
        let covers = serde_json::to_string(&one.covers)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let sql = "UPDATE exception SET covers = ?3, reason = ?4 WHERE workspace = ?1 AND id = ?2";
        tx.connection().execute(sql, params![workspace.as_str(), one.id, covers, crate::FORGOTTEN])?;
    }
    Ok(())
}

/// How many count.
pub fn active(connection: &Connection, workspace: &Workspace) -> Result<u64, rusqlite::Error> {
    let sql = "SELECT count(*) FROM exception WHERE workspace = ?1 AND status = 'active'";
    connection.query_row(sql, params![workspace.as_str()], |row| row.get(0))
}

/// When the next of them ends.
pub fn next_end(connection: &Connection, workspace: &Workspace) -> Result<Option<Timestamp>, rusqlite::Error> {
    let sql = "SELECT min(expires_at) FROM exception WHERE workspace = ?1 AND status = 'active'";
    let next: Option<i64> = connection.query_row(sql, params![workspace.as_str()], |row| row.get(0))?;
    Ok(next.map(Timestamp::from_micros))
}

/// Ends one; none where it has ended, or is not there.
pub fn revoke(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    by: &str,
    at: Timestamp,
) -> Result<Option<Exception>, rusqlite::Error> {
    let sql = format!(
        "UPDATE exception SET status = 'revoked', ended_at = ?3, ended_by = ?4
         WHERE workspace = ?1 AND id = ?2 AND status = 'active' RETURNING {COLUMNS}"
    );
    tx.connection().query_row(&sql, params![workspace.as_str(), id, at.as_micros(), by], read).optional()
}

/// Ends those whose time is over, at most `limit`; the ended ones.
pub fn expire(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Exception>, rusqlite::Error> {
    let sql = format!(
        "UPDATE exception SET status = 'expired', ended_at = ?2 WHERE id IN
           (SELECT id FROM exception WHERE workspace = ?1 AND status = 'active' AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3)
         RETURNING {COLUMNS}"
    );
    let mut statement = tx.connection().prepare(&sql)?;
    statement.query_map(params![workspace.as_str(), now.as_micros(), limit], read)?.collect()
}

fn read(row: &Row<'_>) -> Result<Exception, rusqlite::Error> {
    let covers: String = row.get(1)?;
    let covers = serde_json::from_str(&covers)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(Exception {
        id: row.get(0)?,
        covers,
        reason: row.get(2)?,
        author: row.get(3)?,
        author_id: row.get(4)?,
        created_at: Timestamp::from_micros(row.get(5)?),
        expires_at: Timestamp::from_micros(row.get(6)?),
        escalation: row.get(7)?,
        status: row.get(8)?,
        ended_at: row.get::<_, Option<i64>>(9)?.map(Timestamp::from_micros),
        ended_by: row.get(10)?,
    })
}
