//! What the writer keeps in memory about a log, and the records that the batch took and has not written yet.
//!
//! A record gets its position at once; its rows are written when the batch ends, for all records together. So most
//! entries of a large batch go straight into chunks, each partial tile is written once, and nothing half-written exists
//! that a caller could commit. A job that is undone takes its records out again.

use crate::dictionary::Names;
use crate::open_requests::OpenRequests;
use crate::pace::Pace;
use crate::record::Passing;
use crate::rows::Packer;
use crate::tree::{Changed, Tree};
use crate::{EventLog, rows};
use fail::fail_point;
use picket_bodies::Bodies;
use picket_db::Tx;
use picket_event::entry::Names as EntryNames;
use picket_stdx::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Arc;
use tlog_tiles::tlog::{Hash, record_hash};

/// What the writer keeps in memory about a log. After a batch that failed it is read anew.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The tree of what is in the database; `None` until it is read.
    pub(crate) tree: Option<Tree>,
    pub(crate) tail_start: u64,
    pub(crate) last_at: Timestamp,
    pub(crate) pace: Pace,
    pub(crate) open: OpenRequests,
    pub(crate) names: Names,
    pending: Vec<Pending>,
    /// What was written by a batch that has not committed yet.
    written: Vec<Pending>,
    /// The job that took the newest record.
    job: Option<u64>,
    packer: Packer,
}

/// A record that has its position and is not durable yet.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) placed: Placed,
    pub(crate) passing: Passing,
}

/// What a record is at its place.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) position: u64,
    pub(crate) at: Timestamp,
    pub(crate) received: Option<u64>,
    /// The canonical entry.
    pub(crate) bytes: Vec<u8>,
    pub(crate) ids: EntryNames,
}

/// Where a job began.
struct Mark {
    pending: usize,
    last_at: Timestamp,
    pace: Pace,
    open: usize,
    names: usize,
}

/// Entries that stay unsealed, so that the newest ones are cheap to read.
const TAIL_ENTRIES: u64 = 2 * rows::CHUNK_ENTRIES;
const TILE_ENTRIES: u64 = 256;

