//! Signs without which a text holds no value, told by one look at each byte, so that prose costs no search.

/// The shortest key of a service is a word of so many bytes.
pub(crate) const KEY_BYTES_MIN: usize = 20;
/// The shortest value of an assignment.
const VALUE_BYTES_MIN: usize = 8;
/// Bytes before a value in which its name stands.
pub(super) const NAMED_BYTES: usize = 64;
/// How the names of secrets begin or end. Letters that are equal to these but for case are among them.
const NAMES: &[&[u8]] = &[b"passw", b"pwd", b"secret", b"token", b"key", b"credential"];

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

/// Whether a byte may belong to the value of an assignment.
fn is_of_value(byte: u8) -> bool {
    match byte {
        b'\t'..=b'\r' | b' ' | b'{' | b'}' | b'(' | b')' => false,
        _ => is_word(byte) || !byte.is_ascii_graphic(),
    }
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
    /// Bytes of what may be a value so far, whether it has a sign that words have none of, and whether one that counts
    /// if anything follows.
    value: usize,
    odd: bool,
    may_be_odd: bool,
    /// Long values with such a sign.
    randoms: usize,
}

impl Signs {
    /// The signs of what follows `held` in a text: of every value that begins there.
    pub(super) fn of(text: &str, held: usize) -> Self {
        let mut counts = Counts::default();
        let mut before = [0, 0];
        for byte in text.as_bytes().get(held..).unwrap_or_default() {
            counts.take(*byte, before);
            before = [before[1], *byte];
        }
        let long = counts.longest >= KEY_BYTES_MIN;
        let named = || {
            let from = held.saturating_sub(NAMED_BYTES);
            names_a_secret(text.as_bytes().get(from..).unwrap_or_default())
        };
        Self {
            pii: counts.ats > 0
                || counts.codes > 0
                || counts.digits >= 6
                || (counts.digits > 0 && crate::pii::open::has_words(text, held))
                || (counts.colons + counts.dots + counts.dashes > 0 && counts.slashes > 1)
                || (counts.digits >= 4 && (counts.dots >= 3 || long))
                || counts.colons >= 2
                || counts.colons + counts.dashes >= 5,
            secret: counts.ats > 0 || long || (counts.randoms > 0 && named()),
        }
    }
}

impl Counts {
    fn take(&mut self, byte: u8, [earlier, before]: [u8; 2]) {
        self.word = if is_word(byte) { self.word + 1 } else { 0 };
        self.longest = self.longest.max(self.word);
        if !is_of_value(byte) {
            (self.value, self.odd, self.may_be_odd) = (0, false, false);
            return;
        }
        self.value += 1;
        self.odd |= self.may_be_odd;
        match byte {
            b'A'..=b'Z' => self.codes += usize::from(before.is_ascii_digit()),
            b'a'..=b'z' | b'_' => {}
            b'/' => self.slashes += 1,
            b'0'..=b'9' => {
                self.digits += 1;
                let is_parted = matches!(before, b' ' | b'-') && earlier.is_ascii_uppercase();
                self.codes += usize::from(before.is_ascii_uppercase() || is_parted);
                self.odd = true;
            }
            b'.' => self.dots += 1,
            b'-' => self.dashes += 1,
            b'!' | b'?' => self.may_be_odd = true,
            b':' => {
                self.colons += 1;
                self.may_be_odd = true;
            }
            _ => {
                self.ats += usize::from(byte == b'@');
                self.odd = true;
            }
        }
        self.randoms += usize::from(self.odd && self.value >= VALUE_BYTES_MIN);
    }
}

/// Whether a text has a name that secrets are given.
pub(super) fn names_a_secret(text: &[u8]) -> bool {
    (0..text.len()).any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        match rest.first().map(u8::to_ascii_lowercase) {
            Some(b'p' | b's' | b't' | b'k' | b'c') => {
                let begins = |name: &&[u8]| rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name));
                NAMES.iter().any(begins)
            }
            // `ſ` and the sign of Kelvin are `s` and `k` to the detectors.
            Some(0xc5) => rest.starts_with("ſ".as_bytes()),
            Some(0xe2) => rest.starts_with("\u{212a}".as_bytes()),
            _ => false,
        }
    })
}
