//! Many literals over one text, at a cost that hardly depends on how many there are.
//!
//! Four bytes of each literal are chosen, of those that ordinary text has least. A text is read once, four bytes at a
//! time, against a small table of bits; where a bit is set, the literals that have these bytes are compared in full.
//! An automaton of the same literals would leave the fast caches of a processor; the bits stay there. What is too short
//! for four bytes, or has them in common with too many others, is left to such an automaton, which is small then.

use super::literal::{self, LITERAL_BYTES_MAX};
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input as Look};
use std::collections::HashMap;
use std::ops::Range;

/// Bytes of a gram.
const GRAM_BYTES: usize = 4;
/// Literals of one gram; those beyond are left to the automaton.
const SHARING_MAX: usize = 16;
/// Bits for each gram, so that a bit seldom lies.
const BITS_PER_GRAM: usize = 64;
/// Bits of the smallest table and of the largest, as powers of two: 2 KiB, 32 KiB.
const BITS_LEAST: u32 = 14;
const BITS_MOST: u32 = 18;
/// Bytes of all literals of the automaton up to which it is a table, which is faster and larger.
const TABLE_BYTES_MAX: usize = 48 * 1_024;
/// A capital letter becomes small; what else changes is told apart when a literal is compared.
const SMALL: u32 = 0x2020_2020;
const SPREAD: u32 = 0x9e37_79b1;

/// Finds literals in any case of ASCII letters.
#[derive(Debug, Default)]
pub(super) struct Finder {
    literals: Vec<Box<[u8]>>,
    bits: Vec<u64>,
    /// How far the hash of a gram is shifted to be a place among the bits.
    shift: u32,
    /// From gram to its entries, by open addressing; a slot without entries is free.
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    /// Bytes from one look to the next.
    stride: usize,
    rest: Option<AhoCorasick>,
    /// The literals of the automaton.
    rest_numbers: Vec<usize>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Slot {
    gram: u32,
    first: u32,
    count: u32,
}

/// A literal that has a gram, and where.
#[derive(Debug, Clone, Copy)]
struct Entry {
    literal: u32,
    offset: u32,
}

impl Finder {
    /// Finds these literals, which are in small letters.
    pub(super) fn new(literals: Vec<Box<[u8]>>) -> Result<Self, String> {
        let stride = stride(&literals);
        let (mut grams, mut rest): (HashMap<u32, Vec<Entry>>, Vec<usize>) = (HashMap::new(), Vec::new());
        for (number, literal) in literals.iter().enumerate() {
            if !place(&mut grams, number, literal, stride) {
                rest.push(number);
            }
        }
        let mut finder = Self { stride, ..Self::default() };
        finder.index(grams);
        let left: Vec<&[u8]> = rest.iter().filter_map(|number| literals.get(*number)).map(AsRef::as_ref).collect();
        let bytes: usize = left.iter().map(|literal| literal.len()).sum();
        let kind = (bytes <= TABLE_BYTES_MAX).then_some(AhoCorasickKind::DFA);
        finder.rest = (!left.is_empty())
            .then(|| AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(&left))
            .transpose()
            .map_err(|_error| "has more words than an automaton holds; write fewer".to_owned())?;
        finder.rest_numbers = rest;
        finder.literals = literals;
        Ok(finder)
    }

    fn index(&mut self, grams: HashMap<u32, Vec<Entry>>) {
        if grams.is_empty() {
            return;
        }
        let wanted = (grams.len() * BITS_PER_GRAM).next_power_of_two().trailing_zeros().clamp(BITS_LEAST, BITS_MOST);
        self.shift = u32::BITS - wanted;
        self.bits = vec![0; (1_usize << wanted) / 64];
        self.slots = vec![Slot::default(); (grams.len() * 2).next_power_of_two()];
        let mut grams: Vec<(u32, Vec<Entry>)> = grams.into_iter().collect();
        grams.sort_unstable_by_key(|(gram, _)| *gram);
        for (gram, entries) in grams {
            let (word, bit) = self.place(gram);
            self.bits.iter_mut().skip(word).take(1).for_each(|bits| *bits |= 1 << bit);
            let first = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            let slot = Slot { gram, first, count: u32::try_from(entries.len()).unwrap_or(0) };
            self.entries.extend(entries);
            let free = self.probe(gram).find(|at| self.slots.get(*at).is_some_and(|slot| slot.count == 0));
            if let Some(free) = free.and_then(|at| self.slots.get_mut(at)) {
                *free = slot;
            }
        }
    }

    /// Which word of the bits, and which of its bits.
    fn place(&self, gram: u32) -> (usize, u32) {
        let hash = gram.wrapping_mul(SPREAD) >> self.shift;
        ((hash / 64) as usize, hash % 64)
    }

