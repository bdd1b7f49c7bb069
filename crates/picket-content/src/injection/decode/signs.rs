//! Signs of codes: what a look at the bytes of a text tells of what may be behind them.
//!
//! Sixty-four bytes are looked at together. What prose is full of costs a few operations on numbers; only words of letters
//! and digits, long runs and letters that stand alone are looked at one by one.

use super::is_code;
use picket_text::{BLOCK, bits, each_block, places};

/// Shorter runs hide no sentence.
pub(super) const RUN_BYTES: usize = 24;
/// Words of letters and digits that are longer, with what is joined to them, are codes.
const MIXED_BYTES_MAX: usize = 16;
/// So many letters that stand alone one after another are no words: `a` and `I` are.
const ROW: usize = 4;

/// What a look at the bytes tells of codes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// Whether a run of the letters of base64 or hex is long enough.
    pub(super) run: bool,
    pub(super) percent: usize,
    pub(super) entities: usize,
    pub(super) escapes: usize,
    /// Of quoted-printable.
    pub(super) equals: usize,
    /// Words of letters and digits.
    pub(super) mixed: usize,
    /// Spaces, and the end of the text.
    pub(super) spaces: usize,
    /// Letters that stand alone, in rows of some.
    pub(super) alone: usize,
}

impl Signs {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut words = Words::default();
        each_block(bytes, |at, block| words.block(bytes, at, block));
        let after = |at: usize| bytes.get(at + 1).copied().unwrap_or_default();
        let count =
            |sign: u8, is: &dyn Fn(usize) -> bool| memchr::memchr_iter(sign, bytes).filter(|at| is(*at)).count();
        Self {
            run: words.run,
            percent: count(b'%', &|at| is_pair(bytes, at)),
            entities: count(b'&', &|at| after(at) == b'#' || after(at).is_ascii_alphabetic()),
            escapes: count(b'\\', &|at| matches!(after(at), b'u' | b'x')),
            equals: count(b'=', &|at| is_pair(bytes, at) || after(at) == b'\r'),
            mixed: words.mixed,
            spaces: memchr::memchr_iter(b' ', bytes).count() + 1,
            alone: words.alone,
        }
    }
}

/// Whether two hexadecimal digits follow a sign.
fn is_pair(bytes: &[u8], sign: usize) -> bool {
    bytes.get(sign + 1..sign + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}

/// Digits, and signs that stand for letters as digits do.
fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'@' || byte == b'$'
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || is_digit(byte)
}

fn is_of_run(byte: u8) -> bool {
    is_code(byte) || is_digit(byte)
}

/// What the words of a text tell, block by block.
#[derive(Debug, Default)]
struct Words {
    run: bool,
    mixed: usize,
    alone: usize,
    /// Letters that stand alone, one after another.
    row: usize,
    /// The bytes before the block: letters, digits, and of runs.
    letters: u64,
    digits: u64,
    runs: u64,
    /// Up to where words of letters and digits are counted.
    counted: usize,
}

impl Words {
    fn block(&mut self, bytes: &[u8], at: usize, block: &[u8; BLOCK]) {
        let letters = bits(block, |byte| byte.is_ascii_alphabetic());
        let digits = bits(block, is_digit);
        let runs = letters | digits | bits(block, |byte| byte == b'+' || byte == b'/' || byte == b'-' || byte == b'_');
        self.run = self.run || self.is_run(runs);
        let last = BLOCK - 1;
        // A word of both has both side by side somewhere.
        let mixed = letters & (digits << 1 | self.digits >> last) | digits & (letters << 1 | self.letters >> last);
        for place in places(mixed) {
            self.mixed(bytes, at + place);
        }
        let words = letters | digits;
        let begins = words & !(words << 1 | (self.letters | self.digits) >> last);
        let goes_on = bytes.get(at + BLOCK).is_some_and(|byte| is_of_word(*byte));
        self.rows(begins, begins & !(words >> 1 | u64::from(goes_on) << last));
        (self.letters, self.digits, self.runs) = (letters, digits, runs);
    }

    /// Whether a run that is long enough ends in a block, or reaches through it.
    fn is_run(&self, runs: u64) -> bool {
        let both = u128::from(runs) << BLOCK | u128::from(self.runs);
        // Bytes before which there are one, three and seven more; three times eight are enough.
        let two = both & both << 1;
        let four = two & two << 2;
        let eight = four & four << 4;
        eight & eight << 8 & eight << (RUN_BYTES - 8) != 0
    }

    /// Counts the word around a place where a letter and a digit meet.
    fn mixed(&mut self, bytes: &[u8], place: usize) {
        if place < self.counted {
            return;
        }
        let rest = bytes.get(place..).unwrap_or_default();
        let end = place + rest.iter().take_while(|byte| is_of_word(**byte)).count();
        let before = bytes.get(..end).unwrap_or_default().iter().rev();
        let run = before.take(MIXED_BYTES_MAX + 1).take_while(|byte| is_of_run(**byte)).count();
        self.mixed += usize::from(run <= MIXED_BYTES_MAX);
        self.counted = end;
    }

    /// Takes words by where they begin; some stand alone, in one letter.
    fn rows(&mut self, begins: u64, alone: u64) {
        if alone == 0 {
            self.row = if begins == 0 { self.row } else { 0 };
            return;
        }
        for place in places(begins) {
            self.row = if alone >> place & 1 != 0 { self.row + 1 } else { 0 };
            self.alone += match self.row {
                ..ROW => 0,
                ROW => ROW,
                _ => 1,
            };
        }
    }
}

#[cfg(test)]
mod tests;
