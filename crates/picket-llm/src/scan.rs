//! The scanner behind [`Tape::scan`]: one pass over the bytes, recursion bounded by [`JSON_DEPTH_MAX`].

use crate::escape::unescape;
use crate::tape::{Kind, Node, Tape, raw};
use picket_stdx::limits::JSON_DEPTH_MAX;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

/// Up to so many members, comparing each with each is faster than hashing.
const FEW_MEMBERS: usize = 12;

/// A text is not the JSON that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid JSON at byte {offset}: {message}")]
pub struct ParseError {
    /// Where, in bytes.
    pub offset: usize,
    /// Where, as the JSON pointer of the value that was being read. It may hold the writer's own words.
    pub pointer: String,
    /// What is wrong.
    pub message: &'static str,
}

impl ParseError {
    /// A complaint about the document as a whole.
    pub(crate) fn whole(message: &'static str) -> Self {
        Self { offset: 0, pointer: String::new(), message }
    }
}

/// What is wrong, and where.
struct Wrong {
    offset: usize,
    message: &'static str,
}

/// Notes every value of a document.
pub(crate) fn scan(bytes: &[u8]) -> Result<Vec<Node>, ParseError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(ParseError::whole("the document is too long"));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(ParseError { offset: error.valid_up_to(), ..ParseError::whole("not UTF-8") });
    }
    let mut scanner = Scanner { bytes, at: 0, nodes: Vec::with_capacity(bytes.len() / 64 + 8) };
    match scanner.document() {
        Ok(()) => Ok(scanner.nodes),
        Err(Wrong { offset, message }) => Err(ParseError { offset, pointer: scanner.place(), message }),
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Wrong> {
        self.value(0)?;
        self.space();
        if self.at < self.bytes.len() { Err(self.refuse("text after the document")) } else { Ok(()) }
    }

    fn refuse(&self, message: &'static str) -> Wrong {
        Wrong { offset: self.at, message }
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

    fn value(&mut self, depth: usize) -> Result<(), Wrong> {
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

    fn object(&mut self, depth: usize) -> Result<(), Wrong> {
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
        self.refuse_duplicates(&names)?;
        self.finish(index, false);
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Wrong> {
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
    fn more(&mut self, close: u8) -> Result<bool, Wrong> {
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

    fn expect(&mut self, byte: u8, message: &'static str) -> Result<(), Wrong> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.refuse(message))
        }
    }

    fn literal(&mut self, word: &[u8], kind: Kind) -> Result<(), Wrong> {
        let index = self.begin(kind);
        if self.bytes.get(self.at..self.at + word.len()) != Some(word) {
            return Err(self.refuse("expected a value"));
        }
        self.at += word.len();
        self.finish(index, false);
        Ok(())
    }

    fn string(&mut self) -> Result<(), Wrong> {
        let index = self.begin(Kind::String);
        self.at += 1;
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let skip = memchr::memchr2(b'"', b'\\', rest);
            let run = rest.get(..skip.unwrap_or(rest.len())).unwrap_or_default();
            // Without branches, so that it runs many bytes at a time; the place is looked for only when there is one.
            if run.iter().map(|byte| u8::from(*byte < 0x20)).fold(0, std::ops::BitOr::bitor) != 0 {
                self.at += run.iter().position(|byte| *byte < 0x20).unwrap_or(0);
                return Err(self.refuse("a control character inside a string"));
            }
            let Some(skip) = skip else {
                self.at = self.bytes.len();
                return Err(self.refuse("a string does not end"));
            };
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

    fn escape(&mut self) -> Result<(), Wrong> {
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
    fn unit(&mut self) -> Result<u32, Wrong> {
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

    fn number(&mut self) -> Result<(), Wrong> {
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

    fn digits(&mut self) -> Result<(), Wrong> {
        let begin = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > begin { Ok(()) } else { Err(self.refuse("a malformed number")) }
    }

    fn refuse_duplicates(&self, names: &[usize]) -> Result<(), Wrong> {
        let duplicate = if names.len() <= FEW_MEMBERS {
            let texts: Vec<_> = names.iter().map(|name| self.name(*name)).collect();
            (1..names.len()).find(|at| texts.iter().take(*at).any(|earlier| texts.get(*at) == Some(earlier)))
        } else {
            let mut seen = HashSet::with_capacity(names.len());
            names.iter().position(|name| !seen.insert(self.name(*name)))
        };
        let Some(name) = duplicate.and_then(|at| self.nodes.get(*names.get(at)?)) else { return Ok(()) };
        let offset = usize::try_from(name.start).unwrap_or(0);
        Err(Wrong { offset, message: "an object names a member twice" })
    }

    fn name(&self, index: usize) -> Cow<'_, str> {
        let node = self.nodes.get(index).copied();
        let inner = node.and_then(|node| raw(self.bytes, node)).and_then(|raw| std::str::from_utf8(raw).ok());
        let inner = inner.and_then(|text| text.get(1..text.len().saturating_sub(1))).unwrap_or_default();
        if node.is_some_and(|node| node.escaped) { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
    }

    /// The place of what was being read when the scan stopped: containers that are not finished, outermost first.
    fn place(&self) -> String {
        let mut pointer = String::new();
        let mut at = 0;
        while let Some(open) = self.nodes.get(at).filter(|node| node.after == 0) {
            let (mut child, mut finished, mut last) = (at + 1, 0_usize, None);
            while let Some(node) = self.nodes.get(child).filter(|node| node.after != 0) {
                (finished, last) = (finished + 1, Some(child));
                child = usize::try_from(node.after).unwrap_or(usize::MAX);
            }
            match open.kind {
                // Names and values alternate: an odd count ends with the name of the value that is not finished.
                Kind::Object if finished % 2 == 1 => {
                    let name = last.map(|name| self.name(name)).unwrap_or_default();
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                Kind::Array => write!(pointer, "/{finished}").unwrap_or_default(),
                _ => {}
            }
            at = child;
        }
        pointer
    }
}

impl Tape {
    /// Scans a document.
    pub fn scan(bytes: &[u8]) -> Result<Self, ParseError> {
        scan(bytes).map(Self::new)
    }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
