//! What a text says when it is decoded: texts that hide their words from a reader of the plain text.
//!
//! Each decoding is tried only where its signs are, so that ordinary text costs one look at its bytes. All that is
//! decoded is bounded, and decoded again at most once: codes are nested twice, not for ever. Long texts are looked through
//! in stretches.

mod signs;
mod stretches;
mod turned;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use picket_text::{Stands, each_run};
use signs::{RUN_BYTES, Signs};
use std::ops::Range;
use stretches::stretches;
use turned::{directions, turn};

/// Decoded texts of one stretch, and bytes of all of them together.
const DECODED_MAX: usize = 12;
const BYTES_MAX: usize = 64 * 1_024;
/// How often codes are undone inside each other.
const DEPTH_MAX: usize = 2;
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

/// The decoded texts that stand in a text, together at most twice as long as it.
pub(crate) fn decoded(text: &str) -> Vec<Decoded> {
    let mut stretches = stretches(text);
    let Some(first) = stretches.next().filter(|first| first.len() < text.len()) else { return of_stretch(text) };
    let (mut found, mut bytes) = (Vec::new(), 0);
    for stretch in std::iter::once(first).chain(stretches) {
        for decoded in of_stretch(text.get(stretch.clone()).unwrap_or_default()) {
            bytes += decoded.text.len();
            if bytes > text.len() * 2 {
                return found;
            }
            let range = decoded.range.start + stretch.start..decoded.range.end + stretch.start;
            // Of all of a long text, no stretch is most.
            found.push(Decoded { range, covers: false, ..decoded });
        }
    }
    found
}

/// Those of one stretch.
fn of_stretch(text: &str) -> Vec<Decoded> {
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
        whole(replaced(text, letter), true, found);
    }
    // These turn what was plain into code as well, so that the text as it stands still counts.
    let (turned, reversed) = directions(text);
    if turned {
        whole(replaced(text, turn), false, found);
    }
    if reversed {
        whole(backwards(text), false, found);
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
    let also = |byte| byte == b'+' || byte == b'/' || byte == b'-' || byte == b'_';
    each_run(
        text,
        also,
        |_| Stands::Outside,
        |run| {
            if run.len() >= RUN_BYTES && runs.len() < DECODED_MAX {
                runs.push(run);
            }
        },
    );
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

/// A text with other bytes of ASCII in the places of some.
fn replaced(text: &str, other: impl Fn(u8) -> u8) -> String {
    String::from_utf8(text.bytes().map(other).collect()).unwrap_or_default()
}

/// The letter that a digit or sign imitates.
const fn letter(byte: u8) -> u8 {
    match byte {
        b'4' | b'@' => b'a',
        b'3' => b'e',
        b'1' | b'!' | b'|' => b'i',
        b'0' => b'o',
        b'5' | b'$' => b's',
        b'7' => b't',
        other => other,
    }
}

/// A text from its end to its beginning.
fn backwards(text: &str) -> String {
    if text.is_ascii() {
        return String::from_utf8(text.bytes().rev().collect()).unwrap_or_default();
    }
    text.chars().rev().collect()
}

/// Whether a byte may stand between letters of one word, beside a space.
const fn is_apart(byte: u8) -> bool {
    byte == b'-' || byte == b'.' || byte == b'_' || byte == b'*' || byte == b'\\'
}

/// Letters that stand apart, put together. Words are what a space divides where signs stand between the letters, else what
/// more than one space, or a slash, divides.
fn joined(text: &str) -> String {
    let signs = text.bytes().filter(|byte| is_apart(*byte)).count();
    let divides = if signs > memchr::memchr_iter(b' ', text.as_bytes()).count() { " " } else { "  " };
    let also = |byte| !(byte == b' ' || byte == b'/' || byte == b'\n' || is_apart(byte));
    let mut parts: Vec<Range<usize>> = Vec::with_capacity(text.len() / 5 + 1);
    each_run(text, also, |_| Stands::Inside, |part| parts.push(part));
    let (mut plain, mut parts) = (String::with_capacity(text.len()), parts.as_slice());
    let mut start = 0;
    for words in text.split(divides) {
        for word in words.split(['/', '\n']) {
            if start > 0 {
                plain.push(' ');
            }
            let end = start + word.len();
            let (own, rest) = parts.split_at(parts.iter().take_while(|part| part.start < end).count());
            let single = own.iter().filter(|part| text.get((*part).clone()).is_some_and(is_single)).count();
            if single * 2 > own.len() {
                own.iter().filter_map(|part| text.get(part.clone())).for_each(|part| plain.push_str(part));
            } else {
                plain.push_str(word);
            }
            (parts, start) = (rest, end + 1);
        }
        start += divides.len() - 1;
    }
    plain
}

/// Whether a part of a text is one letter or digit.
fn is_single(part: &str) -> bool {
    let mut characters = part.chars();
    characters.next().is_some_and(char::is_alphanumeric) && characters.next().is_none()
}

#[cfg(test)]
mod tests;
