//! Whether a value was drawn at random, written by hand as a stand-in, or names the place of a secret.

use super::names::Strength;
use super::runs::{RUN_BYTES_MIN, Run};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// What no random value holds by chance: words of stand-ins, and signs of what stands for a value elsewhere.
const STAND_INS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "dummy",
    "sample",
    "redacted",
    "insert",
    "replace",
    "foobar",
    "1234567890",
    "0123456789",
    "abcdefgh",
    "test_key",
    "<",
    "****",
    "...",
    "xxxxxxx",
    "00000000",
    "secret_key_here",
    "my_secret",
    "mypassword",
    "your_",
    "your-",
    "-here",
    "_here",
    "://",
    "${",
    "{{",
    "$(",
    "#{",
    "%(",
    "getenv",
    "process.env",
    "os.environ",
    "enc[",
];
/// Words that are short enough to occur in a random value: they count where they begin or end a word.
const SHORT_STAND_INS: &[&str] = &["xxxx", "your", "todo", "fake"];
/// Both, the first ones first.
static WORDS: LazyLock<AhoCorasick> = LazyLock::new(stand_ins);

#[expect(clippy::expect_used, reason = "the words are constants, and every test builds them")]
fn stand_ins() -> AhoCorasick {
    let words = STAND_INS.iter().chain(SHORT_STAND_INS);
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("the words are literals")
}

/// A stand-in that documents use.
pub(super) fn is_placeholder(value: &str) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = value.as_bytes();
    let is_at_edge = |start: usize, end: usize| {
        !is_word(start.checked_sub(1).and_then(|before| bytes.get(before))) || !is_word(bytes.get(end))
    };
    let mut words = WORDS.find_overlapping_iter(value);
    distinct(value) <= 3
        || words.any(|word| word.pattern().as_usize() < STAND_INS.len() || is_at_edge(word.start(), word.end()))
}

/// How many different bytes a value has.
pub(super) fn distinct(value: &str) -> usize {
    let mut seen = [false; 256];
    for byte in value.bytes() {
        seen.get_mut(usize::from(byte)).into_iter().for_each(|seen| *seen = true);
    }
    seen.iter().filter(|seen| **seen).count()
}

/// Shannon entropy in bits a byte.
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts.get_mut(usize::from(byte)).into_iter().for_each(|count| *count += 1);
    }
    let total = f64::from(u32::try_from(value.len()).unwrap_or(1).max(1));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Whether a byte stands six times in a row, or eight letters in the order of the alphabet, as only stand-ins have them.
/// `A` is the zero of base64.
pub(super) fn repeats(value: &str) -> bool {
    let (mut same, mut rising, mut before) = (1, 1, 0_u8);
    value.bytes().any(|byte| {
        same = if byte == before && byte != b'A' { same + 1 } else { 1 };
        let rises = byte.is_ascii_alphabetic() && byte == before.wrapping_add(1);
        rising = if rises { rising + 1 } else { 1 };
        before = byte;
        same >= 6 || rising >= 8
    })
}

/// What can follow a letter in English, as bits from `a` on: the pairs of letters that make up 97.5 % of the different
/// words of the public domain and CC0 texts that the benign examples come from.
const PAIRS: [u32; 26] = [
    0x17e_bd6e, 0x016_4911, 0x01a_4d95, 0x116_4119, 0x1ef_f97f, 0x01a_4931, 0x016_6991, 0x01a_4111, 0x22e_fc7f,
    0x010_4010, 0x004_2110, 0x11c_4919, 0x014_d113, 0x13c_6d7d, 0x07e_fd7f, 0x11e_c991, 0x010_0000, 0x13e_fd7d,
    0x15c_dd95, 0x15e_4995, 0x00e_b95f, 0x000_4111, 0x006_6191, 0x008_8100, 0x004_c110, 0x000_0010,
];

/// Bytes of a value that belong to what reads like words: four letters or more of one case, or with a capital first, in
/// which only usual letters follow each other.
pub(super) fn wordy(value: &str) -> usize {
    let (mut words, mut length, mut usual) = (0, 0_usize, true);
    let mut before = 0_u8;
    for byte in value.bytes().chain([0]) {
        let goes_on = match byte {
            b'a'..=b'z' => before.is_ascii_lowercase() || (before.is_ascii_uppercase() && length == 1),
            b'A'..=b'Z' => before.is_ascii_uppercase(),
            _ => false,
        };
        if !goes_on {
            words += if usual && length >= 4 { length } else { 0 };
            (length, usual) = (0, true);
        }
        usual &= length == 0 || follows(before, byte);
        length += usize::from(byte.is_ascii_alphabetic());
        before = byte;
    }
    words
}

/// Whether a letter usually follows another.
fn follows(before: u8, letter: u8) -> bool {
    let place = |byte: u8| byte.to_ascii_lowercase().wrapping_sub(b'a');
    PAIRS.get(usize::from(place(before))).is_some_and(|follow| follow >> (place(letter) & 31) & 1 == 1)
}

