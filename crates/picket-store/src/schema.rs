//! Tables of control state.

use picket_db::Migration;

/// Tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    FIRST,
    EXPORT_RESTARTS,
    EXPORT_PARTS,
    HOLDS,
    QUEUE,
    CONTAINMENT,
    EXCEPTIONS,
    PROPOSALS,
    SIGNALS,
    SENDERS,
    INCIDENTS,
];

const FIRST: Migration = Migration {
    component: "store",
    version: 1,
    sql: "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
          CREATE TABLE credential (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL, name TEXT, mac BLOB NOT NULL, details TEXT NOT NULL,
            created_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER,
            spent_micro INTEGER NOT NULL DEFAULT 0
          ) STRICT;
          CREATE TABLE policy (
            workspace TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, author TEXT NOT NULL,
            created_at INTEGER NOT NULL, active INTEGER NOT NULL, PRIMARY KEY (workspace, version)
          ) STRICT;
          CREATE TABLE escalation (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, kind TEXT NOT NULL, created_at INTEGER NOT NULL, severity TEXT NOT NULL, priority INTEGER NOT NULL,
            status TEXT NOT NULL, stage TEXT NOT NULL, event_id TEXT NOT NULL, user TEXT, due_at INTEGER, expires_at INTEGER, assignee TEXT,
            resolution TEXT, verdict TEXT, notes TEXT NOT NULL, resolved_at INTEGER, resolved_by TEXT, version INTEGER NOT NULL
          ) STRICT;
          CREATE INDEX escalation_queue ON escalation (workspace, status, priority DESC, created_at);
          CREATE TABLE export (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, state TEXT NOT NULL, request TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
            finished_at INTEGER, row_count INTEGER NOT NULL, bytes INTEGER NOT NULL, total INTEGER NOT NULL, sha256 TEXT, error TEXT
          ) STRICT;
          CREATE TABLE cursor (consumer TEXT NOT NULL, log TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (consumer, log)) STRICT",
};

/// How often the server stopped while a job ran, and when it was last taken up again.
const EXPORT_RESTARTS: Migration = Migration {
    component: "store",
    version: 2,
    sql: "ALTER TABLE export ADD COLUMN restarts INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE export ADD COLUMN restarted_at INTEGER",
};

/// Where a job goes on, and where it ends.
const EXPORT_PARTS: Migration = Migration {
    component: "store",
    version: 3,
    sql: "ALTER TABLE export ADD COLUMN part_next INTEGER;
          ALTER TABLE export ADD COLUMN part_until INTEGER;
          ALTER TABLE export ADD COLUMN part_sha256 TEXT",
};

/// Requests that wait for a person, by the digest of what was asked; times in microseconds.
const HOLDS: Migration = Migration {
    component: "store",
    version: 4,
    sql: "CREATE TABLE hold (
            workspace TEXT NOT NULL, digest BLOB NOT NULL, escalation TEXT NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL,
            lasts INTEGER NOT NULL, ends_at INTEGER NOT NULL, PRIMARY KEY (workspace, digest)
          ) STRICT;
          CREATE INDEX hold_escalation ON hold (workspace, escalation);
          CREATE INDEX hold_end ON hold (workspace, ends_at)",
};

/// What people do with escalations before they decide them, and what they hand on; times in microseconds.
const QUEUE: Migration = Migration {
    component: "store",
    version: 5,
    sql: "ALTER TABLE escalation ADD COLUMN category TEXT;
          ALTER TABLE escalation ADD COLUMN likeness TEXT NOT NULL DEFAULT '';
          ALTER TABLE escalation ADD COLUMN routed_to TEXT;
          ALTER TABLE escalation ADD COLUMN queued_at INTEGER;
          ALTER TABLE escalation ADD COLUMN touched_at INTEGER;
          ALTER TABLE escalation ADD COLUMN snoozed_until INTEGER;
          ALTER TABLE escalation ADD COLUMN changed_by TEXT;
          ALTER TABLE escalation ADD COLUMN changed_at INTEGER;
          ALTER TABLE escalation ADD COLUMN vote TEXT;
          ALTER TABLE escalation ADD COLUMN incident TEXT;
          CREATE INDEX escalation_order ON escalation (workspace, priority DESC, created_at);
          CREATE INDEX escalation_user ON escalation (workspace, user, priority DESC, created_at);
          CREATE INDEX escalation_severity ON escalation (workspace, severity, priority DESC, created_at);
          CREATE INDEX escalation_team ON escalation (workspace, routed_to, priority DESC, created_at);
          CREATE INDEX escalation_assignee ON escalation (workspace, assignee, priority DESC, created_at) WHERE assignee IS NOT NULL;
          CREATE INDEX escalation_time ON escalation (workspace, created_at);
          CREATE INDEX escalation_waiting ON escalation (workspace, severity, due_at, created_at, kind) WHERE status = 'pending';
          CREATE INDEX escalation_end ON escalation (workspace, expires_at) WHERE status = 'pending';
          CREATE INDEX escalation_likeness ON escalation (workspace, likeness, created_at, verdict, status, id);
          CREATE INDEX escalation_snoozed ON escalation (workspace, snoozed_until) WHERE snoozed_until IS NOT NULL;
          CREATE TABLE incident (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, status TEXT NOT NULL, title TEXT NOT NULL,
            escalation TEXT NOT NULL, event_id TEXT NOT NULL, user TEXT, created_at INTEGER NOT NULL, created_by TEXT NOT NULL
          ) STRICT;
          CREATE INDEX incident_newest ON incident (workspace, created_at DESC)",
};

