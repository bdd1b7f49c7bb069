//! The same prompt again and again: copies with small changes are told by hashes that differ in few bits.

use picket_stdx::Timestamp;
use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Prompts that are remembered, of all checks together: the oldest are forgotten.
const REMEMBERED: usize = 8_192;
/// Bits in which the hashes of nearly equal prompts differ at most.
const DISTANCE: u32 = 3;
/// Shorter prompts are equal by chance: thanks, yes, go on.
const WORDS_MIN: usize = 6;
/// Words of a prompt that are hashed.
const WORDS_MAX: usize = 4_096;
/// Letters that vote for themselves in words of scripts without spaces.
const LONG_WORD_LETTERS: usize = 12;
const RUN_LETTERS: usize = 3;

/// How often is too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicates {
    /// From this one on.
    pub count: usize,
    /// By so many different callers at least.
    pub users: usize,
    /// Within this time.
    pub window: Duration,
}

impl Default for Duplicates {
    fn default() -> Self {
        Self { count: 5, users: 1, window: Duration::from_secs(600) }
    }
}

/// What was asked lately. Bounded.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Nobody outside can find two prompts that are taken for one.
    seed: u64,
    prompts: Mutex<VecDeque<Prompt>>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { seed: RandomState::new().hash_one(0_u8), prompts: Mutex::default() }
    }
}

#[derive(Debug, Clone, Copy)]
struct Prompt {
    /// Of which check.
    scope: u64,
    hash: u64,
    who: u64,
    at: i64,
}

impl Asked {
    /// Remembers a prompt of a caller; whether it was asked too often. One that is too short to tell is not remembered.
    pub(crate) fn again(&self, check: &str, text: &str, who: &str, limits: &Duplicates, at: Timestamp) -> bool {
        let Some(hash) = similar(self.seed, text) else { return false };
        let (scope, who) = (hashed(self.seed, check.chars()), hashed(self.seed, who.chars()));
        let prompt = Prompt { scope, hash, who, at: at.as_micros() };
        let length = i64::try_from(limits.window.as_micros()).unwrap_or(i64::MAX);
        let mut prompts = self.prompts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_near = |other: &&Prompt| {
            other.scope == scope
                && (other.hash ^ hash).count_ones() <= DISTANCE
                && prompt.at.saturating_sub(other.at) < length
        };
        let (mut count, mut callers) = (1, HashSet::from([who]));
        for other in prompts.iter().filter(is_near) {
            count += 1;
            callers.insert(other.who);
        }
        if prompts.len() == REMEMBERED {
            prompts.pop_front();
        }
        prompts.push_back(prompt);
        count >= limits.count && callers.len() >= limits.users
    }
}

/// A hash of letters, mixed well enough that each bit is as good as any other.
fn hashed(seed: u64, letters: impl Iterator<Item = char>) -> u64 {
    let mixed = letters
        .fold(seed, |hash, letter| (hash ^ u64::from(letter)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A hash whose bits are voted for by words, so that texts which share nearly all of them share nearly all bits. Numbers
/// and signs do not vote: who sends copies changes those.
fn similar(seed: u64, text: &str) -> Option<u64> {
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.take(WORDS_MAX).map(str::to_lowercase).collect();
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    if words.len() < WORDS_MIN && letters < WORDS_MIN * 5 {
        return None;
    }
    let mut votes = [0_i32; 64];
    let mut vote = |hash: u64| {
        for (bit, votes) in votes.iter_mut().enumerate() {
            *votes += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    };
    for word in &words {
        vote(hashed(seed, word.chars()));
        let letters: Vec<char> = word.chars().collect();
        if letters.len() > LONG_WORD_LETTERS {
            letters.windows(RUN_LETTERS).for_each(|run| vote(hashed(seed, run.iter().copied())));
        }
    }
    let bits = votes.iter().enumerate().filter(|(_, votes)| **votes > 0);
    Some(bits.fold(0, |hash, (bit, _)| hash | 1 << bit))
}

#[cfg(test)]
mod tests;
