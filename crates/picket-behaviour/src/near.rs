//! Texts that are nearly equal: their hashes differ in few bits (SimHash).

use crate::distinct::mixed;

/// Words of a text that are hashed.
const WORDS_MAX: usize = 4_096;
/// Letters of a word that vote for themselves too, in runs, unless they are plain: scripts without spaces have
/// words of a whole sentence.
const LONG_WORD: usize = 12;
const RUN: usize = 3;

/// Texts of fewer words, and letters, are equal by chance: thanks, yes, go on.
const WORDS_MIN: usize = 6;
const LETTERS_MIN: usize = 30;
/// Bytes of a text that are hashed with a key, which happens while somebody waits.
const KEYED_BYTES_MAX: usize = 16 * 1_024;
/// An odd number whose bits are as good as any (that of the golden section).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// What letters of a word begin with.
const BEGIN: u64 = 0x51_7c_c1_b7;
/// Planes of the counters: so many votes can be counted.
const PLANES: usize = 24;

/// The hash of a text. Case and spaces do not matter; each word votes, and each pair of neighbours.
pub fn hash(text: &str) -> u64 {
    votes_of(BEGIN, text).0.winners()
}

/// The same with a key: without it nobody finds a text of a hash, or says whether a hash is that of a text. None of a text
/// that is too short to say anything; of a long one the beginning counts.
pub fn keyed(key: u64, text: &str) -> Option<u64> {
    let begins = text.get(..text.floor_char_boundary(KEYED_BYTES_MAX)).unwrap_or(text);
    let (votes, words, letters) = votes_of(mixed(key ^ BEGIN), begins);
    (words >= WORDS_MIN || letters >= LETTERS_MIN).then(|| votes.winners())
}

/// The votes, and how many words and letters there are.
fn votes_of(begin: u64, text: &str) -> (Votes, usize, usize) {
    let (mut votes, mut before) = (Votes::default(), None);
    let (mut words, mut all, mut letters) = (0, 0, Vec::new());
    for word in
        text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS_MAX)
    {
        letters.clear();
        for letter in word.chars() {
            if letter.is_ascii() {
                letters.push(letter.to_ascii_lowercase());
            } else {
                letters.extend(letter.to_lowercase());
            }
        }
        let has_runs = letters.len() > LONG_WORD && !word.is_ascii();
        (words, all) = (words + 1, all + letters.len());
        let word = of(begin, &letters);
        votes.add(word);
        if let Some(before) = before.replace(word) {
            votes.add(mixed(before.rotate_left(1) ^ word));
        }
        if has_runs {
            letters.windows(RUN).for_each(|run| votes.add(of(begin, run)));
        }
    }
    (votes, words, all)
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

fn of(begin: u64, letters: &[char]) -> u64 {
    let fold = |hash: u64, letter: &char| (hash ^ u64::from(u32::from(*letter))).wrapping_mul(SPREAD).rotate_left(29);
    mixed(letters.iter().fold(begin, fold))
}

/// For each bit how many voted for it: 64 counters side by side, the lowest digits first.
#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    planes: [u64; PLANES],
    voters: u32,
}

impl Votes {
    fn add(&mut self, hash: u64) {
        self.voters = self.voters.saturating_add(1);
        let mut carry = hash;
        for plane in &mut self.planes {
            if carry == 0 {
                return;
            }
            (*plane, carry) = (*plane ^ carry, *plane & carry);
        }
    }

    /// The bits that more than half voted for.
    fn winners(&self) -> u64 {
        (0..64).fold(0, |winners, bit| {
            let digits = self.planes.iter().rev();
            let votes = digits.fold(0_u64, |votes, plane| votes << 1 | (plane >> bit & 1));
            winners | u64::from(2 * votes > u64::from(self.voters)) << bit
        })
    }
}

#[cfg(test)]
mod tests;
