//! Credentials, by prefix and shape, checksum, entropy and context.
//!
//! The beginnings that services give their keys are found first; each candidate is then read to its end and judged.
//! Assignments to names such as `password` are judged by the entropy of their value.

mod heads;
mod services;

use crate::boundary;
use crate::check::{Check, Hit, Hits};
use heads::Heads;
use regex::Regex;
use services::{SERVICES, Service, Tail};
use std::sync::LazyLock;

struct Compiled {
    heads: Heads,
    assignment: Regex,
    url: Regex,
}

static COMPILED: LazyLock<Compiled> = LazyLock::new(compile);

const ASSIGNMENT: &str = r#"(?i)(?:passw(?:or)?d|passwd|pwd|secret|token|api[_\-. ]?key|apikey|access[_\-. ]?key|auth[_\-. ]?key|private[_\-. ]?key|client[_\-. ]?secret|credentials?|encryption[_\-. ]?key|account[_\-. ]?key|sharedaccesskey)["'\]]{0,2}\s{0,3}(?:=>|:=|==?|:|\bis\b)\s{0,3}["'`]?([^\s"'`,;<>{}()\\]{8,200})"#;
const URL: &str = r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://[^\s:/@?#]{0,64}:([^\s:/@?#]{3,128})@[a-z0-9.\-\[]";

#[expect(clippy::expect_used, reason = "the patterns are constants, and every test compiles them")]
fn pattern(pattern: &str) -> Regex {
    Regex::new(&boundary::ascii(pattern)).expect("the pattern is one")
}

fn compile() -> Compiled {
    Compiled { heads: Heads::of(SERVICES), assignment: pattern(ASSIGNMENT), url: pattern(URL) }
}

pub(crate) fn scan(text: &str) -> Vec<Hit> {
    let compiled = &*COMPILED;
    let mut hits = Hits::default();
    let mut add = |kind, start, end, score, detector| {
        hits.add(Hit { check: Check::Secret, kind, start, end, score, detector });
    };
    let (mut tokens, mut blocks) = (0, 0);
    for (start, service) in compiled.heads.find(text) {
        if !begins(text, start, service) {
            continue;
        }
        // What has no length of its own is read to its end once, not again from each beginning inside.
        let long = match service.tail {
            Tail::Jwt => Some(&mut tokens),
            Tail::Block(_) => Some(&mut blocks),
            _ => None,
        };
        if long.as_ref().is_some_and(|read| start < **read) {
            continue;
        }
        let head_end = start + service.head.len();
        let end = end_of(text, head_end, service);
        if let Some(read) = long {
            *read = end.unwrap_or_else(|| head_end + word(text.get(head_end..).unwrap_or_default()));
        }
        if let Some(end) = end {
            add(service.kind, start, end, 0.95, service.kind);
        }
    }
    let mut from = 0;
    while let Some(captures) = compiled.assignment.captures_at(text, from) {
        let Some(value) = captures.get(1) else { break };
        if is_random(value.as_str()) {
            add("GENERIC_SECRET", value.start(), value.end(), 0.7, "assignment");
        }
        // What looks like a value may be the next name: `secret: password: …`.
        let after = text.get(value.end()..).and_then(|rest| rest.bytes().take(4).find(|byte| *byte != b' '));
        let is_name = value.as_str().ends_with([':', '=', '>']) || matches!(after, Some(b':' | b'='));
        from = if is_name { value.start() } else { value.end() };
    }
    let urls = text.contains('@').then(|| compiled.url.captures_iter(text));
    for captures in urls.into_iter().flatten() {
        if let Some(value) = captures.get(1).filter(|value| !is_placeholder(value.as_str())) {
            add("URL_PASSWORD", value.start(), value.end(), 0.8, "url");
        }
    }
    hits.into_vec()
}

