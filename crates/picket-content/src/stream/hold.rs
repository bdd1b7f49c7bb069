//! How much of the end of a text may still become a match, or part of one.
//!
//! Each shape that a detector looks for is open in its own way: keys, addresses and codes are words; numbers and bank
//! accounts have spaces inside; a value of a password may be of any script. What is told here may be too much, which
//! costs a moment; it is never too little.

use super::Patterns;
use super::signs::is_word;
use picket_text::ascii_boundaries;
use regex::Regex;
use std::sync::LazyLock;

/// The longest value of a credential with a fixed beginning that has spaces inside: the head of a key.
const HEAD_BYTES: usize = 48;
/// Bytes before a value in which the scheme and the user of its address stand.
pub(super) const URL_BYTES: usize = 288;

/// The addresses that the detectors know, up to a password that reaches the end.
static URL: LazyLock<Regex> = LazyLock::new(url);

#[expect(clippy::expect_used, reason = "the pattern is a constant, and every test compiles it")]
fn url() -> Regex {
    let pattern = r"(?i)[a-z0-9+.\-]://[^\s:/?#]{0,64}:([^\s:/@?#]{0,128}@?)$";
    Regex::new(&ascii_boundaries(pattern)).expect("the value is a pattern")
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
pub(super) fn start(patterns: &Patterns, window: &str, held: usize, word: usize) -> usize {
    let text = window.get(held..).unwrap_or_default();
    let open = picket_pii::open::start(text, held == 0, patterns.pii_mode("POSTAL_ADDRESS").is_some());
    let inside = [open, head(text)].into_iter().flatten().map(|at| held + at).min();
    let start = inside.map_or(word, |at| at.min(word));
    // A value that is no word: what stands before the word belongs to it.
    match window.get(held..word).and_then(|before| before.chars().next_back()) {
        Some(before) if !matches!(before, '\t'..='\r' | ' ') => {
            value(window, held, before).map_or(start, |at| at.min(start))
        }
        _ => start,
    }
}

/// The head of a key block, which has spaces inside.
fn head(text: &str) -> Option<usize> {
    let tail = text.get(text.ceil_char_boundary(text.len().saturating_sub(HEAD_BYTES))..)?;
    // Most words have no dash.
    memchr::memchr(b'-', tail.as_bytes())?;
    let begun = ["-----BEGIN ", "---- "].iter().filter_map(|start| tail.get(tail.rfind(start)?..));
    let is_open = |begun: &&str| picket_secret::blocks().any(|(head, _)| head.starts_with(*begun));
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
    let assignment = is_of_value.then(|| picket_secret::open_value(window, held)).flatten();
    let located = after(URL_BYTES);
    let bytes = located.1.as_bytes();
    let has_address =
        || memchr::memchr_iter(b':', bytes).any(|at| bytes.get(at..).is_some_and(|rest| rest.starts_with(b"://")));
    let url = has_address().then(|| reach(&URL, located)).flatten();
    // What was released stays released.
    assignment.into_iter().chain(url).map(|at| at.max(held)).min()
}
