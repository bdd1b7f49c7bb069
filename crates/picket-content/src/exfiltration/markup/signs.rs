//! Where carriers and active content may begin, told by one look at each byte.

use picket_text::{bits, each_block, places};
use std::ops::Range;

/// What a finding begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A link or picture of Markdown, at its address: `](`.
    Inline,
    /// The address of a label: `]:`.
    Definition,
    /// `://`.
    Url,
    /// `<`.
    Tag,
    /// A tag whose bracket is written as a code.
    HiddenTag,
    /// `url(`.
    Style,
    /// An escape of a terminal.
    Escape,
}

/// Codes for the bracket of a tag; `%3C` is one as well.
const HIDDEN: &[&[u8]] = &[b"\xef\xbc\x9c", b"&lt;", b"&#60;", b"&#x3c;", b"%3c", b"\\x3c", b"\\u003c"];

/// Whether a sign may be told by a byte. Without branches, so that many bytes are looked at at once.
const fn may_be_sign(byte: u8) -> bool {
    byte == b'('
        || byte == b':'
        || byte == b'<'
        || byte == b'&'
        || byte == b'%'
        || byte == b'\\'
        || byte == 0x1b
        || byte == 0xc2
        || byte == 0xef
}

/// Calls `take` with each sign of a text, ascending and apart.
pub(super) fn each(text: &str, mut take: impl FnMut(Range<usize>, Sign)) {
    let bytes = text.as_bytes();
    each_block(bytes, |at, block| {
        for place in places(bits(block, may_be_sign)) {
            if let Some((range, sign)) = sign(bytes, at + place) {
                take(range, sign);
            }
        }
    });
}

/// The sign that a byte belongs to: its first one, or the last one of what ends with a bracket or a colon.
#[inline]
fn sign(bytes: &[u8], at: usize) -> Option<(Range<usize>, Sign)> {
    let byte = *bytes.get(at)?;
    let before = |count: usize| at.checked_sub(count).and_then(|from| bytes.get(from..at)).unwrap_or_default();
    let rest = bytes.get(at..).unwrap_or_default();
    match byte {
        b'(' if before(1) == b"]" => Some((at - 1..at + 1, Sign::Inline)),
        b'(' if before(3).eq_ignore_ascii_case(b"url") => Some((at - 3..at + 1, Sign::Style)),
        b':' if before(1) == b"]" => Some((at - 1..at + 1, Sign::Definition)),
        b':' if rest.starts_with(b"://") => Some((at..at + 3, Sign::Url)),
        b'<' => Some((at..at + 1, Sign::Tag)),
        0x1b => Some((at..at + 1, Sign::Escape)),
        0xc2 if matches!(rest, [_, 0x9b | 0x9d, ..]) => Some((at..at + 2, Sign::Escape)),
        b'&' | b'%' | b'\\' | 0xef => {
            let stands = |code: &&&[u8]| rest.get(..code.len()).is_some_and(|head| head.eq_ignore_ascii_case(code));
            HIDDEN.iter().find(stands).map(|code| (at..at + code.len(), Sign::HiddenTag))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
