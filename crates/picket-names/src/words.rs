//! What is seen of one word, number or sign, as numbers.

use crate::lexicon::{Lexicon, bit};
use crate::tokens::{Class, Token};

/// What a feature is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Word {
    /// Which word it is, if it is a known one, whatever its case.
    pub word: u32,
    /// How it is written: capitals, length, which sign.
    pub shape: u32,
    /// Its first three letters.
    pub head: u32,
    /// Its last two letters.
    pub tail2: u32,
    /// Its last three letters.
    pub tail3: u32,
    /// Its last four letters.
    pub tail4: u32,
    /// What the lexicon says; see [`bit`].
    pub bits: u8,
    /// Whether nothing stands before it.
    pub is_glued: bool,
}

/// Letters of a word in small letters that are kept.
const LETTERS_MAX: usize = 64;

/// A hash of bytes, eight at a time.
pub fn hash_of(bytes: &[u8]) -> u32 {
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::try_from(bytes.len()).unwrap_or(0);
    for chunk in bytes.chunks(8) {
        let mut eight = [0; 8];
        eight.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(eight)).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }
    // The upper half is the better one.
    u32::try_from(hash >> 32).unwrap_or(0)
}

/// How letters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
enum Case {
    Small = 1,
    Capitalised = 2,
    Capital = 3,
    Capitals = 4,
    Mixed = 5,
    /// No script with two cases.
    None = 6,
}

impl Word {
    /// What is seen of a token. `hide` may take bits of the lexicon away.
    pub fn of(text: &str, token: &Token, lexicon: &Lexicon, hide: impl FnOnce(u32) -> u8) -> Self {
        let written = text.get(token.start..token.end).unwrap_or_default();
        let first = written.chars().next().unwrap_or_default();
        let plain = |shape: u32, word: u32| Self { word, shape, is_glued: token.is_glued, ..Self::default() };
        match token.class {
            Class::Sign => plain(0x1000 + u32::from(first), 0x1000 + u32::from(first)),
            Class::Long => plain(2, 2),
            Class::Number => {
                let digits = u32::try_from(written.chars().count()).unwrap_or(u32::MAX).min(8);
                plain(16 + digits, 16 + digits)
            }
            Class::Letter => {
                let hash = hash_of(written.as_bytes());
                let bits = lexicon.bits(hash) & !hide(hash);
                let script = match u32::from(first) {
                    0x3041..=0x309f => 3,
                    0x30a0..=0x30ff => 4,
                    0xac00..=0xd7a3 => 5,
                    _ => 6,
                };
                Self { word: hash, shape: script, bits, is_glued: token.is_glued, ..Self::default() }
            }
            Class::Word => Self::of_letters(written, token.is_glued, lexicon, hide),
        }
    }

    fn of_letters(written: &str, is_glued: bool, lexicon: &Lexicon, hide: impl FnOnce(u32) -> u8) -> Self {
        let mut buffer = [0; LETTERS_MAX];
        let (case, length) = small(written, &mut buffer);
        let small = buffer.get(..length).unwrap_or_default();
        let hash = hash_of(small);
        let bits = lexicon.bits(hash) & !hide(hash);
        let is_ascii = small.is_ascii();
        let letters = if is_ascii { length } else { String::from_utf8_lossy(small).chars().count() };
        let bucket = match letters {
            0..=3 => letters,
            4..=6 => 4,
            _ => 5,
        };
        let shape = 64 + (case as u32) * 8 + u32::try_from(bucket).unwrap_or(0);
        let word = if bits & bit::KNOWN == 0 { 8 + case as u32 } else { hash };
        let part = |bytes: &[u8]| hash_of(bytes) | 1;
        Self {
            word,
            shape,
            head: part(head(small, 3, is_ascii)),
            tail2: part(tail(small, 2, is_ascii)),
            tail3: part(tail(small, 3, is_ascii)),
            tail4: part(tail(small, 4, is_ascii)),
            bits,
            is_glued,
        }
    }
}

/// Writes small letters into a buffer: how they were written, and how many bytes they have.
fn small(written: &str, buffer: &mut [u8; LETTERS_MAX]) -> (Case, usize) {
    let (mut count, mut capitals, mut smalls, mut first_is_capital) = (0, 0, 0, false);
    let mut length = 0;
    if written.is_ascii() {
        for (to, byte) in buffer.iter_mut().zip(written.bytes()) {
            let is_capital = byte.is_ascii_uppercase();
            first_is_capital |= is_capital && count == 0;
            capitals += usize::from(is_capital);
            *to = byte.to_ascii_lowercase();
            count += 1;
        }
        smalls = count - capitals;
        length = count;
    } else {
        for c in written.chars() {
            let is_capital = c.is_uppercase();
            first_is_capital |= is_capital && count == 0;
            capitals += usize::from(is_capital);
            smalls += usize::from(c.is_lowercase());
            count += 1;
            for lower in c.to_lowercase() {
                let mut bytes = [0; 4];
                let bytes = lower.encode_utf8(&mut bytes).as_bytes();
                if let Some(to) = buffer.get_mut(length..length + bytes.len()) {
                    to.copy_from_slice(bytes);
                    length += bytes.len();
                }
            }
        }
    }
    let case = match (capitals, smalls) {
        (0, 0) => Case::None,
        (0, _) => Case::Small,
        (1, 0) => Case::Capital,
        (_, 0) => Case::Capitals,
        (1, _) if first_is_capital => Case::Capitalised,
        _ => Case::Mixed,
    };
    (case, length)
}

/// The first letters of a word.
fn head(word: &[u8], letters: usize, is_ascii: bool) -> &[u8] {
    let end = if is_ascii {
        letters
    } else {
        let mut starts = word.iter().enumerate().filter(|(_, byte)| is_start(**byte)).map(|(at, _)| at);
        starts.nth(letters).unwrap_or(word.len())
    };
    word.get(..end).unwrap_or(word)
}

/// The last letters of a word.
fn tail(word: &[u8], letters: usize, is_ascii: bool) -> &[u8] {
    let start = if is_ascii {
        word.len().saturating_sub(letters)
    } else {
        let mut starts = word.iter().enumerate().rev().filter(|(_, byte)| is_start(**byte)).map(|(at, _)| at);
        starts.nth(letters.saturating_sub(1)).unwrap_or(0)
    };
    word.get(start..).unwrap_or(word)
}

/// Whether a byte of UTF-8 begins a character.
const fn is_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
mod tests;
