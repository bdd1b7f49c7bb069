//! A strict JSON scanner. It walks the bytes once and notes where each value is, without building anything else.
//!
//! Stricter than RFC 8259 where two readers could read one text differently: duplicate member names and lone
//! surrogates are refused, and so is nesting beyond [`JSON_DEPTH_MAX`].

use picket_stdx::limits::JSON_DEPTH_MAX;
use std::borrow::Cow;
use std::collections::HashSet;

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

/// A text is not the JSON that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid JSON at byte {offset}: {message}")]
pub struct ParseError {
    /// Where.
    pub offset: usize,
    /// What is wrong.
    pub message: &'static str,
}

impl Tape {
    /// Scans a document.
    pub fn scan(bytes: &[u8]) -> Result<Self, ParseError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(ParseError { offset: 0, message: "the document is too long" });
        }
        if let Err(error) = std::str::from_utf8(bytes) {
            return Err(ParseError { offset: error.valid_up_to(), message: "not UTF-8" });
        }
        let mut scanner = Scanner { bytes, at: 0, nodes: Vec::with_capacity(bytes.len() / 24 + 8) };
        scanner.value(0)?;
        scanner.space();
        if scanner.at < bytes.len() {
            return Err(scanner.refuse("text after the document"));
        }
        Ok(Self { nodes: scanner.nodes })
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

    /// The JSON pointer (RFC 6901) of a node.
    pub fn pointer(&self, bytes: &[u8], target: NodeId) -> String {
        let mut pointer = String::new();
        let mut at = 0;
        while let Some(node) = self.node(at).filter(|_| at != target) {
            let inside = |value: &NodeId| self.node(*value).is_some_and(|node| (*value..node.after).contains(&target));
            let step = if node.kind == Kind::Object {
                let found = self.members(at).find(|(name, value)| *name == target || inside(value));
                found.map(|(name, value)| {
                    (
                        self.text(bytes, name).unwrap_or_default().replace('~', "~0").replace('/', "~1"),
                        value,
                        name == target,
                    )
                })
            } else {
                let found = self.elements(at).enumerate().find(|(_, value)| inside(value));
                found.map(|(index, value)| (index.to_string(), value, false))
            };
            let Some((name, next, is_name)) = step else { break };
            pointer.push('/');
            pointer.push_str(&name);
            if is_name {
                break;
            }
            at = next;
        }
        pointer
    }
}

fn raw(bytes: &[u8], node: Node) -> Option<&[u8]> {
    bytes.get(usize::try_from(node.start).ok()?..usize::try_from(node.end).ok()?)
}

/// The text of a string literal's inside, which the scanner has accepted.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut characters = after.chars();
        match characters.next() {
            Some('u') => {
                let (character, tail) = unicode_escape(characters.as_str());
                plain.push(character);
                rest = tail;
                continue;
            }
            Some(escape) => plain.push(simple_escape(escape)),
            None => {}
        }
        rest = characters.as_str();
    }
    plain.push_str(rest);
    plain
}

