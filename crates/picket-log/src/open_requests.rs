//! Requests that went upstream and have not ended. What a crash leaves open is closed at the next start.

use crate::EventLog;
use crate::failure::{AppendError, ReadError};
use crate::record::Record;
use picket_db::{Lane, WriteError};
use picket_event::{Event, Outcome};
use rusqlite::{Connection, params};

pub(crate) fn open(connection: &Connection, log: &str, event: [u8; 16], position: u64) -> Result<(), rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("INSERT INTO open_request (log, event, position) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![log, event, position]).map(drop)
}

pub(crate) fn close(connection: &Connection, log: &str, event: [u8; 16]) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached("DELETE FROM open_request WHERE log = ?1 AND event = ?2")?;
    statement.execute(params![log, event]).map(drop)
}

fn positions(connection: &Connection, log: &str) -> Result<Vec<u64>, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT position FROM open_request WHERE log = ?1 ORDER BY position")?;
    statement.query_map(params![log], |row| row.get(0))?.collect()
}

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
        let mut closed = 0;
        for position in open {
            let events = self.events(&[position]).map_err(|error| WriteError::Job(AppendError::Read(error)))?;
            for mut event in events {
                event.outcome = Some(Outcome::Unknown);
                event.reason = Some("the gateway stopped while the request ran".to_owned());
                let record: Record = self.prepare(event, &[]).closes(Some(position));
                self.append(Lane::Admin, record).wait()?;
                closed += 1;
            }
        }
        Ok(closed)
    }
}
