//! Words at whose beginnings something may begin, found in one pass.
//!
//! Most bytes of a text are inside of words, where no word of a rule begins: that is told of many bytes at a time. Where one
//! may begin, a bit by the hash of its first bytes tells nearly all words that none of the rules has. Else these lead to a
//! list, and eight bytes are compared as one number.

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
/// Bits by the hash of the first bytes, most of which are not set. Of shorter words it is three bytes.
const HEADS_BITS: u32 = 15;
const HEAD_BYTES: usize = 3;
/// Lists of words.
const LISTS: usize = 4_096;

/// An index of words, each with those that it belongs to.
#[derive(Debug)]
pub struct Words<T> {
    /// Whether words begin with a byte.
    begins: [bool; 256],
    long: Lists,
    short: Lists,
    owners: Vec<T>,
}

impl<T: Clone + PartialEq> Words<T> {
    /// An index of words of two bytes at least; shorter ones are left out. Words that begin with an ASCII letter or digit
    /// are found at the beginnings of ASCII words only.
    pub fn new(words: impl IntoIterator<Item = (Vec<u8>, T)>) -> Self {
        let mut begins = [false; 256];
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
            word.first()
                .and_then(|first| begins.get_mut(usize::from(*first)))
                .into_iter()
                .for_each(|begins| *begins = true);
        }
        let (long, short) = (Lists::new(long, LONG, LONG), Lists::new(short, SHORT, HEAD_BYTES));
        Self { begins, long, short, owners }
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
                let first = first_eight(rest);
                if self.long.may_have(first) {
                    self.at(&self.long, (bytes, start), first, &mut take);
                }
                if self.short.may_have(first) {
                    self.at(&self.short, (bytes, start), first, &mut take);
                }
            }
        });
    }

    /// Calls `take` with the owners of each word of some lists that begins at a place of a text, by the bytes there.
    fn at(&self, lists: &Lists, (text, at): (&[u8], usize), first: u64, take: &mut impl FnMut(usize, &[T])) {
        if is_inside_line(text, at) {
            return;
        }
        for word in lists.of(first).iter().filter(|word| (first ^ word.bytes) & word.mask == 0) {
            take(at, self.owners.get(word.from..word.to).unwrap_or_default());
        }
    }

    fn begins(&self, byte: u8) -> bool {
        self.begins.get(usize::from(byte)) == Some(&true)
    }
}

/// Whether the sign before a place stands there four times more.
fn is_inside_line(text: &[u8], at: usize) -> bool {
    let line = at.checked_sub(1).and_then(|before| text.get(before..at + LINE)).unwrap_or_default();
    line.first().is_some_and(|sign| !sign.is_ascii_alphanumeric() && line.iter().all(|byte| byte == sign))
}

/// So many signs are a line.
const LINE: usize = 4;

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
    /// The bytes by which it is told whether there is a word, and a bit by the hash of those of each word.
    head: u64,
    heads: Box<[u64; 1 << (HEADS_BITS - 6)]>,
    /// Where each list begins, and where the last one ends.
    begins: Box<[u32]>,
    words: Vec<Word>,
}

impl Lists {
    /// Lists of words by `key` of their bytes, of which `head` bytes tell whether there is any.
    fn new(mut words: Vec<Word>, key: usize, head: usize) -> Self {
        let (key, head) = (mask(key), mask(head));
        let mut heads = Box::new([0; _]);
        for word in &words {
            // Anything may follow a word that has one byte less.
            let lasts = if word.mask < head { 0..=u64::from(u8::MAX) } else { 0..=0 };
            for last in lasts {
                let (number, bit) = place(word.bytes | last << (head.count_ones() - 8), head);
                heads.get_mut(number).into_iter().for_each(|bits: &mut u64| *bits |= bit);
            }
        }
        words.sort_by_key(|word| list(word.bytes, key));
        let begins = (0..=LISTS).map(|number| words.partition_point(|word| list(word.bytes, key) < number));
        let begins = begins.map(|begin| u32::try_from(begin).unwrap_or(u32::MAX)).collect();
        Self { mask: key, head, heads, begins, words }
    }

    /// Whether there may be words that begin with such bytes.
    #[inline]
    fn may_have(&self, first: u64) -> bool {
        let (number, bit) = place(first, self.head);
        self.heads.get(number).is_some_and(|bits| bits & bit != 0)
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

/// Where the bit of the first bytes is.
#[inline]
const fn place(first: u64, mask: u64) -> (usize, u64) {
    let hash = (first & mask).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HEADS_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
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
