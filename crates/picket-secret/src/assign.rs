//! What is assigned to a name: in environments, YAML, JSON, TOML, code of many languages, flags and prose.
//!
//! A name and what follows it are read from left to right, and nothing behind the value counts but the byte where it ends:
//! the guard of streams sees values before they are over and must come to the same result.

use super::runs::CONTEXT_BYTES;

/// The longest value, in bytes.
const VALUE_BYTES_MAX: usize = 1_024;
/// Bytes of a name on either side of the word that it was found by.
const NAME_BYTES_MAX: usize = 40;
/// Spaces that align values.
const SPACES_MAX: usize = 32;

/// A value and how it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
    /// What joins it to its name.
    pub(super) joint: Joint,
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// `=`, `:`, `=>` and their like.
    Sign,
    /// `is`.
    Is,
    /// Only spaces, or a comma or a bracket before a quote.
    Loose,
}

/// Where the name begins and ends that has the word from `start` to `end` in it, unless it is too long for one.
pub(super) fn name(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$' | 0x80..);
    let before = bytes.get(..start).unwrap_or_default();
    let first = start - before.iter().rev().take(NAME_BYTES_MAX).take_while(|byte| belongs(byte)).count();
    let after = bytes.get(end..).unwrap_or_default();
    let mut last = end + after.iter().take(NAME_BYTES_MAX).take_while(|byte| belongs(byte)).count();
    let is_short = start - first < NAME_BYTES_MAX && last - end < NAME_BYTES_MAX;
    // An arrow or the end of a sentence is none of the name.
    while last > end && matches!(bytes.get(last - 1), Some(b'-' | b'.')) {
        last -= 1;
    }
    is_short.then_some((first, last))
}

/// What is assigned to the name from `first` to `end`; `is_flag` tells that it is a flag of a command, whose value may
/// follow a space.
pub(super) fn value(text: &str, (first, end): (usize, usize), is_flag: bool) -> Option<Value> {
    let mut reader = Reader { bytes: text.as_bytes(), at: end };
    let named = reader.closing();
    let spaces = reader.spaces();
    let joint = reader.joint(named, spaces > 0, is_flag)?;
    reader.spaces();
    let quoted = reader.opening();
    let is_allowed = match joint {
        Joint::Sign | Joint::Is => true,
        Joint::Loose => quoted || (is_flag && spaces > 0),
    };
    let start = reader.at;
    let is_near = start - first < CONTEXT_BYTES;
    if !is_allowed || !is_near {
        return None;
    }
    let length = reader.value(quoted);
    (length > 0).then_some(Value { start, end: start + length, quoted, joint })
}

