//! Words that are turned by thirteen letters, or read backwards.

use picket_text::{bits, each_block, first_eight, places};
use std::sync::LazyLock;

/// Words that hardly any English order does without, and that are no words when they are turned by thirteen letters or
/// read backwards.
const WORDS: &[&str] = &[
    "the",
    "your",
    "you",
    "all",
    "what",
    "that",
    "this",
    "with",
    "previous",
    "instructions",
    "instruction",
    "ignore",
    "forget",
    "disregard",
    "prompt",
    "system",
    "reveal",
    "repeat",
    "print",
    "show",
    "rules",
    "tell",
    "secret",
    "password",
    "above",
    "please",
    "without",
    "developer",
    "mode",
    "output",
    "unrestricted",
    "assistant",
    "every",
    "everything",
    "message",
    "conversation",
    "restrictions",
    "following",
    "answer",
    "pretend",
];
/// So many of them are a sign of a text; a short text needs one.
const SIGNS_MIN: usize = 2;
/// A long word says as much as two.
const LONG_BYTES: usize = 6;

/// Letters that tell most words from those that are looked for.
const HEAD_BYTES: usize = 3;
/// Bits by the hash of a head.
const HEADS_BITS: u32 = 11;

/// The words turned, then the words backwards.
struct Index {
    /// By the hash of its head, whether any of them begins so.
    heads: [u64; 1 << (HEADS_BITS - 6)],
    turned: Vec<String>,
    reversed: Vec<String>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let turned: Vec<String> =
        WORDS.iter().map(|word| word.bytes().map(|byte| char::from(turn(byte))).collect()).collect();
    let reversed: Vec<String> = WORDS.iter().map(|word| word.chars().rev().collect()).collect();
    let mut heads = [0; 1 << (HEADS_BITS - 6)];
    for word in turned.iter().chain(&reversed) {
        let (number, bit) = head(word.as_bytes());
        heads.get_mut(number).into_iter().for_each(|bits| *bits |= bit);
    }
    Index { heads, turned, reversed }
});

/// The number and the bit of the head of a word, in small letters or capitals.
fn head(word: &[u8]) -> (usize, u64) {
    let letters = (first_eight(word) | 0x0020_2020) & ((1 << (8 * HEAD_BYTES)) - 1);
    let hash = letters.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HEADS_BITS);
    let number = (hash >> 6) as usize;
    (number, 1 << (hash & 63))
}

/// Whether a text has words that are turned, and words that are backwards.
pub(super) fn directions(text: &str) -> (bool, bool) {
    let (index, bytes) = (&*INDEX, text.as_bytes());
    let (mut turned, mut reversed, mut before) = (0, 0, 0);
    each_block(bytes, |at, block| {
        let letters = bits(block, |byte| byte.is_ascii_alphanumeric());
        let begins = letters & !(letters << 1 | before);
        before = letters >> 63;
        for place in places(begins) {
            let rest = bytes.get(at + place..).unwrap_or_default();
            let (number, bit) = head(rest);
            if index.heads.get(number).is_none_or(|bits| bits & bit == 0) {
                continue;
            }
            let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let word = rest.get(..length).unwrap_or_default();
            let is_one = |words: &[String]| words.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word));
            let says = 1 + usize::from(length >= LONG_BYTES);
            if is_one(&index.turned) {
                turned += says;
            } else if is_one(&index.reversed) {
                reversed += says;
            }
        }
    });
    (turned >= SIGNS_MIN, reversed >= SIGNS_MIN)
}

/// The letter thirteen places on.
pub(super) const fn turn(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => b'a' + (byte - b'a' + 13) % 26,
        b'A'..=b'Z' => b'A' + (byte - b'A' + 13) % 26,
        other => other,
    }
}

#[cfg(test)]
mod tests;
