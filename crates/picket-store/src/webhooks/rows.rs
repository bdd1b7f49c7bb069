//! Who wants to be told of what.

use super::unreadable;
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Whether a webhook is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookState {
    /// It is.
    Active,
    /// A person wants what is new to wait.
    Paused,
    /// It was given up: nothing is kept for it.
    Disabled,
}

impl WebhookState {
    const ALL: &[Self] = &[Self::Active, Self::Paused, Self::Disabled];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for WebhookState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for WebhookState {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.iter().find(|state| state.as_str() == word).copied().ok_or(())
    }
}

/// A webhook, without its URL and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// `whk_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What may be shown of its URL.
    pub shown: String,
    /// The host that URL and key are for.
    pub host: String,
    /// Types of events that it is told of.
    pub events: Vec<String>,
    /// Of those, what it is told of; all without.
    pub filter: Option<String>,
    /// `v1` or `v1a`.
    pub scheme: String,
    /// The public key of `v1a`, by which receivers verify.
    pub public: Option<String>,
    /// The time of one exchange.
    pub timeout: Duration,
    /// Whether it is sent to.
    pub state: WebhookState,
    /// Why not.
    pub reason: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Grows with each change by a person.
    pub version: u64,
    /// Failures since the last success.
    pub failures: u64,
    /// The last failure.
    pub error: Option<String>,
    /// When that was.
    pub failed_at: Option<Timestamp>,
    /// The last success.
    pub succeeded_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, name, shown, host, events, filter, scheme, public, timeout, state, reason, created_by, created_at, version, failures, error, failed_at, succeeded_at";

/// Stores a new one; false if there is one of its name.
pub fn create_webhook(tx: &mut Tx<'_>, workspace: &Workspace, new: &Webhook) -> Result<bool, rusqlite::Error> {
    let sql = format!(
        "INSERT INTO webhook (workspace, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, NULL, NULL, NULL)
         ON CONFLICT (workspace, name) DO NOTHING"
    );
    let count = tx.connection().prepare_cached(&sql)?.execute(params![
        workspace.as_str(),
        new.id,
        new.name,
        new.shown,
        new.host,
        new.events.join(" "),
        new.filter,
        new.scheme,
        new.public,
        millis(new.timeout),
        new.state.as_str(),
        new.reason,
        new.created_by,
        new.created_at.as_micros(),
        crate::held(new.version)
    ])?;
    Ok(count > 0)
}

/// Writes what people changed; false if there is none, or another has its name.
pub fn change_webhook(tx: &mut Tx<'_>, workspace: &Workspace, webhook: &Webhook) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE webhook SET name = ?3, shown = ?4, events = ?5, filter = ?6, public = ?7, timeout = ?8, state = ?9, reason = ?10,
                      version = version + 1, failures = 0, error = NULL, not_before = 0
               WHERE workspace = ?1 AND id = ?2
                 AND NOT EXISTS (SELECT 1 FROM webhook other WHERE other.workspace = ?1 AND other.name = ?3 AND other.id <> ?2)";
    let count = tx.connection().prepare_cached(sql)?.execute(params![
        workspace.as_str(),
        webhook.id,
        webhook.name,
        webhook.shown,
        webhook.events.join(" "),
        webhook.filter,
        webhook.public,
        millis(webhook.timeout),
        webhook.state.as_str(),
        webhook.reason
    ])?;
    Ok(count > 0)
}

/// Gives a webhook up, with what waits for it; whether it was in use.
pub fn disable(tx: &mut Tx<'_>, workspace: &Workspace, id: &str, reason: &str) -> Result<bool, rusqlite::Error> {
    let connection = tx.connection();
    let sql =
        "UPDATE webhook SET state = 'disabled', reason = ?3 WHERE workspace = ?1 AND id = ?2 AND state <> 'disabled'";
    let count = connection.execute(sql, params![workspace.as_str(), id, reason])?;
    forget_messages(connection, workspace, id)?;
    Ok(count > 0)
}

/// Removes a webhook with all that is kept of it; whether there was one.
pub fn remove_webhook(tx: &mut Tx<'_>, workspace: &Workspace, id: &str) -> Result<bool, rusqlite::Error> {
    let connection = tx.connection();
    forget_messages(connection, workspace, id)?;
    let sql = "DELETE FROM webhook_attempt WHERE workspace = ?1 AND webhook = ?2";
    connection.execute(sql, params![workspace.as_str(), id])?;
    let sql = "DELETE FROM webhook WHERE workspace = ?1 AND id = ?2";
    Ok(connection.execute(sql, params![workspace.as_str(), id])? > 0)
}

fn forget_messages(connection: &Connection, workspace: &Workspace, id: &str) -> Result<(), rusqlite::Error> {
    let sql = "DELETE FROM webhook_message WHERE workspace = ?1 AND webhook = ?2";
    connection.execute(sql, params![workspace.as_str(), id]).map(drop)
}

/// One webhook, by its id or name.
pub fn get_webhook(
    connection: &Connection,
    workspace: &Workspace,
    id: &str,
) -> Result<Option<Webhook>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM webhook WHERE workspace = ?1 AND (id = ?2 OR name = ?2)");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// All webhooks, by name.
pub fn list_webhooks(connection: &Connection, workspace: &Workspace) -> Result<Vec<Webhook>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM webhook WHERE workspace = ?1 ORDER BY name");
    connection.prepare_cached(&sql)?.query_map([workspace.as_str()], read)?.collect()
}

/// It took something.
pub fn told_success(tx: &mut Tx<'_>, workspace: &Workspace, id: &str, now: Timestamp) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE webhook SET failures = 0, error = NULL, succeeded_at = ?3 WHERE workspace = ?1 AND id = ?2";
    tx.connection().prepare_cached(sql)?.execute(params![workspace.as_str(), id, now.as_micros()]).map(drop)
}

/// It did not take something; it is left alone until then.
pub fn told_failure(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    id: &str,
    (error, now): (&str, Timestamp),
    not_before: Option<Timestamp>,
) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE webhook SET failures = failures + 1, error = ?3, failed_at = ?4, not_before = max(not_before, coalesce(?5, 0))
               WHERE workspace = ?1 AND id = ?2";
    let not_before = not_before.map(Timestamp::as_micros);
    let values = params![workspace.as_str(), id, error, now.as_micros(), not_before];
    tx.connection().prepare_cached(sql)?.execute(values).map(drop)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> Result<Webhook, rusqlite::Error> {
    let (events, state): (String, String) = (row.get(4)?, row.get(9)?);
    let at = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros));
    Ok(Webhook {
        id: row.get(0)?,
        name: row.get(1)?,
        shown: row.get(2)?,
        host: row.get(3)?,
        events: events.split_whitespace().map(str::to_owned).collect(),
        filter: row.get(5)?,
        scheme: row.get(6)?,
        public: row.get(7)?,
        timeout: Duration::from_millis(row.get(8)?),
        state: state.parse().map_err(|()| unreadable(9, "state"))?,
        reason: row.get(10)?,
        created_by: row.get(11)?,
        created_at: Timestamp::from_micros(row.get(12)?),
        version: row.get(13)?,
        failures: row.get(14)?,
        error: row.get(15)?,
        failed_at: at(16)?,
        succeeded_at: at(17)?,
    })
}
