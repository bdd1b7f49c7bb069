//! One walk over the words of a folded text, for any number of models at once: what a word is costs more than what each of
//! them says about it.

use super::BITS;

/// Longer words are cut: no language has them, and no feature needs them.
const WORD_CHARACTERS_MAX: usize = 48;

/// A place of a text where a word ends, with what one model says up to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// Byte after the word.
    pub at: usize,
    /// Sum of the weights of all features so far.
    pub sum: f32,
    /// Their number.
    pub count: u32,
}

impl End {
    /// The beginning of a text.
    pub const BEGIN: Self = Self { at: 0, sum: 0.0, count: 0 };
}

/// A place of a text where a word ends, with what each of some models says up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends<const N: usize> {
    at: usize,
    sums: [i32; N],
    count: u32,
}

impl<const N: usize> Ends<N> {
    /// What one of the models says.
    pub(crate) fn of(&self, model: usize) -> End {
        #[expect(clippy::cast_precision_loss, reason = "a sum of small weights, for a score")]
        let sum = self.sums.get(model).map_or(0.0, |sum| *sum as f32);
        End { at: self.at, sum, count: self.count }
    }
}

/// What the features of a word by itself sum up to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<const N: usize> {
    hash: u32,
    key: u32,
    sums: [i32; N],
    count: u32,
}

impl<const N: usize> Known<N> {
    /// No word.
    pub(super) const NOTHING: Self = Self { hash: 0, key: 0, sums: [0; N], count: 0 };
}

/// A walk: the weights of each model in a slot, and the words that are remembered. Texts repeat their words, and each
/// other's.
pub(super) struct Walk<'k, const N: usize, W> {
    /// The weights of a slot.
    pub(super) weights: W,
    /// As many words as there is room for; none, to remember nothing.
    pub(super) known: &'k mut [Known<N>],
    /// So that nobody outside can find two words that are taken for one.
    pub(super) secret: u32,
}

impl<const N: usize, W: Fn(usize) -> [i8; N]> Walk<'_, N, W> {
    /// Prefix sums over the words of a folded text.
    pub(super) fn ends(&mut self, view: &str) -> Vec<Ends<N>> {
        let mut ends = Vec::with_capacity(view.len() / 5 + 1);
        let (mut sums, mut count, mut behind) = ([0_i32; N], 0_u32, Behind::NOTHING);
        words(view, self.secret, |word, (hash, key), at| {
            let alone = self.alone(word, (hash, key));
            for (sum, alone) in sums.iter_mut().zip(alone.sums) {
                *sum = sum.saturating_add(alone);
            }
            for slot in behind.slots(hash) {
                add(&mut sums, (self.weights)(slot));
            }
            count += alone.count + 3;
            behind = behind.then(hash);
            ends.push(Ends { at, sums, count });
        });
        ends
    }

    /// What a word says by itself.
    fn alone(&mut self, word: &[u32], (hash, key): (u32, u32)) -> Known<N> {
        let place = usize::try_from(key).ok().and_then(|key| key.checked_rem(self.known.len()));
        if let Some(found) = place.and_then(|place| self.known.get(place))
            && (found.hash, found.key) == (hash, key)
        {
            return *found;
        }
        let mut fresh = Known { hash, key, ..Known::NOTHING };
        inner(word, hash, |slot| {
            add(&mut fresh.sums, (self.weights)(slot));
            fresh.count += 1;
        });
        if let Some(place) = place.and_then(|place| self.known.get_mut(place)) {
            *place = fresh;
        }
        fresh
    }
}

fn add<const N: usize>(sums: &mut [i32; N], weights: [i8; N]) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum = sum.saturating_add(weight.into());
    }
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
