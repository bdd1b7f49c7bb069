//! Replacing pieces of texts inside a document, leaving every other byte as it is.

use crate::document::{Document, PartKind};
use crate::tape::Tape;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

/// Replaces bytes `range` of the text of part `part`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Index of the part.
    pub part: usize,
    /// Bytes of its text.
    pub range: Range<usize>,
    /// What stands there instead.
    pub replacement: String,
}

impl Document {
    /// The document with edits. Without any, the same bytes. Edits of one part must not overlap.
    pub fn splice(&self, edits: &[Edit]) -> Bytes {
        if edits.is_empty() {
            return self.bytes.clone();
        }
        apply(&self.bytes, self.replacements(edits)).into()
    }

    /// The string literals that edits change, by their byte ranges.
    pub(crate) fn replacements(&self, edits: &[Edit]) -> Vec<(Range<usize>, String)> {
        let mut by_node: BTreeMap<u32, Vec<&Edit>> = BTreeMap::new();
        for edit in edits {
            if let Some(part) = self.parts.get(edit.part) {
                by_node.entry(part.node).or_default().push(edit);
            }
        }
        let literals = by_node.into_iter().filter_map(|(node, edits)| {
            let found = self.tape.node(node)?;
            let range = usize::try_from(found.start).ok()?..usize::try_from(found.end).ok()?;
            Some((range, quote(&self.edited(node, &edits))))
        });
        literals.collect()
    }

    /// The new text of a string node.
    fn edited(&self, node: u32, edits: &[&Edit]) -> String {
        let text = self.tape.text(&self.bytes, node).unwrap_or_default();
        let mut inside: BTreeMap<u32, Vec<&Edit>> = BTreeMap::new();
        let mut direct = Vec::new();
        for edit in edits {
            match self.parts.get(edit.part).map(|part| part.kind) {
                Some(PartKind::Nested { inner }) => inside.entry(inner).or_default().push(edit),
                _ => direct.push(*edit),
            }
        }
        if inside.is_empty() {
            return replace(&text, &direct);
        }
        // The string is JSON itself: edit its strings, and escape them once for it.
        let Ok(tape) = Tape::scan(text.as_bytes()) else { return text.into_owned() };
        let mut output = String::with_capacity(text.len() + 32);
        let mut done = 0;
        for (inner, edits) in inside {
            let Some(found) = tape.node(inner) else { continue };
            let (start, end) = (usize::try_from(found.start).unwrap_or(0), usize::try_from(found.end).unwrap_or(0));
            output.push_str(text.get(done..start).unwrap_or_default());
            output.push_str(&quote(&replace(&tape.text(text.as_bytes(), inner).unwrap_or_default(), &edits)));
            done = end;
        }
        output.push_str(text.get(done..).unwrap_or_default());
        output
    }
}

/// The bytes with disjoint ranges replaced.
pub(crate) fn apply(bytes: &[u8], mut replacements: Vec<(Range<usize>, String)>) -> Vec<u8> {
    replacements.sort_by_key(|(range, _)| range.start);
    let mut output = Vec::with_capacity(bytes.len() + 64);
    let mut done = 0;
    for (range, literal) in replacements {
        output.extend_from_slice(bytes.get(done..range.start).unwrap_or_default());
        output.extend_from_slice(literal.as_bytes());
        done = range.end;
    }
    output.extend_from_slice(bytes.get(done..).unwrap_or_default());
    output
}

fn replace(text: &str, edits: &[&Edit]) -> String {
    let mut sorted = edits.to_vec();
    sorted.sort_by_key(|edit| edit.range.start);
    let mut output = String::with_capacity(text.len());
    let mut done = 0;
    for edit in sorted {
        output.push_str(text.get(done..edit.range.start).unwrap_or_default());
        output.push_str(&edit.replacement);
        done = edit.range.end.max(done);
    }
    output.push_str(text.get(done..).unwrap_or_default());
    output
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
