//! Closing entries that the log could not take: the queue was full, or the disk. What became of the request is known, so
//! they are kept and tried again. Bounded: beyond that the oldest goes, and the log closes its request as unknown.

use crate::serve::Gateway;
use picket_db::{Lane, Ticket, WriteError};
use picket_event::EventId;
use picket_log::{AppendError, Appended, EventLog, Record, TakeBack};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Entries that are kept, and bytes of their contents.
const KEPT_MAX: usize = 4_096;
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Entries that are tried together, so that they share a sync.
const STEP: usize = 256;

/// How many ends of requests the log could not take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnclosedCounts {
    /// Those that wait to be tried again.
    pub waiting: u64,
    /// Those that were given up.
    pub lost: u64,
}

/// The entries that are kept. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Unclosed(Arc<Inner>);

struct Inner {
    bounds: (usize, usize),
    kept: Mutex<Kept>,
    arrived: Notify,
    lost: AtomicU64,
}

/// By event, which orders them by the time that their requests began.
#[derive(Default)]
struct Kept {
    records: BTreeMap<EventId, Arc<Record>>,
    bytes: usize,
}

impl Kept {
    fn take_oldest(&mut self) -> Option<Arc<Record>> {
        let (_event, record) = self.records.pop_first()?;
        self.bytes = self.bytes.saturating_sub(record.bytes());
        Some(record)
    }
}

impl Default for Unclosed {
    fn default() -> Self {
        Self::bounded(KEPT_MAX, KEPT_BYTES_MAX)
    }
}

impl fmt::Debug for Unclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unclosed({} kept)", self.waiting())
    }
}

impl Unclosed {
    /// Room for so many entries and bytes; the newest one is kept however large it is.
    pub(crate) fn bounded(entries: usize, bytes: usize) -> Self {
        let inner =
            Inner { bounds: (entries, bytes), kept: Mutex::default(), arrived: Notify::new(), lost: AtomicU64::new(0) };
        Self(Arc::new(inner))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What takes a record back that could not be written.
    pub(crate) fn take_back(&self) -> TakeBack {
        let unclosed = self.clone();
        Arc::new(move |record| unclosed.keep(record))
    }

    fn keep(&self, record: Arc<Record>) {
        let (entries_max, bytes_max) = self.0.bounds;
        let mut gone = Vec::new();
        let mut kept = self.kept();
        if kept.records.is_empty() {
            tracing::warn!("the ends of requests cannot be recorded now; they are kept and tried again");
        }
        kept.bytes += record.bytes();
        if let Some(twin) = kept.records.insert(record.event(), record) {
            kept.bytes = kept.bytes.saturating_sub(twin.bytes());
        }
        while kept.records.len() > entries_max || (kept.bytes > bytes_max && kept.records.len() > 1) {
            gone.extend(kept.take_oldest());
        }
        drop(kept);
        for record in &gone {
            self.lose(record.event());
        }
        self.0.arrived.notify_one();
    }

    /// Its end is lost: the log will close the request as unknown.
    fn lose(&self, event: EventId) {
        self.0.lost.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%event, "the end of a request could not be recorded, and is lost");
    }

    fn take(&self, most: usize) -> Vec<Arc<Record>> {
        let mut kept = self.kept();
        std::iter::from_fn(|| kept.take_oldest()).take(most).collect()
    }

    fn forget(&self, event: EventId) {
        let mut kept = self.kept();
        if let Some(record) = kept.records.remove(&event) {
            kept.bytes = kept.bytes.saturating_sub(record.bytes());
        }
    }

    fn waiting(&self) -> usize {
        self.kept().records.len()
    }

    fn counts(&self) -> UnclosedCounts {
        let waiting = u64::try_from(self.waiting()).unwrap_or(u64::MAX);
        UnclosedCounts { waiting, lost: self.0.lost.load(Ordering::Relaxed) }
    }

    /// Resolves when something waits to be tried again.
    async fn any(&self) {
        while self.waiting() == 0 {
            self.0.arrived.notified().await;
        }
    }

    /// Tries all that waits again, the oldest first, until some are not taken; whether all were. Blocks.
    fn again(&self, log: &EventLog) -> bool {
        loop {
            let some = self.take(STEP);
            if some.is_empty() {
                return true;
            }
            // All are queued before the first is waited for. Traffic may have filled its own lane.
            let again = |record: Arc<Record>| {
                (record.event(), log.append_or_return(Lane::Admin, record, true, self.take_back()))
            };
            let tickets: Vec<_> = some.into_iter().map(again).collect();
            let done =
                tickets.into_iter().filter_map(|(event, ticket)| self.is_done(event, ticket).then_some(())).count();
            if done == 0 {
                return false;
            }
        }
    }

    /// Tries once more, when nothing is queued any more that could come back.
    fn last(&self, log: &EventLog) {
        // What is queued comes back before this is answered.
        let barrier: Ticket<(), AppendError> = log.db().write(Lane::Gateway, "gateway.closing", |_tx| Ok(()));
        if let Err(error) = barrier.wait() {
            tracing::warn!(%error, "the log takes nothing while the gateway stops");
        }
        if !self.again(log) {
            let left = self.waiting();
            tracing::error!(left, "the ends of requests could not be recorded; the next start closes them as unknown");
        }
    }

    /// Whether an entry need not be tried again.
    fn is_done(&self, event: EventId, ticket: Ticket<Appended, AppendError>) -> bool {
        match ticket.wait() {
            Ok(_appended) => return true,
            Err(WriteError::Busy | WriteError::Failed(_) | WriteError::Closed) => return false,
            Err(WriteError::Job(error)) if !error.is_final() => return false,
            // It would go the same way each time.
            Err(WriteError::Job(_) | WriteError::Panicked(_)) => {}
        }
        self.forget(event);
        self.lose(event);
        true
    }
}

impl Gateway {
    /// How many ends of requests the log could not take.
    pub fn unclosed(&self) -> UnclosedCounts {
        self.shared().unclosed.counts()
    }

    /// Resolves when the log could not take the end of a request.
    pub async fn any_unclosed(&self) {
        self.shared().unclosed.any().await;
    }

    /// Tries again to record the ends of requests that the log could not take; whether none is left. Blocks.
    pub fn close_again(&self) -> bool {
        let shared = self.shared();
        shared.unclosed.again(&shared.log)
    }

    /// The last try, when no request runs any more and before the log is closed. Blocks.
    pub fn close_last(&self) {
        let shared = self.shared();
        shared.unclosed.last(&shared.log);
    }
}

#[cfg(test)]
mod tests;
