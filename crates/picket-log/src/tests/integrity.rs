//! AT-01: whatever is changed in the stored log, verification finds it.

use super::*;
use rusqlite::types::Value;
use std::fmt::Write as _;

/// A store with full and partial tiles, sealed chunks, a tail, checkpoints, and an open request.
fn grown(folder: &Path) -> Store {
    let store = open(folder);
    let mut notary = Notary::new(&store.logs);
    for number in 0..600 {
        let mut event = store.event(&format!("user{}", number % 7));
        event.team = Some("payments".to_owned());
        let log = store.log();
        drop(log.append(Lane::Gateway, log.prepare(event, &[]).closes(None)));
        if number % 250 == 0 {
            store.append("mallory");
            notary.tick().unwrap();
        }
    }
    let open = store.log().prepare(store.event("carol"), &[]).received();
    store.log().append(Lane::Gateway, open).wait().unwrap();
    notary.tick().unwrap();
    store
}

impl Store {
    fn change(&self, sql: String, value: Value) {
        let done: Ticket<usize, rusqlite::Error> =
            self.db.write(Lane::Admin, "change", move |tx| tx.connection().execute(&sql, [value]));
        assert_eq!(done.wait().unwrap(), 1);
    }

    /// Changes one row; whether SQLite let it, since two rows cannot have one key.
    fn try_change(&self, sql: &str, value: &Value) -> bool {
        let (sql, value) = (sql.to_owned(), value.clone());
        let done: Ticket<usize, rusqlite::Error> =
            self.db.write(Lane::Admin, "change", move |tx| tx.connection().execute(&sql, [value]));
        match done.wait() {
            Ok(count) => count == 1,
            Err(error) => {
                assert!(error.to_string().contains("UNIQUE"), "{error}");
                false
            }
        }
    }

    fn verify(&self) -> Result<Report, VerifyError> {
        self.log().verify(&mut |_, _| {})
    }
}

fn flip(value: &Value, place: usize) -> Option<Value> {
    match value {
        Value::Integer(number) => Some(Value::Integer(number ^ (1 << (place % 8)))),
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            let length = bytes.len();
            *bytes.get_mut(place % length.max(1))? ^= 1 << (place % 8);
            Some(Value::Blob(bytes))
        }
        Value::Text(text) => {
            let mut bytes = text.clone().into_bytes();
            let length = bytes.len();
            *bytes.get_mut(place % length.max(1))? ^= 1;
            String::from_utf8(bytes).ok().map(Value::Text)
        }
        Value::Null | Value::Real(_) => None,
    }
}

/// Columns of rows that stand for the workspace's log, and how a row is found again. Not covered are those of bodies that
/// no commitment speaks of: state (an erased body cannot be opened), class and media type.
const COVERED: &[(&str, &str, &[&str])] = &[
    ("entry", "position", &["position", "bytes", "leaf"]),
    ("chunk", "first", &["first", "entries"]),
    ("tile", "level * 100000 + number", &["level", "number", "hashes"]),
    ("checkpoint", "size", &["size", "root", "note"]),
    ("open_request", "position", &["event", "position"]),
    ("event_place", "position", &["event", "position", "log"]),
    (
        "body",
        "position * 1000 + length(role)",
        &["position", "role", "commitment", "flags", "generation", "seed", "ciphertext"],
    ),
];

