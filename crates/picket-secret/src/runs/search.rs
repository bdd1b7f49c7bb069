//! Finds the runs of a text that can hold a secret, sixty-four bytes at a time.
//!
//! The signs of a run are pairs of neighbours, so that they are told of all bytes of a block at once; only around a sign,
//! and in runs that are long, is anything read byte by byte.

use super::{LONG_BYTES_MIN, RUN_BYTES_MIN, Run, is_break};
use picket_text::{BLOCK, bits};

/// The runs that can hold a secret, from a place on at which no run goes on.
pub(super) struct Search<'t> {
    bytes: &'t [u8],
    /// The first byte of the block, and of the next one.
    base: usize,
    next: usize,
    /// Where runs are yet to be looked at, of the block.
    marks: u64,
    /// The classes of the block before.
    before: Classes,
    /// Up to where runs are read.
    done: usize,
}

/// The bytes of a block that are of a class.
#[derive(Clone, Copy)]
struct Classes {
    /// Bytes of ASCII that end no run.
    plain: u64,
    lower: u64,
    /// What tells nothing at the end of a run.
    endings: u64,
    dashes: u64,
}

impl<'t> Search<'t> {
    pub(super) fn new(bytes: &'t [u8], from: usize) -> Self {
        let before = Classes { plain: 0, lower: 0, endings: 0, dashes: 0 };
        Self { bytes, base: from, next: from, marks: 0, before, done: from }
    }

    /// Looks at the next block, if there is one.
    fn block(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.next..).filter(|rest| !rest.is_empty())?;
        let block = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut block = [b' '; BLOCK];
            block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            block
        });
        let (breaks, upper) = (bits(&block, breaks), bits(&block, |byte| byte.is_ascii_uppercase()));
        let here = Classes {
            plain: bits(&block, |byte| byte.is_ascii()) & !breaks,
            lower: bits(&block, |byte| byte.is_ascii_lowercase()),
            endings: bits(&block, ending),
            dashes: bits(&block, |byte| byte == b'-'),
        };
        // Of each byte, whether the one before it is of a class.
        let after = |here: u64, before: u64| here << 1 | before >> (BLOCK - 1);
        let signs = bits(&block, odd)
            | upper & after(here.lower, self.before.lower)
            | after(here.endings, self.before.endings) & !breaks
            | here.dashes & after(here.dashes, self.before.dashes);
        self.marks = signs | long(here.plain, self.before.plain);
        self.before = here;
        (self.base, self.next) = (self.next, self.next + BLOCK);
        Some(())
    }

    /// The run around a place.
    fn run(&self, at: usize) -> (usize, usize) {
        let (before, after) = (self.bytes.get(self.done..at), self.bytes.get(at..));
        let before = before.unwrap_or_default().iter().rev().take_while(|byte| !is_break(**byte)).count();
        let after = after.unwrap_or_default().iter().take_while(|byte| !is_break(**byte)).count();
        (at - before, at + after)
    }

    /// Whether a run can hold a secret, in which a sign stands or that is long.
    fn can_hold(&self, (start, end): (usize, usize)) -> bool {
        // Shorter ones are begun key blocks, or none.
        end - start >= RUN_BYTES_MIN || {
            let mut run = Run::default();
            self.bytes.get(start..end).unwrap_or_default().iter().any(|byte| run.take(*byte))
        }
    }
}

impl Iterator for Search<'_> {
    /// Where a run begins and ends.
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        loop {
            while self.marks != 0 {
                let at = self.base + self.marks.trailing_zeros() as usize;
                self.marks &= self.marks - 1;
                if at < self.done {
                    continue;
                }
                let run = self.run(at);
                self.done = run.1;
                if self.can_hold(run) {
                    return Some(run);
                }
            }
            self.block()?;
        }
    }
}

/// The bytes of a block behind so many others that a run of ASCII is long.
fn long(here: u64, before: u64) -> u64 {
    let one = u128::from(here) << BLOCK | u128::from(before);
    let two = one & one << 1;
    let four = two & two << 2;
    let eight = four & four << 4;
    ((eight & eight << 8 & four << (LONG_BYTES_MIN - 4)) >> BLOCK) as u64
}

/// Whether a byte ends every run. Here and below without branches, so that many bytes are looked at at once; the table of
/// classes says the same.
pub(super) const fn breaks(byte: u8) -> bool {
    byte.wrapping_sub(b'\t') <= b'\r' - b'\t'
        || byte == b' '
        || byte == b'"'
        || byte == b'\''
        || byte == b'`'
        || byte == b'\\'
}

/// Whether a byte tells nothing at the end of a run.
pub(super) const fn ending(byte: u8) -> bool {
    byte == b'!' || byte == b'?' || byte == b':'
}

/// Whether a byte is a digit or a symbol.
pub(super) const fn odd(byte: u8) -> bool {
    byte.is_ascii_digit()
        || byte.wrapping_sub(b'#') <= b'&' - b'#'
        || byte.wrapping_sub(b'*') <= b'+' - b'*'
        || byte == b'='
        || byte == b'@'
        || byte == b'^'
        || byte == b'|'
        || byte == b'~'
}
