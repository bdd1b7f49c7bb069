//! Finds words and phrases in a folded text.
//!
//! Nearly all of them begin where a word does, so that a text is read many bytes at a time for the beginnings of words,
//! and the first four letters of each tell most words that are none. That takes less time and memory than an automaton
//! over all letters of all words.

use picket_text::{BLOCK, HIGH, alphanumeric, bits, each_block, first_eight, places};

/// Letters that tell where to look.
const HEAD_BYTES: usize = 4;
/// The least byte with which a character of several bytes begins.
const FIRST_OF_MANY: u8 = 0xc0;
/// Bits by the hash of a head; most are not set. And places by the same hash.
const FILTER_BITS: u32 = 16;
const SLOTS_BITS: u32 = 12;

/// How a word may stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// It may begin within another word.
    pub(super) is_free: bool,
    /// Letters may follow it.
    pub(super) is_open: bool,
}

/// Words and phrases, each with its number.
#[derive(Debug)]
pub(super) struct Finder {
    filter: Vec<u64>,
    /// By the hash of a head, the first bucket with such a head, counted from one.
    slots: Vec<u16>,
    buckets: Vec<Bucket>,
    /// Bytes of ASCII that begin what may stand within a word.
    inside: Vec<u8>,
}

/// What begins with the same letters.
#[derive(Debug)]
struct Bucket {
    head: u32,
    /// The next bucket of the slot, counted from one.
    next: u16,
    words: Vec<Word>,
}

/// A word, and its first bytes as a number, by which it is told from most others.
#[derive(Debug)]
struct Word {
    first: u64,
    mask: u64,
    bytes: Box<[u8]>,
    number: usize,
}

impl Word {
    fn new(bytes: &[u8], number: usize) -> Self {
        let mask = u64::MAX >> (64 - 8 * bytes.len().clamp(1, 8));
        Self { first: first_eight(bytes) & mask, mask, bytes: bytes.into(), number }
    }

    /// Whether a text, whose first bytes are known, begins with it.
    #[inline]
    fn begins(&self, text: &[u8], first: u64) -> bool {
        first & self.mask == self.first && text.starts_with(&self.bytes)
    }
}

/// Where a word stands: one past its end, its beginning, its number.
type Place = (usize, usize, usize);

impl Finder {
    /// Prepares words that begin with letters or digits.
    pub(super) fn new(words: &[String], manner: impl Fn(usize) -> Manner) -> Self {
        let (filter, slots) = (vec![0; 1 << (FILTER_BITS - 6)], vec![0; 1 << SLOTS_BITS]);
        let mut finder = Self { filter, slots, buckets: Vec::new(), inside: Vec::new() };
        for (number, word) in words.iter().enumerate() {
            let (word, manner) = (word.as_bytes(), manner(number));
            let Some(first) = word.first() else { continue };
            if first.is_ascii() && manner.is_free && !finder.inside.contains(first) {
                finder.inside.push(*first);
            }
            let mut text = word.to_vec();
            finder.add(&mut text, word, number, manner.is_open);
        }
        finder
    }

    /// Adds a word under the head of a text that begins with it, and of each text that goes on.
    fn add(&mut self, text: &mut Vec<u8>, word: &[u8], number: usize, is_open: bool) {
        self.put(head(text), word, number);
        let is_short = text.len() < HEAD_BYTES && text.iter().all(u8::is_ascii_alphanumeric);
        for next in (b'a'..=b'z').chain(b'0'..=b'9').filter(|_| is_short && is_open) {
            text.push(next);
            self.add(text, word, number, is_open);
            text.pop();
        }
    }

    fn put(&mut self, head: u32, word: &[u8], number: usize) {
        let hash = hash(head);
        self.filter.get_mut(bit(hash).0).into_iter().for_each(|bits| *bits |= bit(hash).1);
        let at = match self.bucket(head, hash) {
            Some(at) => at,
            None => {
                let Some(slot) = self.slots.get_mut(slot(hash)) else { return };
                let next = std::mem::replace(slot, u16::try_from(self.buckets.len() + 1).unwrap_or(0));
                self.buckets.push(Bucket { head, next, words: Vec::new() });
                self.buckets.len() - 1
            }
        };
        self.buckets.get_mut(at).into_iter().for_each(|bucket| bucket.words.push(Word::new(word, number)));
    }

