//! Requests that went upstream and have not ended. What a crash leaves open is closed at the next start.

use crate::EventLog;
use crate::failure::{AppendError, ReadError};
use picket_db::{Lane, WriteError};
use picket_event::{Event, EventId, Outcome};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashMap};

/// Where the open requests began, by their event; and what changed since that was last written.
#[derive(Debug, Default)]
pub(crate) struct OpenRequests {
    now: HashMap<[u8; 16], u64>,
    /// What stood in the place of each change, oldest first.
    before: Vec<([u8; 16], Option<u64>)>,
}

impl OpenRequests {
    pub(crate) fn read(connection: &Connection, log: &str) -> Result<Self, rusqlite::Error> {
        Ok(Self { now: all(connection, log)?, before: Vec::new() })
    }

    pub(crate) fn get(&self, event: &[u8; 16]) -> Option<u64> {
        self.now.get(event).copied()
    }

    pub(crate) fn open(&mut self, event: [u8; 16], position: u64) {
        self.before.push((event, self.now.insert(event, position)));
    }

    pub(crate) fn close(&mut self, event: [u8; 16]) {
        if let Some(position) = self.now.remove(&event) {
            self.before.push((event, Some(position)));
        }
    }

    /// Retention dropped the entries before `first`.
    pub(crate) fn drop_before(&mut self, first: u64) {
        self.now.retain(|_, position| *position >= first);
    }

    /// How many changes there were.
    pub(crate) fn mark(&self) -> usize {
        self.before.len()
    }

    /// Takes back what changed since there were so many changes.
    pub(crate) fn undo(&mut self, mark: usize) {
        for (event, position) in self.before.drain(mark.min(self.before.len())..).rev() {
            match position {
                Some(position) => self.now.insert(event, position),
                None => self.now.remove(&event),
            };
        }
    }

    /// Writes what changed. A request that opened and ended in one batch was never open for others.
    pub(crate) fn write(&mut self, connection: &Connection, log: &str) -> Result<(), rusqlite::Error> {
        let mut stored = BTreeMap::new();
        for (event, position) in self.before.drain(..) {
            stored.entry(event).or_insert(position);
        }
        for (event, stored) in stored {
            match (stored, self.now.get(&event)) {
                (None, Some(position)) => connection
                    .prepare_cached("INSERT INTO open_request (log, event, position) VALUES (?1, ?2, ?3)")?
                    .execute(params![log, event, position])?,
                (Some(_), None) => connection
                    .prepare_cached("DELETE FROM open_request WHERE log = ?1 AND event = ?2")?
                    .execute(params![log, event])?,
                _ => 0,
            };
        }
        Ok(())
    }
}

/// Where the open requests began, by their event.
pub(crate) fn all(connection: &Connection, log: &str) -> Result<HashMap<[u8; 16], u64>, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT event, position FROM open_request WHERE log = ?1")?;
    statement.query_map(params![log], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn positions(connection: &Connection, log: &str) -> Result<Vec<u64>, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT position FROM open_request WHERE log = ?1 ORDER BY position")?;
    statement.query_map(params![log], |row| row.get(0))?.collect()
}

/// Requests that are closed together.
const STEP: usize = 256;

impl EventLog {
    /// Requests that run now, oldest first.
    pub fn open_requests(&self) -> Result<Vec<Event>, ReadError> {
        let open = self.0.db.read(|connection| Ok::<_, ReadError>(positions(connection, self.id())?))?;
        self.events(&open)
    }

    /// Closes what a crash left open, with outcome `unknown`; how many there were. To be called before traffic begins.
    pub fn close_open_requests(&self) -> Result<usize, WriteError<AppendError>> {
        self.close_unknown("the gateway stopped while the request ran", |_| true)
    }

    /// Closes those open requests that `lost` names, with outcome `unknown` and a reason; how many there were. One that
    /// closes meanwhile by itself is left as it is, with an error.
    pub fn close_unknown(
        &self,
        reason: &str,
        mut lost: impl FnMut(EventId) -> bool,
    ) -> Result<usize, WriteError<AppendError>> {
        let open = self.0.db.read(|connection| Ok::<_, ReadError>(all(connection, self.id())?));
        let open = open.map_err(|error| WriteError::Job(AppendError::Read(error.into())))?;
        let mut is_lost = |event: &[u8; 16]| lost(EventId::from_bits(u128::from_be_bytes(*event)));
        let mut open: Vec<u64> = open.into_iter().filter(|(event, _)| is_lost(event)).map(|(_, place)| place).collect();
        open.sort_unstable();
        let mut closed = 0;
        for some in open.chunks(STEP) {
            let events = self.events(some).map_err(|error| WriteError::Job(AppendError::Read(error)))?;
            let closing = events.into_iter().map(|mut event| {
                event.outcome = Some(Outcome::Unknown);
                event.reason = Some(reason.to_owned());
                let received = event.log.as_ref().map(|place| place.completed);
                self.append(Lane::Admin, self.prepare(event, &[]).closes(received))
            });
            // All are queued before the first is waited for, so that they share syncs.
            for ticket in closing.collect::<Vec<_>>() {
                ticket.wait()?;
                closed += 1;
            }
        }
        Ok(closed)
    }
}
