//! Finds short texts wherever they stand, in small letters or capitals.
//!
//! An automaton over hundreds of texts takes megabytes, and has to know what one byte led to before it takes the next one.
//! Here each place is looked at by itself: the three or four bytes that stand there tell nearly every place from those where
//! a text begins, by two tables that stay near at hand whatever else is looked for in between.

use crate::eight::first_eight;

/// Bytes by which longer texts are told apart from what else stands there, and shorter ones.
const LONG: usize = 4;
const SHORT: usize = 3;
/// Bits by the hashes of such beginnings, and lists by the hash of the shorter one.
const LONG_BITS: u32 = 15;
const SHORT_BITS: u32 = 13;
const LISTS_BITS: u32 = 9;
/// Places of which eight bytes hold a beginning.
const TOGETHER: usize = 8 - LONG + 1;
/// What makes small letters of capitals, and something else of some other bytes.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// Texts that are looked for, by their numbers.
#[derive(Debug)]
pub struct Anywhere {
    long: Box<[u64]>,
    short: Box<[u64]>,
    lists: Box<[Vec<Text>]>,
    /// Texts of two bytes, which no list of three has, and of one.
    pairs: Vec<Text>,
    bytes: Vec<(u8, usize)>,
}

#[derive(Debug, Clone)]
struct Text {
    /// The first bytes, as far as it has them.
    first: u64,
    mask: u64,
    text: Box<[u8]>,
    number: usize,
}

impl Anywhere {
    /// Prepares texts, no two of them alike but for capitals; each has the number of its place among them.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let bits = |count: u32| vec![0; 1 << (count - 6)].into_boxed_slice();
        let lists = vec![Vec::new(); 1 << LISTS_BITS].into_boxed_slice();
        let mut all =
            Self { long: bits(LONG_BITS), short: bits(SHORT_BITS), lists, pairs: Vec::new(), bytes: Vec::new() };
        for (number, text) in texts.enumerate() {
            all.add(text.as_bytes(), number);
        }
        all
    }

    fn add(&mut self, text: &[u8], number: usize) {
        let mask = u64::MAX >> (64 - 8 * text.len().clamp(1, 8));
        let first = (first_eight(text) | SMALL) & mask;
        let new = Text { first, mask, text: text.into(), number };
        match text.len() {
            0 => {}
            1 => self.bytes.extend(text.first().map(|byte| (*byte, number))),
            2 => {
                for third in 0..=u64::from(u8::MAX) {
                    set(&mut self.short, short(first | third << 16));
                }
                self.pairs.push(new);
            }
            length => {
                if length < LONG {
                    set(&mut self.short, short(first))
                } else {
                    set(&mut self.long, long(first))
                }
                self.lists.get_mut(list(first)).into_iter().for_each(|list| list.push(new.clone()));
            }
        }
    }

    /// Every text that stands between two places of a text: where it ends and begins, and its number; by their ends, the
    /// longer ones first.
    pub fn find(&self, text: &[u8], (from, to): (usize, usize)) -> Vec<(usize, usize, usize)> {
        let text = text.get(..to).unwrap_or(text);
        let mut found = Vec::new();
        for (byte, number) in &self.bytes {
            let rest = text.get(from..).unwrap_or_default();
            let places = memchr::memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), rest);
            found.extend(places.map(|at| (from + at + 1, from + at, *number)));
        }
        let mut at = from;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let eight = first_eight(rest);
            let mut begins = (0..TOGETHER).fold(0, |begins, step| begins | self.may_begin(eight >> (8 * step)) << step);
            while begins != 0 {
                let step = begins.trailing_zeros() as usize;
                begins &= begins - 1;
                self.begin(text, at + step, &mut found);
            }
            at += TOGETHER;
        }
        found.sort_unstable();
        found
    }

    /// Whether a text may begin with such bytes, as one bit.
    #[inline]
    fn may_begin(&self, bytes: u64) -> u64 {
        let bytes = bytes | SMALL;
        is_set(&self.long, long(bytes)) | is_set(&self.short, short(bytes))
    }

    fn begin(&self, text: &[u8], at: usize, found: &mut Vec<(usize, usize, usize)>) {
        let rest = text.get(at..).unwrap_or_default();
        let first = first_eight(rest) | SMALL;
        let stands = |one: &&Text| {
            first & one.mask == one.first
                && rest.get(..one.text.len()).is_some_and(|head| head.eq_ignore_ascii_case(&one.text))
        };
        let list = self.lists.get(list(first)).map(Vec::as_slice).unwrap_or_default();
        let here = list.iter().chain(&self.pairs).filter(stands);
        found.extend(here.map(|one| (at + one.text.len(), at, one.number)));
    }
}

/// A hash of the lower bytes of a number, of which `bits` bits are left.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a few bits")]
const fn hash(bytes: u64, count: usize, bits: u32) -> usize {
    let head = bytes as u32 & u32::MAX >> (32 - 8 * count);
    (head.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

#[inline]
const fn long(bytes: u64) -> usize {
    hash(bytes, LONG, LONG_BITS)
}

#[inline]
const fn short(bytes: u64) -> usize {
    hash(bytes, SHORT, SHORT_BITS)
}

#[inline]
const fn list(bytes: u64) -> usize {
    hash(bytes, SHORT, LISTS_BITS)
}

fn set(bits: &mut [u64], at: usize) {
    bits.get_mut(at >> 6).into_iter().for_each(|bits| *bits |= 1 << (at & 63));
}

#[inline]
fn is_set(bits: &[u64], at: usize) -> u64 {
    bits.get(at >> 6).map_or(0, |bits| bits >> (at & 63) & 1)
}

#[cfg(test)]
mod tests;
