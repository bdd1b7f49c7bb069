//! Policies that wait for a second person. Each is decided once, and the text of one never changes.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A policy that somebody wants to come into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// `prp_…`.
    pub id: String,
    /// SHA-256 of the text, hex.
    pub digest: String,
    /// The document.
    pub text: String,
    /// The version that was in force when it was proposed.
    pub base: u64,
    /// Who proposed it: the id of his credential or user.
    pub author_id: String,
    /// By name.
    pub author: String,
    /// Who that is, whatever credential he showed.
    pub person: String,
    /// When.
    pub created_at: Timestamp,
    /// `open`, `approved` or `rejected`.
    pub status: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided, by name.
    pub decided_by: Option<String>,
    /// What there was to say.
    pub note: Option<String>,
    /// The version that it became.
    pub version: Option<u64>,
}

/// What somebody said of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// `approved` or `rejected`.
    pub status: &'static str,
    /// When.
    pub at: Timestamp,
    /// Who, by name.
    pub by: String,
    /// What there was to say.
    pub note: Option<String>,
    /// The version that it became.
    pub version: Option<u64>,
}

const COLUMNS: &str =
    "id, digest, text, base, author_id, author, person, created_at, status, decided_at, decided_by, note, version";

/// Stores one.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Proposal) -> Result<(), rusqlite::Error> {
    tx.connection()
        .execute(
            "INSERT INTO policy_proposal (workspace, id, digest, text, base, author_id, author, person, created_at, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'open')",
            params![
                workspace.as_str(),
                new.id,
                new.digest,
                new.text,
                new.base,
                new.author_id,
                new.author,
                new.person,
                new.created_at.as_micros()
            ],
        )
        .map(drop)
}

/// One proposal.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Proposal>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM policy_proposal WHERE workspace = ?1 AND id = ?2");
    connection.query_row(&sql, params![workspace.as_str(), id], read).optional()
}

/// Proposals, newest first; of a status, if one is named.
pub fn list(
    connection: &Connection,
    workspace: &Workspace,
    status: Option<&str>,
    limit: u64,
) -> Result<Vec<Proposal>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM policy_proposal WHERE workspace = ?1 AND (?2 IS NULL OR status = ?2)
         ORDER BY created_at DESC, id DESC LIMIT ?3"
    );
    connection.prepare(&sql)?.query_map(params![workspace.as_str(), status, crate::held(limit)], read)?.collect()
}

/// How many wait that could still be approved.
pub fn open(connection: &Connection, workspace: &Workspace, base: u64) -> Result<u64, rusqlite::Error> {
    let sql = "SELECT count(*) FROM policy_proposal WHERE workspace = ?1 AND status = 'open' AND base = ?2";
    connection.query_row(sql, params![workspace.as_str(), base], |row| row.get(0))
}

/// Decides one; none where it was decided already, or is not there.
pub fn decide(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    decided: &Decided,
) -> Result<Option<Proposal>, rusqlite::Error> {
    let Decided { status, at, by, note, version } = decided;
    let sql = format!(
        "UPDATE policy_proposal SET status = ?3, decided_at = ?4, decided_by = ?5, note = ?6, version = ?7
         WHERE workspace = ?1 AND id = ?2 AND status = 'open' RETURNING {COLUMNS}"
    );
    tx.connection()
        .query_row(&sql, params![workspace.as_str(), id, status, at.as_micros(), by, note, version], read)
        .optional()
}

fn read(row: &Row<'_>) -> Result<Proposal, rusqlite::Error> {
    Ok(Proposal {
        id: row.get(0)?,
        digest: row.get(1)?,
        text: row.get(2)?,
        base: row.get(3)?,
        author_id: row.get(4)?,
        author: row.get(5)?,
        person: row.get(6)?,
        created_at: Timestamp::from_micros(row.get(7)?),
        status: row.get(8)?,
        decided_at: row.get::<_, Option<i64>>(9)?.map(Timestamp::from_micros),
        decided_by: row.get(10)?,
        note: row.get(11)?,
        version: row.get(12)?,
    })
}
