//! What people decided about rules. A rule that nobody decided about is as its source says.

use super::unreadable;
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, Row, params};
use std::fmt;
use std::str::FromStr;

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleState {
    /// Its findings are for people.
    Enabled,
    /// Its findings are only for whoever tries the rule.
    Shadow,
    /// It finds nothing.
    Disabled,
}

impl RuleState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Enabled, Self::Shadow, Self::Disabled];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Shadow => "shadow",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for RuleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no state of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rule is enabled, shadow or disabled")]
pub struct UnknownState;

impl FromStr for RuleState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL.iter().find(|state| state.as_str() == word).copied().ok_or(UnknownState)
    }
}

/// What a person decided about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Id, else name, of the rule.
    pub rule: String,
    /// What it does.
    pub state: RuleState,
    /// Whether its response is carried out.
    pub responds: bool,
    /// Why.
    pub reason: String,
    /// Who, by name.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// Stores what was decided, in place of what was before.
pub fn choose(tx: &mut Tx<'_>, workspace: &Workspace, choice: &Choice) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO rule_choice (workspace, rule, state, responds, reason, changed_by, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (workspace, rule) DO UPDATE SET state = excluded.state, responds = excluded.responds, reason = excluded.reason,
                 changed_by = excluded.changed_by, changed_at = excluded.changed_at";
    let Choice { rule, state, responds, reason, changed_by, changed_at } = choice;
    let values =
        params![workspace.as_str(), rule, state.as_str(), responds, reason, changed_by, changed_at.as_micros()];
    tx.connection().execute(sql, values).map(drop)
}

/// What was decided, by rule.
pub fn choices(connection: &Connection, workspace: &Workspace) -> Result<Vec<Choice>, rusqlite::Error> {
    let sql = "SELECT rule, state, responds, reason, changed_by, changed_at FROM rule_choice WHERE workspace = ?1 ORDER BY rule";
    let read = |row: &Row<'_>| {
        Ok(Choice {
            rule: row.get(0)?,
            state: row.get::<_, String>(1)?.parse().map_err(|_error| unreadable(1, "rule_choice"))?,
            responds: row.get(2)?,
            reason: row.get(3)?,
            changed_by: row.get(4)?,
            changed_at: Timestamp::from_micros(row.get(5)?),
        })
    };
    connection.prepare_cached(sql)?.query_map(params![workspace.as_str()], read)?.collect()
}
