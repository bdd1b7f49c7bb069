//! How much of the end of a text may still become a match, or part of one.
//!
//! Each shape that a detector looks for is open in its own way: keys, addresses and codes are words; numbers and bank
//! accounts have spaces inside; a value of a password may be of any script. What is told here may be too much, which
//! costs a moment; it is never too little.

use super::signs::is_word;
use crate::{boundary, secret};
use regex::Regex;
use std::sync::LazyLock;

/// The longest number, and two characters that tell whether it goes on.
const NUMBER_CHARS: usize = 28;
/// The longest code with spaces inside, and one character that tells whether it goes on.
const CODE_BYTES: usize = 45;
/// The longest value of a credential with a fixed beginning that has spaces inside: the head of a key.
const HEAD_BYTES: usize = 48;
/// Bytes before a value in which the scheme and the user of its address stand.
pub(super) const URL_BYTES: usize = 288;

/// The addresses that the detectors know, up to a password that reaches the end.
static URL: LazyLock<Regex> = LazyLock::new(url);

#[expect(clippy::expect_used, reason = "the pattern is a constant, and every test compiles it")]
fn url() -> Regex {
    let pattern = r"(?i)[a-z0-9+.\-]://[^\s:/?#]{0,64}:([^\s:/@?#]{0,128}@?)$";
    Regex::new(&boundary::ascii(pattern)).expect("the value is a pattern")
}

/// The beginning of the word at the end of a text. It is looked for down to `from`; `None` if it begins before that.
pub(super) fn word(text: &str, from: usize) -> Option<usize> {
    let mut rest = text.get(from..).unwrap_or_default();
    loop {
        let word = rest.bytes().rev().take_while(|byte| is_word(*byte)).count();
        rest = rest.get(..rest.len() - word).unwrap_or_default();
        // The two letters that are `s` and `k` to a detector that takes capitals for small letters.
        match rest.strip_suffix(['ſ', '\u{212a}']) {
            Some(shorter) => rest = shorter,
            None => return (!rest.is_empty()).then_some(from + rest.len()),
        }
    }
}

/// Where what must be held begins in `window`, of which `held` on is not released. The word at its end begins at `word`.
pub(super) fn start(window: &str, held: usize, word: usize) -> usize {
    let text = window.get(held..).unwrap_or_default();
    let inside = [number(text), code(window, held), head(text)].into_iter().flatten().map(|at| held + at).min();
    let start = inside.map_or(word, |at| at.min(word));
    // A value that is no word: what stands before the word belongs to it.
    match window.get(held..word).and_then(|before| before.chars().next_back()) {
        Some(before) if !matches!(before, '\t'..='\r' | ' ') => {
            value(window, held, before).map_or(start, |at| at.min(start))
        }
        _ => start,
    }
}

/// Digits and what may stand between them.
fn number(text: &str) -> Option<usize> {
    let mut first = None;
    for (at, character) in text.char_indices().rev().take(NUMBER_CHARS) {
        match character {
            ' ' | '-' | '.' | '/' | '(' | ')' => {}
            _ if character.is_numeric() => first = Some(at),
            _ => break,
        }
    }
    let mut start = first?;
    for sign in ['(', '+'] {
        start -= usize::from(text.get(..start).is_some_and(|before| before.ends_with(sign)));
    }
    Some(start)
}

/// Capitals and digits in groups: accounts and insurance numbers.
fn code(window: &str, held: usize) -> Option<usize> {
    let text = window.as_bytes().get(held..).unwrap_or_default();
    let run = text.iter().rev().take(CODE_BYTES).take_while(|byte| is_of_code(**byte)).count();
    let begins = |at: usize| {
        let before = (held + at).checked_sub(1).and_then(|before| window.as_bytes().get(before));
        before.is_none_or(|before| !before.is_ascii_alphanumeric() && *before != b'_')
    };
    (text.len() - run..text.len()).find(|at| text.get(*at..).is_some_and(is_open_code) && begins(*at))
}

fn is_of_code(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
}

/// Whether two capitals and the digits behind them may go on as a code.
fn is_open_code(text: &[u8]) -> bool {
    let Some(([first, second], rest)) = text.split_first_chunk() else { return false };
    if !first.is_ascii_uppercase() || !second.is_ascii_uppercase() {
        return false;
    }
    let is_account = rest.iter().take(2).all(u8::is_ascii_digit);
    let numbers = match rest.split_last() {
        Some((last, numbers)) if last.is_ascii_uppercase() => numbers,
        _ => rest,
    };
    let is_insurance = text.len() <= 14 && numbers.iter().all(|byte| byte.is_ascii_digit() || *byte == b' ');
    is_account || is_insurance
}

/// The head of a key block, which has spaces inside.
fn head(text: &str) -> Option<usize> {
    let tail = text.get(text.ceil_char_boundary(text.len().saturating_sub(HEAD_BYTES))..)?;
    let begun = ["-----BEGIN ", "---- "].iter().filter_map(|start| tail.get(tail.rfind(start)?..));
    let is_open = |begun: &&str| secret::blocks().any(|(head, _)| head.starts_with(*begun));
    begun.filter(is_open).map(|begun| text.len() - begun.len()).min()
}

/// A value of an assignment or of an address that reaches the end. `before` stands before the word there.
fn value(window: &str, held: usize, before: char) -> Option<usize> {
    let after = |bytes: usize| {
        let from = window.ceil_char_boundary(held.saturating_sub(bytes));
        (from, window.get(from..).unwrap_or_default())
    };
    let reach = |regex: &Regex, (from, text): (usize, &str)| {
        let value = regex.captures(text)?.get(1)?;
        Some(from + value.start())
    };
    let is_of_value = !matches!(before, '"' | '\'' | '`' | '\\');
    let assignment = is_of_value.then(|| secret::open_value(window, held)).flatten();
    let located = after(URL_BYTES);
    let url = located.1.contains("://").then(|| reach(&URL, located)).flatten();
    // What was released stays released.
    assignment.into_iter().chain(url).map(|at| at.max(held)).min()
}
