//! Versions of the policy document.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A stored version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// From 1.
    pub version: u64,
    /// SHA-256 of the text, hex.
    pub digest: String,
    /// The document.
    pub text: String,
    /// Who made it.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
    /// Whether it judges requests.
    pub active: bool,
    /// Why one person deployed it, where it takes two.
    pub break_glass: Option<String>,
}

const COLUMNS: &str = "version, digest, text, author, created_at, active, break_glass";

/// Stores a document and makes it the one in force. The same text as the one in force makes no new version.
pub fn activate(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    text: &str,
    digest: &str,
    author: &str,
    at: Timestamp,
) -> Result<PolicyVersion, rusqlite::Error> {
    let connection = tx.connection();
    if let Some(active) = active(connection, workspace)?.filter(|active| active.digest == digest) {
        return Ok(active);
    }
    connection.execute("UPDATE policy SET active = 0 WHERE workspace = ?1", params![workspace.as_str()])?;
    connection.execute(
        "INSERT INTO policy (workspace, version, digest, text, author, created_at, active)
         SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4, ?5, 1 FROM policy WHERE workspace = ?1",
        params![workspace.as_str(), digest, text, author, at.as_micros()],
    )?;
    active(connection, workspace)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// Takes note of why one person deployed a version, where it takes two.
pub fn mark_break_glass(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    version: u64,
    why: &str,
) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE policy SET break_glass = ?3 WHERE workspace = ?1 AND version = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), version, why]).map(drop)
}

/// The version in force.
pub fn active(connection: &Connection, workspace: &Workspace) -> Result<Option<PolicyVersion>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM policy WHERE workspace = ?1 AND active = 1");
    connection.query_row(&sql, params![workspace.as_str()], read).optional()
}

/// A version by its number.
pub fn get(
    connection: &Connection,
    workspace: &Workspace,
    version: u64,
) -> Result<Option<PolicyVersion>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM policy WHERE workspace = ?1 AND version = ?2");
    connection.query_row(&sql, params![workspace.as_str(), crate::held(version)], read).optional()
}

/// All versions, newest first.
pub fn history(connection: &Connection, workspace: &Workspace) -> Result<Vec<PolicyVersion>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM policy WHERE workspace = ?1 ORDER BY version DESC LIMIT 1000");
    connection.prepare(&sql)?.query_map(params![workspace.as_str()], read)?.collect()
}

fn read(row: &Row<'_>) -> Result<PolicyVersion, rusqlite::Error> {
    Ok(PolicyVersion {
        version: row.get(0)?,
        digest: row.get(1)?,
        text: row.get(2)?,
        author: row.get(3)?,
        created_at: Timestamp::from_micros(row.get(4)?),
        active: row.get(5)?,
        break_glass: row.get(6)?,
    })
}
