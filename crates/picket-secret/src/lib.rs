//! Credentials, by prefix and shape, checksum, entropy and context.
//!
//! Most of a text holds no run of bytes that could be a secret ([`runs`]). Around the runs that could, one automaton finds
//! the beginnings of keys, the names that secrets are given and the services whose keys look like any other word
//! ([`index`]); each place is then read from left to right and judged ([`shape`], [`assign`], [`access`], [`random`]).
//! Nothing behind a value counts but the byte where it ends, and what stands before it only within a few dozen bytes, so
//! that a text in pieces is judged like the whole.

mod access;
mod assign;
mod index;
mod names;
mod random;
mod rules;
mod runs;
mod shape;

use index::{Entry, Index};
use memchr::memmem::{self, Finder};
use names::Strength;
use picket_text::{Check, Hit, Hits};
use rules::{How, Rule};
use runs::CONTEXT_BYTES;
pub use runs::Run;
use shape::Shape;
use std::sync::LazyLock;

static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

/// Bytes behind the word of a service in which its key must begin.
const NEAR_BYTES: usize = 56;

/// Shannon entropy of a value, in bits a byte.
pub fn entropy(value: &str) -> f64 {
    random::entropy(value)
}

/// Every credential in a text.
pub fn scan(text: &str) -> Vec<Hit> {
    scan_from(text, 0)
}

/// Every credential in a text that begins at `from` or behind it; what begins before may be missing.
pub fn scan_from(text: &str, from: usize) -> Vec<Hit> {
    let mut scan = Scan { text, hits: Hits::default(), tokens: 0, blocks: 0, name: 0 };
    for place in runs::places(text, from) {
        for (start, end, entries) in INDEX.find(text, place) {
            for entry in entries {
                scan.look(*entry, start, end);
            }
        }
    }
    scan.hits.into_vec()
}

/// Where the value of a name begins that may go on behind the end of a text, if it begins at `from` or behind it.
pub fn open_value(text: &str, from: usize) -> Option<usize> {
    let place = (text.ceil_char_boundary(from.saturating_sub(CONTEXT_BYTES)), text.len());
    let names = INDEX.find(text, place).filter(|(_, _, entries)| {
        entries.iter().any(|entry| matches!(entry, Entry::Name | Entry::Word | Entry::Identified))
    });
    let values = names.flat_map(|(start, end, _)| {
        let named = assign::name(text, start, end);
        let named = named.and_then(|name| assign::value(text, name, is_flag(text, name.0)));
        let by = by(text, end).and_then(|by| assign::value(text, (start, by), true));
        [named, assign::value(text, (start, end), false), by].into_iter().flatten()
    });
    values.filter(|value| value.end == text.len() && value.start >= from).map(|value| value.start).min()
}

/// Where `BY` ends behind `IDENTIFIED`, with the plug-in that checks the password in between.
fn by(text: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..).unwrap_or_default().as_bytes();
    let near = rest.get(..48.min(rest.len()))?;
    near.windows(3).position(|word| word.eq_ignore_ascii_case(b"by ")).map(|at| end + at + 2)
}

struct Scan<'a> {
    text: &'a str,
    hits: Hits,
    /// What has no length of its own is read to its end once, not again from each beginning inside.
    tokens: usize,
    blocks: usize,
    /// The end of the name that was read last.
    name: usize,
}

