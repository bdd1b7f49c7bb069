//! The words of a folded text, and what a word is to a model: its hash, and the features that it has by itself.

use super::{mix, slot};
use picket_text::{Stands, each_run, is_letter};
use std::ops::Range;

/// Longer words are cut: no language has them, and no feature needs them.
const WORD_CHARACTERS_MAX: usize = 48;
/// The mark before and after the characters of a word.
const EDGE: u32 = 1;
/// The seed of the hash that stands for a word in features.
const WORD: u32 = 7;
/// The seed of the hashes of runs of characters.
const RUN: u32 = 11;

/// Whether a character of such a script stands for a word by itself.
const fn is_word_by_itself(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Calls `take` with each word of a folded text.
#[inline]
pub(super) fn each(view: &str, take: impl FnMut(Range<usize>)) {
    let stands = |character| match character {
        _ if is_word_by_itself(character) => Stands::Alone,
        _ if is_letter(character) => Stands::Inside,
        _ => Stands::Outside,
    };
    each_run(view, |_| false, stands, take);
}

/// The characters of a word between marks, and its hash.
pub(super) struct Spelled {
    characters: [u32; WORD_CHARACTERS_MAX + 2],
    length: usize,
    pub(super) hash: u32,
}

impl Spelled {
    pub(super) fn of(word: &str) -> Self {
        let mut characters = [EDGE; WORD_CHARACTERS_MAX + 2];
        let (mut length, mut hash) = (1, mix(WORD, EDGE));
        for (place, character) in characters.iter_mut().skip(1).take(WORD_CHARACTERS_MAX).zip(word.chars()) {
            *place = character.into();
            hash = mix(hash, *place);
            length += 1;
        }
        Self { characters, length: length + 1, hash: mix(hash, EDGE) }
    }

    /// The features that a word has by itself: all of it, and runs of three to five characters.
    #[inline]
    pub(super) fn features(&self, mut take: impl FnMut(usize)) {
        take(slot(self.hash));
        let mut rest = self.characters.get(..self.length).unwrap_or_default();
        while let [a, tail @ ..] = rest
            && let [b, c, longer @ ..] = tail
        {
            let three = mix(mix(mix(RUN, *a), *b), *c);
            take(slot(three));
            if let [d, longer @ ..] = longer {
                let four = mix(three, *d);
                take(slot(four));
                if let [e, ..] = longer {
                    take(slot(mix(four, *e)));
                }
            }
            rest = tail;
        }
    }
}

/// The two words before a word, as far as features need them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    last: u32,
    /// Both in a row.
    pair: u32,
    /// The one before the last, and a place for any other.
    around: u32,
}

impl Behind {
    pub(super) const NOTHING: Self = Self { last: 1, pair: mix(2, 1), around: mix(2, ANY) };

    /// The features that a word has with those before it: two in a row, three in a row, two around one.
    #[inline]
    pub(super) fn slots(self, hash: u32) -> [usize; 3] {
        [self.last, self.pair, self.around].map(|before| slot(mix(before, hash)))
    }

    #[inline]
    pub(super) fn then(self, hash: u32) -> Self {
        Self { last: hash, pair: mix(self.last, hash), around: mix(self.last, ANY) }
    }
}

/// What stands for any word.
const ANY: u32 = 3;

/// Calls `take` with the slot of each feature of a folded text.
pub fn features(view: &str, mut take: impl FnMut(usize)) {
    let (mut behind, mut last) = (Behind::NOTHING, 0);
    each(view, |word| {
        let word = Spelled::of(view.get(word).unwrap_or_default());
        // A word that is said over and over says no more than once.
        if word.hash == std::mem::replace(&mut last, word.hash) {
            return;
        }
        word.features(&mut take);
        behind.slots(word.hash).into_iter().for_each(&mut take);
        behind = behind.then(word.hash);
    });
}
