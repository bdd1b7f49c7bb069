//! Escapes of JSON strings, both ways.

use std::fmt::Write as _;

/// The text of a string literal's inside, which the scanner has accepted.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut characters = after.chars();
        match characters.next() {
            Some('u') => {
                let (character, tail) = unicode_escape(characters.as_str());
                plain.push(character);
                rest = tail;
                continue;
            }
            Some(escape) => plain.push(simple_escape(escape)),
            None => {}
        }
        rest = characters.as_str();
    }
    plain.push_str(rest);
    plain
}

/// What a one-letter escape stands for.
pub(crate) fn simple_escape(escape: char) -> char {
    match escape {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

/// The character after `\u`, and the rest; reads the second half of a surrogate pair too.
pub(crate) fn unicode_escape(text: &str) -> (char, &str) {
    let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let first = unit(text).unwrap_or(0xfffd);
    let rest = text.get(4..).unwrap_or_default();
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = rest.strip_prefix("\\u").and_then(unit)
        && (0xdc00..0xe000).contains(&second)
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(code).unwrap_or('\u{fffd}'), rest.get(6..).unwrap_or_default());
    }
    (char::from_u32(first).unwrap_or('\u{fffd}'), rest)
}

/// A JSON string literal of a text.
pub(crate) fn quote(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    escape_into(text, &mut literal);
    literal.push('"');
    literal
}

/// Appends a text with the escapes that JSON strings need.
pub(crate) fn escape_into(text: &str, output: &mut String) {
    for character in text.chars() {
        match character {
            '"' => output.push_str("\\\""),
            '\\' => output.push_str("\\\\"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            '\t' => output.push_str("\\t"),
            control if control < ' ' => write!(output, "\\u{:04x}", u32::from(control)).unwrap_or_default(),
            other => output.push(other),
        }
    }
}