    /// The number of the bucket with a head.
    fn bucket(&self, head: u32, hash: u32) -> Option<usize> {
        let mut at = self.slots.get(slot(hash)).copied().unwrap_or(0);
        while at > 0 {
            let bucket = self.buckets.get(usize::from(at) - 1)?;
            if bucket.head == head {
                return Some(usize::from(at) - 1);
            }
            at = bucket.next;
        }
        None
    }

    /// Calls `take` with the beginning, the end and the number of every word that begins where a word of the text does,
    /// or may begin within one, and is not followed by letters of ASCII where none may follow: by their ends, the longer
    /// ones first. Some that are told stand otherwise.
    pub(super) fn find(&self, text: &str, mut take: impl FnMut(usize, usize, usize)) {
        let bytes = text.as_bytes();
        let mut found: Vec<Place> = Vec::new();
        let mut before = 0;
        each_block(bytes, |at, block| {
            let words = bits(block, |byte| byte.is_ascii_alphanumeric());
            let mut starts = words & !(words << 1 | before) | bits(block, |byte| byte >= FIRST_OF_MANY);
            for inside in &self.inside {
                starts |= bits(block, |byte| byte == *inside);
            }
            before = words >> (BLOCK - 1);
            for start in places(starts).map(|place| at + place) {
                let rest = bytes.get(start..).unwrap_or_default();
                let head = head(rest);
                let hash = hash(head);
                if self.filter.get(bit(hash).0).is_some_and(|bits| bits & bit(hash).1 != 0)
                    && let Some(bucket) = self.bucket(head, hash).and_then(|at| self.buckets.get(at))
                {
                    // What is found from here on ends behind here.
                    flush(&mut found, start, &mut take);
                    let first = first_eight(rest);
                    let words = bucket.words.iter().filter(|word| word.begins(rest, first));
                    found.extend(words.map(|word| (start + word.bytes.len(), start, word.number)));
                }
            }
        });
        flush(&mut found, usize::MAX, &mut take);
    }
}

/// The first four letters of the word that a text begins with; of other scripts, one or two letters. What begins with
/// the same word of two letters or more has the same head, but for short ones that others begin with.
#[inline]
fn head(text: &[u8]) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "of eight bytes, the first four")]
    let chunk = first_eight(text) as u32;
    match chunk & 0xff {
        0xe0.. => chunk & 0xff_ffff,
        0x80.. if chunk & 0x80_0000 != 0 => chunk,
        0x80.. => chunk & 0xffff,
        _ => {
            #[expect(clippy::cast_possible_truncation, reason = "of eight bytes, the first four")]
            let others = !alphanumeric(chunk.into()) as u32 & HIGH as u32;
            if others == 0 { chunk } else { chunk & ((1 << (others.trailing_zeros() - 7)) - 1) }
        }
    }
}

fn hash(head: u32) -> u32 {
    head.wrapping_mul(0x9e37_79b1)
}

/// The word and the bit of the filter.
fn bit(hash: u32) -> (usize, u64) {
    let at = hash >> (32 - FILTER_BITS);
    ((at >> 6) as usize, 1 << (at & 63))
}

fn slot(hash: u32) -> usize {
    (hash >> (32 - SLOTS_BITS)) as usize
}

/// Tells what ends up to a place, by ends.
fn flush(found: &mut Vec<Place>, to: usize, take: &mut impl FnMut(usize, usize, usize)) {
    if found.is_empty() {
        return;
    }
    found.sort_unstable();
    let count = found.partition_point(|(end, ..)| *end <= to);
    found.drain(..count).for_each(|(end, start, number)| take(start, end, number));
}

#[cfg(test)]
mod tests;
