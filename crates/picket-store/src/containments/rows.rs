//! Containments as rows.

use super::{Containment, Containments, State, TargetKind};
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::time::Duration;

const COLUMNS: &str = "id, effect, kind, target, model, feature, requests, per, dry, reason, cause, state, created_by, created_at, lasts, ends_at, changed_by, changed_at, change_reason, sender_kind, sender";

/// A change of one that waits or is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stands then.
    pub state: State,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
}

/// Stores one; it counts as soon as the transaction is durable.
pub fn create(
    tx: &mut Tx<'_>,
    containments: &Containments,
    workspace: &Workspace,
    new: &Containment,
) -> Result<(), rusqlite::Error> {
    let sql = format!(
        "INSERT INTO containment (workspace, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)"
    );
    let (requests, per) = new.rate.unzip();
    let (sender_kind, sender) = new.sender.as_ref().map(|(kind, sender)| (kind.as_str(), sender)).unzip();
    tx.connection().prepare_cached(&sql)?.execute(params![
        workspace.as_str(),
        new.id,
        new.effect.as_str(),
        new.kind.as_str(),
        new.target,
        new.model,
        new.feature,
        requests,
        per.map(micros),
        new.is_dry,
        new.reason,
        new.cause,
        new.state.as_str(),
        new.created_by,
        new.created_at.as_micros(),
        micros(new.lasts),
        new.ends_at.as_micros(),
        new.changed_by,
        new.changed_at.map(Timestamp::as_micros),
        new.change_reason,
        sender_kind,
        sender
    ])?;
    containments.refresh(tx)
}

/// Puts what stands for a user in place of his name, in those that have ended, and forgets their reasons, which may name
/// him too; whether one is left that has not ended.
pub fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str, id: &str) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE containment SET target = ?3, reason = ?4, change_reason = NULL
               WHERE workspace = ?1 AND kind = 'user' AND target = ?2 AND state NOT IN ('active', 'proposed')";
    tx.connection().execute(sql, params![workspace.as_str(), user, id, crate::FORGOTTEN])?;
    let sql = "UPDATE containment SET sender = ?3
               WHERE workspace = ?1 AND sender_kind = 'user' AND sender = ?2 AND state NOT IN ('active', 'proposed')";
    tx.connection().execute(sql, params![workspace.as_str(), user, id])?;
    let left = "SELECT 1 FROM containment WHERE workspace = ?1
                AND (kind = 'user' AND target = ?2 OR sender_kind = 'user' AND sender = ?2)";
    tx.connection().prepare_cached(left)?.exists(params![workspace.as_str(), user])
}

/// Changes where one stands; what it is then, or nothing if it stood elsewhere than `from`. One that comes into force
/// lasts from then on.
pub fn change(
    tx: &mut Tx<'_>,
    containments: &Containments,
    workspace: &Workspace,
    id: &str,
    from: &[State],
    to: &Change,
) -> Result<Option<Containment>, rusqlite::Error> {
    let Some(before) = get(tx.connection(), workspace, id)?.filter(|found| from.contains(&found.state)) else {
        return Ok(None);
    };
    let ends_at = match to.state {
        State::Active => to.at.plus(before.lasts),
        State::Undone | State::Refused => before.ends_at.min(to.at),
        State::Proposed | State::Expired => before.ends_at,
    };
    tx.connection()
        .prepare_cached(
            "UPDATE containment SET state = ?3, changed_by = ?4, changed_at = ?5, change_reason = ?6, ends_at = ?7 WHERE workspace = ?1 AND id = ?2",
        )?
        .execute(params![
            workspace.as_str(),
            id,
            to.state.as_str(),
            to.by,
            to.at.as_micros(),
            to.reason,
            ends_at.as_micros()
        ])?;
    containments.refresh(tx)?;
    get(tx.connection(), workspace, id)
}

/// Those in force or waiting whose time is over, at most `limit`.
pub fn ended(
    connection: &Connection,
    workspace: &Workspace,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Containment>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM containment WHERE workspace = ?1 AND state IN ('active', 'proposed') AND ends_at <= ?2 ORDER BY ends_at LIMIT ?3"
    );
    connection
        .prepare_cached(&sql)?
        .query_map(params![workspace.as_str(), now.as_micros(), crate::held(limit)], read)?
        .collect()
}

