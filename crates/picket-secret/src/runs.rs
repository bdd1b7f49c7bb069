//! Where in a text a secret can stand at all, told by one look at each byte.
//!
//! Prose is made of short words of small letters. A secret is a run of bytes without a space or a quote that is long enough
//! and has a sign that words do not have: a digit, a symbol, a capital behind a small letter. Only what stands around such
//! runs is searched for names and for the beginnings of keys.

use picket_text::{HIGH, ONES};

/// The shortest run that can hold a secret, in bytes.
pub(super) const RUN_BYTES_MIN: usize = 6;
/// Runs of ASCII that are as long as a key can hold one without any sign.
const LONG_BYTES_MIN: usize = 20;
/// Bytes before a secret in which its name or its service may stand.
pub(super) const CONTEXT_BYTES: usize = 96;

/// Bytes that are looked at together.
const CHUNK_BYTES: usize = 8;
/// Numbers in each of them.
const SPACES: u64 = 0x2020_2020_2020_2020;
const LETTER_A: u64 = 0x6161_6161_6161_6161;
/// What makes the highest bit of all that comes behind `z`.
const AFTER_Z: u64 = 0x0505_0505_0505_0505;

/// What a byte says of the run that it stands in; a row of [`SIGNS`].
type Class = u8;

/// Ends every run.
const BREAK: Class = 0;
const LOWER: Class = 1;
const UPPER: Class = 2;
/// Punctuation that words have at their ends or inside, and other scripts.
const PLAIN: Class = 3;
/// Tells nothing at the end of a run, but counts where anything follows.
const ENDING: Class = 4;
/// Digits and symbols.
const ODD: Class = 5;
/// A dash, of which words have only one.
const DASH: Class = 6;

static CLASSES: [Class; 256] = classes();
/// Whether two classes in a row are a sign, as bits of the second by the first.
static SIGNS: [u8; 8] = [
    1 << ODD,
    1 << ODD | 1 << UPPER,
    1 << ODD,
    1 << ODD,
    1 << LOWER | 1 << UPPER | 1 << PLAIN | 1 << ENDING | 1 << ODD | 1 << DASH,
    1 << ODD,
    1 << ODD | 1 << DASH,
    0,
];

#[expect(clippy::indexing_slicing, reason = "a byte is an index of 256, and this runs when it is compiled")]
const fn classes() -> [Class; 256] {
    let mut classes = [PLAIN; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'\t'..=b'\r' | b' ' | b'"' | b'\'' | b'`' | b'\\' => BREAK,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'!' | b'?' | b':' => ENDING,
            b'0'..=b'9' | b'#' | b'$' | b'%' | b'&' | b'*' | b'+' | b'=' | b'@' | b'^' | b'|' | b'~' => ODD,
            b'-' => DASH,
            _ => PLAIN,
        };
        if byte == u8::MAX {
            return classes;
        }
        byte += 1;
    }
}

/// A run of bytes as it grows. Its steps have no branches, since words end too often for those to be foreseen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Run {
    length: usize,
    /// Bytes of ASCII without another script between them; dashes in a row weigh more, as key blocks begin with them.
    weight: usize,
    odd: u8,
    last: Class,
}

impl Run {
    /// The run that a text is in at `at`.
    pub fn at(text: &str, at: usize) -> Self {
        let bytes = text.as_bytes();
        let mut run = Self::default();
        bytes.get(begin(bytes, at)..at).unwrap_or_default().iter().for_each(|byte| _ = run.take(*byte));
        run
    }

    /// Takes the next byte; whether the run up to here can hold a secret.
    #[inline]
    pub fn take(&mut self, byte: u8) -> bool {
        let class = class_of(byte);
        let goes_on = usize::from(class != BREAK).wrapping_neg();
        let dashes = 8 * usize::from(class == DASH && self.last == DASH);
        self.length = (self.length + 1) & goes_on;
        self.weight = (self.weight + 1 + dashes) & goes_on & usize::from(byte < 0x80).wrapping_neg();
        let signs = SIGNS.get(usize::from(self.last & 7)).copied().unwrap_or_default();
        self.odd = (self.odd | signs >> class & 1) & u8::from(class != BREAK).wrapping_neg();
        self.last = class;
        (self.odd != 0 && self.length >= RUN_BYTES_MIN) || self.weight >= LONG_BYTES_MIN
    }

