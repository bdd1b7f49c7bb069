//! What producers hand to the log.

use crate::EventLog;
use picket_bodies::{NewBody, SealedBody};
use picket_event::entry::{Draft, EntryError};
use picket_event::{BodyClass, Event, EventId, EventType};
use serde_json::Value;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Role of the body that holds an event's facts.
pub(crate) const FACTS: &str = "facts";
/// Tools that an entry names; the facts name them all.
const ENTRY_TOOLS_MAX: usize = 64;
/// Facts beyond this are shortened, since a caller can make them as long as a request.
const FACTS_BYTES_MAX: usize = 256 * 1024;
/// Items of a list and bytes of a text that are left, until the facts are short enough. Ids and digests stay whole.
const SHORTER: [(usize, usize); 3] = [(64, 512), (16, 256), (4, 128)];

/// An event with its sealed bodies, ready to be appended.
#[derive(Debug)]
pub struct Record {
    pub(crate) head: Head,
    /// The entry, but for what only the writer knows; or why there can be none.
    pub(crate) draft: Result<Draft, Arc<EntryError>>,
    pub(crate) bodies: Vec<SealedBody>,
    /// The event as its facts tell it, and how many bytes they are; `None` if they do not tell the whole of it.
    pub(crate) event: Option<(Box<Event>, usize)>,
    /// Lives until the record is durable, or never will be.
    pub(crate) held: Option<Box<dyn Any + Send + Sync>>,
}

/// Takes back a record that could not be written, so that it can be appended again. Called on any thread, perhaps on the
/// writer's: it may not wait, nor ask the log.
pub type TakeBack = Arc<dyn Fn(Arc<Record>) + Send + Sync>;

/// A record on its way into the log. Whatever undoes the way (a full queue, a batch that fails, a panic) gives the record
/// back to whoever wants it back.
pub(crate) struct Passing {
    record: Arc<Record>,
    back: Option<TakeBack>,
}

impl Passing {
    pub(crate) fn new(record: impl Into<Arc<Record>>, back: Option<TakeBack>) -> Self {
        Self { record: record.into(), back }
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// The record is durable, or never will be: nobody gets it back. It comes out, unless somebody else keeps it.
    pub(crate) fn arrived(mut self) -> Option<Record> {
        self.back = None;
        let record = Arc::clone(&self.record);
        drop(self);
        Arc::into_inner(record)
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(back) = self.back.take() {
            back(Arc::clone(&self.record));
        }
    }
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Passing").field(&self.record).finish()
    }
}

/// Which event a record is of, and what of it.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) event: EventId,
    pub(crate) stage: Stage,
    event_type: EventType,
}

/// Where a record stands in the life of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// One entry, one event.
    Single,
    /// The request goes upstream; its closing entry follows.
    Received,
    /// The request ended; the position is that of its `request.received`.
    Closes(Option<u64>),
}

impl Record {
    /// Everything that can be done ahead of the writer, which is one thread for all.
    fn new(log: &str, mut event: Box<Event>, bodies: Vec<SealedBody>, facts: Option<usize>) -> Self {
        let beyond = event.tools.split_off(event.tools.len().min(ENTRY_TOOLS_MAX));
        let references = bodies.iter().map(|body| body.reference.clone()).collect();
        let draft = Draft::new(log, &event, references).map_err(Arc::new);
        event.tools.extend(beyond);
        let head = Head { event: event.event_id, stage: Stage::Single, event_type: event.event_type.clone() };
        Self { head, draft, bodies, event: facts.map(|bytes| (event, bytes)), held: None }
    }

    /// The event that it is of.
    pub fn event(&self) -> EventId {
        self.head.event
    }

    /// About how much memory its contents take up.
    pub fn bytes(&self) -> usize {
        let bodies: usize = self.bodies.iter().map(SealedBody::stored_bytes).sum();
        bodies + self.event.as_ref().map_or(0, |(_, facts)| *facts)
    }

    /// Marks the record as `request.received`: it is no event of its own until it is closed.
    #[must_use]
    pub fn received(mut self) -> Self {
        self.head.stage = Stage::Received;
        self
    }

    /// Marks the record as the closing entry of a request, and of its `request.received` if it has one.
    #[must_use]
    pub fn closes(mut self, received: Option<u64>) -> Self {
        self.head.stage = Stage::Closes(received);
        self
    }
}

impl Record {
    /// Keeps something alive until the record is durable, or is given up: a mark that it is on its way.
    #[must_use]
    pub fn holding(mut self, mark: impl Any + Send + Sync) -> Self {
        self.held = Some(Box::new(mark));
        self
    }
}

impl Head {
    /// The event's key in tables.
    pub(crate) fn key(&self) -> [u8; 16] {
        self.event.to_bits().to_be_bytes()
    }

    /// The type that the entry carries.
    pub(crate) fn entry_type(&self) -> EventType {
        match self.stage {
            Stage::Single => self.event_type.clone(),
            Stage::Received => EventType::REQUEST_RECEIVED,
            Stage::Closes(_) => EventType::REQUEST_COMPLETED,
        }
    }
}

impl EventLog {
    /// A record of which the entry says everything: the log writes no facts, and what an entry cannot hold is not kept. For
    /// counters and marks.
    pub fn prepare_bare(&self, event: Event) -> Record {
        Record::new(self.id(), Box::new(event), Vec::new(), None)
    }

    /// Seals an event and its contents on the calling thread. The facts are the event itself, as JSON, without what the
    /// log adds. `event.bodies` may name roles that stand behind the request's `request.received`.
    pub fn prepare(&self, event: impl Into<Box<Event>>, contents: &[NewBody<'_>]) -> Record {
        let mut event = event.into();
        (event.recorded_at, event.user_id, event.log) = (None, None, None);
        event.bodies.extend(contents.iter().map(|body| body.role.to_owned()));
        let (facts, is_whole) = facts(&event);
        let bytes = is_whole.then_some(facts.len());
        let facts = NewBody {
            role: FACTS,
            class: BodyClass::Facts,
            media_type: "application/json",
            bytes: &facts,
            truncated: false,
        };
        let bodies = std::iter::once(&facts).chain(contents).map(|body| self.0.bodies.seal(self.id(), body)).collect();
        Record::new(self.id(), event, bodies, bytes)
    }
}

/// The facts of an event as JSON, and whether they are all of it. What is too long loses the ends of its lists and texts,
/// and still reads as an event.
fn facts(event: &Event) -> (Vec<u8>, bool) {
    // The schema has no map with other than text keys, so writing it cannot fail.
    let whole = serde_json::to_vec(event).unwrap_or_default();
    if whole.len() <= FACTS_BYTES_MAX {
        return (whole, true);
    }
    let mut value = serde_json::to_value(event).unwrap_or_default();
    // Lists stand in lists, so one length for all would not bound the whole.
    for (items, bytes) in SHORTER {
        shorten(&mut value, items, bytes);
        let short = serde_json::to_vec(&value).unwrap_or_default();
        if short.len() <= FACTS_BYTES_MAX {
            return (short, false);
        }
    }
    (serde_json::to_vec(&value).unwrap_or_default(), false)
}

fn shorten(value: &mut Value, list: usize, bytes: usize) {
    match value {
        Value::String(text) => text.truncate(text.floor_char_boundary(bytes)),
        Value::Array(items) => {
            items.truncate(list);
            items.iter_mut().for_each(|item| shorten(item, list, bytes));
        }
        Value::Object(members) => members.values_mut().for_each(|member| shorten(member, list, bytes)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
