//! Finds the identifiers that rules describe, around the digits of a text.

use super::phone;
use super::rule::{self, Need, Rule, Test, VALUES_MAX, Values};
pub(super) use super::words::CONTEXT_BYTES;
use super::words::{Said, Words};
use super::{dates, iban, rules};
use std::cell::OnceCell;
use std::sync::LazyLock;

/// What a place is found to be: its kind, span and score.
pub(super) type Found = (&'static str, usize, usize, f32);

/// The longest identifier with its separators.
pub(super) const SPAN_BYTES: usize = 48;
/// The longest group of capitals that may begin an identifier whose digits come later, and how many of them.
const LETTERS_MAX: usize = 3;
const GROUPS_MAX: usize = 2;
/// With fewer digits, small letters are a word.
const WORD_DIGITS: usize = 4;
/// How far before a short code its word may stand.
const SHORT_REACH: usize = 12;

/// Words that are not those of a rule.
#[derive(Debug, Clone, Copy)]
pub(super) enum Topic {
    Phone,
    /// Says that a number follows, not which.
    Number,
    Birth,
    Place,
    Network,
    Version,
}

const TOPICS: &[&[&str]] = &[
    phone::WORDS,
    phone::WEAK_WORDS,
    dates::BIRTH,
    super::place::WORDS,
    super::network::WORDS,
    super::network::VERSION,
];

/// Shapes, each with the rule whose it is.
type Shapes = Vec<(usize, &'static [u8])>;

struct Table {
    rules: Vec<&'static Rule>,
    /// Rules and shapes by how many values they have, those that begin with a digit and those that begin otherwise.
    by_length: Vec<[Shapes; 2]>,
    words: Words,
}

static TABLE: LazyLock<Table> = LazyLock::new(table);

fn table() -> Table {
    let rules: Vec<&Rule> = rules::all().collect();
    let mut by_length: Vec<[Shapes; 2]> = (0..=VALUES_MAX).map(|_| [Vec::new(), Vec::new()]).collect();
    for (index, rule) in rules.iter().enumerate() {
        for shape in rule.shapes.split('|') {
            let is_digit = shape.as_bytes().first().is_some_and(u8::is_ascii_digit);
            let is_either = shape.starts_with('X');
            if let Some([digit, other]) = by_length.get_mut(rule::length(shape)) {
                if is_digit || is_either {
                    digit.push((index, shape.as_bytes()));
                }
                if !is_digit {
                    other.push((index, shape.as_bytes()));
                }
            }
        }
    }
    let words = Words::new(&rules, TOPICS);
    Table { rules, by_length, words }
}

/// Whether a text has a word that names anything.
pub(super) fn has_words(text: &str) -> bool {
    TABLE.words.any(text)
}

/// A place in a text where something may begin, with what is said before it.
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    /// Whether the text is nothing but what stands here.
    pub(super) is_first: bool,
    said: OnceCell<Said>,
}

impl<'a> Place<'a> {
    pub(super) fn new(text: &'a str, start: usize) -> Self {
        let is_first = text.len() <= SPAN_BYTES && text.get(..start).is_some_and(|before| before.trim().is_empty());
        Self { text, start, is_first, said: OnceCell::new() }
    }

    fn said(&self) -> &Said {
        self.said.get_or_init(|| TABLE.words.said(self.text, self.start))
    }

    /// How near a word of a topic stands.
    pub(super) fn near(&self, topic: Topic) -> Option<usize> {
        self.said().near(TABLE.rules.len() + topic as usize)
    }

    /// Whether a span that begins here is all of the text.
    pub(super) fn is_alone(&self, end: usize) -> bool {
        self.is_first && self.text.get(end..).is_some_and(|after| after.trim().is_empty())
    }
}

/// Looks at every group of letters and digits that has a digit.
pub(super) fn scan(text: &str, from: usize, add: &mut impl FnMut(Found)) {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(digit) = next_digit(bytes, at) {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let before = bytes.get(..digit).unwrap_or_default().iter().rev().take_while(|byte| is_word(byte)).count();
        let start = digit - before;
        let end = digit + bytes.get(digit..).unwrap_or_default().iter().take_while(|byte| is_word(byte)).count();
        at = end;
        super::network::wallets(text, start, end, add);
        super::place::judge(text, start, add);
        for start in starts(bytes, start) {
            judge(text, start, add);
        }
    }
}

/// The next digit, looking at many bytes at a time.
fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for chunk in bytes.get(from..)?.chunks(32) {
        let any = chunk.iter().fold(false, |any, byte| any | byte.is_ascii_digit());
        if any {
            return chunk.iter().position(u8::is_ascii_digit).map(|place| at + place);
        }
        at += chunk.len();
    }
    None
}

