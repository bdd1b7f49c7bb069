//! Tables of the log.

use picket_db::Migration;

/// Tables of this crate.
///
/// `entry` holds the newest entries with their leaf hashes, until their tile is full; `chunk` the older ones, 64 in a
/// row; `tile` the full tiles, and the partial ones above level 0. `log.first` is the oldest entry that is kept, `log.expired` the
/// oldest whose content is.
pub const MIGRATIONS: &[Migration] = &[Migration {
    component: "log",
    version: 1,
    sql: "CREATE TABLE log (id TEXT PRIMARY KEY, kind TEXT NOT NULL, workspace TEXT, origin TEXT NOT NULL, first INTEGER NOT NULL DEFAULT 0, expired INTEGER NOT NULL DEFAULT 0) STRICT;
          CREATE TABLE entry (log TEXT NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL, leaf BLOB NOT NULL, PRIMARY KEY (log, position)) STRICT;
          CREATE TABLE chunk (log TEXT NOT NULL, first INTEGER NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (log, first)) STRICT;
          CREATE TABLE tile (log TEXT NOT NULL, level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (log, level, number)) STRICT;
          CREATE TABLE checkpoint (log TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL, PRIMARY KEY (log, size)) STRICT;
          CREATE TABLE dictionary (log TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (log, kind, name)) STRICT, WITHOUT ROWID;
          CREATE UNIQUE INDEX dictionary_by_id ON dictionary (log, id);
          CREATE TABLE event_place (event BLOB PRIMARY KEY, log TEXT NOT NULL, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
          CREATE TABLE open_request (log TEXT NOT NULL, event BLOB NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (log, event)) STRICT, WITHOUT ROWID",
}];
