//! Replacing pieces of texts inside a document, leaving every other byte as it is.

use crate::document::{Document, Part, PartKind};
use crate::escape::quote;
use crate::fragment::Fragment;
use crate::logprobs;
use crate::tape::{NodeId, Tape};
use crate::walk::split_data_url;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
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

/// A range of bytes and what stands there instead.
pub(crate) type Replacement = (Range<usize>, String);

/// How edited member names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    AsEdited,
    /// With a number behind, since two of them became the same.
    Numbered,
}

type Edited<'a> = (&'a Part, Vec<&'a Edit>);

impl Document {
    /// The document with edits. Without any, the same bytes. Where edits overlap, the text under all of them goes.
    pub fn splice(&self, edits: &[Edit]) -> Bytes {
        if edits.is_empty() {
            return self.bytes.clone();
        }
        let mut replacements = self.replacements(edits);
        let changed: BTreeSet<NodeId> = edits.iter().filter_map(|edit| Some(self.parts.get(edit.part)?.node)).collect();
        for repeat in &self.repeats {
            if !repeat.is_exact || repeat.of.iter().any(|node| changed.contains(node)) {
                replacements.extend(self.emptied(repeat.node));
            }
        }
        apply(&self.bytes, replacements).into()
    }

    /// What empties log probabilities.
    pub(crate) fn emptied(&self, node: NodeId) -> Option<Replacement> {
        Some((self.tape.range(node)?, logprobs::emptied(&self.tape, node).to_owned()))
    }

    /// The literals that edits change.
    pub(crate) fn replacements(&self, edits: &[Edit]) -> Vec<Replacement> {
        let mut by_part: BTreeMap<usize, Vec<&Edit>> = BTreeMap::new();
        for edit in edits {
            by_part.entry(edit.part).or_default().push(edit);
        }
        let mut by_node: BTreeMap<NodeId, Vec<Edited<'_>>> = BTreeMap::new();
        for (part, edits) in by_part {
            if let Some(part) = self.parts.get(part) {
                by_node.entry(part.node).or_default().push((part, edits));
            }
        }
        let replacements = self.literals(&by_node, Names::AsEdited);
        let renames = by_node.values().flatten().any(|(part, _)| part.kind == PartKind::Name && part.inner.is_none());
        if renames && Tape::scan(&apply(&self.bytes, replacements.clone())).is_err() {
            return self.literals(&by_node, Names::Numbered);
        }
        replacements
    }

    fn literals(&self, by_node: &BTreeMap<NodeId, Vec<Edited<'_>>>, names: Names) -> Vec<Replacement> {
        let literals = by_node.iter().filter_map(|(node, edited)| {
            let range = self.tape.range(*node)?;
            if edited.iter().any(|(part, _)| part.inner.is_some()) {
                return Some((range, quote(&self.nested(*node, edited))));
            }
            let (part, edits) = edited.first()?;
            Some((range, self.literal(part, &replace(self.text(part), edits), names)))
        });
        literals.collect()
    }

    /// The literal of an edited text.
    fn literal(&self, part: &Part, text: &str, names: Names) -> String {
        match part.kind {
            PartKind::Name if names == Names::Numbered => quote(&format!("{text}_{}", part.inner.unwrap_or(part.node))),
            PartKind::Text | PartKind::Name | PartKind::Number => quote(text),
            PartKind::Json => quote(&Fragment::encode(text)),
            PartKind::File => {
                let written = self.tape.text(&self.bytes, part.node).unwrap_or_default();
                let head = split_data_url(&written).map(|(media, _)| format!("data:{media};base64,"));
                quote(&(head.unwrap_or_default() + &STANDARD.encode(text)))
            }
        }
    }

    /// The text of a string that is JSON itself, with its strings edited.
    fn nested(&self, node: NodeId, edited: &[Edited<'_>]) -> String {
        let text = self.tape.text(&self.bytes, node).unwrap_or_default();
        let Ok(tape) = Tape::scan(text.as_bytes()) else { return String::new() };
        let with = |names: Names| {
            let literals = edited.iter().filter_map(|(part, edits)| {
                let range = tape.range(part.inner?)?;
                Some((range, self.literal(part, &replace(self.text(part), edits), names)))
            });
            apply(text.as_bytes(), literals.collect())
        };
        let plain = with(Names::AsEdited);
        let bytes = if Tape::scan(&plain).is_ok() { plain } else { with(Names::Numbered) };
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// The bytes with ranges replaced. Of two that overlap the one that begins first stays.
pub(crate) fn apply(bytes: &[u8], mut replacements: Vec<Replacement>) -> Vec<u8> {
    replacements.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut output = Vec::with_capacity(bytes.len() + 64);
    let mut done = 0;
    for (range, literal) in replacements {
        if range.start < done {
            continue;
        }
        output.extend_from_slice(bytes.get(done..range.start).unwrap_or_default());
        output.extend_from_slice(literal.as_bytes());
        done = range.end;
    }
    output.extend_from_slice(bytes.get(done..).unwrap_or_default());
    output
}

/// A text with edits. What lies under an edit never stays, not even when edits overlap or split a character.
fn replace(text: &str, edits: &[&Edit]) -> String {
    let mut sorted = edits.to_vec();
    sorted.sort_by_key(|edit| edit.range.start);
    let mut output = String::with_capacity(text.len());
    let mut done = 0;
    for edit in sorted {
        output.push_str(text.get(done..text.floor_char_boundary(edit.range.start)).unwrap_or_default());
        output.push_str(&edit.replacement);
        done = done.max(text.ceil_char_boundary(edit.range.end));
    }
    output.push_str(text.get(done..).unwrap_or_default());
    output
}
