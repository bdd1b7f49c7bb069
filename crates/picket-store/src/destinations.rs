//! Destinations: systems that events are sent to, how far each has come, and what could not be delivered.
//!
//! What a destination is told (kind, subscription, rendering) is one document, which this crate does not read. How far it
//! has come is written together with what came of events, so that a crash between both cannot be.

mod dead;
mod progress;
mod rows;

pub use dead::{Chosen, DeadLetter, Which, bury, count_dead, dead_letters, discard, take_replays, want_replay};
pub use progress::{Counts, Hour, Standing, begin_anew, count_hours, forget_hours, hours, keep, standing};
pub use rows::{Destination, State, UnknownState, create, forget_user, get, list, remove, set_state, update};

use picket_db::Migration;

/// Tables of destinations.
pub const MIGRATIONS: &[Migration] = &[FIRST];

/// Times in microseconds; positions are those of the workspace's log. `open` are positions that were accepted and whose
/// fate is not known.
const FIRST: Migration = Migration {
    component: "destinations",
    version: 1,
    sql: "CREATE TABLE destination (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, host TEXT, settings TEXT NOT NULL, state TEXT NOT NULL,
            reason TEXT, changed_by TEXT NOT NULL, changed_at INTEGER NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, version INTEGER NOT NULL
          ) STRICT;
          CREATE UNIQUE INDEX destination_name ON destination (workspace, name);
          CREATE TABLE delivery (
            workspace TEXT NOT NULL, destination TEXT NOT NULL, begin INTEGER NOT NULL, scanned INTEGER NOT NULL, open BLOB NOT NULL,
            accepted INTEGER NOT NULL, delivered INTEGER NOT NULL, dead_lettered INTEGER NOT NULL, expired INTEGER NOT NULL,
            PRIMARY KEY (workspace, destination)
          ) STRICT;
          CREATE TABLE delivery_hour (
            workspace TEXT NOT NULL, destination TEXT NOT NULL, hour INTEGER NOT NULL, accepted INTEGER NOT NULL, delivered INTEGER NOT NULL,
            dead_lettered INTEGER NOT NULL, expired INTEGER NOT NULL, PRIMARY KEY (workspace, destination, hour)
          ) STRICT;
          CREATE TABLE dead_letter (
            workspace TEXT NOT NULL, destination TEXT NOT NULL, position INTEGER NOT NULL, event_id TEXT NOT NULL, event_type TEXT NOT NULL,
            happened_at INTEGER NOT NULL, reason TEXT NOT NULL, status INTEGER, excerpt TEXT NOT NULL, attempts INTEGER NOT NULL, at INTEGER NOT NULL,
            replay INTEGER NOT NULL, PRIMARY KEY (workspace, destination, position)
          ) STRICT",
};
