//! Does the log hold what was signed? Everything is read and computed anew.

use crate::failure::{ReadError, VerifyError};
use crate::hashes::Hashes;
use crate::tree::Tree;
use crate::{EventLog, rows};
use picket_bodies::{BodyKey, BodyState};
use picket_event::Entry;
use rusqlite::{Connection, params};
use serde::Serialize;
use tlog_tiles::tlog::record_hash;

/// What was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Log.
    pub log: String,
    /// Entries, each canonical and in its place.
    pub entries: u64,
    /// Entries whose bytes retention dropped; their hashes are still in the tree.
    pub pruned: u64,
    /// Bodies that opened their commitment.
    pub bodies_present: u64,
    /// Bodies that were erased or expired.
    pub bodies_gone: u64,
    /// Checkpoints whose root is that of the tree at their size.
    pub checkpoints: u64,
    /// Root over all entries, base64.
    pub root: String,
}

const STEP: u64 = 256;

impl EventLog {
    /// Verifies the whole log and names the first place that does not hold. `progress` is told (done, all).
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, VerifyError> {
        let size = self.size();
        let mut report = Report { log: self.id().to_owned(), ..Report::default() };
        let mut tree = Tree::default();
        let mut heads =
            self.0.db.read(|connection| self.heads(connection)).map_err(ReadError::from)?.into_iter().peekable();
        let mut from = 0;
        while from < size {
            let to = (from + STEP).min(size);
            let leaves = self.0.db.read(|connection| self.step(connection, from, to, &mut report)).map_err(unwrap)?;
            for leaf in leaves {
                tree.push(leaf);
                while let Some((_, root)) = heads.next_if(|(at, _)| *at == tree.size()) {
                    self.check_head(&tree, root)?;
                    report.checkpoints += 1;
                }
            }
            progress(to, size);
            from = to;
        }
        if let Some((at, _)) = heads.next() {
            return Err(self.broken(format!("checkpoint of {at} entries"), "the log is shorter"));
        }
        let stored =
            self.0.db.read(|connection| Hashes::new(connection, self.id())?.edge()).map_err(ReadError::from)?;
        if stored.root() != tree.root() {
            return Err(self.broken("tiles".to_owned(), "they are not those of the entries"));
        }
        report.root = tree.root().to_string();
        Ok(report)
    }

    fn check_head(&self, tree: &Tree, root: [u8; 32]) -> Result<(), VerifyError> {
        if tree.root().0 == root {
            return Ok(());
        }
        Err(self.broken(format!("checkpoint of {} entries", tree.size()), "its root is not that of the tree"))
    }

    /// Checks entries `from .. to`; their leaf hashes.
    fn step(
        &self,
        connection: &Connection,
        from: u64,
        to: u64,
        report: &mut Report,
    ) -> Result<Vec<tlog_tiles::tlog::Hash>, VerifyError> {
        let entries = rows::entries(connection, self.id(), from, to)?;
        let tile = rows::tile(connection, self.id(), 0, from / STEP).map_err(ReadError::from)?;
        let mut leaves = Vec::with_capacity(256);
        let mut entries = entries.into_iter().peekable();
        for position in from..to {
            let stored = tile.get(usize::try_from(position - from).unwrap_or(0)).copied();
            let Some((_, bytes)) = entries.next_if(|(at, _)| *at == position) else {
                report.pruned += 1;
                leaves.push(stored.ok_or_else(|| self.broken(format!("entry {position}"), "it is missing"))?);
                continue;
            };
            let leaf = record_hash(&bytes);
            if stored.is_some_and(|stored| stored != leaf) {
                return Err(self.broken(format!("entry {position}"), "it is not the entry that the tree was made of"));
            }
            let entry = Entry::from_canonical(&bytes)
                .map_err(|error| self.broken(format!("entry {position}"), &error.to_string()))?;
            if entry.seq != position || entry.tenant != self.id() {
                return Err(self.broken(format!("entry {position}"), "it belongs elsewhere"));
            }
            self.check_bodies(connection, position, &entry, report)?;
            report.entries += 1;
            leaves.push(leaf);
        }
        Ok(leaves)
    }

    fn check_bodies(
        &self,
        connection: &Connection,
        position: u64,
        entry: &Entry,
        report: &mut Report,
    ) -> Result<(), VerifyError> {
        for reference in &entry.bodies {
            let place = || format!("entry {position}, body {}", reference.role);
            let key =
                BodyKey { log: self.id(), position, role: &reference.role, at: picket_stdx::Timestamp::default() };
            let body =
                self.0.bodies.open_with(connection, &key).map_err(|error| self.broken(place(), &error.to_string()))?;
            let body = body.ok_or_else(|| self.broken(place(), "it is missing"))?;
            if body.commit != reference.commit {
                return Err(self.broken(place(), "it is not the body that was committed to"));
            }
            match body.state {
                BodyState::Present => report.bodies_present += 1,
                BodyState::Erased | BodyState::Expired => report.bodies_gone += 1,
            }
        }
        Ok(())
    }

    fn heads(&self, connection: &Connection) -> Result<Vec<(u64, [u8; 32])>, ReadError> {
        let mut statement =
            connection.prepare_cached("SELECT size, root FROM checkpoint WHERE log = ?1 ORDER BY size")?;
        let rows = statement.query_map(params![self.id()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    }

    fn broken(&self, place: String, cause: &str) -> VerifyError {
        VerifyError::Broken { log: self.id().to_owned(), place, cause: cause.to_owned() }
    }
}

fn unwrap(error: picket_db::ReadError<VerifyError>) -> VerifyError {
    match error {
        picket_db::ReadError::Job(error) => error,
        picket_db::ReadError::Database(error) => VerifyError::Read(ReadError::Database(error)),
    }
}
