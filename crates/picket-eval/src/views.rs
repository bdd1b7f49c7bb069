//! Ways to write a sentence so that people or models still understand it, and filters may not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// A way to write.
type View = fn(&str) -> String;

/// Every view with its name; the first one changes nothing.
pub(crate) const VIEWS: &[(&str, View)] = &[
    ("plain", str::to_owned),
    ("base64", |text| STANDARD.encode(text)),
    ("hex", hex),
    ("percent", |text| text.bytes().fold(String::new(), |out, byte| append(out, format_args!("%{byte:02X}")))),
    ("entities", |text| text.chars().fold(String::new(), |out, c| append(out, format_args!("&#{};", u32::from(c))))),
    ("leet", |text| substituted(text, "aeiostAEIOST", "431057431057")),
    ("homoglyph", |text| substituted(text, "aeopcxyiAEOPCXBHKMT", "аеорсхуіАЕОРСХВНКМТ")),
    ("rot13", rot13),
    ("reversed", |text| text.chars().rev().collect()),
    ("spaced", |text| between(text, " ")),
    ("dotted", |text| between(text, ".")),
    ("zero-width", |text| between(text, "\u{200b}")),
    ("full-width", full_width),
    ("tags", |text| text.chars().map(|c| shifted(c, 0xe_0000)).collect()),
    ("mixed case", mixed_case),
    ("word a line", |text| text.split(' ').collect::<Vec<_>>().join("\n")),
];

fn append(mut out: String, piece: std::fmt::Arguments<'_>) -> String {
    out.write_fmt(piece).unwrap_or_default();
    out
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| append(out, format_args!("{byte:02x}")))
}

/// Each character of `from` becomes the one at its place in `to`.
fn substituted(text: &str, from: &str, to: &str) -> String {
    let pairs: Vec<(char, char)> = from.chars().zip(to.chars()).collect();
    let substitute = |c: char| pairs.iter().find(|(plain, _)| *plain == c).map_or(c, |(_, other)| *other);
    text.chars().map(substitute).collect()
}

fn rot13(text: &str) -> String {
    let turned = |c: char, first: u8| {
        let place = u8::try_from(c).map_or(0, |byte| (byte - first + 13) % 26);
        char::from(first + place)
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => turned(c, b'a'),
            'A'..='Z' => turned(c, b'A'),
            other => other,
        })
        .collect()
}

/// Something between the characters of each word; where that is a space, three between words.
fn between(text: &str, separator: &str) -> String {
    let gap = if separator == " " { "   " } else { " " };
    let word = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(separator);
    text.split(' ').map(word).collect::<Vec<_>>().join(gap)
}

fn full_width(text: &str) -> String {
    text.chars().map(|c| if c == ' ' { '\u{3000}' } else { shifted(c, 0xfee0) }).collect()
}

/// A printable ASCII character moved to another block of Unicode.
fn shifted(c: char, by: u32) -> char {
    if c.is_ascii_graphic() || (c == ' ' && by == 0xe_0000) {
        char::from_u32(u32::from(c) + by).unwrap_or(c)
    } else {
        c
    }
}

fn mixed_case(text: &str) -> String {
    let turn = |(at, c): (usize, char)| if at % 2 == 0 { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
    text.chars().enumerate().map(turn).collect()
}

#[cfg(test)]
mod tests;
