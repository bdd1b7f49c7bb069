//! What a word says about itself and its neighbours, as hashes: the features of the chain.

use crate::lexicon::bit;
use crate::words::Word;

/// How many features a word has.
pub const FEATURES: usize = 26;

/// How far a label may stand before what it names, in words.
const LABEL_WORDS: usize = 8;

/// What is beyond the ends of a stretch.
const EDGE: Word = Word { word: 1, shape: 1, head: 0, tail2: 0, tail3: 0, tail4: 0, bits: 0, is_glued: false };

/// What holds of a stretch as a whole: mostly capitals, no capitals, or every word with one.
fn manner(words: &[Word]) -> u32 {
    let (mut letters, mut small, mut capital) = (0_usize, 0_usize, 0_usize);
    for case in words.iter().filter_map(case) {
        letters += 1;
        small += usize::from(case == 1);
        capital += usize::from(case == 4);
    }
    if letters < 2 {
        0
    } else if small == letters {
        1
    } else if capital * 10 >= letters * 7 {
        2
    } else if small * 10 < letters * 3 {
        3
    } else {
        4
    }
}

/// The case of a word of letters.
fn case(word: &Word) -> Option<u32> {
    (64..112).contains(&word.shape).then(|| (word.shape - 64) >> 3)
}

/// Whether a sentence, a line or a value begins behind a word.
fn opens(word: &Word) -> bool {
    matches!(
        char::from_u32(word.shape.wrapping_sub(0x1000)),
        Some('.' | '!' | '?' | ':' | '\n' | '"' | '>' | '|' | '-' | '*' | '#')
    ) || word.shape == 1
}

/// Calls `take` with the features of each word, in order.
pub fn features(words: &[Word], mut take: impl FnMut(usize, &[u64; FEATURES])) {
    let manner = manner(words);
    let at = |index: Option<usize>| index.and_then(|index| words.get(index)).unwrap_or(&EDGE);
    // The word before the last colon or equals sign of the line, and how long ago that was.
    let mut label = (0_u32, LABEL_WORDS);
    for (index, word) in words.iter().enumerate() {
        let before = [1, 2, 3].map(|back| at(index.checked_sub(back)));
        let after = [1, 2].map(|ahead| at(Some(index + ahead)));
        let ([b1, b2, b3], [a1, a2]) = (before, after);
        match b1.shape.wrapping_sub(0x1000) {
            // `key: value`, `key=value`, `"key": "value"`
            0x3a | 0x3d | 0xff1a => label = (if b2.shape == 0x1022 { b3.word } else { b2.word }, 0),
            10 | 0x2c | 0x3b | 0xff0c => label = (label.0, label.1.max(LABEL_WORDS / 2)),
            _ => {}
        }
        let said = if label.1 < LABEL_WORDS { label.0 } else { 0 };
        label.1 = (label.1 + 1).min(LABEL_WORDS);
        let opens = u32::from(opens(b1)) | u32::from(word.is_glued) << 1 | u32::from(a1.is_glued) << 2;
        // Ordinary words and words of names, without which words the model knows.
        let [g0, gb, gb2, ga, ga2] = [word, b1, b2, a1, a2].map(|word| u32::from(word.bits & !bit::KNOWN));
        let is_pair = word.head == 0;
        let (x2, x3) = if is_pair { (a1.word, b1.word) } else { (word.tail2, word.tail3) };
        let found = [
            mix(1, word.word, 0),
            mix(2, b1.word, 0),
            mix(3, a1.word, 0),
            mix(4, b2.word, 0),
            mix(5, a2.word, 0),
            mix(6, b1.word, word.shape),
            mix(7, a1.word, word.shape),
            mix(8, b1.shape ^ a1.shape.rotate_left(13), word.shape),
            mix(9, word.shape, manner << 4 | opens),
            mix(10, word.head, word.shape >> 3),
            mix(11, x2, word.word * u32::from(is_pair)),
            mix(12, x3, word.word * u32::from(is_pair)),
            mix(13, word.tail4, word.shape >> 3),
            mix(14, g0, word.shape),
            mix(15, g0 | gb << 8, 0),
            mix(16, g0 | ga << 8, word.shape >> 3),
            mix(17, g0 | gb << 8 | ga << 16, manner),
            mix(18, b1.word, b2.word),
            mix(19, a1.word, a2.word),
            mix(20, b1.word, g0 << 8 | ga),
            mix(21, b2.shape ^ b1.shape.rotate_left(13), word.shape),
            mix(22, a1.shape ^ a2.shape.rotate_left(13), word.shape),
            mix(23, said, word.shape),
            mix(24, b1.word ^ b2.word.rotate_left(7), b3.word ^ word.shape.rotate_left(11)),
            mix(25, gb | gb2 << 8 | ga << 16 | ga2 << 24, g0),
            mix(26, opens, said ^ g0.rotate_left(9)),
        ];
        take(index, &found);
    }
}

/// A hash of a feature, never zero.
const fn mix(template: u32, a: u32, b: u32) -> u64 {
    let both = (a as u64) << 32 | b as u64;
    let hash = (both ^ (template as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xf135_7aea_2e62_a9c5);
    let hash = (hash ^ hash >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (hash ^ hash >> 32) | 1
}

#[cfg(test)]
mod tests;
