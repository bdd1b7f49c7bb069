//! The sums of a destination held against the log: what it wanted is counted once more, from where it began.

use crate::manage::{DispatchError, row_settings, unread};
use crate::subscription::Subscription;
use crate::{Dispatch, SettingsError, Shared};
use picket_log::LoggedEvent;
use picket_store::destinations;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

/// Entries that are read at a time.
const BLOCK: usize = 512;
/// One at a time, whatever workspace it is of: it reads as much of the log as there is.
pub(crate) static TURN: Semaphore = Semaphore::const_new(1);

/// What the log has for a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recount {
    /// Its id.
    pub id: String,
    /// The first position that is its.
    pub from: u64,
    /// What it has read ends before this position.
    pub to: u64,
    /// Events there that its present subscription wants, as the log has them now.
    pub wanted: u64,
    /// What it has accepted of them, by its own sums at that position.
    pub accepted: u64,
    /// Entries there that retention has dropped since, so that nobody can say whether they were wanted.
    pub dropped: u64,
    /// How often what it is told was changed since it was made, as the log tells: its subscription may have been another.
    pub changes: u64,
    /// The version of what it is told.
    pub version: u64,
}

impl Recount {
    /// Whether its sums are those of the log; none where what it is told was changed, so that they cannot be compared.
    pub const fn agrees(&self) -> Option<bool> {
        if self.changes > 0 {
            return None;
        }
        Some(self.wanted <= self.accepted && self.accepted <= self.wanted + self.dropped)
    }
}

/// Ends the reading when nobody waits for it any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Dispatch {
    /// Counts in the log what a destination wants of what it has read. One at a time; it may take minutes.
    pub async fn recount(&self, id: &str) -> Result<Recount, DispatchError> {
        let turn = TURN.try_acquire().map_err(|_taken| DispatchError::Recounting)?;
        let (shared, id) = (Arc::clone(self.shared()), id.to_owned());
        let waiting = Waiting(Arc::new(AtomicBool::new(true)));
        let is_waited_for = Arc::clone(&waiting.0);
        let counted = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            shared.recount(&id, &is_waited_for)
        });
        counted.await.map_err(|_stopped| DispatchError::Unfinished)?
    }
}

impl Shared {
    fn recount(&self, id: &str, is_waited_for: &AtomicBool) -> Result<Recount, DispatchError> {
        let id = self.find(id)?.id;
        // Read at once: the sums are those of this position.
        let read = |connection: &_| {
            let row = destinations::get(connection, &self.workspace, &id)?;
            Ok::<_, rusqlite::Error>(row.zip(destinations::standing(connection, &self.workspace, &id)?))
        };
        let (row, standing) = self.db.read(read).map_err(unread)?.ok_or(DispatchError::Unknown)?;
        let subscription = row_settings(&row)?.wanted.compile().map_err(SettingsError::from)?;
        let mut recount = Recount {
            from: standing.begin,
            to: standing.scanned,
            wanted: 0,
            accepted: standing.counts.accepted,
            dropped: 0,
            changes: 0,
            version: row.version,
            id: row.id,
        };
        let (mut at, end) = (recount.from, self.log.size());
        while at < end && is_waited_for.load(Ordering::Relaxed) {
            let block = self.log.batch(at, BLOCK)?;
            for logged in &block {
                recount.take(at, logged, &subscription);
                at = logged.position + 1;
            }
            if block.is_empty() {
                // Retention took all of the block while it was read.
                at = recount.skip(at, self.log.first()?);
            }
        }
        Ok(recount)
    }
}

impl Recount {
    /// Takes an entry behind all before `at`.
    fn take(&mut self, at: u64, logged: &LoggedEvent, subscription: &Subscription) {
        self.dropped += logged.position.min(self.to).saturating_sub(at);
        let Some(event) = logged.event.as_deref() else { return };
        if logged.position < self.to && subscription.wants(event) {
            self.wanted += 1;
        }
        let is_own = event.target.as_deref().and_then(|target| target.strip_prefix("destination:")) == Some(&*self.id);
        // What was changed stands in the reason: another name or key changes nothing of what is wanted.
        let tells = || event.reason.as_deref().is_some_and(|reason| reason.split(", ").any(|what| what == "settings"));
        if is_own && event.event_type == crate::manage::UPDATED && tells() {
            self.changes += 1;
        }
    }

    /// Goes on behind what is no longer there.
    pub(crate) fn skip(&mut self, at: u64, kept: u64) -> u64 {
        let next = kept.max(at + 1);
        self.dropped += next.min(self.to).saturating_sub(at);
        next
    }
}
