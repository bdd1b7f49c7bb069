//! A scanned document and its texts.

use crate::logprobs::Repeat;
use crate::place::{PlaceId, Places};
use crate::tape::{NodeId, ParseError, Tape};
use crate::walk;
use bytes::Bytes;
use picket_event::Role;
use std::ops::Range;

/// One text of a document.
#[derive(Debug, Clone)]
pub struct Part {
    /// Whose words it is.
    pub role: Role,
    /// What it is.
    pub kind: PartKind,
    /// Index of the message that holds it.
    pub message: Option<u32>,
    /// Whether a reader takes it for running text, which the next such part of the same role may go on with.
    pub flows: bool,
    pub(crate) node: NodeId,
    /// The node within the JSON that `node` holds as its text.
    pub(crate) inner: Option<NodeId>,
    pub(crate) place: PlaceId,
    /// Whether more of the same text comes with later events of a stream.
    pub(crate) piece: bool,
    pub(crate) text: Text,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// The value of a string.
    Text,
    /// A member name that somebody chose.
    Name,
    /// The digits of a long number in a place where anything may stand; an edit makes it a string.
    Number,
    /// Text that should be JSON and is not whole: its escapes are undone as far as they go.
    Json,
    /// The text of a file that is carried in base64.
    File,
}

#[derive(Debug, Clone)]
pub(crate) enum Text {
    /// Bytes of the document.
    Plain(Range<usize>),
    /// Something that had escapes.
    Decoded(Box<str>),
}

/// What a walker has to know about a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Whose text it is where nothing else is said.
    pub(crate) role: Role,
    /// The member of the root whose elements are messages.
    pub(crate) list: Option<&'static str>,
    /// Whether it is an event of a stream.
    pub(crate) is_event: bool,
}

/// A document with all its texts.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) bytes: Bytes,
    pub(crate) tape: Tape,
    pub(crate) parts: Vec<Part>,
    pub(crate) places: Places,
    pub(crate) unscanned: Vec<String>,
    pub(crate) references: Vec<String>,
    pub(crate) calls: Vec<String>,
    pub(crate) repeats: Vec<Repeat>,
}

impl Document {
    /// Scans a document whose text belongs to `role` where nothing else is said.
    pub fn parse(bytes: Bytes, role: Role) -> Result<Self, ParseError> {
        Self::read(bytes, Shape { role, list: None, is_event: false })
    }

    pub(crate) fn read(bytes: Bytes, shape: Shape) -> Result<Self, ParseError> {
        let tape = Tape::scan(&bytes)?;
        Ok(walk::walk(bytes, tape, shape))
    }

    /// The bytes as they came.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Every text.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The text of a part.
    pub fn text<'a>(&'a self, part: &'a Part) -> &'a str {
        match &part.text {
            Text::Plain(range) => {
                self.bytes.get(range.clone()).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
            }
            Text::Decoded(text) => text,
        }
    }

    /// Where a part is, as a JSON pointer; a place inside JSON that a string holds follows after `#`.
    pub fn pointer(&self, part: &Part) -> String {
        self.places.pointer(&self.tape, &self.bytes, part.place)
    }

    /// What is in the document and is no text that can be scanned: kind and place.
    pub fn unscanned(&self) -> &[String] {
        &self.unscanned
    }

    pub(crate) fn member(&self, name: &str) -> Option<NodeId> {
        self.get(0, name)
    }

    pub(crate) fn get(&self, object: NodeId, name: &str) -> Option<NodeId> {
        self.tape.get(&self.bytes, object, name)
    }

    pub(crate) fn path(&self, names: &[&str]) -> Option<NodeId> {
        self.tape.path(&self.bytes, 0, names)
    }

    pub(crate) fn string_at(&self, node: Option<NodeId>) -> Option<String> {
        self.tape.text(&self.bytes, node?).map(std::borrow::Cow::into_owned)
    }

    pub(crate) fn number_at(&self, node: Option<NodeId>) -> Option<u64> {
        self.tape.number(&self.bytes, node?)
    }
}
