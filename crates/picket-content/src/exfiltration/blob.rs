//! Long runs of base64 or hex that are no picture, hash, certificate or key that everybody may see.

use super::hit;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use picket_text::Hits;

/// A run counts from so many characters on: longer than hashes and signatures, shorter than a page.
const BLOB_BYTES_MIN: usize = 160;
/// Hex says half as much in a character.
const HEX_BYTES_MIN: usize = 256;
/// So much of a run is decoded to see what it is.
const PROBE_BYTES: usize = 256;
/// Lines of a wrapped run have so many characters.
const WRAPPED_BYTES_MIN: usize = 48;

/// Looks for blobs.
pub(super) fn scan(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    if bytes.len() < BLOB_BYTES_MIN {
        return;
    }
    let (mut at, mut probe) = (0, WRAPPED_BYTES_MIN - 1);
    // Of each stretch that is long enough, one byte in so many belongs to it.
    while let Some(byte) = bytes.get(probe) {
        if !is_of_blob(*byte) {
            at = probe + 1;
            probe += WRAPPED_BYTES_MIN;
            continue;
        }
        let begin =
            probe - bytes.get(at..probe).unwrap_or_default().iter().rev().take_while(|b| is_of_blob(**b)).count();
        let end = run_end(bytes, begin);
        if end - begin >= BLOB_BYTES_MIN
            && let Some(score) = judge(text, begin, end)
        {
            hits.add(hit("ENCODED_BLOB", (begin, end), score, "encoded data"));
        }
        at = end;
        probe = end + WRAPPED_BYTES_MIN;
    }
}

fn is_of_blob(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// The end of a run, over the ends of lines inside it.
fn run_end(bytes: &[u8], begin: usize) -> usize {
    let mut line = begin;
    loop {
        let end = line + bytes.get(line..).unwrap_or_default().iter().take_while(|byte| is_of_blob(**byte)).count();
        let tail = bytes.get(end..).unwrap_or_default();
        let wrap = if tail.starts_with(b"\r\n") { 2 } else { usize::from(tail.starts_with(b"\n")) };
        let goes_on = bytes.get(end + wrap).is_some_and(|next| is_of_blob(*next));
        // Words on lines of their own are no run.
        if end - line < WRAPPED_BYTES_MIN || wrap == 0 || !goes_on {
            let is_tail = line > begin
                && end - line < WRAPPED_BYTES_MIN
                && !tail.first().is_none_or(|b| matches!(b, b'\n' | b'\r'));
            return if is_tail { line.saturating_sub(1).max(begin) } else { end };
        }
        line = end + wrap;
    }
}

/// How sure it is that a run carries data; `None` where it is something else.
fn judge(text: &str, begin: usize, end: usize) -> Option<f32> {
    let before = text.get(text.floor_char_boundary(begin.saturating_sub(64))..begin)?;
    let is_public =
        ["data:image/", "data:font/", "data:audio/", "CERTIFICATE-----", "PUBLIC KEY-----", "ssh-rsa ", "ssh-ed25519 "];
    if is_public.iter().any(|sign| before.contains(sign)) && !before.contains("image/svg") {
        return None;
    }
    let run: String = text.get(begin..end)?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let head = run.get(..PROBE_BYTES.min(run.len()) / 4 * 4)?;
    if run.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let (digits, letters) = (count(head, u8::is_ascii_digit), count(head, u8::is_ascii_alphabetic));
        let is_mixed = digits > 0 && (letters > 0 || is_text(&unhex(head)));
        return (run.len() >= HEX_BYTES_MIN && is_mixed).then(|| if is_text(&unhex(head)) { 0.9 } else { 0.6 });
    }
    let classes =
        [count(head, u8::is_ascii_uppercase), count(head, u8::is_ascii_lowercase), count(head, u8::is_ascii_digit)];
    // Paths and identifiers are mostly small letters; base64 has all three in plenty.
    if classes.iter().any(|class| class * 25 < head.len())
        || count(head, |b| matches!(b, b'-' | b'_' | b'/')) * 10 > head.len()
    {
        return None;
    }
    let standard: String = head
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    let decoded = STANDARD_NO_PAD.decode(standard.trim_end_matches('=')).unwrap_or_default();
    if is_picture(&decoded) {
        return None;
    }
    Some(if is_text(&decoded) { 0.9 } else { 0.6 })
}

fn count(text: &str, is: impl Fn(&u8) -> bool) -> usize {
    text.as_bytes().iter().filter(|byte| is(byte)).count()
}

/// Bytes of hex, as far as it goes.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let value = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map_while(|pair| match pair {
            [high, low] => Some(value(high)? << 4 | value(low)?),
            _ => None,
        })
        .collect()
}

/// Whether bytes are something that people wrote.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let total = text.chars().count();
    let readable = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' '..='~' | '\n' | '\r' | '\t')).count();
    let words = text.chars().filter(|c| c.is_alphanumeric() || *c == ' ').count();
    total > 0 && readable * 100 >= total * 95 && words * 10 >= total * 6
}

fn is_picture(bytes: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"RIFF",
        b"BM",
        b"\0\0\x01\0",
        b"wOFF",
        b"wOF2",
        b"OggS",
        b"ID3",
        b"%PDF-",
    ];
    HEADS.iter().any(|head| bytes.starts_with(head)) || bytes.get(4..8) == Some(b"ftyp")
}
