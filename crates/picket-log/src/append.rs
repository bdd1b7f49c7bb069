//! Appending: the one place where positions are given.

use crate::failure::AppendError;
use crate::hashes::Hashes;
use crate::open_requests::OpenRequests;
use crate::pace::Step;
use crate::pending::{Pending, Placed, State};
use crate::record::{Head, Passing, Record, Stage, TakeBack};
use crate::tree::Tree;
use crate::{EventLog, rows};
use fail::fail_point;
use picket_bodies::SealedBody;
use picket_db::{Lane, Ticket, Tx, Write};
use picket_event::entry::Place;
use picket_event::{Event, EventId, EventType, Workspace};
use picket_stdx::Timestamp;
use rusqlite::{Connection, ErrorCode, params};
use std::sync::{Arc, MutexGuard, PoisonError};

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

/// The clock stepped back; the entries until it catches up carry the time of the newest one.
const CLOCK_STEPPED_BACK: EventType = EventType::of("system.clock_stepped_back");
/// The clock ran ahead of the time that passed; retention waits until the program is started again.
const CLOCK_STEPPED_AHEAD: EventType = EventType::of("system.clock_stepped_ahead");

impl EventLog {
    /// Queues a record. The ticket resolves when it is durable.
    pub fn append(&self, lane: Lane, record: Record) -> Ticket<Appended, AppendError> {
        self.queue(lane, Passing::new(record, None), true)
    }

    /// Queues a record that nobody waits for yet; who begins to calls [`Db::hurry`](picket_db::Db::hurry).
    pub fn append_soon(&self, lane: Lane, record: Record) -> Ticket<Appended, AppendError> {
        self.queue(lane, Passing::new(record, None), false)
    }

    /// Queues a record that must not be lost: when it cannot be written now, `back` gets it, before the ticket resolves.
    /// One that can never be written is not given back.
    pub fn append_or_return(
        &self,
        lane: Lane,
        record: impl Into<Arc<Record>>,
        urgent: bool,
        back: TakeBack,
    ) -> Ticket<Appended, AppendError> {
        self.queue(lane, Passing::new(record, Some(back)), urgent)
    }

    fn queue(&self, lane: Lane, passing: Passing, urgent: bool) -> Ticket<Appended, AppendError> {
        let (log, bytes) = (self.clone(), passing.record().bytes());
        self.0.db.queue(Write { lane, name: "log.append", bytes, urgent }, move |tx| {
            let event = passing.record().event();
            let appended = log.append_job(tx, passing);
            // Nobody may be waiting to hear it.
            appended.inspect_err(|error| tracing::error!(%event, %error, "an event could not be recorded"))
        })
    }

    /// Appends inside a transaction of the caller: the record and the caller's effect become durable together, or neither
    /// does. A record that is refused leaves nothing behind, and the caller may go on.
    pub fn append_in(&self, tx: &mut Tx<'_>, record: Record) -> Result<Appended, AppendError> {
        self.append_job(tx, Passing::new(record, None))
    }

    fn append_job(&self, tx: &mut Tx<'_>, passing: Passing) -> Result<Appended, AppendError> {
        let (appended, stepped) = {
            let mut state = self.state();
            self.enlist(tx, &mut state);
            self.take(tx.connection(), &mut state, passing)?
        };
        if let Some(step) = stepped {
            self.append_job(tx, Passing::new(self.clock_stepped(step), None))?;
        }
        Ok(appended)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // What a panic leaves is undone with its job.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self, connection: &Connection, state: &mut State) -> Result<Tree, AppendError> {
        let tree = Hashes::new(connection, self.id())?.edge()?;
        state.tail_start = rows::tail_start(connection, self.id())?;
        state.open = OpenRequests::read(connection, self.id())?;
        let newest = tree.size().checked_sub(1);
        let newest = newest.map(|last| self.stored(connection, last, last + 1)).transpose()?;
        state.last_at = newest.and_then(|entries| entries.first().map(|entry| entry.at)).unwrap_or_default();
        Ok(tree)
    }

