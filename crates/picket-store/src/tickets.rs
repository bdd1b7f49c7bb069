//! Tickets: the places where they are opened, what is done about which category, the tickets themselves, and what is
//! still to be done there.

mod outbox;
mod places;
mod rows;
mod runbook;

pub use outbox::{Dead, Waiting, bury, dead, done_with, due, enqueue, next_due, put_off, replay, waiting_of};
pub use places::{
    Place, PlaceState, change_place, create_place, failed_at, get_place, list_places, remove_place, succeeded_at,
};
pub use rows::{
    Seen, State, Ticket, Told, ensure, get_ticket, list_tickets, look_later, see, tell, tickets_of, to_look_at,
};
pub use runbook::{Action, Line, choose_line, lines, reset_line};

use picket_db::Migration;

/// Tables of tickets.
pub const MIGRATIONS: &[Migration] = &[FIRST, LOOKS];

/// Times in microseconds. The outbox holds no words: what a ticket says is made from the thing when it is sent.
const FIRST: Migration = Migration {
    component: "tickets",
    version: 1,
    sql: "CREATE TABLE ticket_place (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, settings TEXT NOT NULL, takes TEXT NOT NULL,
            owners TEXT NOT NULL, severity TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
            version INTEGER NOT NULL, failures INTEGER NOT NULL, error TEXT, failed_at INTEGER, succeeded_at INTEGER, UNIQUE (workspace, name)
          ) STRICT;
          CREATE TABLE runbook_line (
            workspace TEXT NOT NULL, category TEXT NOT NULL, action TEXT NOT NULL, severity TEXT NOT NULL, owners TEXT NOT NULL,
            changed_by TEXT NOT NULL, changed_at INTEGER NOT NULL, PRIMARY KEY (workspace, category)
          ) STRICT;
          CREATE TABLE ticket (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, place TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, remote_id TEXT,
            remote_key TEXT, url TEXT, remote_state TEXT, error TEXT, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
            UNIQUE (workspace, subject, place)
          ) STRICT;
          CREATE INDEX ticket_newest ON ticket (workspace, id DESC);
          CREATE TABLE ticket_outbox (
            id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, ticket TEXT NOT NULL, place TEXT NOT NULL, subject TEXT NOT NULL, act TEXT NOT NULL,
            attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, created_at INTEGER NOT NULL, dead_at INTEGER, error TEXT
          ) STRICT;
          CREATE INDEX ticket_outbox_due ON ticket_outbox (workspace, next_at) WHERE dead_at IS NULL;
          CREATE INDEX ticket_outbox_order ON ticket_outbox (workspace, ticket, id) WHERE dead_at IS NULL;
          CREATE INDEX ticket_outbox_dead ON ticket_outbox (workspace, id DESC) WHERE dead_at IS NOT NULL",
};

/// When the system of a ticket is asked where it stands, and when it last said so.
const LOOKS: Migration = Migration {
    component: "tickets",
    version: 2,
    sql: "ALTER TABLE ticket ADD COLUMN seen_at INTEGER;
          ALTER TABLE ticket ADD COLUMN look_at INTEGER;
          UPDATE ticket SET look_at = changed_at
            WHERE state IN ('open', 'acknowledged')
              AND place IN (SELECT id FROM ticket_place WHERE state = 'active' AND kind IN ('jira', 'servicenow', 'jsm_operations'));
          CREATE INDEX ticket_look ON ticket (workspace, look_at) WHERE state IN ('open', 'acknowledged');
          CREATE INDEX ticket_of_place ON ticket (workspace, place) WHERE state IN ('open', 'acknowledged');
          CREATE INDEX ticket_outbox_given_up ON ticket_outbox (workspace, ticket) WHERE dead_at IS NOT NULL",
};

/// A list as a column holds it.
fn list_of(words: &[String]) -> Result<String, rusqlite::Error> {
    serde_json::to_string(words).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A column that holds what this version does not read.
fn unreadable(column: usize, name: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, name.to_owned(), rusqlite::types::Type::Text)
}

fn read_list(row: &rusqlite::Row<'_>, column: usize) -> Result<Vec<String>, rusqlite::Error> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_error| unreadable(column, "list"))
}

fn read_word<T: std::str::FromStr>(row: &rusqlite::Row<'_>, column: usize) -> Result<T, rusqlite::Error> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_error| unreadable(column, "word"))
}
