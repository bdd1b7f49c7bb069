//! What a text says when it is decoded: texts that hide their words from a reader of the plain text.
//!
//! Each decoding is tried only where its signs are, so that ordinary text costs one look at its bytes. All that is
//! decoded is bounded, and decoded again at most once: codes are nested twice, not for ever.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::LazyLock;

/// Decoded texts of one text, and bytes of all of them together.
const DECODED_MAX: usize = 12;
const BYTES_MAX: usize = 64 * 1_024;
/// How often codes are undone inside each other.
const DEPTH_MAX: usize = 2;
/// Shorter runs hide no sentence.
const RUN_BYTES: usize = 24;
/// So many escapes of one kind are a sign.
const ESCAPES: usize = 4;

/// A decoded text, and where in the original it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
    /// Whether most of the original is code: then its words are those of the decoded text, which holds all else too.
    pub(crate) covers: bool,
}

/// Words that hardly any English order does without, and that are no words when they are turned by thirteen letters or
/// read backwards.
const WORDS: &[&str] = &[
    "the",
    "your",
    "you",
    "all",
    "what",
    "that",
    "this",
    "with",
    "previous",
    "instructions",
    "instruction",
    "ignore",
    "forget",
    "disregard",
    "prompt",
    "system",
    "reveal",
    "repeat",
    "print",
    "show",
    "rules",
    "tell",
    "secret",
    "password",
    "above",
    "please",
    "without",
    "developer",
    "mode",
    "output",
    "unrestricted",
    "assistant",
    "every",
    "everything",
    "message",
    "conversation",
    "restrictions",
    "following",
    "answer",
    "pretend",
];
/// So many of them are a sign of a text; a short text needs one.
const SIGNS_MIN: usize = 2;

/// The words turned, then the words backwards.
static SIGNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let turned = WORDS.iter().map(|word| word.chars().map(turn).collect::<String>());
    let reversed = WORDS.iter().map(|word| word.chars().rev().collect());
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::LeftmostLongest)
        .build(turned.chain(reversed))
        .ok()
});

/// Whether a text has words that are turned, and words that are backwards.
fn directions(text: &str) -> (bool, bool) {
    let Some(signs) = SIGNS.as_ref() else { return (false, false) };
    let (mut turned, mut reversed) = (0, 0);
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    for word in signs.find_iter(text) {
        let before = word.start().checked_sub(1).and_then(|at| text.as_bytes().get(at));
        if letter(before) || letter(text.as_bytes().get(word.end())) {
            continue;
        }
        // A long word says as much as two.
        let says = 1 + usize::from(word.len() >= 6);
        if word.pattern().as_usize() < WORDS.len() {
            turned += says
        } else {
            reversed += says
        }
        if turned >= SIGNS_MIN && reversed >= SIGNS_MIN {
            break;
        }
    }
    (turned >= SIGNS_MIN, reversed >= SIGNS_MIN)
}

/// What a look at the bytes tells of codes.
#[derive(Debug, Default)]
struct Signs {
    run: bool,
    percent: usize,
    entities: usize,
    escapes: usize,
    /// Of quoted-printable.
    equals: usize,
    mixed: usize,
    spaces: usize,
    /// Letters that stand alone, in rows of some.
    alone: usize,
}

/// So many letters that stand alone one after another are no words: `a` and `I` are.
const ROW: usize = 4;

impl Signs {
    fn of(text: &str) -> Self {
        let (mut signs, mut run, mut letters, mut digits, mut row) = (Self::default(), 0, 0, 0, 0);
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().copied().chain([b' ']).enumerate() {
            let is_digit = byte.is_ascii_digit() || matches!(byte, b'@' | b'$');
            if is_digit || byte.is_ascii_alphabetic() {
                run += 1;
                digits += usize::from(is_digit);
                letters += usize::from(!is_digit);
                continue;
            }
            signs.count(bytes, at, byte);
            signs.run |= run >= RUN_BYTES;
            signs.mixed += usize::from(letters > 0 && digits > 0 && run <= 16);
            match letters + digits {
                0 => {}
                1 => {
                    row += 1;
                    signs.alone += match row.cmp(&ROW) {
                        Ordering::Less => 0,
                        Ordering::Equal => ROW,
                        Ordering::Greater => 1,
                    };
                }
                _ => row = 0,
            }
            (letters, digits) = (0, 0);
            run = if matches!(byte, b'+' | b'/' | b'-' | b'_') { run + 1 } else { 0 };
        }
        signs
    }

