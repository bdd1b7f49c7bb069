//! Lists of words that every word of a text is compared with, most of which are in none of them.

use std::borrow::Cow;

/// The longest word of a list, in bytes.
const WORD_BYTES_MAX: usize = 31;
/// Longer words with letters beyond ASCII are in no list.
const OTHER_BYTES_MAX: usize = 24;

/// Words in small letters. Which letters those of a length begin and end with tells most words that are not among them.
#[derive(Debug)]
pub(crate) struct List {
    words: &'static [&'static str],
    /// By length in bytes, a bit for each first and each last letter.
    ends: [(u32, u32); WORD_BYTES_MAX + 1],
}

impl List {
    #[expect(clippy::indexing_slicing, reason = "it runs when it is compiled, where a wrong index is an error")]
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        let mut ends = [(0, 0); WORD_BYTES_MAX + 1];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            ends[word.len()].0 |= bit(word[0]);
            ends[word.len()].1 |= bit(word[word.len() - 1]);
            at += 1;
        }
        Self { words, ends }
    }

    /// Whether it has a word, however that is written.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.has_small(&small(word))
    }

    /// The same of a word that is [`small`].
    pub(crate) fn has_small(&self, word: &str) -> bool {
        let (Some(first), Some(last)) = (word.as_bytes().first(), word.as_bytes().last()) else { return false };
        self.ends.get(word.len()).is_some_and(|(firsts, lasts)| firsts & bit(*first) != 0 && lasts & bit(*last) != 0)
            && self.words.iter().any(|known| known.eq_ignore_ascii_case(word))
    }
}

/// A letter as one of a few bits; capitals have those of small letters.
const fn bit(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// A word that is compared with lists: in small letters where it has others than those of ASCII, and nothing if it is
/// too long for them.
pub(crate) fn small(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        Cow::Borrowed(word)
    } else if word.len() <= OTHER_BYTES_MAX {
        Cow::Owned(word.to_lowercase())
    } else {
        Cow::Borrowed("")
    }
}

#[cfg(test)]
mod tests;