/// Where an identifier with a digit in the group at a place may begin: there, or at capitals before it.
fn starts(bytes: &[u8], group: usize) -> impl Iterator<Item = usize> {
    let mut start = group;
    let mut starts = [Some(group), None, None];
    for slot in starts.iter_mut().skip(1).take(GROUPS_MAX) {
        let before = bytes.get(..start).unwrap_or_default();
        let Some((b' ' | b'-' | b'.', rest)) = before.split_last() else { break };
        let letters = rest.iter().rev().take_while(|byte| byte.is_ascii_uppercase()).count();
        let is_whole = rest
            .len()
            .checked_sub(letters + 1)
            .and_then(|at| rest.get(at))
            .is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if !(1..=LETTERS_MAX).contains(&letters) || !is_whole {
            break;
        }
        start = rest.len() - letters;
        *slot = Some(start);
    }
    starts.into_iter().flatten()
}

/// What begins at a place.
fn judge(text: &str, start: usize, add: &mut impl FnMut(Found)) {
    let place = Place::new(text, start);
    let bytes = text.as_bytes();
    if begins(bytes, start) {
        let mut span = [0; SPAN_BYTES];
        let count = reach(bytes.get(start..).unwrap_or_default(), place.is_first);
        for (to, from) in span.iter_mut().zip(bytes.iter().skip(start).take(count)) {
            *to = from.to_ascii_uppercase();
        }
        let span = span.get(..count).unwrap_or_default();
        let wrong = by_rules(&place, span, add);
        if let Some(length) = iban::length(span) {
            add(("IBAN", start, start + length, 0.97));
        }
        dates::judge(&place, add);
        super::place::coordinates(&place, add);
        phone::judge(&place, wrong, add);
    } else {
        phone::judge(&place, None, add);
    }
}

/// How many bytes may belong to what begins a text. A group with small letters is the last, unless the text is alone.
fn reach(bytes: &[u8], is_first: bool) -> usize {
    let most = bytes.len().min(SPAN_BYTES);
    let small = bytes.iter().take(most).position(u8::is_ascii_lowercase).filter(|_| !is_first);
    let rest =
        |small: usize| bytes.iter().take(most).skip(small).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    small.map_or(most, |small| small + rest(small))
}

/// Whether an identifier can begin at a place: it is no part of a longer word, number or path.
pub(super) fn begins(bytes: &[u8], start: usize) -> bool {
    let back = |count: usize| start.checked_sub(count).and_then(|at| bytes.get(at)).copied();
    match back(1) {
        None => true,
        Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' => false,
        Some(b':' | b'.') => !back(2).is_some_and(|byte| byte.is_ascii_digit()),
        Some(b'-' | b'/') => !back(2).is_some_and(|byte| byte.is_ascii_alphanumeric()),
        Some(b'@' | b'+' | b'%' | b'$') => false,
        Some(_) => true,
    }
}

/// Whether what ends at a place does not go on.
pub(super) fn ends(bytes: &[u8], end: usize) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let next = bytes.get(end);
    let joins = matches!(next, Some(b'-' | b'.' | b'/' | b':' | b'@' | b'+' | b'='));
    !(is_word(next) || (joins && is_word(bytes.get(end + 1))))
}

/// Whether digits stand before or behind, with a space between: then the groups are those of something else.
fn goes_on(bytes: &[u8], start: usize, end: usize) -> bool {
    let back = |count: usize| start.checked_sub(count).and_then(|at| bytes.get(at));
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    (back(1) == Some(&b' ') && is_digit(back(2))) || (bytes.get(end) == Some(&b' ') && is_digit(bytes.get(end + 1)))
}

