//! Requests that went upstream and have not ended. What a crash leaves open is closed at the next start.

use crate::EventLog;
use crate::failure::{AppendError, ReadError};
use picket_db::{Lane, WriteError};
use picket_event::{Event, Outcome};
use rusqlite::{Connection, params};
use std::collections::HashMap;

pub(crate) fn open(connection: &Connection, log: &str, event: [u8; 16], position: u64) -> Result<(), rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("INSERT INTO open_request (log, event, position) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![log, event, position]).map(drop)
}

pub(crate) fn close(connection: &Connection, log: &str, event: [u8; 16]) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached("DELETE FROM open_request WHERE log = ?1 AND event = ?2")?;
    statement.execute(params![log, event]).map(drop)
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
        let open = self.0.db.read(|connection| Ok::<_, ReadError>(positions(connection, self.id())?));
        let open = open.map_err(|error| WriteError::Job(AppendError::Read(error.into())))?;
        for some in open.chunks(STEP) {
            let events = self.events(some).map_err(|error| WriteError::Job(AppendError::Read(error)))?;
            let closing = events.into_iter().map(|mut event| {
                event.outcome = Some(Outcome::Unknown);
                event.reason = Some("the gateway stopped while the request ran".to_owned());
                let received = event.log.as_ref().map(|place| place.completed);
                self.append(Lane::Admin, self.prepare(event, &[]).closes(received))
            });
            // All are queued before the first is waited for, so that they share syncs.
            for ticket in closing.collect::<Vec<_>>() {
                ticket.wait()?;
            }
        }
        Ok(open.len())
    }
}
