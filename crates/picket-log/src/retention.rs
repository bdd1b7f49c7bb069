//! Old entries lose their bytes, old content loses its keys; hashes stay, so the tree still proves what remains.

use crate::failure::{AppendError, ReadError};
use crate::{EventLog, rows};
use picket_bodies::Bodies;
use picket_db::{Lane, Ticket, Tx, WriteError};
use picket_event::{EventId, EventType};
use picket_stdx::Timestamp;
use rusqlite::{Connection, params};
use std::ops::Range;
use std::time::Duration;

/// What one step of retention removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Bodies of content.
    pub bodies: usize,
    /// Entries.
    pub entries: u64,
    /// Entries whose content was looked for, or is not kept any longer; they may have had none.
    pub passed: u64,
}

/// How long the disk lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Bytes that the store grows by in a day, at this log's rate of the last day.
    pub bytes_per_day: u64,
    /// Whole days until the volume is full; `None` when nothing grows.
    pub days_left: Option<u64>,
}

/// Entries whose content expires in one step, so that no step holds up traffic.
const STEP_ENTRIES: u64 = 512;
/// Entries whose content is not kept any longer, in one step.
const STEP_KEPT: u32 = 512;
/// Chunks that are dropped in one step.
const STEP_CHUNKS: u64 = 16;

/// Content expired; `count` bodies.
const CONTENT_EXPIRED: EventType = EventType::of("retention.content_expired");
/// Entries were dropped; the target names the oldest that is kept. Verification wants one for whatever is missing.
pub(crate) const ENTRIES_DROPPED: EventType = EventType::of("retention.entries_dropped");

impl EventLog {
    /// One bounded step: content recorded before `bodies_before` expires, chunks recorded before `entries_before` lose
    /// their bytes. Call again while it returns anything. What was removed is an event of the same
    /// transaction. Nothing goes after the clock ran ahead of the time that passed: what is young would seem old.
    pub fn retain(
        &self,
        bodies_before: Timestamp,
        entries_before: Timestamp,
    ) -> Result<Expired, WriteError<AppendError>> {
        if !self.trusts_clock() {
            return Ok(Expired::default());
        }
        let old = self.old_content(bodies_before).map_err(|error| WriteError::Job(error.into()))?;
        let log = self.clone();
        let step: Ticket<Expired, AppendError> = self.0.db.write(Lane::Consumer, "log.retain", move |tx| {
            let (released, ended) = Bodies::release(tx, log.id(), (log.clock().now(), old.start), STEP_KEPT)?;
            let bodies = log.expire_content(tx, &old)? + released;
            if bodies > 0 {
                let mut event = log.own_event(CONTENT_EXPIRED);
                event.count = u64::try_from(bodies).ok();
                log.append_in(tx, log.prepare_bare(event))?;
            }
            let first = rows::first(tx.connection(), log.id())?;
            let end = log.droppable(tx.connection(), first, entries_before)?;
            if end > first {
                log.drop_entries(tx.connection(), first, end)?;
                log.recent().clear();
                let mut event = log.own_event(ENTRIES_DROPPED);
                (event.count, event.target) = (Some(end - first), Some(dropped_to(end)));
                log.append_in(tx, log.prepare_bare(event))?;
                // Requests that were left open are no longer.
                log.state().open.drop_before(end);
            }
            let passed = old.end - old.start + u64::try_from(ended).unwrap_or(0);
            Ok(Expired { bodies, entries: end - first, passed })
        });
        step.wait()
    }

    /// Whether what seems old is old. Not after the clock ran ahead of the time that passed: whoever set it right, or
    /// knows that it is, starts the program again.
    pub fn trusts_clock(&self) -> bool {
        self.state().pace.is_steady(&self.0.clock)
    }

    /// Keeps the prompts and answers of the event at a position from expiring before a moment. False if
    /// [`picket_bodies::KEPT_MAX`] are kept already.
    pub fn keep(&self, tx: &mut Tx<'_>, position: u64, until: Timestamp) -> Result<bool, ReadError> {
        let stored = self.stored(tx.connection(), position, position + 1)?;
        // Where the entry is gone, so is its content.
        let received = stored.first().and_then(|stored| stored.entry.received);
        for position in received.into_iter().chain([position]) {
            if !self.bodies().keep(tx, self.id(), position, until)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next entries whose content is too old.
    fn old_content(&self, before: Timestamp) -> Result<Range<u64>, ReadError> {
        let from = self.0.db.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT max(first, expired) FROM log WHERE id = ?1")?;
            Ok::<_, ReadError>(statement.query_row(params![self.id()], |row| row.get(0))?)
        })?;
        let end = self.position_at(before, from, self.size())?;
        Ok(from..end.min(from + STEP_ENTRIES))
    }

