//! Finds the identifiers that rules describe, around the digits of a text.

use super::phone;
use super::rule::{self, Need, Rule, Test, VALUES_MAX, Values};
use super::span::{Outline, Span};
pub(super) use super::words::CONTEXT_BYTES;
use super::words::{Said, Words};
use super::{dates, iban, rules};
use picket_text::HIGH;
use std::cell::OnceCell;
use std::sync::LazyLock;

/// What a place is found to be: its kind, span and score.
pub(super) type Found = (&'static str, usize, usize, f32);

/// The longest identifier with its separators.
pub(super) const SPAN_BYTES: usize = 48;
/// The longest group of capitals that may begin an identifier whose digits come later, and how many of them.
const LETTERS_MAX: usize = 3;
const GROUPS_MAX: usize = 2;
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

/// A shape, and the rule whose it is.
#[derive(Clone, Copy)]
struct Form {
    rule: usize,
    outline: Outline,
    shape: &'static [u8],
}

/// Shapes of one length.
#[derive(Default)]
struct Forms {
    all: Vec<Form>,
    /// Those that count without a word.
    certain: Vec<Form>,
}

struct Table {
    rules: Vec<&'static Rule>,
    /// Rules and shapes by how many values they have, those that begin with a digit and those that begin otherwise.
    by_length: Vec<[Forms; 2]>,
    words: Words,
}

static TABLE: LazyLock<Table> = LazyLock::new(table);

fn table() -> Table {
    let rules: Vec<&Rule> = rules::all().collect();
    let mut by_length: Vec<[Forms; 2]> = (0..=VALUES_MAX).map(|_| Default::default()).collect();
    for (index, rule) in rules.iter().enumerate() {
        for shape in rule.shapes.split('|') {
            let is_digit = shape.as_bytes().first().is_some_and(u8::is_ascii_digit);
            let is_either = shape.starts_with('X');
            let form = Form { rule: index, outline: Outline::of(shape), shape: shape.as_bytes() };
            let Some([digit, other]) = by_length.get_mut(rule::length(shape)) else { continue };
            for forms in [Some(digit).filter(|_| is_digit || is_either), Some(other).filter(|_| !is_digit)] {
                forms.into_iter().for_each(|forms| forms.add(form, rule.need));
            }
        }
    }
    let words = Words::new(&rules, TOPICS);
    Table { rules, by_length, words }
}

impl Forms {
    fn add(&mut self, form: Form, need: Need) {
        self.all.push(form);
        if need == Need::Nothing {
            self.certain.push(form);
        }
    }
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

/// The next digit, looking at eight bytes at a time.
fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some((chunk, _)) = bytes.get(at..)?.split_first_chunk() {
        // Digits become the numbers below ten, and what is more carries into the highest bit of its byte.
        let numbers = u64::from_le_bytes(*chunk) ^ 0x3030_3030_3030_3030;
        let others = ((numbers & !HIGH) + 0x7676_7676_7676_7676) | numbers;
        if others & HIGH != HIGH {
            return Some(at + (!others & HIGH).trailing_zeros() as usize / 8);
        }
        at += chunk.len();
    }
    let place = bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
    Some(at + place)
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
        let rest = bytes.get(start..).unwrap_or_default();
        let span = Span::read(rest, place.is_first);
        let wrong = by_rules(&place, &span, add);
        if let Some(length) = iban::length(rest.get(..span.reach).unwrap_or_default()) {
            add(("IBAN", start, start + length, 0.97));
        }
        dates::judge(&place, add);
        super::place::coordinates(&place, add);
        phone::judge(&place, wrong, add);
    } else {
        phone::judge(&place, None, add);
    }
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
fn by_rules(place: &Place<'_>, span: &Span, add: &mut impl FnMut(Found)) -> Option<usize> {
    let table = &*TABLE;
    let bytes = place.text.as_bytes();
    let which = usize::from(!bytes.get(place.start).is_some_and(u8::is_ascii_digit));
    let raw = bytes.get(place.start..place.start + span.reach).unwrap_or_default();
    let mut wrong: Option<usize> = None;
    let mut passed: Vec<(Found, Option<usize>, bool)> = Vec::new();
    for length in span.lengths().filter(|length| place.is_first || !span.is_written_word(*length)) {
        let Some(forms) = table.by_length.get(length).and_then(|both| both.get(which)) else { continue };
        if !forms.all.iter().any(|form| form.outline.may_be(span)) {
            continue;
        }
        // Most numbers have no word before them, and are looked at no further.
        let is_named = place.is_first || !place.said().is_empty();
        let fitting = if is_named { &forms.all } else { &forms.certain };
        for form in fitting.iter().filter(|form| form.outline.may_be(span)) {
            let Some(rule) = table.rules.get(form.rule) else { continue };
            let near = if is_named { place.said().near(form.rule) } else { None };
            if near.is_none() && rule.need != Need::Nothing && !place.is_first {
                continue;
            }
            let Some(values) = rule::fit(form.shape, raw) else { continue };
            let end = place.start + values.end;
            if !ends(bytes, end) || (values.is_spaced && goes_on(bytes, place.start, end)) {
                continue;
            }
            if !rule.passes(values.as_slice()) {
                if let Some(near) = near.filter(|_| rule.has_sum()) {
                    wrong = Some(wrong.map_or(near, |wrong| wrong.min(near)));
                }
            } else if let Some(score) = score(place, rule, near, &values) {
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
