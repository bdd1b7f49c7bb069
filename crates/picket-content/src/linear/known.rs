//! Words that were met before, with what they say by themselves: texts repeat their words, and each other's.

use picket_text::first_eight;
use std::ops::Range;

/// What the features of a word by itself sum up to, in few bytes: thousands of words are remembered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<const N: usize> {
    /// The key of the word, and in its lowest byte the number of features, of which no word has none.
    key: u64,
    /// The hash that stands for the word in features.
    hash: u32,
    sums: [i16; N],
}

/// The byte of a key that is not compared.
const COUNT: u64 = 0xff;

impl<const N: usize> Known<N> {
    /// No word.
    pub(super) const NOTHING: Self = Self { key: 0, hash: 0, sums: [0; N] };

    /// A word; its weights are bytes, and few.
    pub(super) fn new(hash: u32, sums: [i32; N], count: u8) -> Self {
        let sums = sums.map(|sum| i16::try_from(sum).unwrap_or(if sum > 0 { i16::MAX } else { i16::MIN }));
        Self { key: count.into(), hash, sums }
    }

    pub(super) fn hash(&self) -> u32 {
        self.hash
    }

    pub(super) fn sums(&self) -> [i32; N] {
        self.sums.map(i32::from)
    }

    pub(super) fn count(&self) -> u32 {
        (self.key & COUNT) as u32
    }
}

/// The numbers by which words are told apart, so that nobody outside can find two that are taken for one.
pub(super) type Secret = [u64; 2];

/// What is remembered: each word in its place, where the next one with the same place takes over.
pub(super) struct Memory<'k, const N: usize> {
    /// As many words as there is room for; none, to remember nothing.
    pub(super) words: &'k mut [Known<N>],
    pub(super) secret: Secret,
}

impl<const N: usize> Memory<'_, N> {
    /// What is known about a word of a text; it is found out if it is not.
    #[inline]
    pub(super) fn of(&mut self, text: &str, word: Range<usize>, find_out: impl FnOnce(&str) -> Known<N>) -> Known<N> {
        let key = key(text.as_bytes(), &word, self.secret) & !COUNT;
        let find_out = || find_out(text.get(word).unwrap_or_default());
        // The upper half of the key, as a share of the places.
        let place = (((key >> 32) * self.words.len() as u64) >> 32) as usize;
        match self.words.get_mut(place) {
            // Nothing but the number of features differs, and there are some.
            Some(known) if (known.key ^ key).wrapping_sub(1) < COUNT => *known,
            Some(known) => {
                *known = find_out();
                known.key |= key;
                *known
            }
            None => find_out(),
        }
    }
}

/// A number for a word of a text. Nearly all words are read at once, without asking how long they are.
#[inline]
fn key(text: &[u8], word: &Range<usize>, [first, second]: Secret) -> u64 {
    let eight = |from: usize| {
        let bytes = first_eight(text.get(from..).unwrap_or_default());
        let missing = 8_usize.saturating_sub(word.end.saturating_sub(from));
        if missing < 8 { bytes & u64::MAX >> (8 * missing) } else { 0 }
    };
    let mut key = multiplied(eight(word.start) ^ first, eight(word.start + 8) ^ second);
    let mut from = word.start + 16;
    while from < word.end {
        key = multiplied(key ^ eight(from), second);
        from += 8;
    }
    key
}

/// Both halves of a product.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "halves")]
const fn multiplied(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}