#[test]
fn every_changed_bit_of_the_stored_log_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = grown(folder.path());
    let report = store.verify().unwrap();
    assert_eq!((report.entries, report.checkpoints), (store.log().size(), 4));
    let mut changes = 0;
    for (table, key, columns) in COVERED {
        let rows: Vec<(i64, Vec<Value>)> = store
            .db
            .read(|connection| {
                let sql = format!("SELECT {key}, {} FROM {table} WHERE log = ?1 ORDER BY 1", columns.join(", "));
                let mut statement = connection.prepare(&sql)?;
                let rows = statement.query_map([store.log().id()], |row| {
                    let values = (1..=columns.len()).map(|index| row.get(index)).collect::<Result<_, _>>()?;
                    Ok((row.get(0)?, values))
                })?;
                rows.collect::<Result<_, rusqlite::Error>>()
            })
            .unwrap();
        assert!(!rows.is_empty(), "{table}");
        let step = rows.len().div_ceil(3);
        for (nth, (id, values)) in rows.iter().enumerate().step_by(step) {
            for (column, value) in columns.iter().zip(values) {
                let Some(changed) = flip(value, nth * 7 + 3) else { continue };
                let row =
                    format!("UPDATE {table} SET {column} = ?1 WHERE log = '{}' AND {key} = {id}", store.log().id());
                if !store.try_change(&row, &changed) {
                    continue;
                }
                assert!(store.verify().is_err(), "{table}.{column} of {id} was changed unnoticed");
                store.put_back(table, column, columns, &changed, values);
                changes += 1;
            }
        }
        store.verify().unwrap_or_else(|error| panic!("{table} was put back, and yet: {error}"));
    }
    assert!(changes > 40, "{changes}");
}

impl Store {
    /// Undoes one change: the row that has the changed value, and else the old ones.
    fn put_back(&self, table: &str, column: &str, columns: &[&str], changed: &Value, values: &[Value]) {
        let old = columns.iter().position(|name| *name == column).map(|at| values[at].clone()).unwrap();
        let mut sql = format!("UPDATE {table} SET {column} = ?1 WHERE {column} IS ?2");
        let mut bound = vec![old, changed.clone()];
        for (name, value) in columns.iter().zip(values).filter(|(name, _)| **name != column) {
            bound.push(value.clone());
            write!(sql, " AND {name} IS ?{}", bound.len()).unwrap();
        }
        let done: Ticket<usize, rusqlite::Error> = self
            .db
            .write(Lane::Admin, "restore", move |tx| tx.connection().execute(&sql, rusqlite::params_from_iter(bound)));
        assert_eq!(done.wait().unwrap(), 1, "{table} {column}");
    }
}

#[test]
fn the_first_bad_entry_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = grown(folder.path());
    let id = store.log().id().to_owned();
    for position in [1, 63, 64, 255, 256, 511, 512, 590] {
        let (leaf, bytes) = store
            .db
            .read(|connection| {
                let leaf = rows::leaves(connection, &id, position, position + 1)?;
                let bytes = rows::entries(connection, &id, position, position + 1)?;
                Ok::<_, ReadError>((leaf.first().copied(), bytes[0].1.clone()))
            })
            .unwrap();
        if leaf.is_none() {
            continue;
        }
        let text = String::from_utf8(bytes.clone()).unwrap().replace("allowed", "blocked");
        let row = format!("UPDATE entry SET bytes = ?1 WHERE log = '{id}' AND position = {position}");
        store.change(row.clone(), Value::Blob(text.into_bytes()));
        let VerifyError::Broken { position: found, place, .. } = store.verify().unwrap_err() else { panic!() };
        assert_eq!((found, place), (Some(position), format!("entry {position}")));
        store.change(row, Value::Blob(bytes));
    }
    store.verify().unwrap();
}