impl Scan<'_> {
    fn add(&mut self, kind: &'static str, (start, end): (usize, usize), score: f32, detector: &'static str) {
        self.hits.add(Hit { check: Check::Secret, kind, start, end, score, detector });
    }

    /// A key block, which is told by its head alone.
    fn block(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        let Some((head, end)) = BLOCKS.iter().find(|(head, _)| rest.starts_with(head)).filter(|_| start >= self.blocks)
        else {
            return;
        };
        let over = memmem::find(rest.as_bytes().get(head.len()..).unwrap_or_default(), end.as_bytes());
        self.blocks = over.map_or(self.text.len(), |length| start + head.len() + length + end.len());
        self.add("PRIVATE_KEY", (start, self.blocks), 0.95, "PRIVATE_KEY");
    }

    fn look(&mut self, entry: Entry, start: usize, end: usize) {
        match entry {
            Entry::Shape(rule, number, anchor) => {
                if self.text.as_bytes().get(start..end) == Some(anchor.as_bytes())
                    && let Some(shape) = INDEX.shapes(number).first()
                    && let Some(range) = alone(self.text, start, rule, shape)
                {
                    self.add(rule.kind, range, 0.95, rule.kind);
                }
            }
            Entry::Near(rule, number, word) => {
                let bytes = self.text.as_bytes().get(start..start + word.len());
                let stands = bytes.is_some_and(|bytes| bytes.eq_ignore_ascii_case(word.as_bytes()));
                if stands && let Some(range) = near(self.text, start, start + word.len(), INDEX.shapes(number)) {
                    self.add(rule.kind, range, 0.85, rule.kind);
                }
            }
            Entry::Name => self.named(start, end),
            Entry::Word => self.assigned((start, end), Strength::Password, false),
            Entry::Identified => {
                if let Some(by) = by(self.text, end) {
                    self.assigned((start, by), Strength::Password, true);
                }
            }
            Entry::Jwt => self.token(start),
            Entry::Block => self.block(start),
            Entry::Address => self.access(access::of_address(self.text, start), "URL_PASSWORD", "url"),
            Entry::Authorization => self.access(access::of_header(self.text, end), "AUTHORIZATION", "header"),
            Entry::User => self.access(access::of_command(self.text, start, end), "COMMAND_PASSWORD", "command"),
            Entry::Port => self.access(access::of_line(self.text, start, end), "DATABASE_PASSWORD", "pgpass"),
        }
    }

    fn access(&mut self, found: Option<(usize, usize)>, kind: &'static str, detector: &'static str) {
        if let Some(range) = found {
            self.add(kind, range, 0.8, detector);
        }
    }

    /// The name around a word that names of secrets have, and its value.
    fn named(&mut self, start: usize, end: usize) {
        let Some((first, last)) = assign::name(self.text, start, end).filter(|(_, last)| *last > self.name) else {
            return;
        };
        self.name = last;
        let before = self.text.get(self.text.ceil_char_boundary(first.saturating_sub(24))..first).unwrap_or_default();
        let name = self.text.get(first..last).unwrap_or_default();
        if let Some(strength) = names::strength(name, before) {
            self.assigned((first, last), strength, is_flag(self.text, first));
        }
    }

    fn assigned(&mut self, name: (usize, usize), strength: Strength, is_flag: bool) {
        let Some(found) = assign::value(self.text, name, is_flag) else { return };
        let value = self.text.get(found.start..found.end).unwrap_or_default();
        let next = self.text.as_bytes().get(found.end).copied();
        // In prose, `pass` stands before quotes and is a verb.
        let is_verb = || self.text.get(name.0..name.1).is_some_and(|name| name.eq_ignore_ascii_case("pass"));
        let is_certain = found.joint != assign::Joint::Loose || (strength != Strength::Weak && !is_verb());
        if is_certain && random::is_secret(value, strength, found.quoted, next) {
            self.add("GENERIC_SECRET", (found.start, found.end), 0.7, "assignment");
        }
    }

    /// A JSON web token.
    fn token(&mut self, start: usize) {
        if start < self.tokens || !begins(self.text, start, "eyJ") || self.text.get(start..start + 3) != Some("eyJ") {
            return;
        }
        let rest = self.text.get(start + 3..).unwrap_or_default();
        let length = jwt(rest);
        self.tokens = start + 3 + length.unwrap_or_else(|| word(rest));
        if let Some(length) = length {
            self.add("JWT", (start, start + 3 + length), 0.95, "JWT");
        }
    }
}

/// What fits a shape whose anchor stands at `at`, if it is a credential.
fn alone(text: &str, at: usize, rule: &Rule, shape: &Shape) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = shape.start(bytes, at)?;
    let end = shape.end_from(bytes, at)?;
    let value = text.get(start + index::head_bytes(shape)..end)?;
    if !begins(text, start, text.get(start..end)?) || !ends(bytes, end, shape) {
        return None;
    }
    // A checksum tells for certain; words and variety only guess.
    let is_real = if rule.how == How::GitHub { github(value) } else { is_varied(value) };
    is_real.then_some((start, end))
}

/// Whether the part of a credential that is drawn at random looks so.
fn is_varied(value: &str) -> bool {
    let words = random::wordy(value);
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    // Of capitals alone one draw in ten thousand looks like words, and text is hardly ever written so.
    let is_capital = value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let wordy_max = match (has_digit, is_capital) {
        (true, true) => 9,
        (true, false) | (false, true) => 7,
        (false, false) => 5,
    };
    !random::is_placeholder(value)
        && random::distinct(value) * 4 > value.len().min(24)
        && !random::repeats(value)
        && words * 10 < value.len() * wordy_max
}

/// What looks like a key of a service behind the word that names it.
fn near(text: &str, start: usize, end: usize, shapes: &[Shape]) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    // `lob` is no word of `blob`, but `twitter` is one of `myTwitterToken`.
    let (before, first) = (start.checked_sub(1).and_then(|at| bytes.get(at)), bytes.get(start)?);
    let same_case =
        |before: &u8| matches!((before, first), (b'a'..=b'z', b'a'..=b'z') | (b'A'..=b'Z', b'A'..=b'Z' | b'a'..=b'z'));
    // Nor is `sumo` one of `sumOf`.
    let is_split = end - start <= 5 && bytes.get(start..end).is_some_and(random::humps);
    if is_split || before.is_some_and(same_case) {
        return None;
    }
    let mut signed = false;
    for at in end..bytes.len().min(end + NEAR_BYTES) {
        let before = bytes.get(at - 1)?;
        signed |= matches!(before, b'=' | b':' | b'>' | b'(' | b',' | b'"' | b'\'' | b'`')
            || bytes.get(..at).is_some_and(|before| before.ends_with(b" is "));
        let opens = matches!(before, b'=' | b':' | b'>' | b'(' | b',' | b'"' | b'\'' | b'`' | b'[' | b'{')
            || before.is_ascii_whitespace();
        if signed && opens && at > end {
            let fitting = shapes.iter().find_map(|shape| shape.end(bytes, at).filter(|to| ends(bytes, *to, shape)));
            if let Some(to) = fitting.filter(|to| is_key(text, at, *to, text.get(end..at).unwrap_or_default())) {
                return Some((at, to));
            }
        }
        if matches!(bytes.get(at)?, b'/' | b'#' | b'@' | b';' | b'?') {
            return None;
        }
    }
    None
}

