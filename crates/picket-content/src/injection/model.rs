//! A linear model over hashed pieces of words: what rules cannot list, it has seen.
//!
//! Features are the words of a folded text, runs of two and three of them, and runs of three to five characters inside
//! them; a character of a script without spaces counts as a word. Each has one weight in a table. The score of a window
//! is the sum of its weights over the square root of their number, so that every window of a text costs one
//! subtraction, and the whole is linear in the text.

use picket_text::{ENGLISH_WORDS, magnitude};
use std::cell::RefCell;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use picket_text::{LEVELS, Levels};

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
/// Longer words are cut: no language has them, and no feature needs them.
const WORD_CHARACTERS_MAX: usize = 48;

/// A place of a text where a word ends, with what there is up to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// Byte after the word.
    pub at: usize,
    /// Sum of the weights of all features so far.
    pub sum: f32,
    /// Their number.
    pub count: u32,
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
    /// Tells what is remembered for one model from another's.
    id: u32,
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
    let (mut words, mut english) = (0, 0);
    for word in head.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()) {
        words += 1;
        english += usize::from(ENGLISH_WORDS.contains(&word));
    }
    words < 5 || english * 10 >= words
}

const fn mix(hash: u32, value: u32) -> u32 {
    (hash ^ value).wrapping_mul(0x9e37_79b1).rotate_left(13)
}

const fn slot(hash: u32) -> usize {
    (hash.wrapping_mul(0x85eb_ca6b) >> (32 - BITS)) as usize
}

/// Whether a character of such a script stands for a word by itself.
const fn is_word_by_itself(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The mark before and after the characters of a word.
const EDGE: u32 = 1;
/// The seed of the hash that stands for a word in features.
const WORD: u32 = 7;

/// A word while it is read: its characters between marks, and two hashes of them.
struct Reader {
    characters: [u32; WORD_CHARACTERS_MAX + 2],
    length: usize,
    begin: (u32, u32),
    hashes: (u32, u32),
    /// The word before.
    last: u32,
}

impl Reader {
    fn new(secret: u32) -> Self {
        let begin = (mix(WORD, EDGE), mix(secret, EDGE));
        Self { characters: [EDGE; WORD_CHARACTERS_MAX + 2], length: 1, begin, hashes: begin, last: 0 }
    }

    fn push(&mut self, character: u32) {
        if self.length > WORD_CHARACTERS_MAX {
            return;
        }
        if let Some(place) = self.characters.get_mut(self.length) {
            *place = character;
            self.length += 1;
            self.hashes = (mix(self.hashes.0, character), mix(self.hashes.1, character));
        }
    }

    /// Ends the word, if there is one.
    fn finish(&mut self, at: usize, take: &mut impl FnMut(&[u32], (u32, u32), usize)) {
        if self.length == 1 {
            return;
        }
        if let Some(mark) = self.characters.get_mut(self.length) {
            *mark = EDGE;
        }
        let hashes = (mix(self.hashes.0, EDGE), mix(self.hashes.1, EDGE));
        // A word that is said over and over says no more than once.
        if hashes.0 != std::mem::replace(&mut self.last, hashes.0) {
            take(self.characters.get(..=self.length).unwrap_or_default(), hashes, at);
        }
        (self.length, self.hashes) = (1, self.begin);
    }
}

/// Calls `take` for each word of a folded text: its characters between marks, its hash and its secret hash, and the
/// byte after it.
fn words(view: &str, secret: u32, mut take: impl FnMut(&[u32], (u32, u32), usize)) {
    let mut reader = Reader::new(secret);
    for (at, character) in view.char_indices() {
        if character.is_ascii() {
            if character.is_ascii_alphanumeric() {
                reader.push(character.into());
            } else {
                reader.finish(at, &mut take);
            }
        } else if is_word_by_itself(character) {
            reader.finish(at, &mut take);
            reader.push(character.into());
            reader.finish(at + character.len_utf8(), &mut take);
        } else if character.is_alphanumeric() {
            reader.push(character.into());
        } else {
            reader.finish(at, &mut take);
        }
    }
    reader.finish(view.len(), &mut take);
}

/// The features that a word has by itself: all of it, and runs of three to five characters.
fn inner(word: &[u32], hash: u32, mut take: impl FnMut(usize)) {
    take(slot(hash));
    for from in 0..word.len().saturating_sub(2) {
        let mut run = 11;
        for (at, character) in word.iter().skip(from).take(5).enumerate() {
            run = mix(run, *character);
            if at >= 2 {
                take(slot(run));
            }
        }
    }
}

/// The last two words.
#[derive(Debug, Clone, Copy)]
struct Behind {
    last: u32,
    before: u32,
}

impl Behind {
    const NOTHING: Self = Self { last: 1, before: 2 };

    /// The features that a word has with those before it: two in a row, three in a row, two around one.
    fn slots(self, hash: u32) -> [usize; 3] {
        let Self { last, before } = self;
        [slot(mix(last, hash)), slot(mix(mix(before, last), hash)), slot(mix(mix(before, 3), hash))]
    }

    fn then(self, hash: u32) -> Self {
        Self { last: hash, before: self.last }
    }
}

/// Calls `take` with the slot of each feature of a folded text.
pub fn features(view: &str, mut take: impl FnMut(usize)) {
    let mut behind = Behind::NOTHING;
    words(view, 0, |word, (hash, _), _at| {
        inner(word, hash, &mut take);
        behind.slots(hash).into_iter().for_each(&mut take);
        behind = behind.then(hash);
    });
}

/// What the features of a word by itself sum up to.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    hash: u32,
    key: u32,
    sum: i32,
    count: u32,
}

