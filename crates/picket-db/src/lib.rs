//! One SQLite file: one writer with group commit, lanes, a pool of readers, migrations.