/// Whether a service's head stands at the beginning of a word.
fn begins(text: &str, start: usize, service: &Service) -> bool {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    matches!(service.tail, Tail::Block(_)) || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Where a credential ends whose head ends at `head_end`, if it is one.
fn end_of(text: &str, head_end: usize, service: &Service) -> Option<usize> {
    let rest = text.get(head_end..)?;
    let (minimum, maximum, fits): (usize, usize, fn(u8) -> bool) = match service.tail {
        Tail::Block(end) => return Some(rest.find(end).map_or(text.len(), |at| head_end + at + end.len())),
        Tail::Jwt => return jwt(rest).map(|length| head_end + length),
        Tail::Upper(length) => (length, length, |b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        Tail::Hex(min, max) => (min, max, |b| b.is_ascii_hexdigit()),
        Tail::Word(min, max) => (min, max, |b| b.is_ascii_alphanumeric()),
        Tail::Dashed(min, max) => (min, max, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        Tail::Any(min, max) => (min, max, |b| {
            b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'\\')
        }),
        Tail::GitHub => (36, 36, |b| b.is_ascii_alphanumeric()),
    };
    let length = rest.bytes().take(maximum + 1).take_while(|byte| fits(*byte)).count();
    let value = rest.get(..length)?;
    let fitting = (minimum..=maximum).contains(&length);
    // A checksum tells for certain; words and variety only guess.
    let is_real = match service.tail {
        Tail::GitHub => github(value),
        _ => !is_placeholder(value) && distinct(value) * 4 > length.min(24),
    };
    (fitting && is_real).then_some(head_end + length)
}

/// The length of a word of base64url.
fn word(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count()
}

/// The length of the rest of a JSON web token after `eyJ`.
fn jwt(rest: &str) -> Option<usize> {
    let header = word(rest);
    let payload = rest.get(header..)?.strip_prefix('.')?;
    let body = word(payload);
    let signature = payload.get(body..)?.strip_prefix('.').map(word)?;
    let is_object = payload.starts_with("eyJ") || payload.starts_with("ey");
    (header >= 12 && body >= 10 && is_object).then_some(header + 1 + body + 1 + signature)
}

/// The last six characters of a GitHub token are the CRC-32 of those before, in base 62.
fn github(value: &str) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((body, checksum)) = value.split_at_checked(30) else { return false };
    let mut number = crc32fast::hash(body.as_bytes());
    let mut expected = [b'0'; 6];
    for slot in expected.iter_mut().rev() {
        *slot = DIGITS.get(usize::try_from(number % 62).unwrap_or(0)).copied().unwrap_or(b'0');
        number /= 62;
    }
    checksum.as_bytes() == expected
}

/// Whether a value looks drawn at random rather than written: entropy, and a mixture of classes.
fn is_random(value: &str) -> bool {
    let value = value.trim_end_matches(['.', '!', '?', ':']);
    let classes = [
        value.bytes().any(|b| b.is_ascii_lowercase()),
        value.bytes().any(|b| b.is_ascii_uppercase()),
        value.bytes().any(|b| b.is_ascii_digit()),
        value.bytes().any(|b| !b.is_ascii_alphanumeric()),
    ];
    let mixed = classes.iter().filter(|present| **present).count();
    let enough =
        if value.len() >= 16 { entropy(value) >= 3.2 && mixed >= 2 } else { entropy(value) >= 2.7 && mixed >= 3 };
    value.len() >= 8
        && enough
        && value.bytes().any(|b| b.is_ascii_digit() || !b.is_ascii_alphanumeric())
        && !is_placeholder(value)
        && !is_reference(value)
}

/// A name of a place where a secret is, not the secret: a path, a variable, a template, a call.
fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '%', '/', '.', '@', '&', '*', '#', '-', '['])
        || value.contains("://")
        || value.contains("${")
        || value.contains("{{")
        || value.contains("getenv")
        || value.contains("process.env")
        || value.contains("os.environ")
        || value.contains('(')
        || value
            .split(['.', '_', '-', '/'])
            .filter(|word| !word.is_empty())
            .all(|word| word.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Words of stand-ins that no random value holds by chance.
const STAND_INS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "dummy",
    "sample",
    "redacted",
    "insert",
    "replace",
    "foobar",
    "1234567890",
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
];
/// Words that are short enough to occur in a random value: they count where they begin or end a word.
const SHORT_STAND_INS: &[&str] = &["xxxx", "your", "todo", "fake"];

/// A stand-in that documents use.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let at_edge = |start: usize, end: usize| {
        let is_word = |text: Option<&str>, last: bool| {
            let neighbour = text.and_then(|text| if last { text.bytes().next_back() } else { text.bytes().next() });
            neighbour.is_some_and(|byte| byte.is_ascii_alphanumeric())
        };
        !is_word(lower.get(..start), true) || !is_word(lower.get(end..), false)
    };
    STAND_INS.iter().any(|word| lower.contains(word))
        || SHORT_STAND_INS
            .iter()
            .any(|word| lower.match_indices(word).any(|(start, _)| at_edge(start, start + word.len())))
        || distinct(value) <= 3
}

fn distinct(value: &str) -> usize {
    let mut seen = [false; 256];
    value.bytes().for_each(|byte| {
        if let Some(slot) = seen.get_mut(usize::from(byte)) {
            *slot = true;
        }
    });
    seen.iter().filter(|seen| **seen).count()
}

/// Shannon entropy in bits a byte.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    value.bytes().for_each(|byte| {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    });
    let total = f64::from(u32::try_from(value.len()).unwrap_or(1).max(1));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Blocks that run until an end marker: head and end.
pub(crate) fn blocks() -> impl Iterator<Item = (&'static str, &'static str)> {
    SERVICES
        .iter()
        .filter_map(|service| if let Tail::Block(end) = service.tail { Some((service.head, end)) } else { None })
}

#[cfg(test)]
mod tests;