    /// Slots in the order in which a gram tries them.
    fn probe(&self, gram: u32) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len().saturating_sub(1);
        let begin = (gram.wrapping_mul(SPREAD).rotate_right(7) as usize) & mask;
        (0..=mask).map(move |step| (begin + step) & mask)
    }

    fn entries(&self, gram: u32) -> &[Entry] {
        for at in self.probe(gram) {
            match self.slots.get(at) {
                Some(slot) if slot.count == 0 => return &[],
                Some(slot) if slot.gram == gram => {
                    let first = slot.first as usize;
                    return self.entries.get(first..first + slot.count as usize).unwrap_or_default();
                }
                Some(_) => {}
                None => return &[],
            }
        }
        &[]
    }

    /// Adds each literal that begins within `range`, by its number and where it begins, in the order of the latter.
    pub(super) fn find(&self, text: &str, range: Range<usize>, found: &mut Vec<(usize, usize)>) {
        let reach = range.end.saturating_add(LITERAL_BYTES_MAX).min(text.len());
        if let Some(rest) = &self.rest {
            for place in rest.find_overlapping_iter(Look::new(text).range(range.start..reach)) {
                if let Some(number) = self.rest_numbers.get(place.pattern().as_usize()) {
                    if range.contains(&place.start()) {
                        found.push((*number, place.start()));
                    }
                }
            }
        }
        if !self.bits.is_empty() {
            self.grams(text.as_bytes(), &range, reach, found);
        }
        found.sort_unstable_by_key(|(_, start)| *start);
    }

    fn grams(&self, text: &[u8], range: &Range<usize>, reach: usize, found: &mut Vec<(usize, usize)>) {
        let (step, mut at) = (self.stride.max(1), range.start);
        let bytes = text.get(..reach).unwrap_or_default();
        while let Some(four) = bytes.get(at..).and_then(<[u8]>::first_chunk::<GRAM_BYTES>) {
            let gram = u32::from_le_bytes(*four) | SMALL;
            let (word, bit) = self.place(gram);
            if self.bits.get(word).is_some_and(|bits| bits >> bit & 1 == 1) {
                self.compare(text, at, range, gram, found);
            }
            at += step;
        }
    }

    fn compare(&self, text: &[u8], at: usize, range: &Range<usize>, gram: u32, found: &mut Vec<(usize, usize)>) {
        for entry in self.entries(gram) {
            let number = entry.literal as usize;
            let Some(literal) = self.literals.get(number) else { continue };
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            let here = text.get(start..).and_then(|text| text.get(..literal.len()));
            if range.contains(&start) && here.is_some_and(|here| here.eq_ignore_ascii_case(literal)) {
                found.push((number, start));
            }
        }
    }
}

/// Bytes from one look to the next: a literal of seven bytes has four grams in a row, one of which is met by looking at
/// every fourth. Literals without a gram do not count.
fn stride(literals: &[Box<[u8]>]) -> usize {
    let least = literals.iter().map(|literal| literal.len()).filter(|bytes| *bytes >= GRAM_BYTES).min();
    match least {
        Some(bytes) if bytes >= GRAM_BYTES + 3 => 4,
        Some(bytes) if bytes > GRAM_BYTES => 2,
        _ => 1,
    }
}

/// Enters a literal by those of its bytes that are rarest, and says whether there was room.
fn place(grams: &mut HashMap<u32, Vec<Entry>>, number: usize, literal: &[u8], stride: usize) -> bool {
    let all: Vec<u32> = literal.windows(GRAM_BYTES).filter_map(gram).collect();
    let mut best: Option<(f64, usize)> = None;
    for (offset, run) in all.windows(stride).enumerate() {
        let sharing = run.iter().map(|gram| grams.get(gram).map_or(0, Vec::len)).max().unwrap_or(0);
        if sharing >= SHARING_MAX {
            continue;
        }
        let bytes = literal.get(offset..offset + GRAM_BYTES + stride - 1).unwrap_or_default();
        let expected: f64 = bytes.windows(GRAM_BYTES).map(literal::frequency).sum();
        // Each literal that shares a gram is compared whenever it is met.
        #[expect(clippy::cast_precision_loss, reason = "the number is small")]
        let cost = (expected + 1e-3) * (1 + sharing) as f64;
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, offset));
        }
    }
    let Some((_, offset)) = best else { return false };
    for (at, gram) in all.iter().enumerate().skip(offset).take(stride) {
        let (Ok(literal), Ok(offset)) = (u32::try_from(number), u32::try_from(at)) else { return false };
        grams.entry(*gram).or_default().push(Entry { literal, offset });
    }
    true
}

fn gram(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk::<GRAM_BYTES>().map(|four| u32::from_le_bytes(*four) | SMALL)
}

#[cfg(test)]
mod tests;
