//! What is to be looked at again: groups of rules about which an event came too late.

use super::{json_of, unreadable};
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// Groups that wait at a time.
pub const WAITING_MAX: u64 = 10_000;
/// Late events of one group, and moments that were told of it.
pub const EVENTS_MAX: usize = 1_000;

const COLUMNS: &str = "rule, members, since, until, positions, told, looked";

/// A group that is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// Key of the rule.
    pub rule: String,
    /// Fields of the group with their values.
    pub group: Vec<(String, String)>,
    /// When the first of its late events happened.
    pub since: Timestamp,
    /// When the last did.
    pub until: Timestamp,
    /// Where the late events stand in the log, in order.
    pub positions: Vec<u64>,
    /// Moments of which was told what a look found, in milliseconds since the Unix epoch.
    pub told: Vec<i64>,
    /// The last of its late events at the last look.
    pub looked: Option<u64>,
}

impl Again {
    /// Takes in what another event says of the same group. False if there is no room for it.
    fn join(&mut self, other: &Self) -> bool {
        self.since = self.since.min(other.since);
        self.until = self.until.max(other.until);
        self.positions.extend(&other.positions);
        self.positions.sort_unstable();
        self.positions.dedup();
        self.positions.len() <= EVENTS_MAX
    }
}

/// Notes that a group is to be looked at again. False if there is no room for it.
pub fn add(tx: &mut Tx<'_>, workspace: &Workspace, new: &Again) -> Result<bool, rusqlite::Error> {
    let mut again = new.clone();
    match get(tx.connection(), workspace, &new.rule, &new.group)? {
        Some(mut known) => {
            if !known.join(new) {
                return Ok(false);
            }
            again = known;
        }
        None => {
            let mut statement =
                tx.connection().prepare_cached("SELECT count(*) FROM late_group WHERE workspace = ?1")?;
            let waiting: u64 = statement.query_row(params![workspace.as_str()], |row| row.get(0))?;
            if waiting >= WAITING_MAX {
                return Ok(false);
            }
        }
    }
    put(tx, workspace, &again).map(|()| true)
}

/// Writes a group down as it is now.
pub fn put(tx: &mut Tx<'_>, workspace: &Workspace, again: &Again) -> Result<(), rusqlite::Error> {
    let mut statement = tx.connection().prepare_cached(
        "INSERT INTO late_group (workspace, rule, members, since, until, positions, told, looked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (workspace, rule, members) DO UPDATE SET
           since = excluded.since, until = excluded.until, positions = excluded.positions, told = excluded.told, looked = excluded.looked",
    )?;
    let done = statement.execute(params![
        workspace.as_str(),
        again.rule,
        json_of(&again.group)?,
        again.since.as_micros(),
        again.until.as_micros(),
        json_of(&again.positions)?,
        json_of(&again.told)?,
        again.looked
    ]);
    done.map(drop)
}

/// One group, if it is to be looked at again.
pub fn get(
    connection: &Connection,
    workspace: &Workspace,
    rule: &str,
    group: &[(String, String)],
) -> Result<Option<Again>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM late_group WHERE workspace = ?1 AND rule = ?2 AND members = ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row(params![workspace.as_str(), rule, json_of(&group)?], read).optional()
}

/// Groups that are to be looked at again, those with the oldest events first.
pub fn list(connection: &Connection, workspace: &Workspace, limit: u64) -> Result<Vec<Again>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM late_group WHERE workspace = ?1 ORDER BY since, rule, members LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![workspace.as_str(), crate::held(limit)], read)?.collect()
}

/// Nothing more is to be looked at in a group.
pub fn end(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    rule: &str,
    group: &[(String, String)],
) -> Result<(), rusqlite::Error> {
    let mut statement =
        tx.connection().prepare_cached("DELETE FROM late_group WHERE workspace = ?1 AND rule = ?2 AND members = ?3")?;
    statement.execute(params![workspace.as_str(), rule, json_of(&group)?]).map(drop)
}

/// Lets go of the groups that a name is a part of.
pub(super) fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str) -> Result<(), rusqlite::Error> {
    let all = list(tx.connection(), workspace, WAITING_MAX)?;
    for again in all.iter().filter(|again| again.group.iter().any(|(_, value)| value == user)) {
        end(tx, workspace, &again.rule, &again.group)?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Again, rusqlite::Error> {
    fn list<T: serde::de::DeserializeOwned>(
        row: &Row<'_>,
        column: usize,
        name: &str,
    ) -> Result<Vec<T>, rusqlite::Error> {
        serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|_error| unreadable(column, name))
    }
    Ok(Again {
        rule: row.get(0)?,
        group: list(row, 1, "members")?,
        since: Timestamp::from_micros(row.get(2)?),
        until: Timestamp::from_micros(row.get(3)?),
        positions: list(row, 4, "positions")?,
        told: list(row, 5, "told")?,
        looked: row.get(6)?,
    })
}
