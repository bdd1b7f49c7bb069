//! What producers hand to the log.

use crate::EventLog;
use picket_bodies::{NewBody, SealedBody};
use picket_event::{BodyClass, Event, EventType};
use serde_json::Value;

/// Role of the body that holds an event's facts.
pub(crate) const FACTS: &str = "facts";
/// Tools that an entry names; the facts name them all.
const ENTRY_TOOLS_MAX: usize = 64;
/// Facts beyond this are shortened, since a caller can make them as long as a request.
const FACTS_BYTES_MAX: usize = 256 * 1024;
/// Items of a list and bytes of a text that are left, until the facts are short enough. Ids and digests stay whole.
const SHORTER: [(usize, usize); 3] = [(64, 512), (16, 256), (4, 128)];

/// An event with its sealed bodies, ready to be appended.
#[derive(Debug, Clone)]
pub struct Record {
    pub(crate) event: Box<Event>,
    pub(crate) bodies: Vec<SealedBody>,
    pub(crate) stage: Stage,
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
    /// Marks the record as `request.received`: it is no event of its own until it is closed.
    #[must_use]
    pub fn received(mut self) -> Self {
        self.stage = Stage::Received;
        self
    }

    /// Marks the record as the closing entry of a request, and of its `request.received` if it has one.
    #[must_use]
    pub fn closes(mut self, received: Option<u64>) -> Self {
        self.stage = Stage::Closes(received);
        self
    }

    /// The type that the entry carries.
    pub(crate) fn entry_type(&self) -> EventType {
        match self.stage {
            Stage::Single => self.event.event_type.clone(),
            Stage::Received => EventType::REQUEST_RECEIVED,
            Stage::Closes(_) => EventType::REQUEST_COMPLETED,
        }
    }
}

impl EventLog {
    /// Seals an event and its contents on the calling thread. The facts are the event itself, as JSON, without what the
    /// log adds. `event.bodies` may name roles that stand behind the request's `request.received`.
    pub fn prepare(&self, mut event: Event, contents: &[NewBody<'_>]) -> Record {
        (event.recorded_at, event.user_id, event.log) = (None, None, None);
        event.bodies.extend(contents.iter().map(|body| body.role.to_owned()));
        let facts = facts(&event);
        event.tools.truncate(ENTRY_TOOLS_MAX);
        let facts = NewBody {
            role: FACTS,
            class: BodyClass::Facts,
            media_type: "application/json",
            bytes: &facts,
            truncated: false,
        };
        let bodies = std::iter::once(&facts).chain(contents).map(|body| self.0.bodies.seal(self.id(), body)).collect();
        Record { event: Box::new(event), bodies, stage: Stage::Single }
    }
}

/// The facts of an event as JSON. What is too long loses the ends of its lists and texts, and still reads as an event.
fn facts(event: &Event) -> Vec<u8> {
    // The schema has no map with other than text keys, so writing it cannot fail.
    let whole = serde_json::to_vec(event).unwrap_or_default();
    if whole.len() <= FACTS_BYTES_MAX {
        return whole;
    }
    let mut value = serde_json::to_value(event).unwrap_or_default();
    // Lists stand in lists, so one length for all would not bound the whole.
    for (items, bytes) in SHORTER {
        shorten(&mut value, items, bytes);
        let short = serde_json::to_vec(&value).unwrap_or_default();
        if short.len() <= FACTS_BYTES_MAX {
            return short;
        }
    }
    serde_json::to_vec(&value).unwrap_or_default()
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
