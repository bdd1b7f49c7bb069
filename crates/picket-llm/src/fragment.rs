//! JSON text that arrives in pieces, such as the arguments of a tool call: its escapes are undone for scanning, across
//! the borders of pieces, and made again for what is released.

use crate::edit::escape_into;
use crate::tape::{simple_escape, unescape};

/// Stands for an escaped quote, backslash or control character, which must not be taken for the JSON's own. Private
/// use, so that no text means anything by it.
const MARK: u32 = 0xf_0000;

/// Undoes escapes; keeps the beginning of one that is cut.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    cut: String,
}

impl Fragment {
    /// The text of a piece with its escapes undone.
    pub fn decode(&mut self, piece: &str) -> String {
        if self.cut.is_empty() && !piece.contains('\\') {
            return piece.to_owned();
        }
        let text = std::mem::take(&mut self.cut) + piece;
        let mut plain = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('\\') {
            plain.push_str(before);
            let Some(length) = escape_length(after) else {
                self.cut = format!("\\{after}");
                return plain;
            };
            let (escape, tail) = after.split_at(length);
            plain.push(decoded(escape));
            rest = tail;
        }
        plain.push_str(rest);
        plain
    }

    /// The beginning of an escape that never ended.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.cut)
    }

    /// The JSON text of a released text.
    pub fn encode(text: &str) -> String {
        let mut json = String::with_capacity(text.len());
        for character in text.chars() {
            match u32::from(character).checked_sub(MARK).filter(|code| *code < 0x80).and_then(char::from_u32) {
                Some(marked) => escape_into(marked.encode_utf8(&mut [0; 4]), &mut json),
                None => json.push(character),
            }
        }
        json
    }
}

/// How long an escape is after its backslash; `None` when it is not whole yet.
fn escape_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if first != 'u' {
        return Some(first.len_utf8());
    }
    let unit = text.get(1..5)?;
    let is_high = u32::from_str_radix(unit, 16).is_ok_and(|unit| (0xd800..0xdc00).contains(&unit));
    match (is_high, text.get(5..11)) {
        (true, None) => None,
        (true, Some(second)) if second.starts_with("\\u") => Some(11),
        _ => Some(5),
    }
}

fn decoded(escape: &str) -> char {
    let plain = if escape.starts_with('u') {
        unescape(&format!("\\{escape}")).chars().next().unwrap_or('\u{fffd}')
    } else {
        simple_escape(escape.chars().next().unwrap_or('\u{fffd}'))
    };
    if plain < ' ' || plain == '"' || plain == '\\' {
        char::from_u32(MARK + u32::from(plain)).unwrap_or(plain)
    } else {
        plain
    }
}

#[cfg(test)]
mod tests;
