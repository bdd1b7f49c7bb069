//! A linear model over hashed pieces of words: what rules cannot list, it has seen.
//!
//! Features are the words of a folded text, runs of two and three of them, and runs of three to five characters inside
//! them; a character of a script without spaces counts as a word. Each has one weight in a table. The score of a window
//! is the sum of its weights over the square root of their number, so that every window of a text costs one
//! subtraction, and the whole is linear in the text.

mod known;
mod shipped;
mod walk;
mod words;

use known::Memory;
use picket_text::{has_english_words, magnitude};
use walk::Walk;

pub use picket_text::{LEVELS, Levels};
pub(crate) use shipped::{SHIPPED, Shipped};
pub use walk::End;
pub(crate) use walk::Ends;
pub use words::features;

/// The table has two to the power of this many weights.
pub const BITS: u32 = 19;
/// Weights in the table.
pub const TABLE: usize = 1 << BITS;
/// Lengths of windows in bytes of folded text.
pub const WINDOWS: [usize; 2] = [224, 896];
/// Features that a window has beside its own, so that two words alone are not sure of anything.
const PRIOR: f32 = 24.0;
/// A window with fewer features, which are two or three words, says nothing: no word alone is an attack.
const FEATURES_MIN: u32 = 34;

const fn mix(hash: u32, value: u32) -> u32 {
    (hash ^ value).wrapping_mul(0x9e37_79b1).rotate_left(13)
}

const fn slot(hash: u32) -> usize {
    (hash.wrapping_mul(0x85eb_ca6b) >> (32 - BITS)) as usize
}

/// The window of a text that scores highest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// Its score; above zero is more like an attack than not.
    pub score: f32,
    /// The score of the whole text.
    pub whole: f32,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Best {
    /// How much the window stands out of its text: an order inside a document does, a chapter about orders does not.
    pub fn contrast(&self) -> f32 {
        self.score - self.whole
    }
}

/// Weights, and what their scores mean.
#[derive(Debug, Clone)]
pub struct Model {
    /// One for each slot of the table.
    pub weights: Box<[i8]>,
    /// What one step of a weight is worth.
    pub scale: f32,
    /// Added to every score.
    pub bias: f32,
    /// For each stratum of texts, how rare scores are.
    pub rarity: [Rarity; Stratum::COUNT],
}

/// How rare the scores of harmless texts are, in one stratum.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rarity {
    /// Scores of the model that one of 2, 10, 50, 200 and 1,000 harmless texts reaches.
    pub model: Levels,
    /// The same of whole texts.
    pub whole: Levels,
    /// The same of how far the window stands out.
    pub contrast: Levels,
    /// The same of the rules.
    pub rules: Levels,
    /// The same of both together.
    pub both: Levels,
}

impl Rarity {
    /// The orders of magnitude of all scores, added up. A text is an attack as a whole or holds one: the rarer counts.
    pub fn sum(&self, model: Best, rules: f32) -> f32 {
        magnitude(&self.model, model.score)
            + magnitude(&self.whole, model.whole).max(magnitude(&self.contrast, model.contrast()))
            + if rules > 0.0 { magnitude(&self.rules, rules) } else { 0.0 }
    }
}

/// Texts that are judged by the same measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum(usize);

impl Stratum {
    /// How many there are: three lengths, English or not.
    pub const COUNT: usize = 6;

    /// The stratum of a folded text.
    pub fn of(view: &str) -> Self {
        let length = match view.len() {
            ..320 => 0,
            320..2_400 => 1,
            _ => 2,
        };
        Self(length * 2 + usize::from(!is_english(view)))
    }

    /// Its number.
    pub fn index(self) -> usize {
        self.0
    }

    /// What it is, for people.
    pub fn describe(self) -> String {
        let length = match self.0 / 2 {
            0 => "up to 320 bytes",
            1 => "up to 2,400 bytes",
            _ => "longer texts",
        };
        format!("{length}, {}", if self.0.is_multiple_of(2) { "English" } else { "other languages" })
    }
}

fn is_english(view: &str) -> bool {
    let head = view.get(..view.floor_char_boundary(600)).unwrap_or_default();
    if head.bytes().filter(|byte| !byte.is_ascii()).count() * 12 > head.len() {
        return false;
    }
    has_english_words(head)
}

