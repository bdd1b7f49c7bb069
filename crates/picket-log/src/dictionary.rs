//! Random ids for names that must not stand in the log. Forgetting a name leaves its id without meaning.

use crate::EventLog;
use crate::failure::ReadError;
use picket_db::Tx;
use picket_event::entry::NameKind;
use picket_stdx::encode::base32;
use picket_stdx::limits::NAME_BYTES_MAX;
use picket_stdx::random;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::HashMap;

/// Names of each kind that are kept in memory. Beyond that all are forgotten, and read again as they come: that is rare, and
/// looking up stays one probe.
const CACHED_NAMES: usize = 65_536;

/// The names that the writer met lately, by kind.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: HashMap<NameKind, HashMap<String, String>>,
    /// Those whose rows are not committed yet.
    minted: Vec<(NameKind, String)>,
}

impl Names {
    /// The id of a name, made if it is new. For the writer, inside its transaction.
    pub(crate) fn id(
        &mut self,
        connection: &Connection,
        log: &str,
        kind: NameKind,
        name: &str,
    ) -> Result<String, rusqlite::Error> {
        let name = cut(name);
        let known = self.known.entry(kind).or_default();
        if let Some(id) = known.get(name) {
            return Ok(id.clone());
        }
        let id = match find(connection, log, kind, name)? {
            Some(id) => id,
            None => {
                let id = format!("{}_{}", kind.prefix(), base32(&random::bytes::<10>()));
                connection
                    .prepare_cached("INSERT INTO dictionary (log, kind, name, id) VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![log, kind.prefix(), name, id])?;
                self.minted.push((kind, name.to_owned()));
                id
            }
        };
        if known.len() >= CACHED_NAMES {
            known.clear();
        }
        known.insert(name.to_owned(), id.clone());
        Ok(id)
    }

    /// The names made since the last commit are durable now.
    pub(crate) fn keep(&mut self) {
        self.minted.clear();
    }

    /// How many names were made since the last commit.
    pub(crate) fn mark(&self) -> usize {
        self.minted.len()
    }

    /// Takes back the names made since there were so many.
    pub(crate) fn undo(&mut self, mark: usize) {
        for (kind, name) in self.minted.drain(mark.min(self.minted.len())..) {
            if let Some(known) = self.known.get_mut(&kind) {
                known.remove(&name);
            }
        }
    }

    fn clear(&mut self) {
        self.known.clear();
        self.minted.clear();
    }
}

/// As much of a name as the dictionary keeps.
fn cut(name: &str) -> &str {
    name.get(..name.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or(name)
}

fn find(connection: &Connection, log: &str, kind: NameKind, name: &str) -> Result<Option<String>, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM dictionary WHERE log = ?1 AND kind = ?2 AND name = ?3")?;
    statement.query_row(params![log, kind.prefix(), cut(name)], |row| row.get(0)).optional()
}

/// The name behind an id.
pub(crate) fn name(connection: &Connection, log: &str, id: &str) -> Result<Option<String>, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT name FROM dictionary WHERE log = ?1 AND id = ?2")?;
    statement.query_row(params![log, id], |row| row.get(0)).optional()
}

impl EventLog {
    /// The name behind a dictionary id; `None` when it was forgotten or never given.
    pub fn name(&self, id: &str) -> Result<Option<String>, ReadError> {
        Ok(self.0.db.read(|connection| Ok::<_, ReadError>(name(connection, self.id(), id)?))?)
    }

    /// The dictionary id of a name, if it ever occurred.
    pub fn id_of_name(&self, kind: NameKind, wanted: &str) -> Result<Option<String>, ReadError> {
        Ok(self.0.db.read(|connection| Ok::<_, ReadError>(find(connection, self.id(), kind, wanted)?))?)
    }

    /// Ids of names that begin with `prefix`, at most `limit`.
    pub fn ids_of_prefix(&self, kind: NameKind, prefix: &str, limit: usize) -> Result<Vec<String>, ReadError> {
        let found = self.0.db.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id FROM dictionary WHERE log = ?1 AND kind = ?2 AND name >= ?3 AND substr(name, 1, ?4) = ?3 LIMIT ?5",
            )?;
            let length = prefix.chars().count();
            let rows = statement.query_map(params![self.id(), kind.prefix(), prefix, length, limit], |row| row.get(0))?;
            Ok::<_, ReadError>(rows.collect::<Result<Vec<String>, _>>()?)
        })?;
        Ok(found)
    }

    /// Forgets a name: its id stays in the log, and means nothing any more.
    pub fn forget(&self, tx: &mut Tx<'_>, id: &str) -> Result<bool, rusqlite::Error> {
        let removed =
            tx.connection().execute("DELETE FROM dictionary WHERE log = ?1 AND id = ?2", params![self.id(), id])?;
        self.state().names.clear();
        Ok(removed > 0)
    }
}
