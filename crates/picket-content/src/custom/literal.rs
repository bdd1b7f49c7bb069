//! Which literals every match of a pattern has, and which of those are rare.

use super::cost::HARMLESS;
use super::shape;
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::sync::LazyLock;

/// Literals of one pattern; more of them are cut short, and fewer bytes tell less.
const LITERALS_MAX: usize = 64;
/// The longest literal that is looked for; the pattern itself tells the rest.
pub(super) const LITERAL_BYTES_MAX: usize = 32;
/// How far a match reaches from its literal where the pattern sets no end.
pub(super) const REACH_BYTES: usize = 1_024;
/// How long white space without an end is taken to be.
const WHITE_BYTES: usize = 128;
/// Places in a pattern at which literals are looked for.
const PLACES_MAX: usize = 64;
/// Choices inside choices in which literals are looked for, and literals of all ways of one.
const DEPTH_MAX: usize = 2;
/// Parts in a row that literals are made of.
const TOGETHER: usize = 4;
const CHOICES_MAX: usize = 128;
/// Literals that are rarer in ordinary text, in a thousand bytes, need no others to confirm them; and those that are more
/// frequent confirm nothing.
const RARE_ENOUGH: f64 = 0.01;
const USEFUL: f64 = 2.0;
/// How often, in a thousand bytes, a word of one letter would be met at least, one of more by the square of its length
/// less, within bounds; and what each further piece makes of it.
const WORD: f64 = 3.2;
const WORD_LEAST: f64 = 0.02;
const WORD_MOST: f64 = 0.2;
const PIECE: f64 = 0.05;

/// Literals of which every match has one, in small letters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Required {
    pub(super) literals: Vec<Vec<u8>>,
    /// How far a match reaches before the beginning of its literal, and from there on.
    pub(super) before: usize,
    pub(super) after: usize,
    /// How often ordinary text has one of them, in a thousand bytes.
    pub(super) expected: f64,
}

/// The rarest literals of a pattern in small letters; and others, elsewhere in it, of which every match has one too.
pub(super) fn required(hir: &Hir) -> Option<(Required, Vec<Vec<u8>>)> {
    let mut found = candidates(hir, 0);
    let best = rarest(&found)?;
    let (place, best) = found.swap_remove(best);
    found.retain(|(at, other)| *at != place && other.expected <= USEFUL);
    let also = if best.expected < RARE_ENOUGH { None } else { rarest(&found) };
    Some((best, also.and_then(|at| found.get(at)).map(|(_, other)| other.literals.clone()).unwrap_or_default()))
}

fn rarest(found: &[(usize, Required)]) -> Option<usize> {
    let cost = |at: &usize| found.get(*at).map_or(f64::INFINITY, |(_, required)| required.expected);
    (0..found.len()).min_by(|a, b| cost(a).total_cmp(&cost(b)))
}

/// Literals by the part of the pattern at which they stand.
fn candidates(hir: &Hir, depth: usize) -> Vec<(usize, Required)> {
    let parts = shape::parts(hir);
    let mut found = Vec::new();
    for at in 0..parts.len().min(PLACES_MAX) {
        let next = Hir::concat(parts.iter().skip(at).take(TOGETHER).cloned().collect());
        let before = reach(parts.get(..at).unwrap_or_default());
        if let Some(literals) = beginnings(&next) {
            // Each literal costs a little by itself, so that one word is taken before sixty-four that are as rare.
            let expected = literals.iter().map(|literal| expected(literal) + 1e-4).sum();
            let after = reach(parts.get(at..).unwrap_or_default());
            found.push((at, Required { literals, before, after, expected }));
        }
        let inner = parts.get(at).filter(|_| depth < DEPTH_MAX).and_then(|part| inside(part, depth + 1));
        if let Some(inner) = inner {
            let behind = reach(parts.get(at + 1..).unwrap_or_default());
            found.push((at, Required { before: before + inner.before, after: inner.after + behind, ..inner }));
        }
    }
    found
}

/// Literals inside a choice, one set for each way; or inside what is repeated.
fn inside(part: &Hir, depth: usize) -> Option<Required> {
    let best = |hir: &Hir| {
        let mut found = candidates(hir, depth);
        rarest(&found).map(|at| found.swap_remove(at).1)
    };
    match part.kind() {
        HirKind::Alternation(ways) => {
            let ways: Vec<Required> = ways.iter().map(best).collect::<Option<_>>()?;
            let before = ways.iter().map(|way| way.before).max()?;
            let after = ways.iter().map(|way| way.after).max()?;
            let expected = ways.iter().map(|way| way.expected).sum();
            let mut literals: Vec<Vec<u8>> = ways.into_iter().flat_map(|way| way.literals).collect();
            literals.sort();
            literals.dedup();
            (literals.len() <= CHOICES_MAX).then_some(Required { literals, before, after, expected })
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            let whole = reach(std::slice::from_ref(part));
            best(&repetition.sub).map(|inner| Required { before: whole, after: whole, ..inner })
        }
        _ => None,
    }
}