    /// Counts a byte that is no letter.
    fn count(&mut self, bytes: &[u8], at: usize, byte: u8) {
        match byte {
            b' ' => self.spaces += 1,
            b'%' => self.percent += usize::from(is_pair(bytes, at)),
            b'=' => self.equals += usize::from(is_pair(bytes, at) || bytes.get(at + 1) == Some(&b'\r')),
            b'\\' => self.escapes += usize::from(matches!(bytes.get(at + 1), Some(b'u' | b'x'))),
            b'&' => {
                let next = bytes.get(at + 1).copied().unwrap_or_default();
                self.entities += usize::from(next == b'#' || next.is_ascii_alphabetic());
            }
            _ => {}
        }
    }
}

/// Whether two hexadecimal digits follow a sign.
fn is_pair(bytes: &[u8], sign: usize) -> bool {
    bytes.get(sign + 1..sign + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}

/// The decoded texts that stand in a text.
pub(crate) fn decoded(text: &str) -> Vec<Decoded> {
    let mut found = Vec::new();
    once(text, &(0..text.len()), &mut found);
    let mut from = 0;
    for _ in 1..DEPTH_MAX {
        let to = found.len();
        for at in from..to {
            let Some(Decoded { text, range, .. }) = found.get(at).cloned() else { continue };
            once(&text, &range, &mut found);
        }
        from = to;
    }
    found
}

/// Decodes one layer. What is found inside stands where the outer code stands.
fn once(text: &str, place: &Range<usize>, found: &mut Vec<Decoded>) {
    let signs = Signs::of(text);
    let is_outer = found.is_empty() || place.len() == text.len();
    let whole = |decoded: String, covers: bool, found: &mut Vec<Decoded>| {
        add(found, Decoded { text: decoded, range: place.clone(), covers }, text);
    };
    if signs.run {
        for run in runs(text) {
            if let Some(plain) = text.get(run.clone()).and_then(unpacked) {
                let range = if is_outer { run } else { place.clone() };
                add(found, Decoded { text: plain, range, covers: false }, text);
            }
        }
    }
    // Escapes that stand for a third of the text and more, at three bytes each.
    let most = |escapes: usize| escapes * 9 >= text.len();
    if signs.percent >= ESCAPES {
        whole(unescaped(text, "%", 2), most(signs.percent), found);
    }
    if signs.equals >= ESCAPES {
        whole(unescaped(&text.replace("=\r\n", "").replace("=\n", ""), "=", 2), most(signs.equals), found);
    }
    if signs.entities >= ESCAPES {
        whole(entities(text), most(signs.entities), found);
    }
    if signs.escapes >= ESCAPES {
        whole(unescaped(&unescaped(text, "\\u", 4), "\\x", 2), most(signs.escapes), found);
    }
    // Words of letters and digits, and not just one among many.
    if signs.mixed >= 2 && signs.spaces >= 2 && signs.mixed * 4 >= signs.spaces {
        whole(text.chars().map(letter).collect(), true, found);
    }
    // These turn what was plain into code as well, so that the text as it stands still counts.
    let (turned, reversed) = directions(text);
    if turned {
        whole(text.chars().map(turn).collect(), false, found);
    }
    if reversed {
        whole(text.chars().rev().collect(), false, found);
    }
    if signs.alone >= 8 {
        whole(joined(text), signs.alone * 2 >= signs.spaces, found);
    }
}

fn add(found: &mut Vec<Decoded>, new: Decoded, original: &str) {
    let bytes: usize = found.iter().map(|decoded| decoded.text.len()).sum();
    let length = new.text.len();
    if found.len() < DECODED_MAX && length >= 8 && bytes + length <= BYTES_MAX && new.text != original {
        found.push(new);
    }
}

/// Whether base64 or hex may have such a byte.
fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Runs of the letters of base64 and hex that are long enough, a bounded number of them.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for (at, byte) in text.bytes().chain(std::iter::once(b' ')).enumerate() {
        if is_code(byte) {
            continue;
        }
        if at - start >= RUN_BYTES && runs.len() < DECODED_MAX {
            runs.push(start..at);
        }
        start = at + 1;
    }
    runs
}