    /// Takes eight bytes at once if they are letters, spaces, ends of lines, commas, dots and other scripts without a
    /// sign; whether it did.
    #[inline]
    fn skip(&mut self, chunk: u64) -> bool {
        let scripts = chunk & HIGH;
        let folded = chunk | SPACES;
        let letters = ((folded | HIGH) - LETTER_A) & !((folded & !HIGH) + AFTER_Z) & !scripts & HIGH;
        let is = |byte: u8| !((chunk ^ (ONES * u64::from(byte))) & !HIGH).wrapping_add(!HIGH) & !scripts & HIGH;
        let spaces = is(b' ') | is(b'\n');
        if letters | spaces | is(b',') | is(b'.') | scripts != HIGH {
            return false;
        }
        // The bit that small letters have and capitals have not, moved to the highest place.
        let small = letters & chunk << 2;
        let capitals = letters & !small;
        let has_hump = small << 8 & capitals != 0 || (self.last == LOWER && capitals & 0x80 != 0);
        if has_hump || self.odd != 0 || self.last == ENDING || self.weight + CHUNK_BYTES >= LONG_BYTES_MIN {
            return false;
        }
        // The first byte of the text is the lowest, so that the zeros at the top tell how many bytes follow the last one.
        let after = |places: u64| (places != 0).then(|| places.leading_zeros() as usize / 8);
        self.length = after(spaces).unwrap_or(self.length + CHUNK_BYTES);
        self.weight = after(spaces | scripts).unwrap_or(self.weight + CHUNK_BYTES);
        self.last = class_of((chunk >> 56) as u8);
        true
    }
}

/// Whether a value can hold a secret by itself: on a stream, what stood before it may be out already.
pub(super) fn can_hold(value: &str) -> bool {
    let mut run = Run::default();
    value.bytes().any(|byte| run.take(byte))
}

/// The places around the runs of a text that can hold a secret, ascending and apart, as ranges of bytes; only runs that
/// reach beyond `from` count.
pub(super) fn places(text: &str, from: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let bytes = text.as_bytes();
    let mut coming = next(bytes, begin(bytes, from));
    let mut done = 0;
    std::iter::from_fn(move || {
        let (start, mut end) = coming.take()?;
        let begin = start.saturating_sub(CONTEXT_BYTES).max(done);
        coming = next(bytes, end);
        // Runs that are near each other are one place, so that no byte is searched twice.
        while let Some((_, further)) = coming.filter(|(start, _)| *start <= end + CONTEXT_BYTES) {
            end = further;
            coming = next(bytes, end);
        }
        done = end;
        Some((text.ceil_char_boundary(begin), text.floor_char_boundary(end)))
    })
}

/// Where the run begins that a text is in at `at`, or what is enough of it.
fn begin(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    at - before.iter().rev().take(CONTEXT_BYTES).take_while(|byte| !is_break(**byte)).count()
}

fn class_of(byte: u8) -> Class {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(BREAK)
}

fn is_break(byte: u8) -> bool {
    class_of(byte) == BREAK
}

/// The next run from `at` on that can hold a secret.
fn next(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (mut run, mut here) = (Run::default(), at);
    while let Some((chunk, _)) = bytes.get(here..)?.split_first_chunk() {
        if !run.skip(u64::from_le_bytes(*chunk))
            && let Some(found) = chunk.iter().position(|byte| run.take(*byte))
        {
            return Some(whole(bytes, here + found, run));
        }
        here += CHUNK_BYTES;
    }
    let found = bytes.get(here..)?.iter().position(|byte| run.take(*byte))?;
    Some(whole(bytes, here + found, run))
}

/// Where a run begins that has grown up to `found`, and where it ends.
fn whole(bytes: &[u8], found: usize, run: Run) -> (usize, usize) {
    let rest = bytes.get(found..).unwrap_or_default().iter().position(|byte| is_break(*byte));
    (found + 1 - run.length, rest.map_or(bytes.len(), |length| found + length))
}

#[cfg(test)]
mod tests;
