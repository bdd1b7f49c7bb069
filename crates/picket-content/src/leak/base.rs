//! A system prompt, prepared for comparing: hashes of its runs of letters and of its pairs of words.

use super::letters::{Words, letters, mix};
use super::tokens;

/// A run has so many letters and digits: four words or so.
pub(super) const RUN: usize = 20;
/// One of four runs is kept, which are the same ones in every text.
const SAMPLE: u64 = 3 << 40;
/// Letters of a prompt that are compared.
const LETTERS_MAX: usize = 96 * 1_024;
/// A word makes pairs with so many before it.
pub(super) const NEAR: usize = 3;
/// Pairs of a prompt that are compared.
const PAIRS_MAX: usize = 32 * 1_024;
/// A prompt with fewer letters that are its own has nothing to tell.
const OWN_LETTERS_MIN: usize = 60;
const MULTIPLIER: u64 = 0x5851_f42d_4c95_7f2d;

/// Phrases that prompts have from each other, not from who wrote them.
const PHRASES: &str = include_str!("phrases.txt");

/// The hash of the last [`RUN`] letters.
#[derive(Debug, Clone)]
pub(super) struct Rolling {
    ring: [u32; RUN],
    at: usize,
    count: usize,
    hash: u64,
}

impl Default for Rolling {
    fn default() -> Self {
        Self { ring: [0; RUN], at: 0, count: 0, hash: 0 }
    }
}

/// `MULTIPLIER` to the power of [`RUN`].
const OLDEST: u64 = {
    let (mut power, mut at) = (1_u64, 0);
    while at < RUN {
        power = power.wrapping_mul(MULTIPLIER);
        at += 1;
    }
    power
};

impl Rolling {
    /// Takes a letter; the hash of the run that ends with it, if that is one of those that are kept.
    pub(super) fn push(&mut self, letter: char) -> Option<u64> {
        let letter = u32::from(letter);
        let oldest = self.ring.get_mut(self.at).map_or(0, |place| std::mem::replace(place, letter));
        self.at = if self.at + 1 == RUN { 0 } else { self.at + 1 };
        self.count += 1;
        self.hash = self
            .hash
            .wrapping_mul(MULTIPLIER)
            .wrapping_add(u64::from(letter) + 1)
            .wrapping_sub(if self.count > RUN { OLDEST.wrapping_mul(u64::from(oldest) + 1) } else { 0 });
        let mixed = mix(7, self.hash);
        (mixed & SAMPLE == 0 && self.count >= RUN).then_some(mixed)
    }
}

/// Which letters and pairs of a prompt a text has.
#[derive(Debug, Clone, Default)]
pub(super) struct Covered {
    pub(super) letters: Bits,
    pub(super) pairs: Bits,
}

/// A set of small numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Puts a number in; whether it is new.
    pub(super) fn put(&mut self, at: usize) -> bool {
        let Some(word) = self.0.get_mut(at / 64) else { return false };
        let before = *word;
        *word |= 1 << (at % 64);
        *word != before
    }

    /// Puts the letters of a run in.
    fn put_run(&mut self, first: Option<usize>) {
        for at in first.into_iter().flat_map(|first| first..first + RUN) {
            self.put(at);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| usize::try_from(word.count_ones()).unwrap_or(0)).sum()
    }
}

/// Hashes with what they stand for; most that are not there are told by one bit.
#[derive(Debug)]
struct Table {
    filter: Bits,
    mask: usize,
    entries: Vec<(u64, u32)>,
}

impl Table {
    fn new(mut entries: Vec<(u64, u32)>) -> Self {
        entries.sort_unstable();
        entries.dedup_by_key(|entry| entry.0);
        let size = (entries.len() * 16).next_power_of_two().max(1_024);
        let (mut filter, mask) = (Bits::new(size), size - 1);
        for (hash, _) in &entries {
            filter.put(place(*hash, mask));
        }
        Self { filter, mask, entries }
    }

    fn get(&self, hash: u64) -> Option<usize> {
        if !self.filter.has(place(hash, self.mask)) {
            return None;
        }
        let at = self.entries.binary_search_by_key(&hash, |entry| entry.0).ok()?;
        self.entries.get(at).and_then(|(_, value)| usize::try_from(*value).ok())
    }
}

fn place(hash: u64, mask: usize) -> usize {
    usize::try_from(hash >> 32).unwrap_or(0) & mask
}

/// A prepared prompt. Bounded: of a prompt that is longer, the beginning.
#[derive(Debug)]
pub struct Prompt {
    runs: Table,
    pairs: Table,
    pub(super) letters: usize,
    pub(super) pair_count: usize,
    /// What prompts share with each other.
    shared: Covered,
    tokens: Vec<String>,
}

