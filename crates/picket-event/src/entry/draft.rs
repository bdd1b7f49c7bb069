//! An entry that is written ahead, all but what only the writer of the log knows.
//!
//! The writer is one thread for all producers, so they write what they can: the canonical bytes, with holes for the
//! members that depend on the place in the log. Filled, a draft is what [`Entry::to_canonical`] writes.

use super::{BodyRef, ENTRY_BYTES_MAX, Entry, EntryError, INTEGER_MAX, NameKind, Place};
use crate::{Event, EventType};
use picket_stdx::Timestamp;
use std::convert::Infallible;
use std::io::Write as _;

/// The names that dictionary ids stand for, or those ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Application.
    pub application: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Tools.
    pub tools: Vec<String>,
    /// User.
    pub user: Option<String>,
}

impl Names {
    /// The same members with what `change` makes of each, such as its dictionary id.
    pub fn map<E>(&self, mut change: impl FnMut(NameKind, &str) -> Result<String, E>) -> Result<Self, E> {
        let mut each = |kind, name: &Option<String>| name.as_deref().map(|name| change(kind, name)).transpose();
        Ok(Self {
            application: each(NameKind::Application, &self.application)?,
            model: each(NameKind::Model, &self.model)?,
            team: each(NameKind::Team, &self.team)?,
            user: each(NameKind::User, &self.user)?,
            tools: self.tools.iter().map(|tool| change(NameKind::Tool, tool)).collect::<Result<_, _>>()?,
        })
    }
}

/// Members that only the writer knows.
#[derive(Debug, Clone, Copy)]
enum Hole {
    Application,
    Model,
    Received,
    Seq,
    Team,
    Tools,
    Ts,
    Type,
    User,
}

/// Each hole, and what stands in its place before it is cut out, in the order of an entry. None can stand anywhere else:
/// a quote inside a text is escaped, and no member of a member has such a name.
const HOLES: [(Hole, &[u8]); 9] = [
    (Hole::Application, b"\"application\":\"\""),
    (Hole::Model, b"\"model\":\"\""),
    // Left out when there is none, so its comma goes with it.
    (Hole::Received, b"\"received\":0,"),
    (Hole::Seq, b"\"seq\":0"),
    (Hole::Team, b"\"team\":\"\""),
    (Hole::Tools, b"\"tools\":[\"\"]"),
    (Hole::Ts, b"\"ts\":\"\""),
    (Hole::Type, b"\"type\":\"\""),
    (Hole::User, b"\"user\":\"\""),
];
/// Room for what fills the holes.
const HOLES_BYTES: usize = 320;

/// An entry with holes.
#[derive(Debug, Clone)]
pub struct Draft {
    bytes: Vec<u8>,
    /// Where in `bytes` each hole is.
    holes: Vec<(Hole, usize)>,
    names: Names,
    /// The same, to be read; its holes are empty.
    entry: Entry,
}

impl Draft {
    /// The draft of an event's entry in a log.
    pub fn new(log: &str, event: &Event, bodies: Vec<BodyRef>) -> Result<Self, EntryError> {
        let place = Place { log, position: 0, at: Timestamp::default(), received: Some(0) };
        let Ok(mut entry) = Entry::of(event, &place, bodies, |_kind, _name| Ok::<_, Infallible>(String::new()));
        (entry.event_type, entry.ts) = (EventType::NONE, String::new());
        entry.tools.truncate(1);
        let names = Names {
            application: event.application.clone(),
            model: event.model.clone(),
            team: event.team.clone(),
            tools: event.tools.clone(),
            user: event.user.clone(),
        };
        let whole = entry.to_canonical()?;
        let (bytes, holes) = (Vec::with_capacity(whole.len()), Vec::with_capacity(HOLES.len()));
        let mut draft = Self { bytes, holes, names, entry };
        let mut rest = whole.as_slice();
        for (hole, placeholder) in HOLES {
            let found = memchr::memmem::find(rest, placeholder);
            let Some((before, after)) = found.and_then(|at| rest.split_at_checked(at)) else { continue };
            draft.bytes.extend_from_slice(before);
            draft.holes.push((hole, draft.bytes.len()));
            rest = after.get(placeholder.len()..).unwrap_or_default();
        }
        draft.bytes.extend_from_slice(rest);
        Ok(draft)
    }

    /// The names that want dictionary ids.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The canonical bytes of the entry of this type at `place`. `ids` are those of [`names`](Self::names).
    pub fn fill(&self, place: &Place<'_>, entry_type: &EventType, ids: &Names) -> Result<Vec<u8>, EntryError> {
        if place.position > INTEGER_MAX || place.received.is_some_and(|received| received > INTEGER_MAX) {
            return Err(EntryError::IntegerTooLarge);
        }
        let mut bytes = Vec::with_capacity(self.bytes.len() + HOLES_BYTES);
        let mut done = 0;
        for (hole, at) in &self.holes {
            bytes.extend_from_slice(self.bytes.get(done..*at).unwrap_or_default());
            done = *at;
            write_member(&mut bytes, *hole, (place, entry_type, ids)).map_err(EntryError::Malformed)?;
        }
        bytes.extend_from_slice(self.bytes.get(done..).unwrap_or_default());
        if bytes.len() > ENTRY_BYTES_MAX { Err(EntryError::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// The entry that [`fill`](Self::fill) wrote, as it would be read.
    pub fn into_entry(self, place: &Place<'_>, entry_type: EventType, ids: Names) -> Entry {
        let Names { application, model, team, tools, user } = ids;
        let (seq, received, ts) = (place.position, place.received, place.at.to_rfc3339_micros());
        Entry { application, model, team, tools, user, seq, received, ts, event_type: entry_type, ..self.entry }
    }
}

fn write_member(
    bytes: &mut Vec<u8>,
    hole: Hole,
    (place, entry_type, ids): (&Place<'_>, &EventType, &Names),
) -> Result<(), serde_json::Error> {
    let written = match hole {
        Hole::Received => place.received.map_or(Ok(()), |received| write!(bytes, "\"received\":{received},")),
        Hole::Seq => write!(bytes, "\"seq\":{}", place.position),
        Hole::Ts => write!(bytes, "\"ts\":\"{}\"", place.at.to_rfc3339_micros()),
        Hole::Type => return write_text(bytes, b"\"type\":", Some(entry_type.as_str())),
        Hole::Application => return write_text(bytes, b"\"application\":", ids.application.as_deref()),
        Hole::Model => return write_text(bytes, b"\"model\":", ids.model.as_deref()),
        Hole::Team => return write_text(bytes, b"\"team\":", ids.team.as_deref()),
        Hole::User => return write_text(bytes, b"\"user\":", ids.user.as_deref()),
        Hole::Tools => {
            bytes.extend_from_slice(b"\"tools\":");
            return serde_json::to_writer(bytes, &ids.tools);
        }
    };
    written.map_err(serde_json::Error::io)
}

fn write_text(bytes: &mut Vec<u8>, name: &[u8], value: Option<&str>) -> Result<(), serde_json::Error> {
    bytes.extend_from_slice(name);
    serde_json::to_writer(bytes, value.unwrap_or_default())
}

#[cfg(test)]
mod tests;
