//! Why a check finds what it finds: for people who look into one text, not for the path of requests.

use crate::injection::{self, View};
use picket_text::{Check, Context, Hit};
use std::ops::Range;

/// Text before and behind a value that tells about it.
const AROUND_BYTES: usize = 320;
/// Words beside a value that are tried.
const WORDS_MAX: usize = 24;
/// Digits of a value that are tried.
const DIGITS_MAX: usize = 40;

/// Why a value is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: &'static str,
    /// The rule.
    pub detector: &'static str,
    /// How sure that is.
    pub score: f32,
    /// What the kind is, and how it is recognised.
    pub about: Option<(String, String)>,
    /// Whether it would be found without anything around it.
    pub alone: bool,
    /// The nearest word without which it would not be found, or not as surely.
    pub word: Option<String>,
    /// Of other digits in single places, the share that is refused: a checksum refuses nine of ten or more.
    pub other_digits_refused: Option<f32>,
    /// Bits of entropy a byte.
    pub entropy: f64,
}

/// How a text reads to the check for injections.
pub fn views(text: &str, context: Context) -> Vec<View> {
    injection::views(text, context)
}

/// Why hits of [`Check::Pii`] or [`Check::Secret`] are values.
pub fn values(check: Check, text: &str, hits: &[Hit]) -> Vec<Value> {
    let scan = match check {
        Check::Pii => picket_pii::scan,
        Check::Secret => picket_secret::scan,
        _ => return Vec::new(),
    };
    hits.iter().map(|hit| value(scan, text, hit)).collect()
}

fn value(scan: fn(&str) -> Vec<Hit>, text: &str, hit: &Hit) -> Value {
    let from = text.ceil_char_boundary(hit.start.saturating_sub(AROUND_BYTES));
    let to = text.floor_char_boundary((hit.end + AROUND_BYTES).min(text.len()));
    let around = text.get(from..to).unwrap_or_default();
    let (start, end) = (hit.start - from, hit.end - from);
    let value = around.get(start..end).unwrap_or_default();
    let surest = |text: &str, start: usize, end: usize| {
        let hits = scan(text).into_iter().filter(|found| found.kind == hit.kind);
        hits.filter(|found| found.start < end && start < found.end).map(|found| found.score).fold(0.0, f32::max)
    };
    let whole = surest(around, start, end);
    let is_needed = |word: &Range<usize>| {
        let blank = " ".repeat(word.len());
        let without = [around.get(..word.start), Some(&blank), around.get(word.end..)];
        surest(&without.into_iter().flatten().collect::<String>(), start, end) < whole
    };
    let word = beside(around, start, end).into_iter().find(is_needed);
    Value {
        range: hit.start..hit.end,
        kind: hit.kind,
        detector: hit.detector,
        score: hit.score,
        about: picket_pii::about(hit.kind).filter(|_| hit.check == Check::Pii).map(|[about, how, ..]| (about, how)),
        alone: surest(value, 0, value.len()) > 0.0,
        word: word.and_then(|word| around.get(word)).map(str::to_owned),
        other_digits_refused: refused(around, start..end, &|text| surest(text, start, end) > 0.0)
            .filter(|_| hit.check == Check::Pii),
        entropy: picket_secret::entropy(value),
    }
}

/// The words around a value, the nearest first.
fn beside(text: &str, start: usize, end: usize) -> Vec<Range<usize>> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1);
    let place = |word: &str| {
        let at = word.as_ptr().addr() - text.as_ptr().addr();
        at..at + word.len()
    };
    let mut ranges: Vec<Range<usize>> =
        words.map(place).filter(|word| word.end <= start || word.start >= end).collect();
    // What stands before a value names it more often than what follows.
    ranges.sort_by_key(|word| if word.end <= start { start - word.end } else { (word.start - end) * 2 + 1 });
    ranges.truncate(WORDS_MAX);
    ranges
}

/// Of other digits in single places of a value, the share that makes it none.
fn refused(text: &str, value: Range<usize>, is_found: &dyn Fn(&str) -> bool) -> Option<f32> {
    let digits = value.filter(|at| text.as_bytes().get(*at).is_some_and(u8::is_ascii_digit)).take(DIGITS_MAX);
    let (mut tried, mut refused) = (0_u16, 0_u16);
    for at in digits {
        for step in [1, 4] {
            let mut bytes = text.as_bytes().to_vec();
            if let Some(digit) = bytes.get_mut(at) {
                *digit = b'0' + (*digit - b'0' + step) % 10;
            }
            tried += 1;
            refused += u16::from(!String::from_utf8(bytes).is_ok_and(|text| is_found(&text)));
        }
    }
    (tried > 0).then(|| f32::from(refused) / f32::from(tried))
}

#[cfg(test)]
mod tests;
