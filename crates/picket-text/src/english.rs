//! What tells English from other languages.

use crate::eight::first_eight;
use crate::runs::{Stands, each_run, is_letter};
use std::ops::Range;

/// Whether the words of a text in lower case are English: a tenth of them are those that it cannot do without. Of fewer
/// than five words nobody can tell, and they pass.
pub fn has_english_words(text: &str) -> bool {
    let (mut words, mut english) = (0_usize, 0_usize);
    let stands = |character| if is_letter(character) { Stands::Inside } else { Stands::Outside };
    each_run(
        text,
        |byte| byte == b'\'',
        stands,
        |word| {
            words += 1;
            english += usize::from(word.len() <= LETTERS_MAX && is_english_word(text.as_bytes(), word));
        },
    );
    words < 5 || english * 10 >= words
}

/// Whether a word is one of the short ones that English cannot do without.
fn is_english_word(text: &[u8], word: Range<usize>) -> bool {
    let letters = first_eight(text.get(word.start..).unwrap_or_default());
    SHORT.contains(&(letters & ((1 << (8 * word.len())) - 1)))
}

/// The longest of these words.
const LETTERS_MAX: usize = 4;

/// Short words, as numbers that are compared at once.
const SHORT: [u64; 36] = numbers([
    "the", "of", "to", "and", "a", "in", "is", "you", "that", "it", "for", "on", "with", "as", "are", "this", "be",
    "your", "or", "have", "from", "what", "i", "my", "me", "how", "can", "not", "all", "do", "an", "by", "if", "at",
    "was", "will",
]);

#[expect(clippy::indexing_slicing, reason = "this runs when it is compiled")]
const fn numbers<const N: usize>(words: [&str; N]) -> [u64; N] {
    let mut numbers = [0; N];
    let mut word = 0;
    while word < N {
        let bytes = words[word].as_bytes();
        let mut at = bytes.len();
        while at > 0 {
            at -= 1;
            numbers[word] = numbers[word] << 8 | bytes[at] as u64;
        }
        word += 1;
    }
    numbers
}