/// The words behind a run of base64 or hex, if there are any.
fn unpacked(run: &str) -> Option<String> {
    let hex = || -> Option<Vec<u8>> {
        let digits: Option<Vec<u32>> = run.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
        digits.chunks_exact(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.last()?).ok()).collect()
    };
    let base64 = || STANDARD_NO_PAD.decode(run).ok().or_else(|| URL_SAFE_NO_PAD.decode(run).ok());
    let readable = |bytes: Vec<u8>| String::from_utf8(bytes).ok().filter(|text| is_prose(text));
    hex().and_then(readable).or_else(|| base64().and_then(readable))
}

/// Whether a text has words, letters and spaces and hardly anything else, or is a code again.
fn is_prose(text: &str) -> bool {
    let all = text.chars().count();
    let good =
        text.chars().filter(|c| c.is_alphabetic() || matches!(c, ' ' | '\n' | '.' | ',' | '\'' | '!' | '?')).count();
    let is_code = text.len() >= RUN_BYTES && text.bytes().all(|byte| is_code(byte) || byte == b'=');
    (good * 100 >= all * 85 && text.contains(' ')) || is_code
}

/// A text with its numbered escapes undone: a sign, then hexadecimal digits.
fn unescaped(text: &str, sign: &str, digits: usize) -> String {
    let mut plain: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(sign) {
        plain.extend_from_slice(before.as_bytes());
        let code = after.get(..digits).and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            // Bytes of one character come one by one.
            Some(character) if digits == 2 => plain.extend(u8::try_from(u32::from(character))),
            Some(character) => plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => plain.extend_from_slice(sign.as_bytes()),
        }
        rest = if code.is_some() { after.get(digits..).unwrap_or_default() } else { after };
    }
    plain.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&plain).into_owned()
}

/// A text with its numbered entities undone, and the few that are letters of prose.
fn entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let end = after.bytes().take(10).position(|byte| byte == b';');
        let name = end.and_then(|end| after.get(..end)).unwrap_or_default();
        let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        });
        let known = match name {
            "nbsp" => Some(' '),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "amp" => Some('&'),
            _ => number.and_then(char::from_u32),
        };
        plain.push(known.unwrap_or('&'));
        rest = if known.is_some() { after.get(name.len() + 1..).unwrap_or_default() } else { after };
    }
    plain.push_str(rest);
    plain
}

/// The letter that a digit or sign imitates.
fn letter(character: char) -> char {
    match character {
        '4' | '@' => 'a',
        '3' => 'e',
        '1' | '!' | '|' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// The letter thirteen places on.
fn turn(character: char) -> char {
    let turned = |first: u8| {
        let place = u8::try_from(u32::from(character)).map_or(0, |byte| byte - first);
        char::from(first + (place + 13) % 26)
    };
    match character {
        'a'..='z' => turned(b'a'),
        'A'..='Z' => turned(b'A'),
        other => other,
    }
}

/// What may stand between letters of one word, beside a space.
const APART: [char; 5] = ['-', '.', '_', '*', '\\'];

/// Letters that stand apart, put together. Words are what a space divides where signs stand between the letters, else what
/// more than one space, or a slash, divides.
fn joined(text: &str) -> String {
    let single = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphanumeric);
    let signs = text.chars().filter(|character| APART.contains(character)).count();
    let divides = if signs > text.matches(' ').count() { " " } else { "  " };
    let words = text.split(divides).flat_map(|words| words.split(['/', '\n']));
    let words: Vec<String> = words
        .map(|word| {
            let parts = |c: char| c == ' ' || APART.contains(&c);
            let letters: Vec<&str> = word.split(parts).filter(|part| !part.is_empty()).collect();
            if letters.iter().filter(|part| single(part)).count() * 2 > letters.len() {
                letters.concat()
            } else {
                word.to_owned()
            }
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
