//! What is still to be sent.

use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, params};

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub id: i64,
    /// The webhook.
    pub webhook: String,
    /// `msg_…`, the same however often it is sent.
    pub message: String,
    /// What is told, such as `finding.created`.
    pub kind: String,
    /// The position of what it tells of.
    pub position: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was wanted.
    pub created_at: Timestamp,
}

/// Puts a message into the queue of a webhook.
pub fn queue_message(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    (webhook, message): (&str, &str),
    (kind, position): (&str, u64),
    now: Timestamp,
) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO webhook_message (workspace, webhook, message, type, position, attempts, next_at, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?6)";
    let values = params![workspace.as_str(), webhook, message, kind, crate::held(position), now.as_micros()];
    tx.connection().prepare_cached(sql)?.execute(values).map(drop)
}

/// Messages that are due, the longest due first: none of webhooks that are not active, want to be left alone, or are
/// `busy`, and none of those under way.
pub fn due_messages(
    connection: &Connection,
    workspace: &Workspace,
    now: Timestamp,
    (busy, under_way): (&[String], &[i64]),
    limit: u64,
) -> Result<Vec<Message>, rusqlite::Error> {
    let sql = "SELECT m.id, m.webhook, m.message, m.type, m.position, m.attempts, m.created_at FROM webhook_message m
               JOIN webhook w ON w.workspace = m.workspace AND w.id = m.webhook AND w.state = 'active' AND w.not_before <= ?2
               WHERE m.workspace = ?1 AND m.next_at <= ?2 AND m.webhook NOT IN (SELECT value FROM json_each(?3))
                 AND m.id NOT IN (SELECT value FROM json_each(?4))
               ORDER BY m.next_at, m.id LIMIT ?5";
    let as_json = |error: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
    let (busy, under_way) =
        (serde_json::to_string(busy).map_err(as_json)?, serde_json::to_string(under_way).map_err(as_json)?);
    let mut statement = connection.prepare_cached(sql)?;
    let values = params![workspace.as_str(), now.as_micros(), busy, under_way, crate::held(limit)];
    let rows = statement.query_map(values, |row| {
        Ok(Message {
            id: row.get(0)?,
            webhook: row.get(1)?,
            message: row.get(2)?,
            kind: row.get(3)?,
            position: row.get(4)?,
            attempts: row.get(5)?,
            created_at: Timestamp::from_micros(row.get(6)?),
        })
    })?;
    rows.collect()
}

/// How many wait for a webhook, or for all.
pub fn waiting_messages(
    connection: &Connection,
    workspace: &Workspace,
    webhook: Option<&str>,
) -> Result<u64, rusqlite::Error> {
    let sql = "SELECT count(*) FROM webhook_message WHERE workspace = ?1 AND (?2 IS NULL OR webhook = ?2)";
    connection.prepare_cached(sql)?.query_row(params![workspace.as_str(), webhook], |row| row.get(0))
}

/// It was taken, or is given up.
pub fn sent(tx: &mut Tx<'_>, workspace: &Workspace, id: i64) -> Result<bool, rusqlite::Error> {
    let sql = "DELETE FROM webhook_message WHERE workspace = ?1 AND id = ?2";
    Ok(tx.connection().prepare_cached(sql)?.execute(params![workspace.as_str(), id])? > 0)
}

/// It was tried, and is tried again then.
pub fn try_again(tx: &mut Tx<'_>, workspace: &Workspace, id: i64, next_at: Timestamp) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE webhook_message SET attempts = attempts + 1, next_at = ?3 WHERE workspace = ?1 AND id = ?2";
    Ok(tx.connection().prepare_cached(sql)?.execute(params![workspace.as_str(), id, next_at.as_micros()])? > 0)
}
