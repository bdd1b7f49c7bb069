//! What a workspace decided about categories of alerts; of others the usual counts.

use super::{list_of, read_list, read_word};
use picket_db::Tx;
use picket_event::{Severity, Workspace};
use picket_stdx::Timestamp;
use rusqlite::{Connection, params};
use std::fmt;
use std::str::FromStr;

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is there to be seen.
    Nothing,
    /// Its owner is told.
    Alert,
    /// A ticket is opened.
    Ticket,
    /// An incident is opened, and tickets for that.
    Incident,
}

impl Action {
    /// Every action.
    pub const ALL: &[Self] = &[Self::Nothing, Self::Alert, Self::Ticket, Self::Incident];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Alert => "alert",
            Self::Ticket => "ticket",
            Self::Incident => "incident",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of nothing, alert, ticket, incident")]
pub struct UnknownAction;

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(word: &str) -> Result<Self, UnknownAction> {
        Self::ALL.iter().find(|action| action.as_str() == word).copied().ok_or(UnknownAction)
    }
}

/// What is done about findings of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// A category, or `other`.
    pub category: String,
    /// What is done.
    pub action: Action,
    /// About those that are at least so bad.
    pub severity: Severity,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// Who decided that, and when; nobody where it is the usual.
    pub changed: Option<(String, Timestamp)>,
}

/// Decides what is done about a category.
pub fn choose_line(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    line: &Line,
    (by, now): (&str, Timestamp),
) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO runbook_line (workspace, category, action, severity, owners, changed_by, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (workspace, category) DO UPDATE SET action = excluded.action, severity = excluded.severity, owners = excluded.owners,
                 changed_by = excluded.changed_by, changed_at = excluded.changed_at";
    let done = tx.connection().prepare_cached(sql)?.execute(params![
        workspace.as_str(),
        line.category,
        line.action.as_str(),
        line.severity.as_str(),
        list_of(&line.owners)?,
        by,
        now.as_micros()
    ]);
    done.map(drop)
}

/// Goes back to the usual for a category; whether something else was decided.
pub fn reset_line(tx: &mut Tx<'_>, workspace: &Workspace, category: &str) -> Result<bool, rusqlite::Error> {
    let sql = "DELETE FROM runbook_line WHERE workspace = ?1 AND category = ?2";
    Ok(tx.connection().execute(sql, params![workspace.as_str(), category])? > 0)
}

/// What was decided, by category.
pub fn lines(connection: &Connection, workspace: &Workspace) -> Result<Vec<Line>, rusqlite::Error> {
    let sql = "SELECT category, action, severity, owners, changed_by, changed_at FROM runbook_line WHERE workspace = ?1 ORDER BY category";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([workspace.as_str()], |row| {
        Ok(Line {
            category: row.get(0)?,
            action: read_word(row, 1)?,
            severity: read_word(row, 2)?,
            owners: read_list(row, 3)?,
            changed: Some((row.get(4)?, Timestamp::from_micros(row.get(5)?))),
        })
    })?;
    rows.collect()
}
