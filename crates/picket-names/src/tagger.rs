//! Finding names in a text.

use crate::bundle::{Bundle, LoadError};
use crate::chain::{Path, TAGS, Tag};
use crate::features::features;
use crate::kind::Kind;
use crate::lexicon::bit;
use crate::tokens::{Class, Segment, Segments, Token};
use crate::words::Word;
use picket_text::{Check, Hit, Hits, Report, disjoint};

/// A name in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How likely it is that, 0 to 1.
    pub score: f32,
}

/// Of fewer words nobody can tell the language.
const FOREIGN_WORDS_MIN: usize = 6;

/// A model that finds names.
#[derive(Debug)]
pub struct Tagger {
    model: Bundle,
}

/// What one stretch needs, kept for the next one.
#[derive(Debug, Default)]
struct Room {
    words: Vec<Word>,
    scores: Vec<[f32; TAGS]>,
    path: Path,
}

impl Tagger {
    /// The model that ships with the program.
    #[cfg(feature = "weights")]
    pub fn shipped() -> Result<Self, LoadError> {
        Self::load(crate::SHIPPED)
    }

    /// Reads a model's file.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        Bundle::read(bytes).map(Self::of)
    }

    /// A tagger of these parts.
    pub const fn of(model: Bundle) -> Self {
        Self { model }
    }

    /// Calls `found` with every name in a text, ascending and without overlap.
    pub fn each(&self, text: &str, mut found: impl FnMut(Span)) {
        let (mut segments, mut segment, mut room) = (Segments::of(text), Segment::default(), Room::default());
        while segments.next_into(&mut segment).is_some() {
            // Without a letter there is no name.
            if segment.tokens.iter().any(|token| matches!(token.class, Class::Word | Class::Letter)) {
                self.read(text, &segment, &mut room, &mut found);
            }
        }
    }

    fn read(&self, text: &str, segment: &Segment, room: &mut Room, found: &mut impl FnMut(Span)) {
        let Bundle { unit, chain, calibration, lexicon, weights } = &self.model;
        room.words.clear();
        room.words.extend(segment.tokens.iter().map(|token| Word::of(text, token, lexicon, |_| 0)));
        room.scores.clear();
        let scores = &mut room.scores;
        features(&room.words, |_, features| {
            scores.push(weights.sum(features).map(|sum| f32::from(sum) * unit));
        });
        chain.decode(&room.scores, &mut room.path);
        if room.path.tags.iter().all(|tag| *tag == Tag::NOTHING) {
            return;
        }
        chain.weigh(&room.scores, &mut room.path);
        let is_foreign = is_foreign(&room.words);
        for (kind, from, to) in places(&room.path.tags) {
            let is_name = |word: &Word| word.bits & bit::NAMES != 0;
            if is_foreign && !room.words.get(from..to).is_some_and(|words| words.iter().any(is_name)) {
                continue;
            }
            let probability = chain.probability(&room.path, (from, to), kind);
            let score = calibration.get(kind as usize).map_or(0.0, |calibration| calibration.of(probability));
            let tokens = segment.tokens.get(from..to).unwrap_or_default();
            if let Some((start, end)) = trimmed(text, tokens) {
                found(Span { kind, start, end, score });
            }
        }
    }

    /// Names of some kinds as hits of the check for personal data.
    pub fn hits(&self, text: &str, kinds: &[&str]) -> Vec<Hit> {
        let mut hits = Hits::default();
        self.each(text, |Span { kind, start, end, score }| {
            if kinds.contains(&kind.as_str()) {
                hits.add(Hit { check: Check::Pii, kind: kind.as_str(), start, end, score, detector: "names" });
            }
        });
        hits.into_vec()
    }
}

/// Whether two thirds of the words of a stretch are unknown: it is in a language that the model has hardly seen, in which every word
/// looks like a name. What it keeps then are names that it knows.
fn is_foreign(words: &[Word]) -> bool {
    let letters = words.iter().filter(|word| word.head != 0);
    let (all, known) = letters.fold((0, 0), |(all, known), word| (all + 1, known + usize::from(word.bits != 0)));
    all >= FOREIGN_WORDS_MIN && known * 3 < all
}

/// What patterns found and what a model found, as one. Of a model's, only what counts.
pub fn joined(report: Report, found: Vec<Hit>, threshold: f32) -> Report {
    let found = found.into_iter().filter(|hit| hit.score >= threshold);
    let hits = disjoint(report.hits.into_iter().chain(found).collect());
    let score = hits.iter().map(|hit| hit.score).fold(report.score, f32::max);
    Report { score, kind: report.kind.or((!hits.is_empty()).then_some("pii")), hits }
}

/// The places that tags name: kind, first token, one past the last.
fn places(tags: &[Tag]) -> impl Iterator<Item = (Kind, usize, usize)> {
    let firsts = tags.iter().enumerate().filter_map(|(at, tag)| match tag.kind() {
        Some((kind, true)) => Some((kind, at)),
        _ => None,
    });
    firsts.map(|(kind, from)| {
        let more = tags.iter().skip(from + 1).take_while(|tag| **tag == Tag::more(kind)).count();
        (kind, from, from + 1 + more)
    })
}

/// The bytes of tokens without signs at their ends that belong to no name.
fn trimmed(text: &str, tokens: &[Token]) -> Option<(usize, usize)> {
    let is_value = |token: &&Token| token.class != Class::Sign;
    let first = tokens.iter().find(is_value)?;
    let last = tokens.iter().rfind(is_value)?;
    // The full stop of `Jr.` and of `Inc.` belongs to it, and closing brackets of what was opened inside.
    let end = tokens.iter().find(|token| token.start == last.end && text.get(token.start..token.end) == Some("."));
    Some((first.start, end.map_or(last.end, |dot| dot.end)))
}

#[cfg(test)]
mod tests;
