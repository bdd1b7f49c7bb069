//! Which literals every match of a pattern has, and which of those are rare.

use super::cost::HARMLESS;
use super::shape;
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;
use std::sync::LazyLock;

/// Literals of one pattern; more of them are cut short, and fewer bytes tell less.
const LITERALS_MAX: usize = 64;
/// The longest literal that is looked for; the pattern itself tells the rest.
pub(super) const LITERAL_BYTES_MAX: usize = 32;
/// How far a match reaches from its literal where the pattern sets no end.
pub(super) const REACH_BYTES: usize = 1_024;
/// Places in a pattern at which literals are looked for.
const PLACES_MAX: usize = 64;

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

/// The rarest literals of a pattern in small letters.
pub(super) fn required(hir: &Hir) -> Option<Required> {
    let parts = shape::parts(hir);
    let mut best: Option<Required> = None;
    for at in 0..parts.len().min(PLACES_MAX) {
        let rest = Hir::concat(parts.get(at..).unwrap_or_default().to_vec());
        let Some(literals) = beginnings(&rest) else { continue };
        // Each literal costs a little by itself, so that one word is taken before sixty-four that are as rare.
        let expected = literals.iter().map(|literal| FREQUENCIES.of(literal) + 1e-4).sum();
        if best.as_ref().is_none_or(|best| expected < best.expected) {
            let before = reach(parts.get(..at).unwrap_or_default());
            best = Some(Required { literals, before, after: reach(std::slice::from_ref(&rest)), expected });
        }
    }
    best
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

/// The most bytes that parts take.
fn reach(parts: &[Hir]) -> usize {
    let longest: Option<usize> = parts.iter().map(|part| part.properties().maximum_len()).sum();
    longest.filter(|longest| *longest <= 4 * REACH_BYTES).unwrap_or(REACH_BYTES)
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