#[test]
fn rows_that_were_added_removed_or_swapped_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = grown(folder.path());
    let log = format!("log = '{}'", store.log().id());
    let changes = [
        ("an entry is removed", format!("DELETE FROM entry WHERE {log} AND position = 550")),
        ("a chunk is removed", format!("DELETE FROM chunk WHERE {log} AND first = 64")),
        ("all chunks are removed", format!("DELETE FROM chunk WHERE {log}")),
        ("what is missing is said to be old", format!("UPDATE log SET first = 128 WHERE id = '{}'", store.log().id())),
        (
            "old entries are dropped without an event",
            format!(
                "DELETE FROM chunk WHERE {log} AND first < 128; DELETE FROM body WHERE {log} AND position < 128;
                 UPDATE log SET first = 128 WHERE id = '{}'",
                store.log().id()
            ),
        ),
        (
            "two chunks are swapped",
            format!(
                "UPDATE chunk SET first = 1000000 WHERE {log} AND first = 0; UPDATE chunk SET first = 0 WHERE {log} AND first = 64;
                 UPDATE chunk SET first = 64 WHERE {log} AND first = 1000000"
            ),
        ),
        ("a chunk stands twice", format!("INSERT INTO chunk SELECT log, first + 576, entries FROM chunk WHERE {log} AND first = 0")),
        ("a tile is removed", format!("DELETE FROM tile WHERE {log} AND level = 0 AND number = 1")),
        ("a partial tile is removed", format!("DELETE FROM tile WHERE {log} AND level = 1")),
        ("a tile is cut", format!("UPDATE tile SET hashes = substr(hashes, 1, 8160) WHERE {log} AND number = 1")),
        ("a tile is too long", format!("UPDATE tile SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE {log}")),
        ("a tile too many", format!("INSERT INTO tile SELECT log, level, 77, hashes FROM tile WHERE {log} AND level = 0 LIMIT 1")),
        ("a body is removed", format!("DELETE FROM body WHERE {log} AND position = 9")),
        ("a body too many", format!("INSERT INTO body SELECT log, position, 'extra', class, state, commitment, media_type, flags, generation, seed, ciphertext FROM body WHERE {log} AND position = 9")),
        ("bodies are exchanged", format!("UPDATE body SET seed = (SELECT seed FROM body WHERE {log} AND position = 9), ciphertext = (SELECT ciphertext FROM body WHERE {log} AND position = 9) WHERE {log} AND position = 10")),
        ("a request is no longer open", format!("DELETE FROM open_request WHERE {log}")),
        ("an event is listed nowhere", format!("DELETE FROM event_place WHERE {log} AND position = 77")),
        ("a checkpoint of another log", "UPDATE checkpoint SET note = (SELECT note FROM checkpoint c WHERE c.log <> checkpoint.log LIMIT 1)".to_owned()),
    ];
    for (what, sql) in changes {
        let undone: Ticket<(), rusqlite::Error> = store.db.write(Lane::Admin, "save", {
            let sql = format!("CREATE TABLE saved_log AS SELECT * FROM log; CREATE TABLE saved_entry AS SELECT * FROM entry; CREATE TABLE saved_chunk AS SELECT * FROM chunk;
                CREATE TABLE saved_tile AS SELECT * FROM tile; CREATE TABLE saved_body AS SELECT * FROM body; CREATE TABLE saved_open_request AS SELECT * FROM open_request;
                CREATE TABLE saved_event_place AS SELECT * FROM event_place; CREATE TABLE saved_checkpoint AS SELECT * FROM checkpoint; {sql}");
            move |tx| tx.connection().execute_batch(&sql)
        });
        undone.wait().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(store.verify().is_err(), "{what}, and nobody noticed");
        for table in ["log", "entry", "chunk", "tile", "body", "open_request", "event_place", "checkpoint"] {
            let sql = format!(
                "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table}; DROP TABLE saved_{table}"
            );
            let restored: Ticket<(), rusqlite::Error> =
                store.db.write(Lane::Admin, "restore", move |tx| tx.connection().execute_batch(&sql));
            restored.wait().unwrap();
        }
    }
    store.verify().unwrap();
}

#[test]
fn verification_beside_appends_judges_the_log_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = grown(folder.path());
    let mut notary = Notary::new(&store.logs);
    let before = store.log().size();
    let report = store
        .log()
        .verify(&mut |_, _| {
            for _ in 0..150 {
                drop(store.log().append(Lane::Gateway, store.log().prepare(store.event("dave"), &[]).closes(None)));
            }
            store.append("erin");
            store.log().close_open_requests().unwrap();
            notary.tick().unwrap();
        })
        .unwrap();
    assert_eq!(report.entries, before);
    store.verify().unwrap();
}