/// What somebody may not do for a while; times in microseconds.
const CONTAINMENT: Migration = Migration {
    component: "store",
    version: 6,
    sql: "CREATE TABLE containment (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, effect TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, model TEXT, feature TEXT,
            requests INTEGER, per INTEGER, dry INTEGER NOT NULL, reason TEXT NOT NULL, cause TEXT, state TEXT NOT NULL, created_by TEXT NOT NULL,
            created_at INTEGER NOT NULL, lasts INTEGER NOT NULL, ends_at INTEGER NOT NULL, changed_by TEXT, changed_at INTEGER, change_reason TEXT
          ) STRICT;
          CREATE INDEX containment_newest ON containment (workspace, created_at DESC);
          CREATE INDEX containment_end ON containment (workspace, ends_at) WHERE state IN ('active', 'proposed')",
};

/// What people said is a false positive; times in microseconds.
const EXCEPTIONS: Migration = Migration {
    component: "store",
    version: 7,
    sql: "CREATE TABLE exception (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, covers TEXT NOT NULL, reason TEXT NOT NULL, author TEXT NOT NULL, author_id TEXT NOT NULL,
            created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, escalation TEXT, status TEXT NOT NULL, ended_at INTEGER, ended_by TEXT
          ) STRICT;
          CREATE INDEX exception_newest ON exception (workspace, created_at DESC);
          CREATE INDEX exception_end ON exception (workspace, expires_at) WHERE status = 'active';
          CREATE INDEX exception_escalation ON exception (workspace, escalation) WHERE escalation IS NOT NULL",
};

/// Policies that wait for a second person, and versions that one person deployed where it takes two; times in microseconds.
const PROPOSALS: Migration = Migration {
    component: "store",
    version: 8,
    sql: "CREATE TABLE policy_proposal (
            id TEXT PRIMARY KEY, workspace TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, base INTEGER NOT NULL, author_id TEXT NOT NULL,
            author TEXT NOT NULL, person TEXT NOT NULL, created_at INTEGER NOT NULL, status TEXT NOT NULL, decided_at INTEGER, decided_by TEXT, note TEXT,
            version INTEGER
          ) STRICT;
          CREATE INDEX policy_proposal_newest ON policy_proposal (workspace, created_at DESC);
          ALTER TABLE policy ADD COLUMN break_glass TEXT",
};

/// Signals that are events already, by their keys; times in microseconds.
const SIGNALS: Migration = Migration {
    component: "store",
    version: 9,
    sql: "CREATE TABLE signal (
            workspace TEXT NOT NULL, key BLOB NOT NULL, event_id TEXT NOT NULL, taken_at INTEGER NOT NULL, PRIMARY KEY (workspace, key)
          ) STRICT;
          CREATE INDEX signal_taken ON signal (workspace, taken_at)",
};

/// Of whose requests alone a containment is.
const SENDERS: Migration = Migration {
    component: "store",
    version: 10,
    sql: "ALTER TABLE containment ADD COLUMN sender_kind TEXT;
          ALTER TABLE containment ADD COLUMN sender TEXT;
          CREATE INDEX containment_target ON containment (workspace, kind, target, created_at DESC)",
};

/// What incidents have since findings open them and people end them; times in microseconds.
const INCIDENTS: Migration = Migration {
    component: "store",
    version: 11,
    sql: "ALTER TABLE incident ADD COLUMN finding TEXT;
          ALTER TABLE incident ADD COLUMN category TEXT;
          ALTER TABLE incident ADD COLUMN entity_kind TEXT;
          ALTER TABLE incident ADD COLUMN entity TEXT;
          ALTER TABLE incident ADD COLUMN acknowledged_by TEXT;
          ALTER TABLE incident ADD COLUMN acknowledged_at INTEGER;
          ALTER TABLE incident ADD COLUMN closed_by TEXT;
          ALTER TABLE incident ADD COLUMN closed_at INTEGER;
          ALTER TABLE incident ADD COLUMN verdict TEXT;
          CREATE INDEX incident_open_about ON incident (workspace, category, entity_kind, entity) WHERE status <> 'closed' AND entity IS NOT NULL",
};