impl State {
    /// Records that wait to be written.
    pub(crate) fn waiting(&self) -> u64 {
        u64::try_from(self.pending.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn push(&mut self, pending: Pending) {
        self.pending.push(pending);
    }

    fn mark(&self) -> Mark {
        Mark {
            pending: self.pending.len(),
            last_at: self.last_at,
            pace: self.pace,
            open: self.open.mark(),
            names: self.names.mark(),
        }
    }

    fn undo(&mut self, mark: &Mark) {
        self.pending.truncate(mark.pending);
        self.written.clear();
        (self.last_at, self.pace, self.job) = (mark.last_at, mark.pace, None);
        self.open.undo(mark.open);
        self.names.undo(mark.names);
        if mark.pending == 0 {
            // Rows may have been written meanwhile, by a batch that failed.
            self.tree = None;
        }
    }
}

impl EventLog {
    /// Has the records of this job written before the batch commits, and taken out again if the job is undone.
    pub(crate) fn enlist(&self, tx: &mut Tx<'_>, state: &mut State) {
        if state.job.replace(tx.job()) == Some(tx.job()) {
            return;
        }
        let (log, mark) = (self.clone(), state.mark());
        tx.on_rollback(move || log.state().undo(&mark));
        let log = self.clone();
        tx.before_commit(move |connection| log.flush(connection));
        let log = self.clone();
        tx.on_commit(move || log.publish());
    }

    /// Tells the followers of the tail how many entries are durable.
    fn publish(&self) {
        let (size, written) = {
            let mut state = self.state();
            state.names.keep();
            (state.tree.as_ref().map_or(0, Tree::size), std::mem::take(&mut state.written))
        };
        let from = size.saturating_sub(u64::try_from(written.len()).unwrap_or(u64::MAX));
        let mut recent = self.recent();
        for (position, pending) in (from..).zip(written) {
            let (logged, facts) = self.logged(pending);
            recent.push(position, logged.map(Arc::new), facts);
        }
        drop(recent);
        self.0.tail.send_if_modified(|durable| {
            let grew = size > *durable;
            *durable = size.max(*durable);
            grew
        });
    }

    /// Writes what the batch took. If it fails, the batch fails, and the memory of it is void.
    fn flush(&self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let mut state = self.state();
        let state = &mut *state;
        if state.pending.is_empty() && state.open.mark() == 0 {
            return Ok(());
        }
        let pending = std::mem::take(&mut state.pending);
        if let Some(tree) = state.tree.take() {
            let from = tree.size();
            let leaves: Vec<Hash> = pending.iter().map(|record| record_hash(&record.placed.bytes)).collect();
            let tree = self.write_tiles(connection, tree, &leaves)?;
            fail_point!("log::after_tiles", |_| Err(rusqlite::Error::InvalidQuery));
            self.write_entries(connection, state, from, (&pending, &leaves))?;
            fail_point!("log::after_entries", |_| Err(rusqlite::Error::InvalidQuery));
            self.write_bodies(connection, from, &pending)?;
            fail_point!("log::after_bodies", |_| Err(rusqlite::Error::InvalidQuery));
            state.tree = Some(tree);
            state.written.extend(pending);
        }
        state.open.write(connection, self.id())?;
        fail_point!("log::after_all", |_| Err(rusqlite::Error::InvalidQuery));
        Ok(())
    }

    fn write_tiles(&self, connection: &Connection, mut tree: Tree, leaves: &[Hash]) -> Result<Tree, rusqlite::Error> {
        // A partial tile grows with each full one below it; only its newest state is written.
        let mut changed: BTreeMap<(u8, u64), Changed> = BTreeMap::new();
        for leaf in leaves {
            changed.extend(tree.push(*leaf).into_iter().map(|tile| ((tile.level, tile.number), tile)));
        }
        for tile in changed.values() {
            rows::put_tile(connection, self.id(), tile)?;
        }
        Ok(tree)
    }

    /// Seals the oldest entries of the tail and of `pending` into chunks, once there are enough, and adds the others to
    /// the tail. Only what a full tile holds the hashes of is sealed, so every leaf hash is stored at every time.
    fn write_entries(
        &self,
        connection: &Connection,
        state: &mut State,
        from: u64,
        (pending, leaves): (&[Pending], &[Hash]),
    ) -> Result<(), rusqlite::Error> {
        let size = from + u64::try_from(pending.len()).unwrap_or(0);
        let in_tiles = size / TILE_ENTRIES * TILE_ENTRIES;
        while state.tail_start + rows::CHUNK_ENTRIES <= in_tiles && size - state.tail_start >= TAIL_ENTRIES {
            let (first, end) = (state.tail_start, state.tail_start + rows::CHUNK_ENTRIES);
            let fresh = pending.get(offset(first, from)..offset(end, from)).unwrap_or_default();
            rows::take_tail(connection, self.id(), first..end.min(from), &mut state.packer)?;
            fresh.iter().for_each(|record| state.packer.add(&record.placed.bytes));
            rows::put_chunk(connection, self.id(), first, &mut state.packer)?;
            state.tail_start = end;
        }
        for (position, (record, leaf)) in (from..).zip(pending.iter().zip(leaves)) {
            if position >= state.tail_start {
                rows::insert_entry(connection, self.id(), position, &record.placed.bytes, leaf)?;
            }
        }
        Ok(())
    }

    fn write_bodies(&self, connection: &Connection, from: u64, pending: &[Pending]) -> Result<(), rusqlite::Error> {
        let mut each = (from..).zip(pending);
        each.try_for_each(|(position, pending)| {
            Bodies::insert(connection, self.id(), position, &pending.passing.record().bodies)
        })
    }
}

/// The place of a position among the pending records, which begin at `from`.
fn offset(position: u64, from: u64) -> usize {
    usize::try_from(position.saturating_sub(from)).unwrap_or(usize::MAX)
}
