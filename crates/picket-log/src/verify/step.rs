//! Verification of one run of entries.

use super::{Run, STEP};
use crate::failure::{ReadError, VerifyError};
use crate::retention::{ENTRIES_DROPPED, dropped_to};
use crate::{EventLog, open_requests, rows};
use picket_bodies::{BodyKey, BodyState};
use picket_event::{Entry, EventId, EventType};
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::HashMap;
use tlog_tiles::tlog::{Hash, record_hash};

impl EventLog {
    /// Checks entries `from .. to`; their leaf hashes.
    pub(super) fn step(
        &self,
        connection: &Connection,
        from: u64,
        to: u64,
        run: &mut Run,
    ) -> Result<Vec<Hash>, VerifyError> {
        // Retention may have gone on since verification began.
        run.first = run.first.max(rows::first(connection, self.id()).map_err(ReadError::from)?);
        let mut entries = rows::entries(connection, self.id(), from, to)?.into_iter().peekable();
        let stored = self.stored_leaves(connection, from, to)?;
        let mut leaves = Vec::with_capacity(256);
        let mut bodies = 0;
        for position in from..to {
            let leaf = stored.get(&position).copied();
            let leaf = leaf.ok_or_else(|| self.bad(position, "its leaf hash is missing"))?;
            leaves.push(leaf);
            match entries.next_if(|(at, _)| *at == position) {
                Some((_, bytes)) if record_hash(&bytes) != leaf => {
                    return Err(self.bad(position, "it is not the entry that the tree was made of"));
                }
                Some((_, bytes)) => bodies += self.check_entry(connection, position, &bytes, run)?,
                None if position < run.first => run.report.pruned += 1,
                None => return Err(self.bad(position, "it is missing")),
            }
        }
        if let Some((position, _)) = entries.next() {
            return Err(self.bad(position, "it stands there twice"));
        }
        let stored: u64 = connection
            .prepare_cached("SELECT count(*) FROM body WHERE log = ?1 AND position >= ?2 AND position < ?3")
            .and_then(|mut statement| statement.query_row(params![self.id(), from, to], |row| row.get(0)))
            .map_err(ReadError::from)?;
        if stored == bodies {
            Ok(leaves)
        } else {
            Err(self.broken(
                Some(from),
                format!("bodies of entries {from} to {to}"),
                "there are more than the entries name",
            ))
        }
    }

    /// The leaf hashes as they are stored: in the tile, or beside the entries of the tail.
    fn stored_leaves(&self, connection: &Connection, from: u64, to: u64) -> Result<HashMap<u64, Hash>, VerifyError> {
        let tile = rows::tile(connection, self.id(), 0, from / STEP).map_err(ReadError::from)?;
        let mut stored: HashMap<u64, Hash> = (from..).zip(tile).collect();
        for (position, leaf) in rows::leaves(connection, self.id(), from, to).map_err(ReadError::from)? {
            if stored.insert(position, leaf).is_some_and(|other| other != leaf) {
                return Err(self.bad(position, "its leaf hash is not that of the tile"));
            }
        }
        Ok(stored)
    }

    /// Checks one entry and its bodies; how many it names.
    fn check_entry(
        &self,
        connection: &Connection,
        position: u64,
        bytes: &[u8],
        run: &mut Run,
    ) -> Result<u64, VerifyError> {
        let entry = Entry::from_canonical(bytes).map_err(|error| self.bad(position, &error.to_string()))?;
        if entry.seq != position || entry.tenant != self.id() || entry.v != 1 {
            return Err(self.bad(position, "it belongs elsewhere"));
        }
        if entry.ts.parse::<Timestamp>().is_err() || entry.ts < run.last_ts {
            return Err(self.bad(position, "it is older than the one before"));
        }
        if entry.event_type == ENTRIES_DROPPED {
            let end = entry.target.as_deref().and_then(|target| target.strip_prefix("entry:")?.parse().ok());
            run.dropped_to = run.dropped_to.max(end.filter(|end| entry.target == Some(dropped_to(*end))).unwrap_or(0));
        }
        self.check_place(connection, position, &entry, run)?;
        for reference in &entry.bodies {
            self.check_body(connection, position, reference, run)?;
        }
        run.report.entries += 1;
        run.last_ts = entry.ts;
        Ok(u64::try_from(entry.bodies.len()).unwrap_or(u64::MAX))
    }

    fn check_body(
        &self,
        connection: &Connection,
        position: u64,
        reference: &picket_event::BodyRef,
        run: &mut Run,
    ) -> Result<(), VerifyError> {
        let broken =
            |cause: &str| self.broken(Some(position), format!("entry {position}, body {}", reference.role), cause);
        let key = BodyKey { log: self.id(), position, role: &reference.role };
        let body = self.0.bodies.open_with(connection, &key).map_err(|error| broken(&error.to_string()))?;
        let body = body.ok_or_else(|| broken("it is missing"))?;
        if body.commit != reference.commit {
            return Err(broken("it is not the body that was committed to"));
        }
        match body.state {
            BodyState::Present => run.report.bodies_present += 1,
            BodyState::Erased | BodyState::Expired => run.report.bodies_gone += 1,
        }
        Ok(())
    }

    /// Whether the table of events leads to this entry.
    fn check_place(
        &self,
        connection: &Connection,
        position: u64,
        entry: &Entry,
        run: &mut Run,
    ) -> Result<(), VerifyError> {
        let event: EventId = entry.event.parse().map_err(|_error| self.bad(position, "its event id is malformed"))?;
        let event = event.to_bits().to_be_bytes();
        if entry.event_type == EventType::REQUEST_RECEIVED {
            run.open.insert(event, position);
            return Ok(());
        }
        let opened = run.open.remove(&event);
        // What retention dropped cannot be asked any more.
        let expected = entry.received.filter(|received| *received >= run.first || opened.is_some());
        if opened != expected {
            return Err(self.bad(position, "it closes another request than it names"));
        }
        let placed = self.placed(connection, event)?;
        if placed == Some(position) { Ok(()) } else { Err(self.bad(position, "its event is listed elsewhere")) }
    }

    fn placed(&self, connection: &Connection, event: [u8; 16]) -> Result<Option<u64>, VerifyError> {
        connection
            .prepare_cached("SELECT position FROM event_place WHERE event = ?1 AND log = ?2")
            .and_then(|mut statement| statement.query_row(params![event, self.id()], |row| row.get(0)).optional())
            .map_err(|error| ReadError::from(error).into())
    }

    /// Whether the open requests are those that the entries leave open.
    pub(super) fn check_open(&self, connection: &Connection, run: &Run) -> Result<(), VerifyError> {
        let listed = open_requests::all(connection, self.id()).map_err(ReadError::from)?;
        let mut open: Vec<_> = run.open.iter().collect();
        open.sort_unstable_by_key(|(_, position)| **position);
        for (event, position) in open {
            // It may have been closed since verification began.
            let closed_since =
                || Ok::<_, VerifyError>(self.placed(connection, *event)?.is_some_and(|at| at >= run.size));
            if listed.get(event) != Some(position) && *position >= run.first && !closed_since()? {
                return Err(self.bad(*position, "it is open, and not listed as such"));
            }
        }
        let stray = listed.iter().filter(|(event, position)| **position < run.size && !run.open.contains_key(*event));
        match stray.map(|(_, position)| *position).min() {
            Some(position) => Err(self.bad(position, "it is listed as open, and is not")),
            None => Ok(()),
        }
    }

    fn bad(&self, position: u64, cause: &str) -> VerifyError {
        self.broken(Some(position), format!("entry {position}"), cause)
    }
}