/// Tries the rules. Tells how near a word is that names something whose checksum is wrong here.
fn by_rules(place: &Place<'_>, span: &[u8], add: &mut impl FnMut(Found)) -> Option<usize> {
    let table = &*TABLE;
    let bytes = place.text.as_bytes();
    let which = usize::from(!span.first().is_some_and(u8::is_ascii_digit));
    let mut wrong: Option<usize> = None;
    let mut passed: Vec<(Found, Option<usize>, bool)> = Vec::new();
    for length in lengths(span) {
        let entries = table.by_length.get(length).and_then(|both| both.get(which)).map_or(&[][..], Vec::as_slice);
        for (index, shape) in entries {
            let Some(values) = rule::fit(shape, span) else { continue };
            let Some(rule) = table.rules.get(*index) else { continue };
            let end = place.start + values.end;
            if is_written_word(place, &values) {
                continue;
            }
            if !ends(bytes, end) || (values.is_spaced && goes_on(bytes, place.start, end)) {
                continue;
            }
            if !rule.passes(values.as_slice()) {
                if rule.has_sum()
                    && let Some(near) = place.said().near(*index)
                {
                    wrong = Some(wrong.map_or(near, |wrong| wrong.min(near)));
                }
                continue;
            }
            let near = place.said().near(*index);
            if let Some(score) = score(place, rule, near, &values) {
                passed.push(((rule.kind, place.start, end, score), near, rule.has_sum()));
            }
        }
    }
    for (found, near, has_sum) in passed {
        let is_named_otherwise = wrong.is_some_and(|wrong| near.is_none_or(|near| near > wrong));
        if !is_named_otherwise || (has_sum && found.3 > 0.8) {
            add(found);
        }
    }
    wrong
}

/// Whether small letters with a few digits among them are a word rather than a code.
fn is_written_word(place: &Place<'_>, values: &Values) -> bool {
    let raw = place.text.as_bytes().get(place.start..place.start + values.end).unwrap_or_default();
    let digits = values.as_slice().iter().filter(|value| **value < 10).count();
    digits < WORD_DIGITS && raw.iter().any(u8::is_ascii_lowercase) && !place.is_first
}

/// How sure a rule is that passes, or that it does not count.
fn score(place: &Place<'_>, rule: &Rule, near: Option<usize>, values: &Values) -> Option<f32> {
    let end = place.start + values.end;
    let is_alone = place.is_alone(end);
    let raw = place.text.as_bytes().get(place.start..end).unwrap_or_default();
    // Few values are named only by what stands right before them.
    let near = near.filter(|near| raw.len() > 5 || *near <= SHORT_REACH);
    let is_small = raw.iter().any(u8::is_ascii_lowercase);
    let base = match (near, rule.need, rule.test) {
        (Some(_), _, Test::Sum(_)) => 0.95,
        (Some(_), _, Test::Form(_) | Test::Shape) => 0.85,
        (None, Need::Nothing, Test::Sum(_)) => 0.9,
        (None, Need::Nothing, Test::Form(_) | Test::Shape) if !is_small || is_alone => 0.8,
        (None, Need::WordsOrAlone, _) if is_alone => 0.6,
        _ => return None,
    };
    let distance = u16::try_from(near.unwrap_or(0)).unwrap_or(u16::MAX);
    Some(base - f32::from(distance) * 0.001)
}

/// How many values the span has up to the end of each of its groups.
fn lengths(span: &[u8]) -> impl Iterator<Item = usize> {
    let mut lengths = [None; 10];
    let mut slots = lengths.iter_mut();
    let (mut count, mut gap) = (0, 0);
    for (at, byte) in span.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            (count, gap) = (count + 1, 0);
            if !span.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) {
                match slots.next() {
                    Some(slot) => *slot = Some(count),
                    None => break,
                }
            }
        } else {
            gap += 1;
            if gap > 1 || !matches!(byte, b' ' | b'-' | b'.' | b'/' | b'+' | b'(' | b')') {
                break;
            }
        }
    }
    lengths.into_iter().flatten().filter(|length| *length <= VALUES_MAX)
}
