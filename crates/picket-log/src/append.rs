//! Appending: the one place where positions are given.

use crate::failure::AppendError;
use crate::hashes::Hashes;
use crate::record::{Record, Stage};
use crate::tree::Tree;
use crate::{EventLog, dictionary, open_requests, rows};
use fail::fail_point;
use picket_bodies::{Bodies, BodyKey};
use picket_db::{Lane, Ticket, Tx};
use picket_event::entry::Place;
use picket_event::{Entry, Event, EventId, EventType};
use picket_stdx::Timestamp;
use rusqlite::{Connection, ErrorCode, params};
use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;
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
    /// The clock stands before the newest entry, and an entry says so.
    behind: bool,
    /// A record was begun to be written, and not finished.
    half_written: bool,
    /// Where the open requests began, by their event.
    open: HashMap<[u8; 16], u64>,
    pub(crate) names: dictionary::Names,
}

impl State {
    /// A record is written whole.
    fn took(&mut self, record: &Record, position: u64, at: Timestamp) {
        self.half_written = false;
        self.last_at = at;
        match record.stage {
            Stage::Single => {}
            Stage::Received => drop(self.open.insert(key_of(record), position)),
            Stage::Closes(_) => drop(self.open.remove(&key_of(record))),
        }
    }

    /// Whatever was done in memory since the last commit is void.
    pub(crate) fn forget(&mut self) {
        self.tree = None;
        self.behind = false;
        self.names.forget_minted();
    }
}

/// Entries that stay unsealed, so that the newest ones are cheap to read.
const TAIL_ENTRIES: u64 = 2 * rows::CHUNK_ENTRIES;
const TILE_ENTRIES: u64 = 256;
/// A clock that is further behind the newest entry gets an entry of its own.
const CLOCK_STEP_MIN: Duration = Duration::from_secs(1);
/// The clock stepped back; the entries until it catches up carry the time of the newest one.
const CLOCK_STEPPED: EventType = EventType::of("system.clock_stepped_back");

impl EventLog {
    /// Queues a record. The ticket resolves when it is durable.
    pub fn append(&self, lane: Lane, record: Record) -> Ticket<Appended, AppendError> {
        let log = self.clone();
        self.0.db.write(lane, "log.append", move |tx| log.append_job(tx, record))
    }

    /// Appends inside a transaction of the caller: the record and the caller's effect become durable together. A record
    /// that is refused leaves nothing behind, and the caller may go on. A record that SQLite fails to write voids the
    /// whole batch, since half of one must never be committed.
    pub fn append_in(&self, tx: &mut Tx<'_>, record: Record) -> Result<Appended, AppendError> {
        let result = self.append_job(tx, record);
        if result.is_err() && std::mem::take(&mut self.state().half_written) {
            // The transaction is beyond saving; that this fails as well is possible, and says the same.
            run(tx.connection(), "ROLLBACK").unwrap_or_default();
        }
        result
    }