/// Signs of assignment and comparison, the longer ones first.
const SIGNS: [&[u8]; 20] = [
    b":::=", b"::=", b"||=", b"===", b"!==", b":=", b"?=", b".=", b"+=", b"|=", b"~=", b"==", b"!=", b"=>", b"->",
    b"=~", b":>", b"=", b":", b"%3d",
];
/// Signs inside a value from which on it is a list of other values.
const SIGNS_MAX: usize = 6;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, text: &[u8]) -> bool {
        let stands = self.rest().get(..text.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(text));
        if stands {
            self.at += text.len();
        }
        stands
    }

    fn skip_while(&mut self, most: usize, belongs: impl Fn(u8) -> bool) -> usize {
        let count = self.rest().iter().take(most).take_while(|byte| belongs(**byte)).count();
        self.at += count;
        count
    }

    fn spaces(&mut self) -> usize {
        self.skip_while(SPACES_MAX, |byte| matches!(byte, b' ' | b'\t'))
    }

    /// What closes a name: quotes, brackets, marks of markdown; whether there was any.
    fn closing(&mut self) -> bool {
        let count = self.skip_while(6, |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'*'));
        self.skip(b"&quot;") || count > 0
    }

    /// What joins a name and its value.
    fn joint(&mut self, named: bool, spaced: bool, is_flag: bool) -> Option<Joint> {
        self.kind_of_value();
        if self.skip(b"value=") || self.skip(b"content=") {
            return Some(Joint::Sign);
        }
        if self.skip(b">") {
            self.skip_while(SPACES_MAX, |byte| byte.is_ascii_whitespace());
            return Some(Joint::Sign);
        }
        if SIGNS.iter().any(|sign| self.skip(sign)) {
            self.skip_while(1, |byte| byte == b'(');
            return Some(Joint::Sign);
        }
        if spaced && (self.skip(b"is ") || self.skip(b"is: ") || self.skip(b"ist ") || self.skip(b"est ")) {
            return Some(Joint::Is);
        }
        if spaced && (self.skip("é ".as_bytes()) || self.skip(b"es ")) {
            return Some(Joint::Is);
        }
        let is_argument = self.skip(b",") || (!spaced && self.skip(b"("));
        (is_argument || named || spaced || is_flag).then_some(Joint::Loose)
    }

    /// Steps over the type that some languages write before the sign: `: String =`, ` string =`.
    fn kind_of_value(&mut self) {
        let begin = self.at;
        self.skip(b":");
        self.spaces();
        self.skip_while(1, |byte| byte == b'&');
        let known: [&[u8]; 6] = [b"string", b"str", b"text", b"char[]", b"any", b"varchar"];
        let is_known = known.iter().any(|kind| self.skip(kind));
        self.skip_while(1, |byte| byte == b'?');
        self.spaces();
        let is_assigned = matches!(self.rest(), [b'=', ..]);
        if !is_known || !is_assigned {
            self.at = begin;
        }
    }

    /// What opens a value: quotes, and the letters before them that mark the kind of a literal.
    fn opening(&mut self) -> bool {
        let begin = self.at;
        let letters = self.skip_while(2, |byte| b"bBrRuUfFL@$".contains(&byte));
        let mut quotes = self.skip_while(4, |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\'));
        if letters > 0 && quotes == 0 {
            self.at = begin;
        }
        quotes += usize::from(self.skip(b"&quot;")) + usize::from(self.skip("“".as_bytes()));
        quotes > 0
    }

    /// How long the value is that begins here.
    fn value(&self, quoted: bool) -> usize {
        let rest = self.rest();
        let ends = |at: usize, byte: u8| match byte {
            b'"' | b'\'' | b'`' | b'\\' | b'\t'..=b'\r' | b' ' => true,
            b',' | b';' | b'<' | b'>' | b'{' | b'}' | b'(' | b')' => !quoted,
            b'&' => rest.get(at..).is_some_and(is_next_value),
            b'%' => rest.get(at..).is_some_and(|rest| rest.starts_with(b"%26")),
            // Spaces that do not break, and wide ones.
            0xc2 => rest.get(at + 1) == Some(&0xa0),
            0xe3 => rest.get(at..).is_some_and(|rest| rest.starts_with("\u{3000}".as_bytes())),
            0xe2 => quoted && rest.get(at..).is_some_and(|rest| rest.starts_with("”".as_bytes())),
            _ => false,
        };
        let most = rest.get(..VALUE_BYTES_MAX.min(rest.len())).unwrap_or_default();
        let mut signs = 0;
        let mut stops = |(at, byte): (usize, &u8)| {
            signs += usize::from(!quoted && matches!(byte, b'=' | b':'));
            signs > SIGNS_MAX || ends(at, *byte)
        };
        let length = most.iter().enumerate().position(&mut stops).unwrap_or(most.len());
        if signs > SIGNS_MAX {
            return 0;
        }
        // Characters are not cut.
        (0..=length).rev().find(|at| rest.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(0)
    }
}

/// Whether `&` ends a value: the next part of an address, or an entity of HTML.
fn is_next_value(rest: &[u8]) -> bool {
    let name = rest.iter().skip(1).take(32).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    match rest.get(name + 1) {
        Some(b'=') => name > 0,
        Some(b';') => matches!(rest.get(1..=name), Some(b"quot" | b"lt" | b"gt" | b"amp" | b"apos")),
        _ => false,
    }
}
