//! Many literals over one text, at a cost that hardly depends on how many there are.
//!
//! A few bytes of each literal are chosen, of those that texts are likely to have least: eight of a long one, four of a
//! short one. A text is read against two small tables of bits, one for each width; where a bit is set, the literals that
//! have these bytes are compared in full. An automaton of the same literals would leave the fast caches of a processor;
//! the bits stay there. What is too short for four bytes, or has them in common with too many others, is left to such an
//! automaton, which is small then.

use super::literal::{self, LITERAL_BYTES_MAX};
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input as Look};
use std::collections::HashMap;
use std::ops::Range;

/// Literals of one gram; those beyond are left to the automaton.
const SHARING_MAX: usize = 16;
/// Bits for each gram, so that a bit seldom lies.
const BITS_PER_GRAM: usize = 64;
/// Bits of the smallest table and of the largest, as powers of two: 2 KiB, 32 KiB.
const BITS_LEAST: u32 = 14;
const BITS_MOST: u32 = 18;
/// Bytes of the grams of short and of long literals.
const SHORT: usize = 4;
const LONG: usize = 8;
/// A literal is long that has four long grams in a row, one of which is met by looking at every fourth.
const LONG_BYTES_LEAST: usize = LONG + 3;
/// Bytes of all literals of the automaton up to which it is a table, which is faster and larger.
const TABLE_BYTES_MAX: usize = 48 * 1_024;
/// A capital letter becomes small; what else changes is told apart when a literal is compared.
const SMALL: u64 = 0x2020_2020_2020_2020;
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Finds literals in any case of ASCII letters.
#[derive(Debug, Default)]
pub(super) struct Finder {
    literals: Vec<Box<[u8]>>,
    short: Grams<SHORT>,
    long: Grams<LONG>,
    rest: Option<AhoCorasick>,
    /// The literals of the automaton.
    rest_numbers: Vec<usize>,
}

/// Literals by a few of their bytes.
#[derive(Debug, Default)]
struct Grams<const BYTES: usize> {
    bits: Vec<u64>,
    /// How far the hash of a gram is shifted to be a place among the bits.
    shift: u32,
    /// From gram to its entries, by open addressing; a slot without entries is free.
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    /// Bytes from one look to the next.
    stride: usize,
}

#[derive(Debug, Default, Clone, Copy)]
struct Slot {
    gram: u64,
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
        let of = |is_wanted: &dyn Fn(usize) -> bool| {
            let numbered = literals.iter().enumerate().map(|(number, literal)| (number, literal.as_ref()));
            numbered.filter(|(_, literal)| is_wanted(literal.len())).collect::<Vec<(usize, &[u8])>>()
        };
        let mut rest: Vec<usize> = of(&|bytes| bytes < SHORT).into_iter().map(|(number, _)| number).collect();
        let short = Grams::new(&of(&|bytes| (SHORT..LONG_BYTES_LEAST).contains(&bytes)), &mut rest);
        let long = Grams::new(&of(&|bytes| bytes >= LONG_BYTES_LEAST), &mut rest);
        let left: Vec<&[u8]> = rest.iter().filter_map(|number| literals.get(*number)).map(AsRef::as_ref).collect();
        let bytes: usize = left.iter().map(|literal| literal.len()).sum();
        let kind = (bytes <= TABLE_BYTES_MAX).then_some(AhoCorasickKind::DFA);
        let automaton = (!left.is_empty())
            .then(|| AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(&left))
            .transpose()
            .map_err(|_error| "has more words than an automaton holds; write fewer".to_owned())?;
        Ok(Self { short, long, rest: automaton, rest_numbers: rest, literals })
    }

    /// Adds each literal that begins within `range`, by its number and where it begins, in the order of the latter.
    pub(super) fn find(&self, text: &str, range: Range<usize>, found: &mut Vec<(usize, usize)>) {
        let reach = range.end.saturating_add(LITERAL_BYTES_MAX).min(text.len());
        if let Some(rest) = &self.rest {
            let places = rest.find_overlapping_iter(Look::new(text).range(range.start..reach));
            for place in places.filter(|place| range.contains(&place.start())) {
                let number = self.rest_numbers.get(place.pattern().as_usize());
                found.extend(number.map(|number| (*number, place.start())));
            }
        }
        let bytes = text.as_bytes().get(..reach).unwrap_or_default();
        let mut compare = |entry: &Entry, at: usize| {
            let number = entry.literal as usize;
            let Some(literal) = self.literals.get(number) else { return };
            let Some(start) = at.checked_sub(entry.offset as usize) else { return };
            let here = text.as_bytes().get(start..).and_then(|text| text.get(..literal.len()));
            if range.contains(&start) && here.is_some_and(|here| here.eq_ignore_ascii_case(literal)) {
                found.push((number, start));
            }
        };
        self.short.each(bytes, range.start, &mut compare);
        self.long.each(bytes, range.start, &mut compare);
        found.sort_unstable_by_key(|(_, start)| *start);
    }
}

