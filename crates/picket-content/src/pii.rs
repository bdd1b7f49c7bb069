//! Personal data, by shape, checksum and context words.
//!
//! Candidates are found by shape (runs of digits, words with an `@`, codes of letters and digits); each is then judged
//! by rules that can tell. Where a checksum exists, one digit off is no hit.

mod checksum;
mod numbers;

use crate::boundary;
use crate::check::{Check, Hit, Hits};
use regex::{Regex, RegexSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

/// The kinds of personal data that are known, sorted.
pub const KINDS: &[&str] = &[
    "AU_ABN",
    "AU_MEDICARE",
    "AU_TFN",
    "BANK_ACCOUNT",
    "BR_CNPJ",
    "BR_CPF",
    "CA_SIN",
    "CREDIT_CARD",
    "CRYPTO_WALLET",
    "DATE_OF_BIRTH",
    "DE_TAX_ID",
    "DRIVER_LICENSE",
    "EMAIL",
    "ES_DNI",
    "ES_NIE",
    "FR_NIR",
    "IBAN",
    "IMEI",
    "IN_AADHAAR",
    "IN_PAN",
    "IP_ADDRESS",
    "IT_FISCAL_CODE",
    "MAC_ADDRESS",
    "NL_BSN",
    "NO_ID",
    "PASSPORT",
    "PHONE",
    "PL_NIP",
    "PL_PESEL",
    "SG_NRIC",
    "UK_NHS",
    "UK_NINO",
    "US_BANK_ROUTING",
    "US_ITIN",
    "US_SSN",
    "VIN",
];

/// Names that other products and people use.
const ALIASES: &[(&str, &str)] = &[
    ("EMAIL_ADDRESS", "EMAIL"),
    ("PHONE_NUMBER", "PHONE"),
    ("SSN", "US_SSN"),
    ("IBAN_CODE", "IBAN"),
    ("CRYPTO", "CRYPTO_WALLET"),
    ("US_DRIVER_LICENSE", "DRIVER_LICENSE"),
    ("US_PASSPORT", "PASSPORT"),
    ("US_BANK_NUMBER", "BANK_ACCOUNT"),
];

/// A kind of personal data by its name, or by another one in use; `-` and `_` are equal, as are upper and lower case.
pub fn kind(name: &str) -> Option<&'static str> {
    let folded = name.to_ascii_uppercase().replace('-', "_");
    let known = ALIASES.iter().find(|(alias, _)| *alias == folded).map_or(folded.as_str(), |(_, kind)| kind);
    KINDS.iter().copied().find(|kind| *kind == known)
}

/// Bytes before a candidate in which context words count.
pub(crate) const CONTEXT_BYTES: usize = 64;

struct Shapes {
    /// Whether a text has any of the shapes behind `email`: most texts have none, and this is the fastest way to tell.
    any: Regex,
    /// Which of them it has.
    present: RegexSet,
    email: Regex,
    digits: Regex,
    iban: Regex,
    address: Regex,
    code: Regex,
    wallet: Regex,
}

const EMAIL: &str = r"(?i)\b[a-z0-9][a-z0-9._%+\-]{0,63}@(?:[a-z0-9](?:[a-z0-9\-]{0,62}[a-z0-9])?\.){1,8}[a-z]{2,24}\b";
const DIGITS: &str = r"\+?\(?\d[\d \-./()]{5,24}\d";
const IBAN: &str = r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b";
const ADDRESS: &str = r"(?i)\b(?:\d{1,3}\.){3}\d{1,3}\b|\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b|(?:[0-9a-f]{1,4}:){2,7}(?::|[0-9a-f]{1,4})(?::?[0-9a-f]{1,4}){0,6}";
const CODE: &str = r"\b(?:[A-Z]{1,6}[0-9][A-Z0-9]{4,18}|[0-9]{7,11}[A-Z]|[XYZ][0-9]{7}[A-Z]|[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])\b";
const WALLET: &str = r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[a-z0-9]{25,71}|0x[0-9a-fA-F]{40})\b";

