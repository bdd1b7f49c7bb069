//! Values that look like secrets and personal data, made up at run time, so that no source file holds one.

use picket_stdx::encode::random_base62;
use picket_stdx::random;

/// A US social security number of a valid shape and area.
pub fn us_ssn() -> String {
    let area = 100 + random::number() % 500;
    let group = 1 + random::number() % 99;
    let serial = 1 + random::number() % 9_999;
    format!("{area:03}-{group:02}-{serial:04}")
}

/// A payment card number with a valid check digit.
pub fn credit_card() -> String {
    let mut digits = vec![4, 5, 3, 9];
    digits.extend((0..11).map(|_| random::number() % 10));
    let sum: u64 = digits.iter().rev().enumerate().map(|(at, digit)| luhn_term(at, *digit)).sum();
    digits.push((10 - sum % 10) % 10);
    digits.iter().map(u64::to_string).collect()
}

/// An access key id of the shape that Amazon uses. Each fourth sign is a digit: one of many thousands that are drawn
/// freely looks like words, and no detector would take it for drawn.
pub fn aws_access_key_id() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const DIGITS: &[u8] = b"234567";
    let drawn = random::bytes::<16>();
    let tail = drawn.iter().enumerate().map(|(at, byte)| {
        let from = if at % 4 == 3 { DIGITS } else { LETTERS };
        char::from(from.get(usize::from(*byte) % from.len()).copied().unwrap_or(b'A'))
    });
    let tail: Vec<char> = tail.collect();
    ["AK", "IA"].into_iter().map(str::to_owned).chain(tail.iter().map(char::to_string)).collect()
}

/// A personal access token of the shape that GitHub uses, with a valid checksum.
pub fn github_token() -> String {
    let body = random_base62(30);
    let checksum = picket_stdx::encode::base62_number(u64::from(crc32fast::hash(body.as_bytes())), 6);
    format!("{}p_{body}{checksum}", "gh")
}

/// An e-mail address in a domain that is reserved for examples.
pub fn email() -> String {
    format!("person.{}@example.com", random_base62(6).to_lowercase())
}

fn luhn_term(at: usize, digit: u64) -> u64 {
    if at.is_multiple_of(2) { if digit * 2 > 9 { digit * 2 - 9 } else { digit * 2 } } else { digit }
}