    fn append_job(&self, tx: &mut Tx<'_>, record: Record) -> Result<Appended, AppendError> {
        let log = self.clone();
        tx.on_rollback(move || log.state().forget());
        let mut state = self.state();
        let written = self.write(tx, &mut state, record);
        let (appended, stepped) = match written {
            Ok(written) => written,
            Err(error) => {
                state.forget();
                return Err(error);
            }
        };
        drop(state);
        let log = self.clone();
        tx.on_commit(move || log.publish(appended.position + 1));
        if let Some(by) = stepped {
            self.append_job(tx, self.clock_stepped(by))?;
        }
        Ok(appended)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic between two steps leaves no tree, and the next append reads it anew.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the followers of the tail that entries up to `size` are durable.
    fn publish(&self, size: u64) {
        self.state().names.keep_minted();
        self.0.tail.send_if_modified(|durable| {
            let grew = size > *durable;
            *durable = size.max(*durable);
            grew
        });
    }

    fn load(&self, connection: &Connection, state: &mut State) -> Result<Tree, AppendError> {
        let tree = Hashes::new(connection, self.id())?.edge()?;
        state.tail_start = rows::tail_start(connection, self.id())?;
        state.open = open_requests::all(connection, self.id())?;
        let newest = tree.size().checked_sub(1);
        let newest = newest.map(|last| self.stored(connection, last, last + 1)).transpose()?;
        state.last_at = newest.and_then(|entries| entries.first().map(|entry| entry.at)).unwrap_or_default();
        Ok(tree)
    }

    /// Writes one record; by how much the clock stepped back, when that is news.
    fn write(
        &self,
        tx: &mut Tx<'_>,
        state: &mut State,
        record: Record,
    ) -> Result<(Appended, Option<Duration>), AppendError> {
        let connection = tx.connection();
        let log = self.id();
        state.half_written = false;
        let mut tree = match state.tree.take() {
            Some(tree) => tree,
            None => self.load(connection, state)?,
        };
        let position = tree.size();
        // The clock may step back; the order of record never does.
        let now = self.0.clock.now();
        let recorded_at = now.max(state.last_at);
        let stepped = step_of(state, recorded_at.since(now));
        let received = received(state, &record)?;
        refuse_twin_roles(&record)?;
        let place = Place { log, position, at: recorded_at, received };
        let references = record.bodies.iter().map(|body| body.reference.clone()).collect();
        let mut entry =
            Entry::of(&record.event, &place, references, |kind, name| state.names.id(connection, log, kind, name))?;
        entry.event_type = record.entry_type();
        let bytes = entry.to_canonical()?;
        let leaf = record_hash(&bytes);
        // Whatever can be refused was refused above, or is by this first statement, which does all or nothing.
        self.place(connection, &record, position)?;
        state.half_written = true;
        if received.is_some() {
            open_requests::close(connection, log, key_of(&record))?;
        }
        rows::insert_entry(connection, log, position, &bytes, &leaf)?;
        fail_point!("log::after_entry", |_| Err(rusqlite::Error::InvalidQuery.into()));
        for body in &record.bodies {
            let key = BodyKey { log, position, role: &body.reference.role, at: recorded_at };
            Bodies::insert(tx, &key, entry.user.as_deref(), body)?;
        }
        fail_point!("log::after_bodies", |_| Err(rusqlite::Error::InvalidQuery.into()));
        for tile in tree.push(leaf) {
            rows::put_tile(connection, log, &tile)?;
        }
        fail_point!("log::after_tiles", |_| Err(rusqlite::Error::InvalidQuery.into()));
        self.seal(connection, state, tree.size())?;
        fail_point!("log::after_all", |_| Err(rusqlite::Error::InvalidQuery.into()));
        state.took(&record, position, recorded_at);
        state.tree = Some(tree);
        Ok((Appended { position, recorded_at, event_id: record.event.event_id }, stepped))
    }

    /// Moves the oldest entries of the tail into a chunk, once there are enough. Only what a full tile holds the hashes
    /// of is sealed, so every leaf hash is stored at every time.
    fn seal(&self, connection: &Connection, state: &mut State, size: u64) -> Result<(), rusqlite::Error> {
        let in_tiles = size / TILE_ENTRIES * TILE_ENTRIES;
        let end = state.tail_start + rows::CHUNK_ENTRIES;
        if end <= in_tiles && size - state.tail_start >= TAIL_ENTRIES {
            rows::seal_chunk(connection, self.id(), state.tail_start)?;
            state.tail_start = end;
        }
        Ok(())
    }

    /// Keeps the small tables: where each event is, and which requests are open.
    fn place(&self, connection: &Connection, record: &Record, position: u64) -> Result<(), AppendError> {
        let event = key_of(record);
        let placed = if record.stage == Stage::Received {
            open_requests::open(connection, self.id(), event, position)
        } else {
            connection
                .prepare_cached("INSERT INTO event_place (event, log, position) VALUES (?1, ?2, ?3)")?
                .execute(params![event, self.id(), position])
                .map(drop)
        };
        placed.map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => AppendError::Recorded(record.event.event_id),
            _ => AppendError::Database(error),
        })
    }

    fn clock_stepped(&self, by: Duration) -> Record {
        tracing::warn!(log = self.id(), behind_ms = by.as_millis(), "the clock stepped back");
        let mut event = self.own_event(CLOCK_STEPPED);
        event.count = u64::try_from(by.as_millis()).ok();
        event.reason = Some(format!("the clock stepped back by {} ms", by.as_millis()));
        self.prepare(event, &[])
    }

    /// An event of the log about itself.
    pub(crate) fn own_event(&self, event_type: EventType) -> Event {
        let workspace = self.info().workspace.as_deref().unwrap_or_default();
        let mut event = Event::new(event_type, workspace, self.0.clock.now());
        event.target = Some(format!("log:{}", self.id()));
        event
    }
}

/// The leaf that a closing record closes.
fn received(state: &State, record: &Record) -> Result<Option<u64>, AppendError> {
    let Stage::Closes(claimed) = record.stage else { return Ok(None) };
    let open = state.open.get(&key_of(record)).copied();
    // Who closes before its `request.received` was acknowledged does not know where that is.
    if claimed.is_some() && claimed != open { Err(AppendError::NotOpen(record.event.event_id)) } else { Ok(open) }
}

fn refuse_twin_roles(record: &Record) -> Result<(), AppendError> {
    let mut bodies = record.bodies.iter();
    while let Some(body) = bodies.next() {
        let role = &body.reference.role;
        if bodies.clone().any(|other| other.reference.role == *role) {
            return Err(AppendError::TwinRole(role.clone()));
        }
    }
    Ok(())
}

fn key_of(record: &Record) -> [u8; 16] {
    record.event.event_id.to_bits().to_be_bytes()
}

fn step_of(state: &mut State, behind: Duration) -> Option<Duration> {
    let news = behind > CLOCK_STEP_MIN && !state.behind;
    state.behind = behind > CLOCK_STEP_MIN || (state.behind && !behind.is_zero());
    news.then_some(behind)
}

fn run(connection: &Connection, statement: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}
