//! The log as destinations read it: what several of them read is read, opened and parsed once.

use crate::flow::Item;
use crate::progress::Mark;
use crate::subscription::{REPORTS, Subscription};
use bytes::Bytes;
use picket_event::Event;
use picket_log::{EventLog, LoggedEvent, ReadError, contents};
use picket_receivers::Receiver;
use picket_render::{Body, Subject};
use picket_stdx::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Entries that are read at a time.
const BLOCK: u64 = 512;
/// Blocks that are kept for others.
const BLOCKS_MAX: usize = 16;
/// How long. What is erased in the log does not stay here.
const KEPT: Duration = Duration::from_secs(5);
/// Bytes of a prompt or an answer; what is longer is cut.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Encoded bytes of one read; one event may go beyond.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// A shared view of one log.
#[derive(Debug)]
pub(crate) struct Source {
    log: EventLog,
    shelf: Mutex<VecDeque<Block>>,
}

/// Entries of the log, one after the other.
type Events = Arc<[Arc<LoggedEvent>]>;

/// A whole block, which whoever comes first reads while the others wait for it.
#[derive(Debug, Clone)]
struct Block {
    from: u64,
    events: Arc<Mutex<Option<Events>>>,
    at: Duration,
}

/// What was read for one destination.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Retention dropped what was before.
    pub(crate) lost_to: Option<u64>,
    /// What was looked at ends before.
    pub(crate) to: u64,
    /// Events that it wants.
    pub(crate) items: Vec<Item>,
    /// Events that its receiver's language cannot hold, with the reason.
    pub(crate) misfits: Vec<(Item, String)>,
    /// Open positions that are no longer in the log.
    pub(crate) expired: Vec<u64>,
}

impl Source {
    pub(crate) fn new(log: EventLog) -> Self {
        Self { log, shelf: Mutex::default() }
    }

    /// Entries from a position on: at most a block, and none at the end of the log.
    fn block(&self, from: u64) -> Result<Events, ReadError> {
        if !self.is_whole(from) {
            return self.load(from);
        }
        let begin = from - from % BLOCK;
        let shelved = self.shelved(begin);
        let mut slot = shelved.lock().unwrap_or_else(PoisonError::into_inner);
        let events = match slot.as_ref() {
            Some(events) => events,
            None => slot.insert(self.load(begin)?),
        };
        Ok(after(events, from))
    }

    /// Reads the block behind that of a position, if it is whole and nobody has: the next read finds it, which was
    /// written for a receiver's language meanwhile.
    pub(crate) fn read_ahead(&self, from: u64) {
        let next = from - from % BLOCK + BLOCK;
        if self.is_whole(next) {
            // What cannot be read is an error where it is wanted.
            let _unread = self.block(next);
        }
    }

    /// Whether the log goes on to the end of a position's block.
    fn is_whole(&self, from: u64) -> bool {
        from - from % BLOCK + BLOCK <= self.log.size()
    }

    fn load(&self, from: u64) -> Result<Events, ReadError> {
        Ok(self.log.batch(from, usize::try_from(BLOCK).unwrap_or(usize::MAX))?.into())
    }

