//! Tables of people.

use picket_db::Migration;

/// Tables of this crate.
pub const MIGRATIONS: &[Migration] = &[FIRST];

/// Times in microseconds. `folded` is what names are compared by.
const FIRST: Migration = Migration {
    component: "identity",
    version: 1,
    sql: "CREATE TABLE user (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, full_name TEXT, email TEXT,
            roles TEXT NOT NULL, state TEXT NOT NULL, password TEXT, password_at INTEGER, password_until INTEGER,
            totp BLOB, totp_pending BLOB, totp_step INTEGER NOT NULL DEFAULT 0,
            created_by TEXT NOT NULL, created_at INTEGER NOT NULL, last_login_at INTEGER, version INTEGER NOT NULL,
            UNIQUE (workspace, folded)
          ) STRICT;
          CREATE TABLE user_external (
            workspace TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL, user TEXT NOT NULL,
            PRIMARY KEY (workspace, issuer, subject)
          ) STRICT;
          CREATE INDEX user_external_user ON user_external (user);
          CREATE TABLE recovery_code (user TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (user, digest)) STRICT;
          CREATE TABLE team (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
            created_by TEXT NOT NULL, created_at INTEGER NOT NULL, UNIQUE (workspace, folded)
          ) STRICT;
          CREATE TABLE team_member (team TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (team, user)) STRICT;
          CREATE INDEX team_member_user ON team_member (user);
          CREATE TABLE session (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, user TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, method TEXT NOT NULL,
            strong INTEGER NOT NULL, created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, confirmed_at INTEGER NOT NULL,
            last_used_at INTEGER NOT NULL, address TEXT, agent TEXT
          ) STRICT;
          CREATE INDEX session_user ON session (user)",
};
