//! Old entries lose their bytes, old content loses its keys; hashes stay, so the tree still proves what remains.

use crate::failure::AppendError;
use crate::{EventLog, rows};
use picket_bodies::Bodies;
use picket_db::{Lane, Ticket, WriteError};
use picket_stdx::Timestamp;
use rusqlite::params;
use std::time::Duration;

/// What one step of retention removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Bodies of content.
    pub bodies: usize,
    /// Entries.
    pub entries: u64,
}

/// How long the disk lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Bytes that the store grows by in a day, at the rate of the last day.
    pub bytes_per_day: u64,
    /// Days until the volume is full; `None` when it is not in sight.
    pub days_left: Option<u64>,
}

/// Bodies and chunks in one step, so that no step holds up traffic.
const STEP: usize = 64;

impl EventLog {
    /// One bounded step: content recorded before `bodies_before` expires, chunks recorded before `entries_before` lose
    /// their bytes. Call again while it returns anything.
    pub fn retain(
        &self,
        bodies_before: Timestamp,
        entries_before: Timestamp,
    ) -> Result<Expired, WriteError<AppendError>> {
        let log = self.clone();
        let step: Ticket<Expired, AppendError> = self.0.db.write(Lane::Consumer, "log.retain", move |tx| {
            let bodies = Bodies::expire_content(tx, log.id(), bodies_before, STEP)?;
            let oldest: Option<u64> =
                tx.connection()
                    .query_row("SELECT min(first) FROM chunk WHERE log = ?1", params![log.id()], |row| row.get(0))?;
            let mut entries = 0;
            if let Some(first) = oldest {
                let end = first + rows::CHUNK_ENTRIES;
                let newest = log.stored(tx.connection(), end - 1, end)?;
                // The hashes of the newest, partial tile are not stored apart from its entries.
                let hashed = end <= log.size() / 256 * 256;
                if hashed && newest.first().is_some_and(|entry| entry.at < entries_before) {
                    tx.connection()
                        .execute("DELETE FROM chunk WHERE log = ?1 AND first = ?2", params![log.id(), first])?;
                    tx.connection().execute(
                        "DELETE FROM body WHERE log = ?1 AND position >= ?2 AND position < ?3",
                        params![log.id(), first, end],
                    )?;
                    tx.connection().execute(
                        "DELETE FROM event_place WHERE log = ?1 AND position >= ?2 AND position < ?3",
                        params![log.id(), first, end],
                    )?;
                    tx.connection().execute("UPDATE log SET first = ?2 WHERE id = ?1", params![log.id(), end])?;
                    entries = rows::CHUNK_ENTRIES;
                }
            }
            Ok(Expired { bodies, entries })
        });
        step.wait()
    }

    /// How long the disk lasts, from the entries of the last day and the size of the store.
    pub fn forecast(&self) -> Option<Forecast> {
        let size = self.size();
        let health = self.0.db.health();
        let now = self.0.clock.now();
        let newest = self.entries(size.checked_sub(1)?, 1).ok()?.first()?.at;
        let day = Duration::from_secs(86_400);
        let probe = size.saturating_sub(4_096);
        let older = self.entries(probe, 1).ok()?.first()?.at;
        let span = newest.since(older).max(Duration::from_secs(1));
        let recent = size - probe;
        if now.since(newest) > day || recent < 2 {
            return Some(Forecast { bytes_per_day: 0, days_left: None });
        }
        let per_entry = health.file_bytes / size.max(1);
        let span = now.since(older).max(span).as_secs().max(1);
        let bytes_per_day = recent.saturating_mul(per_entry).saturating_mul(day.as_secs()) / span;
        let days_left = health.free_bytes.and_then(|free| free.checked_div(bytes_per_day));
        Some(Forecast { bytes_per_day, days_left })
    }
}
