//! A scanned document and its texts.

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
    pub(crate) node: NodeId,
    pub(crate) text: Text,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// The value of a string.
    Text,
    /// A member name that somebody chose.
    Name,
    /// A string inside JSON that is itself inside a string, such as the arguments of a tool call.
    Nested {
        /// Node of the nested document, counted within it.
        inner: NodeId,
    },
}

#[derive(Debug, Clone)]
pub(crate) enum Text {
    /// Bytes of the document.
    Plain(Range<usize>),
    /// Something that had escapes.
    Decoded(Box<str>),
}

/// A document with all its texts.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) bytes: Bytes,
    pub(crate) tape: Tape,
    pub(crate) parts: Vec<Part>,
    pub(crate) unscanned: Vec<String>,
}

impl Document {
    /// Scans a document whose text belongs to `role` where nothing else is said.
    pub fn parse(bytes: Bytes, role: Role) -> Result<Self, ParseError> {
        let tape = Tape::scan(&bytes)?;
        let mut document = Self { bytes, tape, parts: Vec::new(), unscanned: Vec::new() };
        walk::walk(&mut document, role);
        Ok(document)
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

    /// Where a part is, as a JSON pointer.
    pub fn pointer(&self, part: &Part) -> String {
        self.tape.pointer(&self.bytes, part.node)
    }

    /// What is in the document and is no text that can be scanned: kind and place.
    pub fn unscanned(&self) -> &[String] {
        &self.unscanned
    }

    pub(crate) fn member(&self, name: &str) -> Option<NodeId> {
        self.tape.get(&self.bytes, 0, name)
    }

    pub(crate) fn string_at(&self, node: Option<NodeId>) -> Option<String> {
        self.tape.text(&self.bytes, node?).map(std::borrow::Cow::into_owned)
    }
}
