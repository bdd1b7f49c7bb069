//! Names every text of a document, whatever dialect it is and whatever fields are unknown.
//!
//! A place is either *defined*, where a dialect says what stands there and ids are told from text, or *free*, where
//! somebody chose everything: tool arguments, schemas, metadata, and whatever is below a name that no dialect knows. In
//! free places every string, every name and every long number is text.

mod blob;

pub(crate) use blob::split_data_url;

use crate::document::{Document, Part, PartKind, Shape, Text};
use crate::fragment::Fragment;
use crate::logprobs::{self, Repeat};
use crate::place::{Path, Step};
use crate::tape::{Kind, NodeId, Tape};
use crate::words;
use bytes::Bytes;
use picket_event::Role;
use std::borrow::Cow;

/// A number of fewer digits names nobody.
const DIGITS_MIN: usize = 7;
/// Names of tools, and places that were not scanned, that are listed.
const LISTED_MAX: usize = 256;

#[derive(Debug, Clone, Copy)]
struct Scope {
    role: Role,
    message: Option<u32>,
    /// Whether everything here was chosen by somebody.
    free: bool,
    /// What the object is when it is no text.
    opaque: Option<&'static str>,
    /// Whether strings here are pieces of longer texts.
    piece: bool,
    /// Whether tokens here repeat a text that is scanned.
    repeated: bool,
}

pub(crate) fn walk(bytes: Bytes, tape: Tape, shape: Shape) -> Document {
    let mut walker = Walker {
        bytes: &bytes,
        tape: &tape,
        shape,
        kind: String::new(),
        path: Path::default(),
        holder: 0,
        opened: false,
        flows: false,
        parts: Vec::new(),
        unscanned: Vec::new(),
        references: Vec::new(),
        calls: Vec::new(),
        repeats: Vec::new(),
    };
    walker.kind = walker.word(0, "type").unwrap_or_default().into_owned();
    let role = match walker.kind.as_str() {
        kind if shape.is_event && kind.contains("reasoning") => Role::Reasoning,
        kind if shape.is_event && kind.contains("call_output") => Role::Tool,
        _ => shape.role,
    };
    let scope = Scope { role, message: None, free: false, opaque: None, piece: false, repeated: false };
    walker.value(0, "", scope);
    let Walker { path, parts, unscanned, references, mut calls, repeats, .. } = walker;
    calls.dedup();
    Document { parts, unscanned, references, calls, repeats, places: path.places, bytes, tape }
}

struct Walker<'a> {
    bytes: &'a Bytes,
    tape: &'a Tape,
    shape: Shape,
    /// The root's type, which names the event of a stream.
    kind: String,
    path: Path,
    /// The object whose member is being walked.
    holder: NodeId,
    /// Whether the file that is being walked turned out to hold text.
    opened: bool,
    /// Whether the string that is being read is running text.
    flows: bool,
    parts: Vec<Part>,
    unscanned: Vec<String>,
    references: Vec<String>,
    calls: Vec<String>,
    repeats: Vec<Repeat>,
}

