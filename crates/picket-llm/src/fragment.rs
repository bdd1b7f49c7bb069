//! JSON text that arrives in pieces, such as the arguments of a tool call: its escapes are undone for scanning, across
//! the borders of pieces, and made again for what is released.
//!
//! What is decoded reads like the text that a tool will get: line breaks, tabs and backslashes of strings are
//! themselves. Only a quote inside a string becomes [`QUOTE`], so that it is not taken for the end of the string, and
//! line breaks between values become spaces. So every control character and every backslash belongs to a string, and
//! encoding needs to know nothing but the text.

use crate::escape::{escape_into, simple_escape, unicode_escape};

/// Stands for a quote inside a string. Private use, so that no text means anything by it.
const QUOTE: char = '\u{f0022}';

/// Undoes escapes; keeps the beginning of one that is cut.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    cut: String,
    is_in_string: bool,
}

impl Fragment {
    /// The text of a piece with its escapes undone.
    pub fn decode(&mut self, piece: &str) -> String {
        let text = std::mem::take(&mut self.cut) + piece;
        let mut plain = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find('\\') {
            let (before, after) = rest.split_at(at);
            self.literal(before, &mut plain);
            let after = after.strip_prefix('\\').unwrap_or(after);
            let Some(length) = escape_length(after) else {
                self.cut = format!("\\{after}");
                return plain;
            };
            let (escape, tail) = after.split_at(length);
            match decoded(escape) {
                Some('"') => plain.push(QUOTE),
                Some(other) => plain.push(other),
                // No escape that JSON knows: its backslash is one.
                None => {
                    plain.push('\\');
                    self.literal(escape, &mut plain);
                }
            }
            rest = tail;
        }
        self.literal(rest, &mut plain);
        plain
    }

    /// The beginning of an escape that never ended. It is JSON already.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.cut)
    }

    /// The JSON text of a released text.
    pub fn encode(text: &str) -> String {
        let mut json = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '"' => json.push('"'),
                QUOTE => json.push_str("\\\""),
                shifted if shifted > QUOTE => json.push(shift(shifted, -1)),
                other => escape_into(other.encode_utf8(&mut [0; 4]), &mut json),
            }
        }
        json
    }

    /// Text without escapes.
    fn literal(&mut self, text: &str, plain: &mut String) {
        for character in text.chars() {
            match character {
                '"' => {
                    self.is_in_string = !self.is_in_string;
                    plain.push('"');
                }
                '\n' | '\r' | '\t' if !self.is_in_string => plain.push(' '),
                // The mark itself makes room for its own meaning.
                shifted if shifted >= QUOTE => plain.push(shift(shifted, 1)),
                other => plain.push(other),
            }
        }
    }
}

/// The neighbour of a character; the last of all has none, and is no character of any text.
fn shift(character: char, by: i32) -> char {
    u32::from(character).checked_add_signed(by).and_then(char::from_u32).unwrap_or('\u{fffd}')
}

/// How long an escape is after its backslash; `None` when it is not whole yet.
fn escape_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if first != 'u' {
        return Some(first.len_utf8());
    }
    let digits = text.bytes().skip(1).take(4).take_while(u8::is_ascii_hexdigit).count();
    if digits < 4 {
        // Either more comes, or it is no escape.
        return if text.len() == 1 + digits { None } else { Some(1 + digits) };
    }
    let unit = text.get(1..5).and_then(|unit| u32::from_str_radix(unit, 16).ok()).unwrap_or(0);
    if !(0xd800..0xdc00).contains(&unit) {
        return Some(5);
    }
    let second = text.get(5..).unwrap_or_default();
    if second.len() < 6 && is_start_of_unit(second) {
        return None;
    }
    let is_low = |digits: &str| u32::from_str_radix(digits, 16).is_ok_and(|unit| (0xdc00..0xe000).contains(&unit));
    let is_pair = is_start_of_unit(second) && second.get(2..6).is_some_and(is_low);
    Some(if is_pair { 11 } else { 5 })
}

/// Whether a text is `\uXXXX`, or may become that.
fn is_start_of_unit(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_none_or(|byte| byte == b'\\')
        && bytes.next().is_none_or(|byte| byte == b'u')
        && bytes.take(4).all(|digit| digit.is_ascii_hexdigit())
}

fn decoded(escape: &str) -> Option<char> {
    let plain = match escape.strip_prefix('u') {
        Some(digits) if digits.len() < 4 => return None,
        Some(digits) => unicode_escape(digits).0,
        None => match escape.chars().next()? {
            known @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => simple_escape(known),
            _ => return None,
        },
    };
    Some(if plain >= QUOTE { shift(plain, 1) } else { plain })
}

#[cfg(test)]
mod tests;