    /// Gives one record its position; how the clock stepped, when that is news.
    fn take(
        &self,
        connection: &Connection,
        state: &mut State,
        passing: Passing,
    ) -> Result<(Appended, Option<Step>), AppendError> {
        let placed = match self.filled(connection, state, passing.record()) {
            Ok(placed) => placed,
            Err(error) => {
                if error.is_final() {
                    passing.arrived();
                }
                return Err(error);
            }
        };
        // Nothing fails from here on.
        let (head, position, at) = (&passing.record().head, placed.position, placed.at);
        match head.stage {
            Stage::Single => {}
            Stage::Received => state.open.open(head.key(), position),
            Stage::Closes(_) => state.open.close(head.key()),
        }
        let appended = Appended { position, recorded_at: at, event_id: head.event };
        state.push(Pending { placed, passing });
        state.last_at = at;
        let stepped = state.pace.look(&self.0.clock, at);
        Ok((appended, stepped))
    }

    /// What a record becomes at its place. Whatever can refuse it does so here.
    fn filled(&self, connection: &Connection, state: &mut State, record: &Record) -> Result<Placed, AppendError> {
        let tree = match state.tree.take() {
            Some(tree) => tree,
            None => self.load(connection, state)?,
        };
        let position = state.tree.insert(tree).size() + state.waiting();
        // The clock may step back; the order of record never does.
        let at = self.0.clock.now().max(state.last_at);
        let Record { head, draft, bodies, .. } = record;
        let received = received(state, head)?;
        refuse_twin_roles(bodies)?;
        let draft = draft.as_ref().map_err(|error| AppendError::Entry(Arc::clone(error)))?;
        let ids = draft.names().map(|kind, name| state.names.id(connection, self.id(), kind, name))?;
        let place = Place { log: self.id(), position, at, received };
        let bytes = draft.fill(&place, &head.entry_type(), &ids)?;
        fail_point!("log::after_entry", |_| Err(rusqlite::Error::InvalidQuery.into()));
        self.place(connection, state, head, position)?;
        Ok(Placed { position, at, received, bytes, ids })
    }

    /// Lists where the event is. One event is recorded once, and a request may be open once.
    fn place(&self, connection: &Connection, state: &State, head: &Head, position: u64) -> Result<(), AppendError> {
        let recorded = || AppendError::Recorded(head.event);
        if head.stage == Stage::Received {
            return if state.open.get(&head.key()).is_none() { Ok(()) } else { Err(recorded()) };
        }
        let mut statement =
            connection.prepare_cached("INSERT INTO event_place (event, log, position) VALUES (?1, ?2, ?3)")?;
        match statement.execute(params![head.key(), self.id(), position]) {
            Ok(_) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Err(recorded()),
            Err(error) => Err(error.into()),
        }
    }

    fn clock_stepped(&self, step: Step) -> Record {
        let (event_type, way, by) = match step {
            Step::Back(by) => (CLOCK_STEPPED_BACK, "back", by),
            Step::Ahead(by) => (CLOCK_STEPPED_AHEAD, "ahead", by),
        };
        tracing::warn!(log = self.id(), way, by_ms = by.as_millis(), "clock_skew: the clock stepped; check it");
        let mut event = self.own_event(event_type);
        event.count = u64::try_from(by.as_millis()).ok();
        event.reason = Some(format!("clock_skew: the clock stepped {way} by {} ms", by.as_millis()));
        self.prepare(event, &[])
    }

    /// An event of the log about itself.
    pub(crate) fn own_event(&self, event_type: EventType) -> Event {
        let workspace = self.info().workspace.as_ref().map_or("", Workspace::as_str);
        let mut event = Event::new(event_type, workspace, self.0.clock.now());
        event.target = Some(format!("log:{}", self.id()));
        event
    }
}

/// The leaf that a closing record closes.
fn received(state: &State, head: &Head) -> Result<Option<u64>, AppendError> {
    let Stage::Closes(claimed) = head.stage else { return Ok(None) };
    let open = state.open.get(&head.key());
    // Who closes before its `request.received` was acknowledged does not know where that is.
    if claimed.is_some() && claimed != open { Err(AppendError::NotOpen(head.event)) } else { Ok(open) }
}

fn refuse_twin_roles(bodies: &[SealedBody]) -> Result<(), AppendError> {
    let mut rest = bodies.iter();
    while let Some(body) = rest.next() {
        let role = &body.reference.role;
        if rest.clone().any(|other| other.reference.role == *role) {
            return Err(AppendError::TwinRole(role.clone()));
        }
    }
    Ok(())
}
