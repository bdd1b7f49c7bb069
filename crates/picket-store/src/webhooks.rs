//! Webhooks: who wants to be told of what, what is still to be sent, and how sending went.

mod attempts;
mod messages;
mod rows;

pub use attempts::{Attempt, NewAttempt, attempts, forget_attempts, newest_attempt, record_attempt};
pub use messages::{Message, due_messages, queue_message, sent, try_again, waiting_messages};
pub use rows::{
    Webhook, WebhookState, change_webhook, create_webhook, disable, get_webhook, list_webhooks, remove_webhook,
    told_failure, told_success,
};

use picket_db::Migration;

/// Tables of webhooks.
pub const MIGRATIONS: &[Migration] = &[FIRST];

/// Times in microseconds. A message is a position of the log: what it says is read there when it is sent.
const FIRST: Migration = Migration {
    component: "webhooks",
    version: 1,
    sql: "CREATE TABLE webhook (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, shown TEXT NOT NULL, host TEXT NOT NULL, events TEXT NOT NULL,
            filter TEXT, scheme TEXT NOT NULL, public TEXT, timeout INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, created_by TEXT NOT NULL,
            created_at INTEGER NOT NULL, version INTEGER NOT NULL, failures INTEGER NOT NULL, error TEXT, failed_at INTEGER, succeeded_at INTEGER,
            not_before INTEGER NOT NULL DEFAULT 0, UNIQUE (workspace, name)
          ) STRICT;
          CREATE TABLE webhook_message (
            id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, webhook TEXT NOT NULL, message TEXT NOT NULL, type TEXT NOT NULL,
            position INTEGER NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, created_at INTEGER NOT NULL
          ) STRICT;
          CREATE INDEX webhook_message_due ON webhook_message (workspace, next_at);
          CREATE INDEX webhook_message_of ON webhook_message (workspace, webhook, message);
          CREATE TABLE webhook_attempt (
            id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, webhook TEXT NOT NULL, message TEXT NOT NULL, type TEXT NOT NULL,
            position INTEGER NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL, took INTEGER NOT NULL, status INTEGER, outcome TEXT NOT NULL,
            error TEXT
          ) STRICT;
          CREATE INDEX webhook_attempt_newest ON webhook_attempt (workspace, webhook, id DESC);
          CREATE INDEX webhook_attempt_message ON webhook_attempt (workspace, webhook, message, id DESC);
          CREATE INDEX webhook_attempt_age ON webhook_attempt (workspace, at)",
};

/// A column that holds what this version does not read.
fn unreadable(column: usize, name: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, name.to_owned(), rusqlite::types::Type::Text)
}
