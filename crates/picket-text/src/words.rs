//! Words at whose beginnings something may begin, found in one pass.
//!
//! Most bytes of a text are inside of words, where no word of a rule begins: that is told of many bytes at a time. Where one
//! may begin, its first bytes lead to a list that is nearly always empty, and eight bytes are compared as one number.

use crate::block::{BLOCK, bits, each_block, places};
use crate::eight::first_eight;
use std::ops::RangeInclusive;

/// Words are told apart by so many bytes; what is longer is cut, and found somewhat oftener than it stands there.
const COMPARED: usize = 8;
/// Words of so many bytes and more are listed by so many of their first bytes, shorter ones by two.
const LONG: usize = 6;
const SHORT: usize = 2;
/// Bytes of a character but for its first one.
const LATER: RangeInclusive<u8> = 0x80..=0xbf;
/// Bits by the hash of the first three bytes; most are not set.
const HEADS_BITS: u32 = 14;
const HEAD_BYTES: usize = 3;
/// Lists of words.
const LISTS: usize = 4_096;

/// An index of words, each with those that it belongs to.
#[derive(Debug)]
pub struct Words<T> {
    /// Whether words begin with a byte.
    begins: [bool; 256],
    /// Whether words begin with three bytes.
    heads: Box<[u64]>,
    long: Lists,
    short: Lists,
    owners: Vec<T>,
}

impl<T: Clone + PartialEq> Words<T> {
    /// An index of words of two bytes at least; shorter ones are left out. Words that begin with an ASCII letter or digit
    /// are found at the beginnings of ASCII words only.
    pub fn new(words: impl IntoIterator<Item = (Vec<u8>, T)>) -> Self {
        let (mut begins, mut heads) = ([false; 256], vec![0_u64; 1 << (HEADS_BITS - 6)]);
        let mut all: Vec<(Vec<u8>, T)> = words.into_iter().filter(|(word, _)| word.len() >= SHORT).collect();
        all.iter_mut().for_each(|(word, _)| word.truncate(COMPARED));
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (mut long, mut short, mut owners) = (Vec::new(), Vec::new(), Vec::new());
        for same in all.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((word, _)) = same.first() else { continue };
            let from = owners.len();
            for (_, owner) in same {
                if owners.get(from..).is_some_and(|own| !own.contains(owner)) {
                    owners.push(owner.clone());
                }
            }
            let place = if word.len() < LONG { &mut short } else { &mut long };
            place.push(Word { bytes: first_eight(word), mask: mask(word.len()), from, to: owners.len() });
            // Anything may follow a word of two bytes.
            let thirds = if word.len() < HEAD_BYTES { 0..=u64::from(u8::MAX) } else { 0..=0 };
            for third in thirds {
                let (number, bit) = head(first_eight(word) | third << (8 * SHORT));
                heads.get_mut(number).into_iter().for_each(|bits| *bits |= bit);
            }
            word.first()
                .and_then(|first| begins.get_mut(usize::from(*first)))
                .into_iter()
                .for_each(|begins| *begins = true);
        }
        let heads = heads.into();
        Self { begins, heads, long: Lists::new(long, LONG), short: Lists::new(short, SHORT), owners }
    }

    /// Calls `take` with each place where words begin, ascending, and with their owners; where several words begin, once for
    /// each of them. Of longer words only the first eight bytes are known to stand there; and of a line of one sign, only its
    /// beginning and its end are told.
    pub fn each(&self, text: &str, mut take: impl FnMut(usize, &[T])) {
        let bytes = text.as_bytes();
        // In most texts most bytes that are no letters are spaces or go on with a character, and hardly a word begins so.
        let begin = |mut bytes: RangeInclusive<u8>| bytes.any(|byte| self.begins(byte));
        let (spaces, later) = (begin(b' '..=b' '), begin(LATER));
        let mut before = 0;
        each_block(bytes, |at, block| {
            let letters = bits(block, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let others =
                !(letters | bits(block, |byte| (!spaces && byte == b' ') || (!later && LATER.contains(&byte))));
            let starts = letters & !(letters << 1 | before) | others;
            before = letters >> (BLOCK - 1);
            for start in places(starts).map(|place| at + place) {
                let Some(rest) = bytes.get(start..) else { break };
                let (number, bit) = head(first_eight(rest));
                if self.heads.get(number).is_some_and(|bits| bits & bit != 0) && !is_inside_line(bytes, start) {
                    self.at(rest, |owners| take(start, owners));
                }
            }
        });
    }

    fn begins(&self, byte: u8) -> bool {
        self.begins.get(usize::from(byte)) == Some(&true)
    }

    /// Calls `take` with the owners of each word that a text begins with.
    #[inline]
    fn at(&self, text: &[u8], mut take: impl FnMut(&[T])) {
        let first = first_eight(text);
        for list in [self.long.of(first), self.short.of(first)] {
            for word in list.iter().filter(|word| (first ^ word.bytes) & word.mask == 0) {
                take(self.owners.get(word.from..word.to).unwrap_or_default());
            }
        }
    }
}

/// Whether the sign before a place stands there four times more.
fn is_inside_line(text: &[u8], at: usize) -> bool {
    let line = at.checked_sub(1).and_then(|before| text.get(before..at + LINE)).unwrap_or_default();
    line.first().is_some_and(|sign| !sign.is_ascii_alphanumeric() && line.iter().all(|byte| byte == sign))
}

/// So many signs are a line.
const LINE: usize = 4;

/// Where the bit of the first three bytes is.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a hash")]
const fn head(first: u64) -> (usize, u64) {
    let hash = (first as u32 & 0xff_ffff).wrapping_mul(0x9e37_79b1) >> (32 - HEADS_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[derive(Debug, Clone, Copy)]
struct Word {
    bytes: u64,
    mask: u64,
    /// Its owners.
    from: usize,
    to: usize,
}

/// Words in lists, by a hash of their first bytes.
#[derive(Debug)]
struct Lists {
    mask: u64,
    /// Where each list begins, and where the last one ends.
    begins: Box<[u32]>,
    words: Vec<Word>,
}

impl Lists {
    fn new(mut words: Vec<Word>, key: usize) -> Self {
        let mask = mask(key);
        words.sort_by_key(|word| list(word.bytes, mask));
        let begins = (0..=LISTS).map(|number| words.partition_point(|word| list(word.bytes, mask) < number));
        let begins = begins.map(|begin| u32::try_from(begin).unwrap_or(u32::MAX)).collect();
        Self { mask, begins, words }
    }

    /// Words that may be those that begin with such bytes.
    fn of(&self, first: u64) -> &[Word] {
        let number = list(first, self.mask);
        match self.begins.get(number..number + 2) {
            Some([from, to]) => self.words.get(*from as usize..*to as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a hash")]
const fn list(first: u64, mask: u64) -> usize {
    ((first & mask).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - LISTS.trailing_zeros())) as usize
}

/// The bytes of a word of some length.
const fn mask(length: usize) -> u64 {
    u64::MAX >> (64 - 8 * length)
}

#[cfg(test)]
mod tests;
