//! Runs of letters and digits of any script: what stands between spaces and signs.

use crate::block::{BLOCK, bits, each_block, places};
use std::ops::Range;
use std::sync::LazyLock;

/// How a character that is not of ASCII stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It ends a run and begins none.
    Outside,
    /// It belongs to a run.
    Inside,
    /// It is a run by itself.
    Alone,
}

/// Whether a character is a letter or a digit of any script, as its name in the standard library says; asked of tables
/// that are small for a few scripts and large for all of them.
pub fn is_letter(character: char) -> bool {
    static LETTERS: LazyLock<Box<[u64]>> = LazyLock::new(|| {
        let is = |code: u32| u64::from(char::from_u32(code).is_some_and(char::is_alphanumeric));
        (0..1024).map(|word: u32| (0..64).map(|bit| is(word * 64 + bit) << bit).sum()).collect()
    });
    let code = u32::from(character);
    match LETTERS.get((code >> 6) as usize) {
        Some(word) => word >> (code & 63) & 1 != 0,
        None => character.is_alphanumeric(),
    }
}

/// Calls `take` with each run of a text, ascending. Of ASCII, letters and digits and what `also` says belong to runs; of all
/// else, what `stands` says.
#[inline]
pub fn each_run(
    text: &str,
    also: impl Fn(u8) -> bool,
    stands: impl Fn(char) -> Stands,
    mut take: impl FnMut(Range<usize>),
) {
    let mut marks = Marks::default();
    // Whether the byte before the block is in a run, and where that run begins.
    let (mut before, mut open) = (0, None);
    each_block(text.as_bytes(), |at, block| {
        marks.inside |= u128::from(bits(block, |byte| byte.is_ascii_alphanumeric() || also(byte)));
        for place in places(bits(block, |byte| byte >= FIRST_OF_MANY)) {
            let character = text.get(at + place..).and_then(|rest| rest.chars().next());
            character.into_iter().for_each(|character| marks.add(place, character.len_utf8(), stands(character)));
        }
        let (inside, cuts) = marks.block();
        // What the last block is filled up with belongs to nothing.
        let inside = inside & u64::MAX >> BLOCK.saturating_sub(text.len() - at);
        let after = inside << 1 | before;
        before = inside >> (BLOCK - 1);
        // Beginnings and ends take turns, so that each beginning goes with the next end that is left.
        let mut ends = places(after & (!inside | cuts)).map(|place| at + place);
        if let Some(begin) = open
            && let Some(end) = ends.next()
        {
            open = None;
            take(begin..end);
        }
        for begin in places(inside & (!after | cuts)).map(|place| at + place) {
            match ends.next() {
                Some(end) => take(begin..end),
                None => open = Some(begin),
            }
        }
    });
    open.into_iter().for_each(|begin| take(begin..text.len()));
}

/// The least byte with which a character of several bytes begins.
const FIRST_OF_MANY: u8 = 0xc0;

/// Bytes of a block, and of the next one that the last character reaches into.
#[derive(Default)]
struct Marks {
    /// Those that belong to runs.
    inside: u128,
    /// Where a run begins, whatever stands before it.
    cuts: u128,
}

impl Marks {
    fn add(&mut self, place: usize, length: usize, stands: Stands) {
        if stands != Stands::Outside {
            self.inside |= ((1 << length) - 1) << place;
        }
        if stands == Stands::Alone {
            self.cuts |= (1 | 1 << length) << place;
        }
    }

    /// What there is to a block; the next one is next.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is the block")]
    fn block(&mut self) -> (u64, u64) {
        let block = (self.inside as u64, self.cuts as u64);
        *self = Self { inside: self.inside >> BLOCK, cuts: self.cuts >> BLOCK };
        block
    }
}

#[cfg(test)]
mod tests;