    fn expire_content(&self, tx: &mut Tx<'_>, old: &Range<u64>) -> Result<usize, rusqlite::Error> {
        if old.is_empty() {
            return Ok(0);
        }
        let mut statement = tx.connection().prepare_cached("UPDATE log SET expired = ?2 WHERE id = ?1")?;
        statement.execute(params![self.id(), old.end])?;
        Bodies::expire_content(tx, self.id(), old.clone())
    }

    /// The end of the whole chunks from `first` on that are old enough to go now.
    fn droppable(&self, connection: &Connection, first: u64, before: Timestamp) -> Result<u64, AppendError> {
        let mut end = first;
        for _ in 0..STEP_CHUNKS {
            let next = end + rows::CHUNK_ENTRIES;
            let is_sealed = next <= rows::tail_start(connection, self.id())?;
            let newest = if is_sealed { self.stored(connection, next - 1, next)? } else { Vec::new() };
            if newest.first().is_none_or(|entry| entry.at >= before) {
                break;
            }
            end = next;
        }
        Ok(end)
    }

    fn drop_entries(&self, connection: &Connection, first: u64, end: u64) -> Result<(), AppendError> {
        let mut forget =
            connection.prepare_cached("DELETE FROM event_place WHERE event = ?1 AND log = ?2 AND position < ?3")?;
        for stored in self.stored(connection, first, end)? {
            let event: EventId = stored
                .entry
                .event
                .parse()
                .map_err(|_error| ReadError::Damaged { position: stored.position, cause: "its event id".to_owned() })?;
            forget.execute(params![event.to_bits().to_be_bytes(), self.id(), end])?;
        }
        for statement in [
            "DELETE FROM chunk WHERE log = ?1 AND first < ?2",
            "DELETE FROM body WHERE log = ?1 AND position < ?2",
            "DELETE FROM kept_body WHERE log = ?1 AND position < ?2",
            "DELETE FROM open_request WHERE log = ?1 AND position < ?2",
            "UPDATE log SET first = ?2 WHERE id = ?1",
        ] {
            connection.prepare_cached(statement)?.execute(params![self.id(), end])?;
        }
        Ok(())
    }

    /// How long the disk lasts, from the entries of the last day and the bytes that an entry takes with its bodies.
    /// `None` while the log is too young to tell. What retention gives back is not counted on.
    pub fn forecast(&self) -> Option<Forecast> {
        let health = self.0.db.health();
        let (now, day) = (self.0.clock.now(), Duration::from_secs(86_400));
        let (first, size) = (self.first().ok()?, self.size());
        let since = self.position_at(now.minus(day), first, size).ok()?;
        let oldest = self.entries(first, 1).ok()?.first()?.at;
        // A log that is younger than a day is taken as it was so far.
        let span = now.since(oldest).min(day).as_secs();
        if span < 60 {
            return None;
        }
        let kept = self.0.db.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT coalesce(sum(newest - first), 0) FROM (SELECT first,
                    (SELECT coalesce(max(position) + 1, 0) FROM entry WHERE entry.log = log.id) AS newest FROM log)",
            )?;
            statement.query_row([], |row| row.get::<_, u64>(0))
        });
        let bytes_per_entry = health.file_bytes / kept.ok()?.max(1);
        let bytes_per_day = (size - since).saturating_mul(bytes_per_entry).saturating_mul(day.as_secs()) / span;
        let days_left = health.free_bytes.and_then(|free| free.checked_div(bytes_per_day));
        Some(Forecast { bytes_per_day, days_left })
    }

    /// The first position from `low` on that was recorded at or after `at`. Times never fall, so halving finds it.
    pub fn position_at(&self, at: Timestamp, mut low: u64, mut high: u64) -> Result<u64, ReadError> {
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entries(middle, 1)?.first().is_some_and(|entry| entry.at < at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// How an event names the oldest entry that is kept.
pub(crate) fn dropped_to(first: u64) -> String {
    format!("entry:{first}")
}
