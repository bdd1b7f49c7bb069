//! What is sent next, and what becomes of it: no clock, no log, no network.
//!
//! Events wait in the order of the log. A request takes as many from the front as fit; what the receiver refuses as a
//! whole is cut in halves, each a request of its own, until the event is alone that it will not take. **Invariants:** every
//! event that was offered waits, is on its way, or has its fate; nothing leaves without one.

mod judge;

use crate::pace::{FAULTS_MAX, Pace, Waits};
use crate::progress::{Mark, Progress, WINDOW};
use bytes::Bytes;
use picket_receivers::{Answer, Limits};
use picket_render::{Batches, Framing};
use picket_stdx::Timestamp;
use picket_store::destinations::DeadLetter;
use std::collections::VecDeque;
use std::time::Duration;

/// Bytes that may wait, encoded. One read of the log may go beyond.
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What one crash may send again is at least this: requests of single events would wait for the disk after each.
const REPEATED_MIN: usize = 64;
/// How long events wait for company while other requests are on their way.
const GATHER: Duration = Duration::from_millis(100);

/// An event that is to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) mark: Mark,
    pub(crate) id: String,
    /// Its type, as receivers see it.
    pub(crate) name: String,
    pub(crate) timestamp: Timestamp,
    /// When the log took it.
    pub(crate) recorded_at: Timestamp,
    pub(crate) encoded: Bytes,
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// How requests with it failed, if one did.
    failed: Option<Failed>,
}

/// How requests with an event failed.
#[derive(Debug, Clone, Copy)]
struct Failed {
    /// Requests that went well and that failed, of all, before the first of them.
    before: (u64, u64),
    /// How many of them there were.
    with_it: u64,
    /// In how many it was alone.
    alone: u32,
}

impl Item {
    /// An event that was never sent.
    pub(crate) fn new(
        mark: Mark,
        (id, name): (String, String),
        (timestamp, recorded_at): (Timestamp, Timestamp),
        encoded: Bytes,
    ) -> Self {
        Self { mark, id, name, timestamp, recorded_at, encoded, attempts: 0, failed: None }
    }

    /// What is kept when it is given up.
    pub(crate) fn letter(&self, reason: String, answer: Option<&Answer>, at: Timestamp) -> DeadLetter {
        DeadLetter {
            position: self.mark.position,
            event_id: self.id.clone(),
            event_type: self.name.clone(),
            happened_at: self.timestamp,
            reason,
            status: answer.and_then(|answer| answer.status),
            excerpt: answer.map(|answer| answer.excerpt.clone()).unwrap_or_default(),
            attempts: self.attempts,
            at,
            is_wanted: false,
        }
    }
}

/// A request that is on its way.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) items: Vec<Item>,
    pub(crate) body: Bytes,
    round: u64,
    is_piece: bool,
}

/// What an answer means for the destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// It failed, and that is news.
    pub(crate) is_fault: bool,
    /// So often in a row that it is to be left alone until somebody looks at it.
    pub(crate) is_enough: bool,
}

/// When something is to be looked at again. Times are those of a clock that never steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Now {
    /// A clock that never steps.
    pub(crate) steady: Duration,
    /// The time of day, for what is written down.
    pub(crate) at: Timestamp,
}

/// Everything of a destination that waits or is on its way.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) progress: Progress,
    pace: Pace,
    is_ordered: bool,
    limits: Limits,
    waiting: VecDeque<Item>,
    /// Since when the first of them waits.
    since: Duration,
    /// What requests were cut into.
    pieces: VecDeque<Vec<Item>>,
    /// Encoded bytes of all of them and of what is on its way.
    bytes: usize,
    /// Requests on their way, and the events in them.
    running: usize,
    on_way: usize,
    /// Events that one crash may send again: those of as many full requests as may be on their way.
    repeated_max: usize,
    /// Requests that went well, and that failed, since the start.
    requests: (u64, u64),
    /// Events that were refused alone, without one that was taken in between.
    refused: u32,
    /// Bytes of a request that the receiver took, if it once found one too large.
    bearable: usize,
}

impl Flow {
    /// A flow that goes on from what was kept. With `requests` 1, events arrive in the order of the log.
    pub(crate) fn new(progress: Progress, limits: Limits, (requests, waits): (u32, Waits)) -> Self {
        let together = limits.events.saturating_mul(usize::try_from(requests.max(1)).unwrap_or(usize::MAX));
        Self {
            progress,
            pace: Pace::new(requests, waits),
            is_ordered: requests <= 1,
            limits,
            waiting: VecDeque::new(),
            since: Duration::ZERO,
            pieces: VecDeque::new(),
            bytes: 0,
            running: 0,
            on_way: 0,
            repeated_max: together.clamp(REPEATED_MIN, WINDOW),
            requests: (0, 0),
            refused: 0,
            bearable: usize::MAX,
        }
    }

    /// How many events may be read now.
    pub(crate) fn room(&self) -> usize {
        if self.bytes >= WAITING_BYTES_MAX { 0 } else { self.progress.room() }
    }

    /// Requests on their way.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Events that one crash may send again.
    pub(crate) fn repeated_max(&self) -> usize {
        self.repeated_max
    }

