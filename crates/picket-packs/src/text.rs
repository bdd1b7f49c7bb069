//! Text of formats that have no writer of their own here.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// JSON for people to read.
pub(crate) fn json(value: &Value) -> String {
    // A value of JSON is always written.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Text inside of XML, in elements and attributes.
pub(crate) fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A cell of a table of Markdown.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// `judge_score` as `JudgeScore`.
pub(crate) fn pascal(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for part in name.split(['_', '.', '-']) {
        let mut characters = part.chars();
        text.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(characters.as_str());
    }
    text
}

/// An id in the form of a UUID that stays the same for the same name.
pub(crate) fn stable_id(name: &str) -> String {
    let mut bytes: Vec<u8> = Sha256::digest(name).iter().copied().take(16).collect();
    // Version 8: made by a rule of one's own.
    if let Some(byte) = bytes.get_mut(6) {
        *byte = *byte & 0x0f | 0x80;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = *byte & 0x3f | 0x80;
    }
    let hex = picket_stdx::encode::hex(&bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