/// How often a text that a rule is for may have a literal in small letters. However rare a word is elsewhere, such a text
/// may speak of nothing else; what is not one word is rarer with each of its pieces.
pub(super) fn expected(literal: &[u8]) -> f64 {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        _ if byte.is_ascii_alphabetic() || !byte.is_ascii() => 1,
        b' ' | b'\t' | b'\r' | b'\n' => 2,
        other => other,
    };
    let pieces = literal.windows(2).filter(|pair| matches!(pair, [a, b] if kind(*a) != kind(*b))).count();
    let pieces = i32::try_from(pieces.min(8)).unwrap_or(0);
    // Long words are rarer than short ones.
    #[expect(clippy::cast_precision_loss, reason = "a literal is short")]
    let word = (WORD / (literal.len() * literal.len()) as f64).clamp(WORD_LEAST, WORD_MOST);
    FREQUENCIES.of(literal).max(word * PIECE.powi(pieces))
}

/// What a pattern begins with, if that is a bounded number of literals.
fn beginnings(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let mut extractor = Extractor::new();
    extractor.limit_total(LITERALS_MAX).limit_literal_len(LITERAL_BYTES_MAX).limit_class(16);
    let mut sequence = extractor.extract(hir);
    sequence.minimize_by_preference();
    let literals: Vec<Vec<u8>> = sequence.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    (!literals.is_empty() && literals.iter().all(|literal| !literal.is_empty())).then_some(literals)
}

/// The most bytes that parts take, as far as a window goes.
fn reach(parts: &[Hir]) -> usize {
    let all: usize = parts.iter().map(longest).fold(0, usize::saturating_add);
    if all > 4 * REACH_BYTES { REACH_BYTES } else { all }
}

/// The most bytes that a part takes. What has no end goes as far as a window, but white space is not so long.
fn longest(part: &Hir) -> usize {
    if let Some(longest) = part.properties().maximum_len() {
        return longest;
    }
    match part.kind() {
        HirKind::Repetition(repetition) => match repetition.sub.kind() {
            HirKind::Class(class) if is_white(class) => WHITE_BYTES,
            _ => REACH_BYTES,
        },
        HirKind::Concat(parts) => parts.iter().map(longest).fold(0, usize::saturating_add).min(REACH_BYTES),
        HirKind::Alternation(ways) => ways.iter().map(longest).max().unwrap_or(0).min(REACH_BYTES),
        _ => REACH_BYTES,
    }
}

fn is_white(class: &Class) -> bool {
    match class {
        Class::Unicode(class) => {
            class.iter().all(|range| range.start().is_whitespace() && range.end().is_whitespace() && range.len() < 8)
        }
        Class::Bytes(class) => class.iter().all(|range| range.start().is_ascii_whitespace() && range.len() < 8),
    }
}

/// How often bytes follow each other in ordinary text, in small letters.
struct Frequencies {
    bytes: Vec<u32>,
    pairs: Vec<u32>,
    all: u32,
}

static FREQUENCIES: LazyLock<Frequencies> = LazyLock::new(|| {
    let mut counted = Frequencies { bytes: vec![0; 256], pairs: vec![0; 65_536], all: 0 };
    let text = HARMLESS.as_bytes().to_ascii_lowercase();
    for byte in &text {
        counted.all += 1;
        counted.bytes.iter_mut().skip(usize::from(*byte)).take(1).for_each(|count| *count += 1);
    }
    for pair in text.windows(2) {
        if let [first, second] = pair {
            let at = pair_at(*first, *second);
            counted.pairs.iter_mut().skip(at).take(1).for_each(|count| *count += 1);
        }
    }
    counted
});

fn pair_at(first: u8, second: u8) -> usize {
    usize::from(first) * 256 + usize::from(second)
}

impl Frequencies {
    /// How often a literal stands in a thousand bytes, as far as its pairs tell.
    fn of(&self, literal: &[u8]) -> f64 {
        let count = |counts: &[u32], at: usize| f64::from(counts.get(at).copied().unwrap_or(0)) + 0.05;
        let Some(first) = literal.first() else { return 1_000.0 };
        let begin = count(&self.bytes, usize::from(*first)) / f64::from(self.all.max(1));
        let pairs = literal.windows(2).map(|pair| match pair {
            [first, second] => {
                count(&self.pairs, pair_at(*first, *second)) / (count(&self.bytes, usize::from(*first)) + 1.0)
            }
            _ => 1.0,
        });
        1_000.0 * begin * pairs.product::<f64>()
    }
}
