//! Hostile text made harmless where a person or a tool reads it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text for a terminal or a log line: control characters, ANSI escapes, bidirectional overrides and invisible
/// characters become `\u{..}`, so that no prompt can move the cursor, hide text or forge a line.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            other if is_dangerous(other) => write!(safe, "\\u{{{:x}}}", u32::from(other)).unwrap_or_default(),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// A cell of a CSV file that no spreadsheet takes for a formula: a leading `=`, `+`, `-`, `@`, tab or return gets a
/// quote before it. Plain numbers stay as they are.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && text.parse::<f64>().is_err() { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests;