/// Whether what fits the shape of a service is its key, given what stands between the service and it.
fn is_key(text: &str, start: usize, end: usize, between: &str) -> bool {
    let value = text.get(start..end).unwrap_or_default();
    let between = between.to_ascii_lowercase();
    let is_hash = ["sha", "md5", "hash", "commit", "digest", "integrity", "checksum", "revision", "version", "srcrev"];
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    has_digit
        && (has_letter || value.len() < 20)
        && random::entropy(value) >= if value.len() < 12 { 1.9 } else { 2.6 }
        && is_varied(value)
        && random::wordy(value) * 2 < value.len()
        && !is_hash.iter().any(|word| between.contains(word))
}

/// Whether what precedes a flag or a name lets a value follow behind a space.
fn is_flag(text: &str, first: usize) -> bool {
    let before = text.get(text.ceil_char_boundary(first.saturating_sub(64))..first).unwrap_or_default();
    let ends = |word: &&str| {
        before.get(before.len().saturating_sub(word.len())..).is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    text.as_bytes().get(first) == Some(&b'-')
        || ["env ", "arg ", "define ", "login ", "with "].iter().any(ends)
        || before.contains("login ")
}

/// Whether a credential may begin at a place: no word goes on there.
fn begins(text: &str, start: usize, credential: &str) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let Some(last) = before.chars().next_back() else { return true };
    if !credential.starts_with(|first: char| first.is_alphanumeric()) {
        return true;
    }
    if !last.is_alphanumeric() {
        let is_within = matches!(last, '_' | '+') || (last == '-' && credential.starts_with("sk-"));
        return !is_within;
    }
    // An escape before it is no word: `\n`, `%3D`, the colour of a terminal.
    let bytes = before.as_bytes();
    let tail = |count: usize| bytes.len().checked_sub(count).and_then(|at| bytes.get(at..)).unwrap_or_default();
    let is_escape = matches!(tail(2), [b'\\', b'n' | b't' | b'r' | b'b' | b'f']);
    let is_percent = matches!(tail(3), [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    let sequence =
        bytes.iter().rev().skip(1).take(8).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    let is_colour = last == 'm' && matches!(tail(sequence + 3), [0x1b, b'[', ..]);
    is_escape || is_percent || is_colour
}

/// Whether a credential may end at a place.
fn ends(bytes: &[u8], end: usize, shape: &Shape) -> bool {
    bytes
        .get(end)
        .is_none_or(|next| !next.is_ascii_alphanumeric() && !matches!(next, b'_' | b'+') && !shape.goes_on_with(*next))
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
    let is_object = payload.starts_with("ey");
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

/// What key blocks begin with, and how each goes on.
const BLOCKS: &[(&str, &str)] = &[
    ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"),
    ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"),
    ("-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----"),
    ("-----BEGIN DSA PRIVATE KEY-----", "-----END DSA PRIVATE KEY-----"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"),
    ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----END ENCRYPTED PRIVATE KEY-----"),
    ("-----BEGIN ED25519 PRIVATE KEY-----", "-----END ED25519 PRIVATE KEY-----"),
    ("-----BEGIN SSH2 ENCRYPTED PRIVATE KEY-----", "-----END SSH2 ENCRYPTED PRIVATE KEY-----"),
    ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----END PGP PRIVATE KEY BLOCK-----"),
    ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "---- END SSH2 ENCRYPTED PRIVATE KEY ----"),
    ("PuTTY-User-Key-File-", "Private-MAC:"),
];
/// Blocks that run until an end marker: head and end.
pub fn blocks() -> impl Iterator<Item = (&'static str, &'static str)> {
    BLOCKS.iter().copied()
}

/// The first key block that begins in a text: where, how long its head is, and how it ends.
pub fn next_block(text: &str) -> Option<(usize, usize, &'static str)> {
    static STARTS: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| ["----", "PuTTY-User"].map(Finder::new));
    // Most texts have no byte that one could begin with.
    memchr::memchr2(b'-', b'P', text.as_bytes())?;
    let starts = STARTS.iter().flat_map(|start| start.find_iter(text.as_bytes()));
    let found = starts.filter_map(|at| {
        let begins = |at: usize| {
            let rest = text.get(at..)?;
            let (head, end) = BLOCKS.iter().find(|(head, _)| rest.starts_with(head))?;
            Some((at, head.len(), *end))
        };
        // Heads have four dashes or five; what is found may begin with more.
        (at..at + 4).find_map(begins)
    });
    found.min_by_key(|(at, _, _)| *at)
}

#[cfg(test)]
mod tests;