/// How many were made since then by `cause`, or by any cause; those that people made have none.
pub fn active_since(
    connection: &Connection,
    workspace: &Workspace,
    cause: Option<&str>,
    since: Timestamp,
) -> Result<u64, rusqlite::Error> {
    connection.query_row(
        "SELECT count(*) FROM containment WHERE workspace = ?1 AND created_at >= ?2 AND cause IS NOT NULL AND (?3 IS NULL OR cause = ?3)",
        params![workspace.as_str(), since.as_micros(), cause],
        |row| row.get(0),
    )
}

/// The newest that a cause made for a target.
pub fn of_cause(
    connection: &Connection,
    workspace: &Workspace,
    cause: &str,
    (kind, target): (TargetKind, &str),
) -> Result<Vec<Containment>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM containment WHERE workspace = ?1 AND cause = ?2 AND kind = ?3 AND target = ?4 ORDER BY created_at DESC, id DESC LIMIT 16"
    );
    connection
        .prepare_cached(&sql)?
        .query_map(params![workspace.as_str(), cause, kind.as_str(), target], read)?
        .collect()
}

/// The newest of a target.
pub fn of_target(
    connection: &Connection,
    workspace: &Workspace,
    (kind, target): (TargetKind, &str),
) -> Result<Vec<Containment>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM containment WHERE workspace = ?1 AND kind = ?2 AND target = ?3 ORDER BY created_at DESC, id DESC LIMIT 100"
    );
    connection.prepare_cached(&sql)?.query_map(params![workspace.as_str(), kind.as_str(), target], read)?.collect()
}

/// One by its id.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Containment>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM containment WHERE workspace = ?1 AND id = ?2");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// All, or those that stand at `state`, newest first.
pub fn list(
    connection: &Connection,
    workspace: &Workspace,
    state: Option<State>,
    limit: u64,
) -> Result<Vec<Containment>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM containment WHERE workspace = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY created_at DESC, id DESC LIMIT ?3"
    );
    connection
        .prepare_cached(&sql)?
        .query_map(params![workspace.as_str(), state.map(State::as_str), crate::held(limit)], read)?
        .collect()
}

/// All that are in force or wait.
pub(super) fn live(connection: &Connection, workspace: &Workspace) -> Result<Vec<Containment>, rusqlite::Error> {
    let sql =
        format!("SELECT {COLUMNS} FROM containment WHERE workspace = ?1 AND state = 'active' ORDER BY created_at, id");
    connection.prepare_cached(&sql)?.query_map(params![workspace.as_str()], read)?.collect()
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

fn sender(row: &Row<'_>) -> Result<Option<(TargetKind, String)>, rusqlite::Error> {
    let invalid = || rusqlite::Error::InvalidColumnType(19, "containment".to_owned(), rusqlite::types::Type::Text);
    let kind: Option<String> = row.get(19)?;
    let kind = kind.map(|kind| kind.parse().map_err(|_error| invalid())).transpose()?;
    Ok(kind.zip(row.get(20)?))
}

fn read(row: &Row<'_>) -> Result<Containment, rusqlite::Error> {
    let word = |column: usize| row.get::<_, String>(column);
    let invalid = |column: usize| {
        rusqlite::Error::InvalidColumnType(column, "containment".to_owned(), rusqlite::types::Type::Text)
    };
    let span = |micros: u64| Duration::from_micros(micros);
    let rate = row.get::<_, Option<u32>>(6)?.zip(row.get::<_, Option<u64>>(7)?);
    Ok(Containment {
        id: row.get(0)?,
        effect: word(1)?.parse().map_err(|_error| invalid(1))?,
        kind: word(2)?.parse().map_err(|_error| invalid(2))?,
        target: row.get(3)?,
        model: row.get(4)?,
        feature: row.get(5)?,
        sender: sender(row)?,
        rate: rate.map(|(requests, per)| (requests, span(per))),
        is_dry: row.get(8)?,
        reason: row.get(9)?,
        cause: row.get(10)?,
        state: word(11)?.parse().map_err(|_error| invalid(11))?,
        created_by: row.get(12)?,
        created_at: Timestamp::from_micros(row.get(13)?),
        lasts: span(row.get(14)?),
        ends_at: Timestamp::from_micros(row.get(15)?),
        changed_by: row.get(16)?,
        changed_at: row.get::<_, Option<i64>>(17)?.map(Timestamp::from_micros),
        change_reason: row.get(18)?,
    })
}