impl Model {
    /// A model of its parts.
    ///
    /// `weights` has [`TABLE`] entries; what is missing weighs nothing.
    pub fn new(weights: Box<[i8]>, scale: f32, bias: f32, rarity: [Rarity; Stratum::COUNT]) -> Self {
        Self { weights, scale, bias, rarity }
    }

    /// The score of what lies between two ends.
    pub fn between(&self, from: End, to: End) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "features of a window are few")]
        let count = (to.count - from.count) as f32;
        (to.sum - from.sum) * self.scale / (count + PRIOR).sqrt() + self.bias
    }

    /// Whether what lies between two ends may score more than the best so far, told without a root and a division: where
    /// it does not, it is at least a little less.
    #[inline]
    fn may_beat(&self, best: f32, from: End, to: End) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "features of a window are few")]
        let count = (to.count - from.count) as f32 + PRIOR;
        let (sum, least) = ((to.sum - from.sum) * self.scale, best - self.bias);
        sum * sum * 1.001 >= least * least * count
    }

    /// Prefix sums over the words of a folded text.
    pub fn ends(&self, view: &str) -> Vec<End> {
        let weights = |slot: usize| [self.weights.get(slot).copied().unwrap_or(0)];
        Walk { weights, known: Memory { words: &mut [], secret: [1; 2] } }
            .ends(view)
            .iter()
            .map(|ends| ends.of(0))
            .collect()
    }

    /// The window of a folded text that scores highest, of all lengths.
    pub fn best(&self, view: &str) -> Best {
        self.best_of(self.ends(view).into_iter())
    }

    /// The window that scores highest between prefix sums.
    pub(crate) fn best_of(&self, ends: impl DoubleEndedIterator<Item = End> + Clone) -> Best {
        let whole = ends.clone().next_back().filter(|last| last.count >= FEATURES_MIN);
        let whole = whole.map_or(self.bias, |last| self.between(End::BEGIN, last));
        let mut best = Best { score: self.bias, whole, start: 0, end: 0 };
        for window in WINDOWS {
            let mut start = End::BEGIN;
            let mut left = ends.clone();
            for end in ends.clone() {
                while end.at - start.at > window {
                    match left.next() {
                        Some(next) => start = next,
                        None => break,
                    }
                }
                if end.sum <= start.sum || end.count - start.count < FEATURES_MIN {
                    // Less than nothing is no more than what there is, and next to nothing says nothing.
                    continue;
                }
                if !self.may_beat(best.score, start, end) {
                    continue;
                }
                let score = self.between(start, end);
                if score > best.score {
                    best = Best { score, start: start.at, end: end.at, ..best };
                }
            }
        }
        best
    }

    /// How rare two scores are together, as an order of magnitude: 2 is one harmless text in a hundred.
    pub fn evidence(&self, stratum: Stratum, model: Best, rules: f32) -> f32 {
        self.rarity.get(stratum.0).map_or(0.0, |rarity| magnitude(&rarity.both, rarity.sum(model, rules)))
    }

    /// The bytes of a model file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let mut put = |value: f32| bytes.extend_from_slice(&value.to_le_bytes());
        put(self.scale);
        put(self.bias);
        for rarity in &self.rarity {
            rarity
                .model
                .iter()
                .chain(&rarity.whole)
                .chain(&rarity.contrast)
                .chain(&rarity.rules)
                .chain(&rarity.both)
                .for_each(|level| put(*level));
        }
        bytes.extend(self.weights.iter().map(|weight| weight.to_le_bytes()[0]));
        bytes
    }

    /// Reads a model file; `None` when it is none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut next = || -> Option<f32> {
            let (value, tail) = rest.split_first_chunk::<4>()?;
            rest = tail;
            Some(f32::from_le_bytes(*value)).filter(|value| value.is_finite())
        };
        let (scale, bias) = (next()?, next()?);
        let mut rarity = [Rarity::default(); Stratum::COUNT];
        for stratum in &mut rarity {
            let Rarity { model, whole, contrast, rules, both } = stratum;
            for level in [model, whole, contrast, rules, both].into_iter().flatten() {
                *level = next()?;
            }
        }
        let weights: Box<[i8]> = rest.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        (weights.len() == TABLE).then(|| Self::new(weights, scale, bias, rarity))
    }
}

const MAGIC: &[u8] = b"picket linear 2\n";

#[cfg(test)]
mod tests;
