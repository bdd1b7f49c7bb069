//! How much of the end of a text may still become personal data, and whether a text may hold any.

use super::codes::{self, SPAN_BYTES};
use super::{dates, phone, place};

/// The longest run of groups that may be one number, with an extension, and what tells whether it goes on.
const RUN_BYTES: usize = SPAN_BYTES + 24;

/// The shortest code with letters and digits.
const VALUES_MIN: usize = 5;
/// The longest word behind a number that belongs to it.
const TAIL_BYTES: usize = 16;

/// Where what may go on begins, if something does. A text that is the first of its channel may be nothing else. Names
/// are the beginning of a street only where somebody looks for addresses.
pub fn start(text: &str, is_first: bool, with_addresses: bool) -> Option<usize> {
    let address = with_addresses.then(|| place::open(text)).flatten();
    let alone = is_first.then(|| alone(text)).flatten();
    [alone, run(text), label(text), month(text), address].into_iter().flatten().min()
}

/// A text that is short and nothing but an identifier so far.
fn alone(text: &str) -> Option<usize> {
    let is_of_code = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b' ' | b'-' | b'.' | b'/' | b'+' | b'(' | b')' | b',' | b'\n' | b'\t' | b'\r')
    };
    let words = || text.split_whitespace().filter(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let is_open = text.len() <= SPAN_BYTES + 1
        && text.bytes().all(is_of_code)
        && words().all(|word| word.len() <= 3)
        && words().count() <= 3;
    (is_open && !text.is_empty()).then_some(0)
}

/// Groups of digits and capitals, and what may stand between them.
fn run(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_of_run = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.' | b'/' | b'+' | b'(' | b')' | b',' | b'_')
    };
    let mut start = None;
    let mut at = bytes.len();
    // Group by group from the end, as long as each may belong to what stands behind it.
    while at > bytes.len().saturating_sub(RUN_BYTES) {
        let signs = bytes
            .get(..at)?
            .iter()
            .rev()
            .take_while(|byte| !byte.is_ascii_alphanumeric() && **byte != b'_' && is_of_run(byte))
            .count();
        at = at.saturating_sub(signs);
        let group =
            bytes.get(..at)?.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let word = bytes.get(at - group..at)?;
        let belongs =
            word.iter().any(u8::is_ascii_digit) || (word.len() <= 3 && word.iter().all(u8::is_ascii_uppercase));
        if group == 0 || !(belongs || start.is_none() && at == bytes.len()) {
            break;
        }
        at -= group;
        start = Some(at);
    }
    let mut start = start?;
    for sign in [b'(', b'+'] {
        start -= usize::from(start.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&sign));
    }
    Some(start)
}

/// A telephone number with the beginning of a word behind it.
fn label(text: &str) -> Option<usize> {
    let (before, letters) = tail(text, char::is_alphabetic)?;
    (!letters.is_empty() && phone::may_be_label(letters)).then(|| run(before)).flatten()
}

/// A day, and the month that follows, or the year.
fn month(text: &str) -> Option<usize> {
    let (head, _) = tail(text, |c| c.is_ascii_digit() || matches!(c, ' ' | ',' | '.'))?;
    let (before, letters) = tail(head, char::is_alphabetic)?;
    let is_open = !letters.is_empty() && text.len() - head.len() <= 8;
    is_open.then(|| run(before)).flatten().filter(|_| dates::may_be_month(letters))
}

/// A text parted before the characters of a kind at its end, if they are few.
fn tail(text: &str, is_of_kind: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let mut count = 0;
    for character in text.chars().rev().take_while(|character| is_of_kind(*character)) {
        count += character.len_utf8();
        if count > TAIL_BYTES {
            return None;
        }
    }
    text.split_at_checked(text.len() - count)
}

/// Whether the text from a place on may hold something with few digits: words say so before it, or in it, or it is all
/// of a short text.
pub fn has_words(text: &str, held: usize) -> bool {
    let from = text.ceil_char_boundary(held.saturating_sub(codes::CONTEXT_BYTES));
    codes::has_words(text.get(from..).unwrap_or_default())
        || place::has_street(text.get(held..).unwrap_or_default())
        || (held == 0 && is_code(text))
}

/// Whether a short text is one code of letters and digits.
fn is_code(text: &str) -> bool {
    let values = text.bytes().filter(u8::is_ascii_alphanumeric).count();
    alone(text).is_some() && values >= VALUES_MIN && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}
