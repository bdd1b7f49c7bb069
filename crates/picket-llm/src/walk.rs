//! Names every text of a document, whatever dialect it is and whatever fields are unknown.

use crate::document::{Document, Part, PartKind, Text};
use crate::tape::{Kind, NodeId, Tape};
use crate::words;
use picket_event::Role;
use std::borrow::Cow;

/// A string that holds a file or a picture rather than text.
const DATA_URL: &str = "data:";
const OPAQUE_FROM_BYTES: usize = 256;

#[derive(Debug, Clone, Copy)]
struct Scope {
    role: Role,
    message: Option<u32>,
    /// What the object is when it is no text.
    opaque: Option<&'static str>,
}

pub(crate) fn walk(document: &mut Document, role: Role) {
    let mut walker = Walker { bytes: &document.bytes, tape: &document.tape, parts: Vec::new(), unscanned: Vec::new() };
    walker.value(0, "", Scope { role, message: None, opaque: None });
    (document.parts, document.unscanned) = (walker.parts, walker.unscanned);
}

struct Walker<'a> {
    bytes: &'a [u8],
    tape: &'a Tape,
    parts: Vec<Part>,
    unscanned: Vec<String>,
}

impl Walker<'_> {
    fn value(&mut self, node: NodeId, name: &str, scope: Scope) {
        let Some(kind) = self.tape.node(node).map(|node| node.kind) else { return };
        match kind {
            Kind::Object => self.object(node, scope),
            Kind::Array => self.array(node, name, scope),
            Kind::String => self.string(node, name, scope),
            Kind::Number | Kind::Bool | Kind::Null => {}
        }
    }

    fn array(&mut self, node: NodeId, name: &str, scope: Scope) {
        let counts_messages = scope.message.is_none() && matches!(name, "messages" | "input" | "contents");
        for (index, element) in self.tape.elements(node).enumerate() {
            let message = if counts_messages { u32::try_from(index).ok() } else { scope.message };
            self.value(element, name, Scope { message, ..scope });
        }
    }

    fn object(&mut self, node: NodeId, outer: Scope) {
        let word =
            |name: &str| self.tape.get(self.bytes, node, name).and_then(|value| self.tape.text(self.bytes, value));
        let by_speaker = word("role").as_deref().and_then(words::role_of_speaker);
        let kind = word("type");
        let by_type = kind.as_deref().and_then(words::role_of_type);
        let opaque = kind.as_deref().and_then(words::opaque_type);
        let role = by_type.or(by_speaker).unwrap_or(outer.role);
        if let Some(what) = opaque.filter(|_| !self.holds_text(node)) {
            self.unscanned.push(format!("{what}:{}", self.tape.pointer(self.bytes, node)));
        }
        let scope = Scope { role, opaque: opaque.or(outer.opaque), ..outer };
        for (name_node, value) in self.tape.members(node) {
            let name = self.tape.text(self.bytes, name_node).unwrap_or_default();
            if !words::is_known(&name) {
                self.push(name_node, PartKind::Name, scope);
            }
            // What a tool returned stays a tool's words, whatever members it has.
            let inherited = matches!(role, Role::Tool | Role::Definition);
            let role = words::role_of_member(&name).filter(|_| !inherited).unwrap_or(role);
            self.value(value, &name, Scope { role, ..scope });
        }
    }

    /// Whether an object that may hold a file holds plain text in its place.
    fn holds_text(&self, node: NodeId) -> bool {
        let kind =
            self.tape.path(self.bytes, node, &["source", "type"]).and_then(|kind| self.tape.text(self.bytes, kind));
        matches!(kind.as_deref(), Some("text" | "content"))
    }

    fn string(&mut self, node: NodeId, name: &str, scope: Scope) {
        let Some(text) = self.tape.text(self.bytes, node) else { return };
        if text.is_empty() || words::is_structural(name, &text) {
            return;
        }
        if is_opaque(name, &text, scope) {
            if scope.opaque.is_none() && name != "signature" {
                self.unscanned.push(format!("data:{}", self.tape.pointer(self.bytes, node)));
            }
            return;
        }
        if matches!(name, "arguments" | "partial_json") && self.nested(node, &text, scope) {
            return;
        }
        self.push(node, PartKind::Text, scope);
    }

    /// The texts inside JSON that is inside a string; `false` when it is no JSON object or list.
    fn nested(&mut self, node: NodeId, text: &str, scope: Scope) -> bool {
        if !text.starts_with(['{', '[']) {
            return false;
        }
        let Ok(inner) = Tape::scan(text.as_bytes()) else { return false };
        let mut id = 0;
        while let Some(found) = inner.node(id) {
            if found.kind == Kind::String
                && let Some(value) = inner.text(text.as_bytes(), id).filter(|value| !value.is_empty())
            {
                let text = Text::Decoded(value.into_owned().into_boxed_str());
                self.parts.push(Part {
                    role: scope.role,
                    kind: PartKind::Nested { inner: id },
                    message: scope.message,
                    node,
                    text,
                });
            }
            id += 1;
        }
        true
    }

    fn push(&mut self, node: NodeId, kind: PartKind, scope: Scope) {
        let Some(found) = self.tape.node(node) else { return };
        let text = match self.tape.text(self.bytes, node) {
            Some(Cow::Owned(text)) => Text::Decoded(text.into_boxed_str()),
            Some(Cow::Borrowed(_)) => {
                let (start, end) = (usize::try_from(found.start).unwrap_or(0), usize::try_from(found.end).unwrap_or(0));
                Text::Plain(start + 1..end.saturating_sub(1))
            }
            None => return,
        };
        self.parts.push(Part { role: scope.role, kind, message: scope.message, node, text });
    }
}

/// Whether a string holds encoded bytes: a data URL, or the data of a picture, a file or a signature.
fn is_opaque(name: &str, text: &str, scope: Scope) -> bool {
    let is_encoded = || {
        text.len() >= OPAQUE_FROM_BYTES
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'\r' | b'\n'))
    };
    (text.starts_with(DATA_URL) && text.len() >= OPAQUE_FROM_BYTES && text.contains(";base64,"))
        || (matches!(name, "data" | "file_data" | "image" | "audio" | "b64_json" | "embedding") && is_encoded())
        || (name == "signature" && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')))
        || (name == "data" && scope.role == Role::Reasoning && is_encoded())
}
