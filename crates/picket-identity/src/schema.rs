//! Tables of people.

use picket_db::Migration;

/// Tables of this crate.
pub const MIGRATIONS: &[Migration] = &[FIRST, PROVISIONED];

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

/// What comes from identity providers. `caller` and `barred` hold keyed digests of issuer and subject; `scim_user` and
/// `scim_group` are the users and teams that SCIM made; `erasure` whom to go on erasing after a stop.
const PROVISIONED: Migration = Migration {
    component: "identity",
    version: 2,
    sql: "CREATE TABLE caller (
            workspace TEXT NOT NULL, digest BLOB NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (workspace, digest)
          ) STRICT;
          CREATE INDEX caller_name ON caller (workspace, name);
          CREATE TABLE barred (
            workspace TEXT NOT NULL, digest BLOB NOT NULL, by_scim INTEGER NOT NULL, PRIMARY KEY (workspace, digest)
          ) STRICT;
          CREATE TABLE erasure (
            workspace TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL, actor TEXT NOT NULL, begun_at INTEGER NOT NULL,
            PRIMARY KEY (workspace, subject)
          ) STRICT;
          CREATE TABLE scim_user (
            user TEXT PRIMARY KEY, external_id TEXT NOT NULL, given_name TEXT, family_name TEXT, active INTEGER NOT NULL,
            changed_at INTEGER NOT NULL
          ) STRICT;
          CREATE TABLE scim_group (
            team TEXT PRIMARY KEY, external_id TEXT, version INTEGER NOT NULL, changed_at INTEGER NOT NULL
          ) STRICT",
};