pub(crate) fn simple_escape(escape: char) -> char {
    match escape {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

/// The character after `\u`, and the rest; reads the second half of a surrogate pair too.
fn unicode_escape(text: &str) -> (char, &str) {
    let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let first = unit(text).unwrap_or(0xfffd);
    let rest = text.get(4..).unwrap_or_default();
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = rest.strip_prefix("\\u").and_then(unit)
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + second.wrapping_sub(0xdc00);
        return (char::from_u32(code).unwrap_or('\u{fffd}'), rest.get(6..).unwrap_or_default());
    }
    (char::from_u32(first).unwrap_or('\u{fffd}'), rest)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
}

impl Scanner<'_> {
    fn refuse(&self, message: &'static str) -> ParseError {
        ParseError { offset: self.at, message }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn begin(&mut self, kind: Kind) -> usize {
        let start = to_u32(self.at);
        self.nodes.push(Node { kind, escaped: false, start, end: start, after: 0 });
        self.nodes.len() - 1
    }

    fn finish(&mut self, index: usize, escaped: bool) {
        let (end, after) = (to_u32(self.at), to_u32(self.nodes.len()));
        if let Some(node) = self.nodes.get_mut(index) {
            (node.end, node.after, node.escaped) = (end, after, escaped);
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), ParseError> {
        self.space();
        if depth > JSON_DEPTH_MAX {
            return Err(self.refuse("nested too deeply"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string(),
            Some(b't') => self.literal(b"true", Kind::Bool),
            Some(b'f') => self.literal(b"false", Kind::Bool),
            Some(b'n') => self.literal(b"null", Kind::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.refuse("expected a value")),
            None => Err(self.refuse("the document ends too early")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), ParseError> {
        let index = self.begin(Kind::Object);
        self.at += 1;
        self.space();
        let mut names = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                self.space();
                if self.peek() != Some(b'"') {
                    return Err(self.refuse("expected a member name"));
                }
                names.push(self.nodes.len());
                self.string()?;
                self.space();
                self.expect(b':', "expected a colon")?;
                self.value(depth + 1)?;
                if !self.more(b'}')? {
                    break;
                }
            }
        }
        self.finish(index, false);
        self.refuse_duplicates(&names)
    }

    fn array(&mut self, depth: usize) -> Result<(), ParseError> {
        let index = self.begin(Kind::Array);
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.value(depth + 1)?;
                if !self.more(b']')? {
                    break;
                }
            }
        }
        self.finish(index, false);
        Ok(())
    }

    /// After an element: whether a comma announces another one.
    fn more(&mut self, close: u8) -> Result<bool, ParseError> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(self.refuse("expected a comma or the end of the list")),
            None => Err(self.refuse("the document ends too early")),
        }
    }

    fn expect(&mut self, byte: u8, message: &'static str) -> Result<(), ParseError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.refuse(message))
        }
    }

    fn literal(&mut self, word: &[u8], kind: Kind) -> Result<(), ParseError> {
        let index = self.begin(kind);
        if self.bytes.get(self.at..self.at + word.len()) != Some(word) {
            return Err(self.refuse("expected a value"));
        }
        self.at += word.len();
        self.finish(index, false);
        Ok(())
    }

    fn string(&mut self) -> Result<(), ParseError> {
        let index = self.begin(Kind::String);
        self.at += 1;
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(skip) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.refuse("a string does not end"));
            };
            if let Some(control) = rest.iter().take(skip).position(|byte| *byte < 0x20) {
                self.at += control;
                return Err(self.refuse("a control character inside a string"));
            }
            self.at += skip + 1;
            if rest.get(skip) == Some(&b'"') {
                break;
            }
            escaped = true;
            self.escape()?;
        }
        self.finish(index, escaped);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), ParseError> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let first = self.unit()?;
                if (0xdc00..0xe000).contains(&first) {
                    return Err(self.refuse("a lone surrogate"));
                }
                if (0xd800..0xdc00).contains(&first) {
                    if self.peek() != Some(b'\\') || self.bytes.get(self.at + 1) != Some(&b'u') {
                        return Err(self.refuse("a lone surrogate"));
                    }
                    self.at += 1;
                    if !(0xdc00..0xe000).contains(&self.unit()?) {
                        return Err(self.refuse("a lone surrogate"));
                    }
                }
                Ok(())
            }
            _ => Err(self.refuse("an unknown escape")),
        }
    }

    /// Reads `uXXXX`.
    fn unit(&mut self) -> Result<u32, ParseError> {
        let digits = self.bytes.get(self.at + 1..self.at + 5).unwrap_or_default();
        let valid = digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(digits).unwrap_or_default();
        match u32::from_str_radix(text, 16) {
            Ok(unit) if valid => {
                self.at += 5;
                Ok(unit)
            }
            _ => Err(self.refuse("an unknown escape")),
        }
    }

    fn number(&mut self) -> Result<(), ParseError> {
        let index = self.begin(Kind::Number);
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.refuse("a malformed number")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.finish(index, false);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), ParseError> {
        let begin = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > begin { Ok(()) } else { Err(self.refuse("a malformed number")) }
    }

    fn refuse_duplicates(&self, names: &[usize]) -> Result<(), ParseError> {
        let tape = TapeView { nodes: &self.nodes, bytes: self.bytes };
        let duplicate = if names.len() <= 12 {
            let texts: Vec<_> = names.iter().map(|name| tape.name(*name)).collect();
            texts.iter().enumerate().any(|(at, text)| texts.iter().take(at).any(|earlier| earlier == text))
        } else {
            let mut seen = HashSet::with_capacity(names.len());
            names.iter().any(|name| !seen.insert(tape.name(*name)))
        };
        if duplicate { Err(self.refuse("an object names a member twice")) } else { Ok(()) }
    }
}

struct TapeView<'a> {
    nodes: &'a [Node],
    bytes: &'a [u8],
}

impl<'a> TapeView<'a> {
    fn name(&self, index: usize) -> Cow<'a, str> {
        let node = self.nodes.get(index).copied();
        let inner = node.and_then(|node| raw(self.bytes, node)).and_then(|raw| std::str::from_utf8(raw).ok());
        let inner = inner.and_then(|text| text.get(1..text.len().saturating_sub(1))).unwrap_or_default();
        if node.is_some_and(|node| node.escaped) { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
    }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
