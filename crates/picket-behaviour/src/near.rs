//! Texts that are nearly equal: their hashes differ in few bits (SimHash).

use crate::distinct::mixed;

/// Words of a text that are hashed.
const WORDS_MAX: usize = 4_096;
/// Letters of a word that vote for themselves too, in runs: scripts without spaces have words of a whole sentence.
const LONG_WORD: usize = 12;
const RUN: usize = 3;

/// The hash of a text. Case and spaces do not matter; each word votes, and each pair of neighbours.
pub fn hash(text: &str) -> u64 {
    let mut votes = [0_i32; 64];
    let mut before = 0_u64;
    for word in
        text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS_MAX)
    {
        let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        let word = of(&letters);
        vote(&mut votes, word);
        if before != 0 {
            vote(&mut votes, mixed(before.rotate_left(1) ^ word));
        }
        before = word;
        if letters.len() > LONG_WORD {
            letters.windows(RUN).for_each(|run| vote(&mut votes, of(run)));
        }
    }
    votes.iter().enumerate().fold(0, |hash, (bit, votes)| hash | u64::from(*votes > 0) << bit)
}

/// In how many bits two hashes differ.
pub fn distance(one: u64, other: u64) -> u32 {
    (one ^ other).count_ones()
}

/// A hash as it stands in an event: 16 hexadecimal digits.
pub fn parse(text: &str) -> Option<u64> {
    let is_hash = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|_| is_hash)
}

fn of(letters: &[char]) -> u64 {
    letters.iter().fold(0x51_7c_c1_b7, |hash, letter| mixed(hash ^ u64::from(u32::from(*letter))))
}

fn vote(votes: &mut [i32; 64], hash: u64) {
    votes.iter_mut().enumerate().for_each(|(bit, votes)| *votes += if hash >> bit & 1 == 1 { 1 } else { -1 });
}

#[cfg(test)]
mod tests;