    /// Keeps nothing for others that was read before.
    pub(crate) fn forget(&self) {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The place of a block, which is empty until somebody has read it.
    fn shelved(&self, begin: u64) -> Arc<Mutex<Option<Events>>> {
        let now = self.log.clock().steady();
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.retain(|block| now.saturating_sub(block.at) < KEPT);
        if let Some(found) = shelf.iter().find(|block| block.from == begin) {
            return Arc::clone(&found.events);
        }
        if shelf.len() == BLOCKS_MAX {
            shelf.pop_front();
        }
        let events = Arc::default();
        shelf.push_back(Block { from: begin, events: Arc::clone(&events), at: now });
        events
    }

    /// Reads on for a destination, from a position to at most a block further, and no more than `most` events of it.
    pub(crate) fn read(
        &self,
        (from, most): (u64, usize),
        subscription: &Subscription,
        receiver: &Receiver,
    ) -> Result<Read, ReadError> {
        let block = self.block(from)?;
        let Some((first, last)) = block.first().zip(block.last()) else {
            // At the end of the log; or retention took all of the block while it was read.
            let kept = self.log.first()?;
            return Ok(Read { lost_to: (kept > from).then_some(kept), to: from.max(kept), ..Read::default() });
        };
        let mut read = Read {
            lost_to: (first.position > from).then_some(first.position),
            to: last.position + 1,
            ..Read::default()
        };
        let mut bytes = 0;
        for logged in block.iter() {
            if let Some(event) = logged.event.as_deref().filter(|event| subscription.wants(event)) {
                let bodies = self.bodies(event, subscription)?;
                bytes += read.take(logged.position, (event, &bodies), receiver);
            }
            if bytes >= READ_BYTES_MAX || read.items.len() + read.misfits.len() >= most {
                read.to = logged.position + 1;
                break;
            }
        }
        Ok(read)
    }

    /// Reads open positions again.
    pub(crate) fn read_again(
        &self,
        positions: &[u64],
        subscription: &Subscription,
        receiver: &Receiver,
    ) -> Result<Read, ReadError> {
        let mut read = Read::default();
        let mut rest = positions.iter().copied().peekable();
        for event in self.log.events(positions)? {
            let Some(place) = &event.log else { continue };
            while let Some(gone) = rest.next_if(|position| *position < place.completed) {
                read.expired.push(gone);
            }
            rest.next_if_eq(&place.completed);
            let bodies = self.bodies(&event, subscription)?;
            read.take(place.completed, (&event, &bodies), receiver);
        }
        read.expired.extend(rest);
        Ok(read)
    }

    /// What was said in an event, where the destination is sent that.
    fn bodies(&self, event: &Event, subscription: &Subscription) -> Result<Vec<Body>, ReadError> {
        if !subscription.has_bodies || event.bodies.is_empty() {
            return Ok(Vec::new());
        }
        let said = contents(&self.log, event)?.into_iter().filter(|content| content.role != "evidence");
        let bodies = said.map(|mut content| {
            let is_cut = cut(&mut content.bytes);
            let (role, is_truncated) = (content.role.clone(), content.truncated || is_cut);
            Body { role, content: content.into_json(), is_truncated }
        });
        Ok(bodies.collect())
    }
}

impl Read {
    /// Takes an event; how long it is.
    fn take(&mut self, position: u64, (event, bodies): (&Event, &[Body]), receiver: &Receiver) -> usize {
        let subject = Subject::new(event).with_bodies(bodies);
        let mark = Mark {
            position,
            hour: hour_of(event.timestamp),
            is_report: event.event_type.as_str().starts_with(REPORTS),
        };
        let mut encoded = Vec::new();
        let written = receiver.encode(&subject, &mut encoded);
        let length = encoded.len();
        let names = (subject.id().to_owned(), subject.name().to_owned());
        let times = (event.timestamp, event.recorded_at.unwrap_or(event.timestamp));
        let item = Item::new(mark, names, times, Bytes::from(encoded));
        match written {
            Ok(()) => self.items.push(item),
            Err(error) => self.misfits.push((item, format!("it cannot be written for the receiver: {error}"))),
        }
        length
    }
}

/// Cuts a body that is too long, between two characters where it is a text; whether it was.
fn cut(bytes: &mut Vec<u8>) -> bool {
    if bytes.len() <= BODY_BYTES_MAX {
        return false;
    }
    bytes.truncate(BODY_BYTES_MAX);
    if let Err(error) = std::str::from_utf8(bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    true
}

fn after(block: &Events, from: u64) -> Events {
    match block.first() {
        Some(first) if first.position < from => {
            block.iter().filter(|logged| logged.position >= from).cloned().collect()
        }
        _ => Arc::clone(block),
    }
}

/// The hour in which something happened, counted from 1970.
pub(crate) fn hour_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(HOUR_MS)
}
