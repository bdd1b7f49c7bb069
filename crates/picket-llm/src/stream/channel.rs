//! What identifies a channel, and how another event of it is made.

use crate::document::{Document, Part};
use crate::escape::quote;
use crate::frame::{Frame, is_plain};
use crate::place::Step;
use crate::tape::{Kind, NodeId};
use bytes::Bytes;
use std::fmt::Write as _;

/// What identifies a channel within its stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The type of its events without `.delta`; empty where a type says nothing about the channel.
    pub(super) base: String,
    /// Index of its choice, block or item.
    pub(super) group: u64,
    /// Further indices.
    pub(super) inner: String,
    /// Where its text stands below that.
    path: String,
}

/// The channel of a piece, and the steps to the piece.
pub(super) fn locate<'a>(document: &'a Document, part: &Part) -> (Key, Vec<&'a Step>) {
    let steps = document.places.steps(part.place);
    let mut path = String::new();
    let mut choice = None;
    for (depth, step) in steps.iter().enumerate() {
        match step {
            Step::Member(name) => {
                path.push('/');
                path.push_str(&document.tape.text(&document.bytes, *name).unwrap_or_default());
            }
            Step::Element(index, node) => {
                let number = document.number_at(document.get(*node, "index")).unwrap_or(u64::from(*index));
                if depth == 1 {
                    choice = Some(number);
                } else {
                    write!(path, "/{number}").unwrap_or_default();
                }
            }
            Step::Inside | Step::Key(_) => {}
        }
    }
    let (group, inner) = indices(document);
    let kind = document.string_at(document.member("type")).unwrap_or_default();
    // A block's text begins with its announcement and goes on in its deltas.
    let path = path.strip_prefix("/content_block").map_or(path.clone(), |rest| format!("/delta{rest}"));
    let base = kind.strip_suffix(".delta").unwrap_or_default().to_owned();
    (Key { base, group: choice.unwrap_or(group), inner, path }, steps)
}

/// The indices that an event gives at its root: of its block or item, and all others.
pub(super) fn indices(document: &Document) -> (u64, String) {
    let (mut group, mut inner) = (0, String::new());
    for (name, value) in document.tape.members(0) {
        let name = document.tape.text(&document.bytes, name).unwrap_or_default();
        let Some(number) = document.number_at(Some(value)) else { continue };
        if matches!(name.as_ref(), "index" | "output_index") {
            group = number;
        } else if name.ends_with("_index") {
            write!(inner, "{name}={number};").unwrap_or_default();
        }
    }
    (group, inner)
}

/// An event with a hole for a text.
#[derive(Debug, Clone)]
pub(super) struct Template {
    before: String,
    /// Without the root's closing brace.
    after: String,
    counts: bool,
    /// Whether it was made before any delta of the channel was seen.
    pub(super) is_guess: bool,
}

impl Template {
    /// The template that an event of a channel gives: what names the channel, and nothing else of the event.
    pub(super) fn of(document: &Document, frame: &Frame, steps: &[&Step], key: &Key) -> Self {
        let counts = document.member("sequence_number").is_some();
        if document.string_at(document.member("type")).as_deref() == Some("content_block_start") {
            return Self { counts, ..Self::of_block(key) };
        }
        let mut before = frame.event().map(|name| format!("event: {name}\n")).unwrap_or_default();
        before.push_str("data: ");
        let mut after = Vec::new();
        let mut holder = 0;
        for (depth, step) in steps.iter().enumerate() {
            match step {
                Step::Member(name) => {
                    before.push('{');
                    copy(document, holder, depth == 0, *name, &mut before);
                    before.push_str(&quote(&document.tape.text(&document.bytes, *name).unwrap_or_default()));
                    before.push(':');
                    after.push(ending(document, holder, depth));
                    holder = name + 1;
                }
                Step::Element(_, node) => {
                    before.push('[');
                    after.push("]");
                    holder = *node;
                }
                Step::Inside | Step::Key(_) => {}
            }
        }
        after.reverse();
        Self { before, after: after.concat(), counts, is_guess: false }
    }

    /// A block was announced with its first piece; the next one is a delta.
    fn of_block(key: &Key) -> Self {
        let name = key.path.strip_prefix("/delta/").unwrap_or_default();
        let kind = match name {
            "content" => "compaction",
            other => other,
        };
        let before = format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":{},\"delta\":{{\"type\":{},{}:",
            key.group,
            quote(&format!("{kind}_delta")),
            quote(name)
        );
        Self { before, after: "}".to_owned(), counts: false, is_guess: true }
    }

    pub(super) fn event(&self, text: &str, sequence: u64) -> Bytes {
        let number = if self.counts { format!(",\"sequence_number\":{sequence}") } else { String::new() };
        format!("{}{}{}{number}}}\n\n", self.before, quote(text), self.after).into()
    }
}

/// Copies the scalars of an object that name a channel or its answer.
fn copy(document: &Document, object: NodeId, is_root: bool, hole: NodeId, output: &mut String) {
    for (name_node, value) in document.tape.members(object) {
        let name = document.tape.text(&document.bytes, name_node).unwrap_or_default();
        let names_answer = matches!(
            name.as_ref(),
            "id" | "object" | "created" | "model" | "item_id" | "response_id" | "system_fingerprint" | "service_tier"
        );
        let names_channel = matches!(name.as_ref(), "type" | "index") || name.ends_with("_index");
        // Only what is plainly a name or a number: a template must not repeat a text that was refused.
        let is_plain = match document.tape.kind(value) {
            Some(Kind::String) => document.string_at(Some(value)).is_some_and(|text| is_plain(text.as_bytes())),
            Some(Kind::Number | Kind::Null) => true,
            _ => false,
        };
        if name_node != hole && is_plain && (names_channel || (is_root && names_answer)) {
            output.push_str(&quote(&name));
            output.push(':');
            output.push_str(document.tape.raw_text(&document.bytes, value).unwrap_or_default());
            output.push(',');
        }
    }
}

/// What closes an object after the hole, with what clients want to find in it. The root stays open.
fn ending(document: &Document, object: NodeId, depth: usize) -> &'static str {
    let has = |name: &str| document.get(object, name).is_some();
    match depth {
        0 if has("logprobs") => ",\"logprobs\":[]",
        0 => "",
        2 if document.member("choices").is_some() && has("logprobs") => ",\"logprobs\":null,\"finish_reason\":null}",
        2 if document.member("choices").is_some() => ",\"finish_reason\":null}",
        _ => "}",
    }
}