impl<const BYTES: usize> Grams<BYTES> {
    /// Grams of these literals; those for which there is no room are `left`.
    fn new(literals: &[(usize, &[u8])], left: &mut Vec<usize>) -> Self {
        let shortest = literals.iter().map(|(_, literal)| literal.len()).min().unwrap_or(0);
        let stride = match shortest.saturating_sub(BYTES) {
            3.. => 4,
            1.. => 2,
            0 => 1,
        };
        let mut grams: HashMap<u64, Vec<Entry>> = HashMap::new();
        for (number, literal) in literals {
            if !Self::enter(&mut grams, *number, literal, stride) {
                left.push(*number);
            }
        }
        let mut indexed = Self { stride, ..Self::default() };
        indexed.index(grams);
        indexed
    }

    /// Enters a literal by those of its bytes that are rarest, and says whether there was room.
    fn enter(grams: &mut HashMap<u64, Vec<Entry>>, number: usize, literal: &[u8], stride: usize) -> bool {
        let all: Vec<u64> = literal.windows(BYTES).filter_map(Self::gram).collect();
        let mut best: Option<(f64, usize)> = None;
        for (offset, run) in all.windows(stride).enumerate() {
            let sharing = run.iter().map(|gram| grams.get(gram).map_or(0, Vec::len)).max().unwrap_or(0);
            if sharing >= SHARING_MAX {
                continue;
            }
            let bytes = literal.get(offset..offset + BYTES + stride - 1).unwrap_or_default();
            let expected: f64 = bytes.windows(BYTES).map(literal::expected).sum();
            // Each literal that shares a gram is compared whenever it is met.
            #[expect(clippy::cast_precision_loss, reason = "the number is small")]
            let cost = expected * (1 + sharing) as f64;
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

    fn index(&mut self, grams: HashMap<u64, Vec<Entry>>) {
        if grams.is_empty() {
            return;
        }
        let wanted = (grams.len() * BITS_PER_GRAM).next_power_of_two().trailing_zeros().clamp(BITS_LEAST, BITS_MOST);
        self.shift = u64::BITS - wanted;
        self.bits = vec![0; (1_usize << wanted) / 64];
        self.slots = vec![Slot::default(); (grams.len() * 2).next_power_of_two()];
        let mut grams: Vec<(u64, Vec<Entry>)> = grams.into_iter().collect();
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

    fn gram(bytes: &[u8]) -> Option<u64> {
        let gram = match BYTES {
            SHORT => u64::from(u32::from_le_bytes(*bytes.first_chunk()?)),
            _ => u64::from_le_bytes(*bytes.first_chunk()?),
        };
        Some(gram | SMALL)
    }

    /// Which word of the bits, and which of its bits.
    #[expect(clippy::cast_possible_truncation, reason = "the hash is shifted to less than 32 bits")]
    fn place(&self, gram: u64) -> (usize, u32) {
        let hash = (gram.wrapping_mul(SPREAD) >> self.shift) as u32;
        ((hash / 64) as usize, hash % 64)
    }

    /// Slots in the order in which a gram tries them.
    fn probe(&self, gram: u64) -> impl Iterator<Item = usize> + use<BYTES> {
        let mask = self.slots.len().saturating_sub(1);
        let begin = (gram.wrapping_mul(SPREAD) >> 32) as usize & mask;
        (0..=mask).map(move |step| (begin + step) & mask)
    }

    fn entries(&self, gram: u64) -> &[Entry] {
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

    /// Calls `compare` with each entry whose gram stands somewhere, and where it does.
    fn each(&self, bytes: &[u8], from: usize, compare: &mut impl FnMut(&Entry, usize)) {
        if self.bits.is_empty() {
            return;
        }
        let mut at = from;
        while let Some(gram) = bytes.get(at..).and_then(Self::gram) {
            let (word, bit) = self.place(gram);
            if self.bits.get(word).is_some_and(|bits| bits >> bit & 1 == 1) {
                self.entries(gram).iter().for_each(|entry| compare(entry, at));
            }
            at += self.stride;
        }
    }
}

#[cfg(test)]
mod tests;
