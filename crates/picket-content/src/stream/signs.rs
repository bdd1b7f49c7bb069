//! Signs without which a text holds no value, told by one look at each byte, so that prose costs no search.

use picket_secret::Run;

/// Words that are as long as this may be anything.
const LONG_BYTES_MIN: usize = 20;

/// Whether a text may have something for a detector. What has no sign holds nothing; most texts with a sign hold
/// nothing either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) pii: bool,
    pub(super) secret: bool,
}

/// Whether a byte belongs to keys, addresses and codes.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'\\')
}

/// What one look at each byte tells.
#[derive(Default)]
struct Counts {
    digits: usize,
    dots: usize,
    colons: usize,
    dashes: usize,
    slashes: usize,
    ats: usize,
    /// Digits beside a capital, or parted from one by a space or a hyphen.
    codes: usize,
    /// Bytes of the word so far, and of the longest.
    word: usize,
    longest: usize,
    /// What may be a value, and whether any was.
    run: Run,
    random: bool,
}

impl Signs {
    /// The signs of what follows `held` in a text: of every value that begins there.
    pub(super) fn of(text: &str, held: usize) -> Self {
        // What is held may begin in the middle of what may be a value.
        let mut counts = Counts { run: Run::at(text, held), ..Counts::default() };
        let mut before = [0, 0];
        for byte in text.as_bytes().get(held..).unwrap_or_default() {
            counts.take(*byte, before);
            before = [before[1], *byte];
        }
        let long = counts.longest >= LONG_BYTES_MIN;
        Self {
            pii: counts.ats > 0
                || counts.codes > 0
                || counts.digits >= 6
                || (counts.colons + counts.dots + counts.dashes > 0 && counts.slashes > 1)
                || (counts.digits >= 4 && (counts.dots >= 3 || long))
                || counts.colons >= 2
                || counts.colons + counts.dashes >= 5
                || (counts.digits > 0 && picket_pii::open::has_words(text, held)),
            secret: counts.ats > 0 || long || counts.random,
        }
    }
}

impl Counts {
    fn take(&mut self, byte: u8, [earlier, before]: [u8; 2]) {
        self.word = if is_word(byte) { self.word + 1 } else { 0 };
        self.longest = self.longest.max(self.word);
        self.random |= self.run.take(byte);
        match byte {
            b'A'..=b'Z' => self.codes += usize::from(before.is_ascii_digit()),
            b'0'..=b'9' => {
                self.digits += 1;
                let is_parted = matches!(before, b' ' | b'-') && earlier.is_ascii_uppercase();
                self.codes += usize::from(before.is_ascii_uppercase() || is_parted);
            }
            b'/' => self.slashes += 1,
            b'.' => self.dots += 1,
            b'-' => self.dashes += 1,
            b':' => self.colons += 1,
            b'@' => self.ats += 1,
            _ => {}
        }
    }
}