/// Words whose sums are remembered. Texts repeat their words, and each other's.
const KNOWN_WORDS: usize = 2_048;

thread_local! {
    static KNOWN: RefCell<Box<[Known]>> = RefCell::new(vec![Known::default(); KNOWN_WORDS].into());
}

/// The id of the next model.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Nobody outside can find two words that are taken for one.
static SECRET: LazyLock<u32> = LazyLock::new(|| {
    let hash = RandomState::new().hash_one(0_u8).to_le_bytes();
    hash.first_chunk().map_or(5, |bytes| u32::from_le_bytes(*bytes))
});

impl Model {
    /// A model of its parts.
    ///
    /// `weights` has [`TABLE`] entries; what is missing weighs nothing.
    pub fn new(weights: Box<[i8]>, scale: f32, bias: f32, rarity: [Rarity; Stratum::COUNT]) -> Self {
        let id = NEXT.fetch_add(0x9e37_79b1, Ordering::Relaxed);
        Self { weights, scale, bias, rarity, id }
    }

    /// Prefix sums over the words of a folded text.
    pub fn ends(&self, view: &str) -> Vec<End> {
        KNOWN.with_borrow_mut(|known| {
            let mut ends = Vec::with_capacity(view.len() / 5 + 1);
            let (mut sum, mut count, mut behind) = (0_i32, 0_u32, Behind::NOTHING);
            words(view, *SECRET, |word, (hash, key), at| {
                let alone = self.alone(known, word, (hash, key));
                let around = behind.slots(hash).into_iter().map(|slot| self.weight(slot)).sum::<i32>();
                sum = sum.saturating_add(alone.sum + around);
                count += alone.count + 3;
                behind = behind.then(hash);
                #[expect(clippy::cast_precision_loss, reason = "a sum of small weights, for a score")]
                ends.push(End { at, sum: sum as f32, count });
            });
            ends
        })
    }

    fn weight(&self, slot: usize) -> i32 {
        self.weights.get(slot).copied().unwrap_or(0).into()
    }

    /// What a word says by itself.
    fn alone(&self, known: &mut [Known], word: &[u32], (hash, key): (u32, u32)) -> Known {
        let place = usize::try_from(key).ok().and_then(|key| known.get_mut(key % KNOWN_WORDS));
        if let Some(found) = &place
            && (found.hash, found.key) == (hash, key ^ self.id)
        {
            return **found;
        }
        let mut fresh = Known { hash, key: key ^ self.id, sum: 0, count: 0 };
        inner(word, hash, |slot| {
            fresh.sum += self.weight(slot);
            fresh.count += 1;
        });
        if let Some(place) = place {
            *place = fresh;
        }
        fresh
    }

    /// The score of what lies between two ends.
    pub fn between(&self, from: End, to: End) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "features of a window are few")]
        let count = (to.count - from.count) as f32;
        (to.sum - from.sum) * self.scale / (count + PRIOR).sqrt() + self.bias
    }

    /// The window that scores highest, of all lengths.
    pub fn best(&self, view: &str) -> Best {
        let ends = self.ends(view);
        let begin = End { at: 0, sum: 0.0, count: 0 };
        let whole = ends.last().filter(|last| last.count >= FEATURES_MIN);
        let whole = whole.map_or(self.bias, |last| self.between(begin, *last));
        let mut best = Best { score: self.bias, whole, start: 0, end: 0 };
        for window in WINDOWS {
            let mut start = begin;
            let mut left = ends.iter();
            for end in &ends {
                while end.at - start.at > window {
                    match left.next() {
                        Some(next) => start = *next,
                        None => break,
                    }
                }
                if end.sum <= start.sum || end.count - start.count < FEATURES_MIN {
                    // Less than nothing is no more than what there is, and next to nothing says nothing.
                    continue;
                }
                let score = self.between(start, *end);
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

/// The model that ships; see `models/injection.md`.
pub(super) static SHIPPED: LazyLock<Option<Model>> =
    LazyLock::new(|| Model::from_bytes(include_bytes!("../../models/injection.bin")));

#[cfg(test)]
mod tests;