impl Prompt {
    /// Prepares the texts of a system prompt.
    pub fn new(texts: &[&str]) -> Self {
        let mut own: Vec<char> = Vec::new();
        let mut pairs: Vec<u64> = Vec::new();
        for text in texts {
            each_pair(text, |hash| {
                if pairs.len() < PAIRS_MAX {
                    pairs.push(hash);
                }
            });
            for character in text.chars() {
                if own.len() < LETTERS_MAX {
                    letters(character, |letter| own.push(letter));
                }
            }
        }
        let mut runs = Vec::new();
        let mut view = |letters: &mut dyn Iterator<Item = (usize, char)>| {
            let mut rolling = Rolling::default();
            for (first, letter) in letters {
                if let (Some(hash), Ok(first)) = (rolling.push(letter), u32::try_from(first)) {
                    runs.push((hash, first));
                }
            }
        };
        // Each run stands for its first letter in the prompt, whichever way it is read.
        let last = own.len().saturating_sub(1);
        let first_of = |at: usize| at.saturating_sub(RUN - 1);
        view(&mut own.iter().enumerate().map(|(at, letter)| (first_of(at), *letter)));
        view(&mut own.iter().enumerate().map(|(at, letter)| (first_of(at), rot13(*letter))));
        view(&mut own.iter().rev().enumerate().map(|(at, letter)| (last.saturating_sub(at), *letter)));
        let pairs: Vec<(u64, u32)> = {
            pairs.sort_unstable();
            pairs.dedup();
            pairs.into_iter().zip(0..).collect()
        };
        let (letters, pair_count) = (own.len(), pairs.len());
        let tokens = texts.iter().flat_map(|text| tokens(text)).collect();
        let mut prompt = Self {
            runs: Table::new(runs),
            pairs: Table::new(pairs),
            letters,
            pair_count,
            shared: Covered::default(),
            tokens,
        };
        prompt.shared = prompt.cover(PHRASES.lines(), prompt.nothing());
        prompt
    }

    /// Tokens that nobody says by chance.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    /// The first letter of the run with this hash.
    pub(super) fn run(&self, hash: u64) -> Option<usize> {
        self.runs.get(hash)
    }

    /// The number of the pair with this hash.
    pub(super) fn pair(&self, hash: u64) -> Option<usize> {
        self.pairs.get(hash)
    }

    pub(super) fn nothing(&self) -> Covered {
        Covered { letters: Bits::new(self.letters), pairs: Bits::new(self.pair_count) }
    }

    /// What others say too: what prompts share, and what these texts have.
    pub(super) fn covered_by(&self, texts: &[&str]) -> Covered {
        self.cover(texts.iter().copied(), self.shared.clone())
    }

    /// Whether there is something of its own besides what is known.
    pub(super) fn has_enough(&self, known: &Covered) -> bool {
        self.letters.saturating_sub(known.letters.count()) >= OWN_LETTERS_MIN
    }

    fn cover<'a>(&self, texts: impl Iterator<Item = &'a str>, mut covered: Covered) -> Covered {
        for text in texts {
            let mut rolling = Rolling::default();
            for character in text.chars() {
                letters(character, |letter| {
                    let found = rolling.push(letter).and_then(|hash| self.run(hash));
                    covered.letters.put_run(found);
                });
            }
            each_pair(text, |hash| {
                if let Some(pair) = self.pair(hash) {
                    covered.pairs.put(pair);
                }
            });
        }
        covered
    }
}

/// Pairs of a word with those shortly before it, whichever comes first.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs([u64; NEAR]);

impl Pairs {
    /// Takes a word; calls `take` for each pair.
    pub(super) fn push(&mut self, word: u64, mut take: impl FnMut(u64)) {
        for before in self.0.iter().filter(|before| **before != 0 && **before != word) {
            take(mix(mix(11, word.min(*before)), word.max(*before)));
        }
        self.0.rotate_right(1);
        let [first, ..] = &mut self.0;
        *first = word;
    }
}

fn each_pair(text: &str, mut take: impl FnMut(u64)) {
    let (mut words, mut pairs) = (Words::default(), Pairs::default());
    for (at, character) in text.char_indices() {
        if let Some((word, _)) = words.push(character, at) {
            pairs.push(word, &mut take);
        }
    }
    if let Some((word, _)) = words.finish() {
        pairs.push(word, &mut take);
    }
}

fn rot13(letter: char) -> char {
    match letter {
        'a'..='m' => char::from_u32(u32::from(letter) + 13).unwrap_or(letter),
        'n'..='z' => char::from_u32(u32::from(letter) - 13).unwrap_or(letter),
        other => other,
    }
}
