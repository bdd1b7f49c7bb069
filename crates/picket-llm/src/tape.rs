//! A strict JSON scanner. It walks the bytes once and notes where each value is, without building anything else.
//!
//! Stricter than RFC 8259 where two readers could read one text differently: duplicate member names and lone
//! surrogates are refused, and so is nesting beyond the limit.

use crate::escape::unescape;
pub use crate::scan::ParseError;
use std::borrow::Cow;
use std::ops::Range;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`; its members follow as name, value, name, value.
    Object,
    /// `[…]`; its elements follow.
    Array,
    /// `"…"`.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Whether a string has escapes.
    pub escaped: bool,
    /// First byte; of a string its quote.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Index of the node after this one and all that is inside it.
    pub after: u32,
}

/// The index of a node.
pub type NodeId = u32;

/// All values of a document, in the order in which they begin. Node 0 is the whole.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    nodes: Vec<Node>,
}

/// JSON that has no member twice and is not nested too deep, as a value.
pub fn strict(text: &[u8]) -> Result<serde_json::Value, StrictError> {
    Tape::scan(text)?;
    serde_json::from_slice(text).map_err(StrictError::Value)
}

/// Why a text is no such JSON.
#[derive(Debug, thiserror::Error)]
pub enum StrictError {
    /// It is none, or not that strict.
    #[error(transparent)]
    Text(#[from] ParseError),
    /// A value in it is beyond what can be held, such as a number of 400 digits.
    #[error("{0}")]
    Value(serde_json::Error),
}

impl Tape {
    pub(crate) fn new(nodes: Vec<Node>) -> Self {
        Self { nodes }
    }

    /// How many nodes there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is none, which only the default tape has.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The bytes of a node in its document.
    pub fn range(&self, id: NodeId) -> Option<Range<usize>> {
        let node = self.node(id)?;
        Some(usize::try_from(node.start).ok()?..usize::try_from(node.end).ok()?)
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> Option<Node> {
        self.nodes.get(usize::try_from(id).ok()?).copied()
    }

    /// The members of an object: name and value. Empty for anything else.
    pub fn members(&self, object: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> {
        let (mut next, end) = match self.node(object) {
            Some(node) if node.kind == Kind::Object => (object + 1, node.after),
            _ => (0, 0),
        };
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let (name, value) = (next, next + 1);
            next = self.node(value)?.after;
            Some((name, value))
        })
    }

    /// The elements of an array. Empty for anything else.
    pub fn elements(&self, array: NodeId) -> impl Iterator<Item = NodeId> {
        let (mut next, end) = match self.node(array) {
            Some(node) if node.kind == Kind::Array => (array + 1, node.after),
            _ => (0, 0),
        };
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let element = next;
            next = self.node(element)?.after;
            Some(element)
        })
    }

    /// The value of a member.
    pub fn get(&self, bytes: &[u8], object: NodeId, name: &str) -> Option<NodeId> {
        self.members(object)
            .find(|(key, _)| self.text(bytes, *key).is_some_and(|text| text == name))
            .map(|(_, value)| value)
    }

    /// The value at a path of member names.
    pub fn path(&self, bytes: &[u8], from: NodeId, names: &[&str]) -> Option<NodeId> {
        names.iter().try_fold(from, |object, name| self.get(bytes, object, name))
    }

    /// The text of a string, without its escapes.
    pub fn text<'a>(&self, bytes: &'a [u8], id: NodeId) -> Option<Cow<'a, str>> {
        let node = self.node(id).filter(|node| node.kind == Kind::String)?;
        let inner = bytes.get(usize::try_from(node.start).ok()? + 1..usize::try_from(node.end).ok()? - 1)?;
        let text = std::str::from_utf8(inner).ok()?;
        Some(if node.escaped { Cow::Owned(unescape(text)) } else { Cow::Borrowed(text) })
    }

    /// The bytes of a node as they are written.
    pub fn raw_text<'a>(&self, bytes: &'a [u8], id: NodeId) -> Option<&'a str> {
        std::str::from_utf8(raw(bytes, self.node(id)?)?).ok()
    }

    /// A number without fraction or sign.
    pub fn number(&self, bytes: &[u8], id: NodeId) -> Option<u64> {
        let node = self.node(id).filter(|node| node.kind == Kind::Number)?;
        std::str::from_utf8(raw(bytes, node)?).ok()?.parse().ok()
    }

    /// `true` or `false`.
    pub fn bool(&self, bytes: &[u8], id: NodeId) -> Option<bool> {
        let node = self.node(id).filter(|node| node.kind == Kind::Bool)?;
        Some(raw(bytes, node)? == b"true")
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> Option<Kind> {
        self.node(id).map(|node| node.kind)
    }
}

pub(crate) fn raw(bytes: &[u8], node: Node) -> Option<&[u8]> {
    bytes.get(usize::try_from(node.start).ok()?..usize::try_from(node.end).ok()?)
}

#[cfg(test)]
mod tests;