/// Bytes of a value that are judged.
const JUDGED_BYTES: usize = 256;

/// Whether a value that stands behind a name of this strength is a secret. `next` is the byte behind it.
pub(super) fn is_secret(value: &str, strength: Strength, quoted: bool, next: Option<u8>) -> bool {
    // The beginning of a long value tells enough.
    let value = value.get(..value.floor_char_boundary(JUDGED_BYTES)).unwrap_or(value);
    let mut run = Run::default();
    if value.bytes().all(|byte| !run.take(byte)) || is_placeholder(value) || repeats(value) {
        return false;
    }
    let value = if quoted { value } else { value.trim_end_matches(['.', '!', '?', ':']) };
    if value.len() < RUN_BYTES_MIN || is_reference(value, quoted, next) {
        return false;
    }
    let has = |belongs: fn(&u8) -> bool| value.as_bytes().iter().any(belongs);
    let (small, capital) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
    let (digit, symbol) = (has(u8::is_ascii_digit), has(|byte| !byte.is_ascii_alphanumeric()));
    let mixed = [small, capital, digit, symbol].iter().filter(|present| **present).count();
    let (length, words, bits) = (value.len(), wordy(value), entropy(value));
    if !small && !capital {
        return strength == Strength::Password && symbol && mixed >= 2 && length >= 8 && is_odd_symbol(value);
    }
    // `ClearTextPassword1` and `password123` are words.
    let is_spelled = words * 10 >= length * 9
        || value.trim_end_matches(|c: char| c.is_ascii_digit()).eq_ignore_ascii_case("password");
    if is_spelled && !is_odd_symbol(value) {
        return false;
    }
    match strength {
        Strength::Password => {
            let is_long = length >= 8 || mixed >= 3;
            let is_mixed = mixed >= 2 && (digit || symbol || (words * 2 < length && humps(value.as_bytes())));
            is_long && is_mixed && bits >= 2.5 && (digit || words * 4 < length * 3 || is_odd_symbol(value))
        }
        Strength::Token => {
            let is_varied = if length >= 16 { bits >= 3.1 && mixed >= 2 } else { bits >= 2.7 && mixed >= 3 };
            length >= 8 && is_varied && (digit || is_odd_symbol(value) || humps(value.as_bytes())) && words * 2 < length
        }
        Strength::Weak => {
            let is_hex = value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            let is_varied = length >= 16 && bits >= 3.4 && mixed >= 2 && digit;
            is_varied && words * 3 < length && !is_hex
        }
    }
}

/// Whether a capital stands behind a small letter.
pub(super) fn humps(value: &[u8]) -> bool {
    value.windows(2).any(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']))
}

/// Whether there is a symbol that names, numbers and dates have none of.
fn is_odd_symbol(value: &str) -> bool {
    value.bytes().any(|byte| {
        matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'*' | b'+' | b'=' | b'?' | b'@' | b'^' | b'|' | b'~')
    })
}

/// What files are called in the end.
const FILES: &[&str] = &[
    ".pem",
    ".key",
    ".crt",
    ".cer",
    ".der",
    ".p12",
    ".pfx",
    ".jks",
    ".json",
    ".yml",
    ".yaml",
    ".toml",
    ".ini",
    ".txt",
    ".env",
    ".conf",
    ".cfg",
    ".xml",
    ".html",
    ".js",
    ".ts",
    ".py",
    ".rb",
    ".go",
    ".java",
    ".php",
    ".sh",
    ".png",
    ".svg",
    ".keytab",
    ".keystore",
    ".pub",
];

/// A name of a place where a secret is, not the secret: a path, a variable, a template, a call.
fn is_reference(value: &str, quoted: bool, next: Option<u8>) -> bool {
    let parts = || value.split(['.', '_', '-', '/', ':']).filter(|word| !word.is_empty());
    let is_plain = |word: &str| word.bytes().all(|b| b.is_ascii_alphabetic());
    // `abc` is a word, `aB3x` and `PrlXq` are none.
    let is_name =
        parts().all(is_plain) && (parts().count() > 1 || !humps(value.as_bytes()) || wordy(value) * 2 >= value.len());
    value.starts_with(['$', '%', '.', '@', '&', '*', '-', '[', '{', '<', ':'])
        || (value.starts_with(['/', '#', '~']) && (wordy(value) > 0 || value.len() < 20))
        || (!quoted && (matches!(next, Some(b'(' | b'{')) || value.ends_with(['[', '=']) && wordy(value) > 0))
        || ["::", "->", "<%"].iter().any(|sign| value.contains(sign))
        || FILES.iter().any(|end| value.ends_with(end))
        || is_name
        || is_versioned(value)
}

/// `name-1.2.3`.
fn is_versioned(value: &str) -> bool {
    let last = value.rsplit('-').next().unwrap_or_default();
    last.contains('.') && last.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
