//! Appending: the one place where positions are given.

use crate::failure::AppendError;
use crate::hashes::Hashes;
use crate::record::{Record, Stage};
use crate::tree::Tree;
use crate::{EventLog, dictionary, open_requests, rows};
use picket_bodies::{Bodies, BodyKey};
use picket_db::{Lane, Ticket, Tx};
use picket_event::entry::Place;
use picket_event::{Entry, EventId};
use picket_stdx::Timestamp;
use rusqlite::params;
use std::sync::{Arc, PoisonError};
use tlog_tiles::tlog::record_hash;

/// Where and when an event was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Leaf index.
    pub position: u64,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// The event.
    pub event_id: EventId,
}

/// What the writer keeps in memory about a log. After a rollback it is read anew.
#[derive(Debug, Default)]
pub(crate) struct State {
    tree: Option<Tree>,
    tail_start: u64,
    last_at: Timestamp,
    pub(crate) names: dictionary::Names,
}

/// Entries that stay unsealed, so that the newest ones are cheap to read.
const TAIL_ENTRIES: u64 = 2 * rows::CHUNK_ENTRIES;

impl EventLog {
    /// Queues a record. The ticket resolves when it is durable.
    pub fn append(&self, lane: Lane, record: Record) -> Ticket<Appended, AppendError> {
        let log = self.clone();
        self.0.db.write(lane, "log.append", move |tx| log.append_in(tx, record))
    }

    /// Appends inside a transaction of the caller: the record and the caller's effect become durable together.
    pub fn append_in(&self, tx: &mut Tx<'_>, record: Record) -> Result<Appended, AppendError> {
        let state = Arc::clone(&self.0.state);
        // Whatever was appended in memory must not outlive a rollback.
        tx.on_rollback(move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.tree = None;
            state.names.clear();
        });
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tree = match state.tree.take() {
            Some(tree) => tree,
            None => self.load(tx, &mut state)?,
        };
        let appended = self.write(tx, &mut state, &mut tree, record)?;
        state.tree = Some(tree);
        let log = self.clone();
        let size = appended.position + 1;
        tx.on_commit(move || {
            log.0.tail.send_if_modified(|durable| {
                let grew = size > *durable;
                *durable = size.max(*durable);
                grew
            });
        });
        Ok(appended)
    }

    fn load(&self, tx: &Tx<'_>, state: &mut State) -> Result<Tree, AppendError> {
        let tree = Hashes::new(tx.connection(), self.id())?.edge()?;
        state.tail_start = rows::tail_start(tx.connection(), self.id())?;
        let newest = tree.size().checked_sub(1);
        let newest = newest.map(|last| self.stored(tx.connection(), last, last + 1)).transpose()?;
        state.last_at = newest.and_then(|entries| entries.first().map(|entry| entry.at)).unwrap_or_default();
        Ok(tree)
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        state: &mut State,
        tree: &mut Tree,
        record: Record,
    ) -> Result<Appended, AppendError> {
        let connection = tx.connection();
        let log = self.id();
        let position = tree.size();
        // The clock may step back; the order of record never does.
        let recorded_at = self.0.clock.now().max(state.last_at);
        let received = if let Stage::Closes(received) = record.stage { received } else { None };
        let place = Place { log, position, at: recorded_at, received };
        let references = record.bodies.iter().map(|body| body.reference.clone()).collect();
        let mut entry =
            Entry::of(&record.event, &place, references, |kind, name| state.names.id(connection, log, kind, name))?;
        entry.event_type = record.entry_type();
        let bytes = entry.to_canonical()?;
        rows::insert_entry(connection, log, position, &bytes)?;
        for body in &record.bodies {
            let key = BodyKey { log, position, role: &body.reference.role, at: recorded_at };
            Bodies::insert(tx, &key, entry.user.as_deref(), body)?;
        }
        for tile in tree.push(record_hash(&bytes)) {
            rows::put_tile(connection, log, &tile)?;
        }
        self.place(tx, &record, position)?;
        if tree.size() - state.tail_start >= TAIL_ENTRIES {
            rows::seal_chunk(connection, log, state.tail_start)?;
            state.tail_start += rows::CHUNK_ENTRIES;
        }
        state.last_at = recorded_at;
        Ok(Appended { position, recorded_at, event_id: record.event.event_id })
    }

    /// Keeps the small tables: where each event is, and which requests are open.
    fn place(&self, tx: &Tx<'_>, record: &Record, position: u64) -> Result<(), rusqlite::Error> {
        let event = record.event.event_id.to_bits().to_be_bytes();
        if record.stage == Stage::Received {
            return open_requests::open(tx.connection(), self.id(), event, position);
        }
        if matches!(record.stage, Stage::Closes(Some(_))) {
            open_requests::close(tx.connection(), self.id(), event)?;
        }
        tx.connection()
            .prepare_cached("INSERT INTO event_place (event, log, position) VALUES (?1, ?2, ?3)")?
            .execute(params![event, self.id(), position])
            .map(drop)
    }
}