impl<'a> Walker<'a> {
    fn word(&self, object: NodeId, name: &str) -> Option<Cow<'a, str>> {
        self.tape.text(self.bytes, self.tape.get(self.bytes, object, name)?)
    }

    fn value(&mut self, node: NodeId, name: &str, scope: Scope) {
        match self.tape.kind(node) {
            Some(Kind::Object) if scope.free => self.free_object(node, scope),
            Some(Kind::Object) => self.object(node, name, scope),
            Some(Kind::Array) => self.array(node, name, scope),
            Some(Kind::String) => self.string(node, name, scope),
            Some(Kind::Number) if scope.free => self.number(node, scope),
            _ => {}
        }
    }

    fn array(&mut self, node: NodeId, name: &str, scope: Scope) {
        let is_list = self.path.is_at_depth(1) && self.shape.list == Some(name);
        let is_tokens = self.path.is_at_depth(1) && matches!(name, "prompt" | "input") && self.is_tokens(node);
        if is_tokens {
            self.note_unscanned("tokens");
        }
        for (index, element) in self.tape.elements(node).enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let message = if is_list { Some(index) } else { scope.message };
            // Numbers in lists are many; only those that can be text need a place.
            if self.tape.kind(element) != Some(Kind::Number) || scope.free {
                self.path.enter(Step::Element(index, element));
                self.value(element, name, Scope { message, ..scope });
                self.path.leave();
            }
        }
    }

    /// Whether a prompt is given as numbers of tokens, flat or one list for each prompt.
    fn is_tokens(&self, node: NodeId) -> bool {
        let is_number = |node: NodeId| self.tape.kind(node) == Some(Kind::Number);
        self.tape.elements(node).any(|element| is_number(element) || self.tape.elements(element).any(is_number))
    }

    fn free_object(&mut self, node: NodeId, scope: Scope) {
        for (name_node, value) in self.tape.members(node) {
            let name = self.tape.text(self.bytes, name_node).unwrap_or_default();
            self.path.enter(Step::Member(name_node));
            if !words::is_known(&name) {
                self.push(name_node, PartKind::Name, scope);
            }
            self.value(value, &name, scope);
            self.path.leave();
        }
    }

    fn object(&mut self, node: NodeId, at: &str, outer: Scope) {
        let kind = self.word(node, "type");
        let by_type = kind.as_deref().and_then(words::role_of_type);
        let by_speaker = self.word(node, "role").as_deref().and_then(words::role_of_speaker);
        let role = if sticks(outer.role) {
            by_type.filter(|role| *role == Role::Document).unwrap_or(outer.role)
        } else {
            by_type.or(by_speaker).unwrap_or(outer.role)
        };
        self.note_call(node, at, kind.as_deref(), outer.role);
        self.note_references(node, at, kind.as_deref());
        self.note_hosted(at, kind.as_deref());
        let opaque = self.opaque(node, at, kind.as_deref());
        let scope = Scope { role, opaque: opaque.or(outer.opaque), ..outer };
        let scope = if self.holds_text(node) { Scope { opaque: None, ..scope } } else { scope };
        let repeat = logprobs::find(self.tape, self.bytes, node);
        let repeats = repeat.as_ref().is_some_and(|repeat| repeat.is_exact);
        let differs = repeat.is_some() && !repeats;
        self.repeats.extend(repeat);
        let was_opened = std::mem::take(&mut self.opened);
        for (name_node, value) in self.tape.members(node) {
            let name = self.tape.text(self.bytes, name_node).unwrap_or_default();
            self.path.enter(Step::Member(name_node));
            let repeated = (repeats && name == "logprobs") || (scope.repeated && name != "top_logprobs");
            if name == "logprobs" && differs && !self.shape.is_event {
                self.note_unscanned("logprobs");
            }
            self.holder = node;
            self.member((name_node, value), (&name, at, kind.as_deref()), Scope { repeated, ..scope });
            self.path.leave();
        }
        if let Some(what) = scope.opaque.filter(|_| outer.opaque.is_none() && !self.opened) {
            self.note_unscanned(what);
        }
        self.opened |= was_opened;
    }

    fn member(&mut self, (name_node, value): (NodeId, NodeId), names: (&str, &str, Option<&str>), outer: Scope) {
        let (name, holder, kind) = names;
        let known = words::is_known(name);
        let at_root = self.path.is_at_depth(1);
        let by_name = match name {
            _ if sticks(outer.role) => None,
            "text" if at_root && self.tape.kind(value) == Some(Kind::Object) => Some(Role::Definition),
            "output" if kind.is_some_and(words::is_call) => Some(Role::Tool),
            _ if at_root && !known && !self.shape.is_event => Some(Role::Other),
            _ => words::role_of_member(name),
        };
        let role = by_name.unwrap_or(outer.role);
        if !known {
            self.push(name_node, PartKind::Name, Scope { role, ..outer });
        }
        let is_object = self.tape.kind(value) == Some(Kind::Object);
        let free = !known || words::is_free(name) || (is_object && matches!(name, "arguments" | "input"));
        let begins = self.begins_pieces(name, holder, kind, value);
        let scope = Scope {
            role,
            free,
            piece: (outer.piece && !never_in_pieces(name)) || begins,
            repeated: outer.repeated,
            ..outer
        };
        self.value(value, name, scope);
    }

    /// Whether the strings at and below a member continue in later events.
    fn begins_pieces(&self, name: &str, holder: &str, kind: Option<&str>, value: NodeId) -> bool {
        if !self.shape.is_event {
            return false;
        }
        let is_string = self.tape.kind(value) == Some(Kind::String);
        match (name, holder) {
            ("delta" | "text", "choices") => true,
            ("delta", "") => {
                let base = self.kind.strip_suffix(".delta");
                self.kind == "content_block_delta" || base.is_some_and(|base| !base.ends_with("audio"))
            }
            // The first piece may come with the announcement of its block. Other strings there never go on.
            ("text" | "thinking" | "content", "content_block") => {
                is_string && matches!(kind, Some("text" | "thinking" | "compaction"))
            }
            _ => false,
        }
    }

    fn string(&mut self, node: NodeId, name: &str, scope: Scope) {
        let Some(text) = self.tape.text(self.bytes, node) else { return };
        if words::is_closed_word(name, &text) || (!scope.piece && text.is_empty()) {
            return;
        }
        // Strings in a list of prompts have nothing to do with each other.
        let is_apart = scope.message.is_some() && matches!(name, "prompt" | "input");
        self.flows = !scope.free && !is_apart && words::flows(name);
        if !scope.free {
            let is_token = scope.repeated && matches!(name, "token" | "tokens");
            if is_token || words::is_identifier(name, &text) || self.blob(node, name, &text, scope) {
                return;
            }
        }
        let is_json = matches!(name, "arguments" | "partial_json")
            || (name == "delta" && self.path.is_at_depth(1) && self.kind.contains("arguments"));
        if scope.piece {
            let kind = if is_json { PartKind::Json } else { PartKind::Text };
            return self.push_text(node, kind, text, scope);
        }
        if is_json {
            return self.json(node, &text, scope);
        }
        self.push_text(node, PartKind::Text, text, scope);
    }

    /// The texts inside JSON that is inside a string.
    fn json(&mut self, node: NodeId, text: &str, scope: Scope) {
        match Tape::scan(text.as_bytes()) {
            Ok(inner) if matches!(inner.kind(0), Some(Kind::Object | Kind::Array)) => {
                self.path.enter(Step::Inside);
                self.inside(node, (&inner, text.as_bytes()), 0, scope);
                self.path.leave();
            }
            _ if text.contains('\\') => {
                let mut fragment = Fragment::default();
                let decoded = fragment.decode(text) + &fragment.finish();
                self.push_text(node, PartKind::Json, Cow::Owned(decoded), scope);
            }
            _ => self.push_text(node, PartKind::Json, Cow::Owned(text.to_owned()), scope),
        }
    }

    fn inside(&mut self, node: NodeId, (tape, bytes): (&Tape, &[u8]), at: NodeId, scope: Scope) {
        for (name_node, value) in tape.members(at) {
            let name = tape.text(bytes, name_node).unwrap_or_default();
            self.path.enter(Step::Key(name.as_ref().into()));
            if !words::is_known(&name) {
                self.push_inner((node, name_node), PartKind::Name, &name, scope);
            }
            self.inside(node, (tape, bytes), value, scope);
            self.path.leave();
        }
        for (index, element) in tape.elements(at).enumerate() {
            self.path.enter(Step::Element(u32::try_from(index).unwrap_or(u32::MAX), element));
            self.inside(node, (tape, bytes), element, scope);
            self.path.leave();
        }
        match tape.kind(at) {
            Some(Kind::String) => {
                let text = tape.text(bytes, at).unwrap_or_default();
                self.push_inner((node, at), PartKind::Text, &text, scope);
            }
            Some(Kind::Number) => {
                let digits = tape.raw_text(bytes, at).unwrap_or_default();
                if is_long(digits) {
                    self.push_inner((node, at), PartKind::Number, digits, scope);
                }
            }
            _ => {}
        }
    }

    fn number(&mut self, node: NodeId, scope: Scope) {
        let digits = self.tape.raw_text(self.bytes, node).unwrap_or_default();
        if is_long(digits) {
            self.push_text(node, PartKind::Number, Cow::Owned(digits.to_owned()), scope);
        }
    }

    fn push(&mut self, node: NodeId, kind: PartKind, scope: Scope) {
        self.flows = false;
        if let Some(text) = self.tape.text(self.bytes, node).filter(|text| !text.is_empty()) {
            self.push_text(node, kind, text, Scope { piece: false, ..scope });
        }
    }

    fn push_text(&mut self, node: NodeId, kind: PartKind, text: Cow<'_, str>, scope: Scope) {
        let text = match (text, self.tape.range(node)) {
            (Cow::Borrowed(_), Some(range)) => Text::Plain(range.start + 1..range.end.saturating_sub(1)),
            (text, _) => Text::Decoded(text.into_owned().into_boxed_str()),
        };
        self.push_part(kind, (node, None), text, scope);
    }

    fn push_inner(&mut self, (node, inner): (NodeId, NodeId), kind: PartKind, text: &str, scope: Scope) {
        if !text.is_empty() {
            self.push_part(kind, (node, Some(inner)), Text::Decoded(text.into()), scope);
        }
    }

    fn push_part(&mut self, kind: PartKind, (node, inner): (NodeId, Option<NodeId>), text: Text, scope: Scope) {
        let place = self.path.place();
        self.parts.push(Part {
            role: scope.role,
            kind,
            message: scope.message,
            flows: self.flows && inner.is_none() && matches!(kind, PartKind::Text | PartKind::File),
            node,
            inner,
            place,
            piece: scope.piece,
            text,
        });
    }

    /// Takes note of a call of a tool: by the object's type, or by the member that holds it.
    fn note_call(&mut self, node: NodeId, at: &str, kind: Option<&str>, role: Role) {
        if role == Role::Definition || self.calls.len() >= LISTED_MAX {
            return;
        }
        let deep =
            |name: &str| self.tape.path(self.bytes, node, &[name, "name"]).and_then(|n| self.tape.text(self.bytes, n));
        let name = match (at, kind) {
            ("tool_calls", _) => deep("function").or_else(|| deep("custom")).or_else(|| self.word(node, "name")),
            ("function_call", _) => self.word(node, "name"),
            // A tool of the provider's own may have only a type.
            (_, Some(kind)) if words::is_call(kind) => {
                self.word(node, "name").or_else(|| (kind != "function_call").then(|| Cow::Owned(kind.to_owned())))
            }
            _ => None,
        };
        self.calls.extend(name.filter(|name| !name.is_empty()).map(Cow::into_owned));
    }
}

/// What a tool returned, or what describes it, stays that, whatever members it has.
fn sticks(role: Role) -> bool {
    matches!(role, Role::Tool | Role::Definition)
}

/// Members that come whole, even within pieces.
fn never_in_pieces(name: &str) -> bool {
    matches!(name, "logprobs" | "citation" | "citations" | "annotations" | "signature" | "name" | "id" | "type")
}

fn is_long(number: &str) -> bool {
    number.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_MIN
}