    /// Whether the next request has to wait until what others brought is durable: otherwise a crash would send more again
    /// than it may.
    pub(crate) fn is_held(&self) -> bool {
        let at_risk = self.on_way + self.progress.unsafe_fates();
        let next = self.pieces.front().map_or_else(|| self.waiting.len().min(self.events_max()), Vec::len);
        at_risk > 0 && next > 0 && at_risk + next > self.repeated_max
    }

    /// Events that wait here.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len() + self.pieces.iter().map(Vec::len).sum::<usize>()
    }

    /// Faults in a row, how many requests it bears at a time, and before when nothing is sent.
    pub(crate) fn pace(&self) -> (u32, usize, Duration) {
        (self.pace.faults(), self.pace.requests(), self.pace.until())
    }

    /// Takes events that are open and were not sent yet, or not since the start, in the order of the log.
    pub(crate) fn offer(&mut self, items: Vec<Item>, now: Now) {
        if self.waiting.is_empty() {
            self.since = now.steady;
        }
        self.bytes += items.iter().map(|item| item.encoded.len()).sum::<usize>();
        self.waiting.extend(items);
    }

    /// Gives up an event that cannot be written in the receiver's language.
    pub(crate) fn give_up(&mut self, item: &Item, reason: String, now: Now) {
        self.progress.bury(item.mark, item.letter(reason, None, now.at));
    }

    /// The next request, if one is due.
    pub(crate) fn next(&mut self, framing: &impl Framing, now: Now) -> Option<Attempt> {
        if self.running >= self.pace.requests() || now.steady < self.pace.until() || self.is_held() {
            return None;
        }
        if let Some(piece) = self.pieces.pop_front() {
            let mut body = Vec::new();
            for (at, item) in piece.iter().enumerate() {
                if at > 0 {
                    body.extend_from_slice(framing.between());
                }
                body.extend_from_slice(&item.encoded);
            }
            let mut whole = Vec::with_capacity(framing.size(body.len()));
            framing.wrap(&body, &mut whole);
            return Some(self.begin(piece, whole, true, now));
        }
        while self.is_due(now) {
            let first = framing.size(self.waiting.front()?.encoded.len());
            let limits = picket_render::Limits::from(self.limits);
            let bytes = limits.bytes.min(self.bearable.max(first));
            let limits = picket_render::Limits { bytes, events: self.events_max() };
            let encoded = self.waiting.iter().map(|item| &item.encoded);
            let packed =
                Batches::new(framing, limits, encoded, |item: &Bytes, out| out.extend_from_slice(item)).next()?;
            match packed {
                Ok(batch) => {
                    let items = self.waiting.drain(..batch.events.end.min(self.waiting.len())).collect();
                    return Some(self.begin(items, batch.bytes, false, now));
                }
                Err(too_large) => {
                    let item = self.waiting.pop_front()?;
                    self.bytes = self.bytes.saturating_sub(item.encoded.len());
                    let (bytes, limit) = (too_large.bytes, too_large.limit);
                    let reason = format!("a request with it alone has {bytes} bytes, and the receiver takes {limit}");
                    self.give_up(&item, reason, now);
                }
            }
        }
        None
    }

    /// Events of one request: fewer after each fault, so that one that makes a receiver fail is alone soon.
    fn events_max(&self) -> usize {
        let most = self.limits.events.clamp(1, WINDOW);
        most.checked_shr(self.pace.faults().saturating_mul(2)).unwrap_or(0).max(1)
    }

    /// Whether a request is worth its while: it is full, or nothing is on its way, or events have waited long enough.
    fn is_due(&self, now: Now) -> bool {
        let is_full = self.waiting.len() >= self.events_max();
        let is_old = now.steady.saturating_sub(self.since) >= GATHER;
        !self.waiting.is_empty() && (is_full || is_old || self.running == 0)
    }

    /// When [`Flow::next`] may have something that it has not now, as far as that is a matter of time.
    pub(crate) fn wake(&self) -> Option<Duration> {
        if self.waiting() == 0 || self.running >= self.pace.requests() || self.is_held() {
            return None;
        }
        let gathered = if self.pieces.is_empty() && self.running > 0 { self.since + GATHER } else { Duration::ZERO };
        Some(gathered.max(self.pace.until()))
    }

    fn begin(&mut self, mut items: Vec<Item>, body: Vec<u8>, is_piece: bool, now: Now) -> Attempt {
        self.since = now.steady;
        for item in &mut items {
            item.attempts = item.attempts.saturating_add(1);
        }
        self.running += 1;
        self.on_way += items.len();
        Attempt { items, body: body.into(), round: self.pace.round(), is_piece }
    }

    /// Puts events back to be sent again, each at its place in the order of the log.
    fn back(&mut self, items: Vec<Item>) {
        for item in items.into_iter().rev() {
            let at = self.waiting.partition_point(|other| other.mark.position < item.mark.position);
            self.waiting.insert(at, item);
        }
    }

    fn settled(&mut self, item: &Item) {
        self.bytes = self.bytes.saturating_sub(item.encoded.len());
    }

    fn is_enough(&self) -> bool {
        self.pace.faults() >= FAULTS_MAX
    }
}

#[cfg(test)]
mod tests;