static SHAPES: LazyLock<Shapes> = LazyLock::new(shapes);

#[expect(clippy::expect_used, reason = "the patterns are constants, and every test compiles them")]
fn shapes() -> Shapes {
    let shape = |pattern| Regex::new(&boundary::ascii(pattern)).expect("the shape is a pattern");
    let gated = [DIGITS, IBAN, ADDRESS, CODE, WALLET].map(boundary::ascii);
    Shapes {
        any: Regex::new(&gated.join("|")).expect("the shapes are patterns"),
        present: RegexSet::new(&gated).expect("the shapes are patterns"),
        email: shape(EMAIL),
        digits: shape(DIGITS),
        iban: shape(IBAN),
        address: shape(ADDRESS),
        code: shape(CODE),
        wallet: shape(WALLET),
    }
}

pub(crate) fn scan(text: &str) -> Vec<Hit> {
    let shapes = &*SHAPES;
    let mut hits = Hits::default();
    let mut add = |kind: &'static str, start: usize, end: usize, score: f32| {
        hits.add(Hit { check: Check::Pii, kind, start, end, score, detector: kind });
    };
    if text.contains('@') {
        shapes.email.find_iter(text).for_each(|found| add("EMAIL", found.start(), found.end(), 0.9));
    }
    if !shapes.any.is_match(text) {
        return hits.into_vec();
    }
    let present = shapes.present.matches(text);
    let matches = |shape: usize, regex: &'static Regex| present.matched(shape).then(|| regex.find_iter(text));
    for found in matches(0, &shapes.digits).into_iter().flatten() {
        let before = context(text, found.start());
        let alone = !touches(text, found.start(), found.end());
        for (kind, range, score) in numbers::judge(found.as_str(), &before, alone) {
            add(kind, found.start() + range.start, found.start() + range.end, score);
        }
    }
    for found in matches(1, &shapes.iban).into_iter().flatten() {
        if let Some(length) = checksum::iban(found.as_str()) {
            add("IBAN", found.start(), found.start() + length, 0.95);
        }
    }
    for found in matches(2, &shapes.address).into_iter().flatten() {
        let more = text
            .get(found.end()..)
            .unwrap_or_default()
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let kind = address(found.as_str()).filter(|_| !more && !touches(text, found.start(), found.end()));
        if let Some(kind) = kind {
            add(kind, found.start(), found.end(), 0.6);
        }
    }
    for found in matches(3, &shapes.code).into_iter().flatten() {
        if let Some((kind, score)) = numbers::code(found.as_str(), &context(text, found.start())) {
            add(kind, found.start(), found.end(), score);
        }
    }
    for found in matches(4, &shapes.wallet).into_iter().flatten() {
        if checksum::wallet(found.as_str()) {
            add("CRYPTO_WALLET", found.start(), found.end(), 0.85);
        }
    }
    hits.into_vec()
}

/// The text before a candidate, in lower case, for context words.
fn context(text: &str, start: usize) -> String {
    let mut from = start.saturating_sub(CONTEXT_BYTES);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..start).unwrap_or_default().to_lowercase()
}

/// Whether a candidate is part of a longer word or number.
fn touches(text: &str, start: usize, end: usize) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let mut after = text.get(end..).unwrap_or_default().chars();
    let next = after.next();
    before.is_some_and(|c| word(c) || matches!(c, '.' | '-' | '/' | '='))
        || next.is_some_and(|c| word(c) || (c == '-' && after.next().is_some_and(char::is_alphanumeric)))
}

fn address(text: &str) -> Option<&'static str> {
    let pairs: Vec<&str> = text.split([':', '-']).collect();
    if pairs.len() == 6 && pairs.iter().all(|pair| pair.len() == 2) {
        return Some("MAC_ADDRESS");
    }
    match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_unspecified() || v4 == Ipv4Addr::BROADCAST => None,
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unspecified() => None,
        _ => Some("IP_ADDRESS"),
    }
}

#[cfg(test)]
mod tests;
