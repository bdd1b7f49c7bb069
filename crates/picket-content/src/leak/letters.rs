//! Letters and words of a text that comes in pieces, folded, each with its place.

use picket_text::look_alike;
use unicode_normalization::UnicodeNormalization as _;

/// So many first letters tell a word, whatever its ending.
const STEM_LETTERS: u32 = 5;

/// Words that stand everywhere.
const COMMON: &[&str] = &[
    "next",
    "last",
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "week",
    "month",
    "year",
    "years",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "good",
    "best",
    "better",
    "great",
    "thing",
    "things",
    "people",
    "think",
    "come",
    "goes",
    "going",
    "look",
    "looking",
    "find",
    "show",
    "tell",
    "explain",
    "describe",
    "thanks",
    "thank",
    "about",
    "above",
    "after",
    "again",
    "also",
    "always",
    "another",
    "answer",
    "before",
    "being",
    "below",
    "between",
    "both",
    "cannot",
    "could",
    "does",
    "doing",
    "done",
    "down",
    "each",
    "even",
    "ever",
    "every",
    "following",
    "from",
    "give",
    "have",
    "having",
    "help",
    "here",
    "into",
    "just",
    "know",
    "like",
    "make",
    "many",
    "more",
    "most",
    "much",
    "must",
    "need",
    "never",
    "only",
    "other",
    "over",
    "please",
    "provide",
    "provided",
    "question",
    "request",
    "response",
    "same",
    "should",
    "some",
    "such",
    "sure",
    "take",
    "tell",
    "than",
    "that",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "time",
    "under",
    "until",
    "upon",
    "used",
    "user",
    "using",
    "very",
    "want",
    "well",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "will",
    "with",
    "within",
    "without",
    "would",
    "write",
    "your",
    "yours",
    "first",
    "second",
    "make",
    "makes",
    "including",
    "include",
];

pub(crate) const fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// Calls `take` for each letter or digit that a character stands for.
pub(super) fn letters(character: char, mut take: impl FnMut(char)) {
    if character.is_ascii() {
        if character.is_ascii_alphanumeric() {
            take(character.to_ascii_lowercase());
        }
    } else {
        let folded = std::iter::once(character).nfkc().flat_map(char::to_lowercase).map(look_alike);
        folded.filter(|c| c.is_alphanumeric()).for_each(take);
    }
}

fn is_word_by_itself(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A word while it is read.
#[derive(Debug, Default)]
pub(crate) struct Words {
    hash: u64,
    whole: u64,
    length: u32,
    begin: usize,
}

impl Words {
    /// Takes a character at a byte of the text; a word that is over: its stem, and where it begins.
    pub(crate) fn push(&mut self, character: char, at: usize) -> Option<(u64, usize)> {
        if character.is_ascii_alphanumeric() {
            self.letter(character.to_ascii_lowercase(), at);
            return None;
        }
        if character.is_ascii() {
            return self.finish();
        }
        if is_word_by_itself(character) {
            // What was before is dropped with little harm: scripts mix seldom.
            *self = Self::default();
            return Some((mix(3, u64::from(character)), at));
        }
        if !character.is_alphanumeric() {
            return self.finish();
        }
        letters(character, |letter| self.letter(letter, at));
        None
    }

    fn letter(&mut self, letter: char, at: usize) {
        if self.length == 0 {
            self.begin = at;
        }
        self.length += 1;
        self.whole = mix(self.whole, u64::from(letter));
        if self.length <= STEM_LETTERS {
            self.hash = self.whole;
        }
    }

    /// Ends the word, if it is one that tells something.
    pub(crate) fn finish(&mut self) -> Option<(u64, usize)> {
        let word = std::mem::take(self);
        let tells = word.length >= 4 && common().binary_search(&word.whole).is_err();
        tells.then_some((word.hash, word.begin))
    }
}

/// Hashes of the common words.
fn common() -> &'static [u64] {
    static HASHES: std::sync::LazyLock<Vec<u64>> = std::sync::LazyLock::new(|| {
        let hash = |word: &&str| word.chars().fold(0, |hash, letter| mix(hash, u64::from(letter)));
        let mut hashes: Vec<u64> = COMMON.iter().map(hash).collect();
        hashes.sort_unstable();
        hashes
    });
    &HASHES
}
