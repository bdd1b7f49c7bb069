//! An answer of a provider, as one JSON document.

use crate::document::Document;
use crate::tape::{Kind, NodeId, ParseError, Tape};
use bytes::Bytes;
use picket_event::Role;
use std::ops::Deref;

/// An answer, scanned.
#[derive(Debug, Clone)]
pub struct Response {
    document: Document,
    /// Tokens, where the provider says so.
    pub usage: Usage,
    /// Names of the tools that the model calls.
    pub tool_calls: Vec<String>,
}

/// Tokens of a request and its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the prompt.
    pub tokens_in: Option<u64>,
    /// Of the answer.
    pub tokens_out: Option<u64>,
}

impl Deref for Response {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}

impl Response {
    /// Scans an answer.
    pub fn parse(body: Bytes) -> Result<Self, ParseError> {
        let document = Document::parse(body, Role::Assistant)?;
        let usage = usage(&document.tape, &document.bytes, 0);
        let tool_calls = tool_calls(&document.tape, &document.bytes);
        Ok(Self { document, usage, tool_calls })
    }
}

impl Usage {
    /// The later of two reports, member by member.
    #[must_use]
    pub fn or(self, earlier: Self) -> Self {
        Self { tokens_in: self.tokens_in.or(earlier.tokens_in), tokens_out: self.tokens_out.or(earlier.tokens_out) }
    }
}

/// The usage that an object reports: at itself, or in the message or response that it carries.
pub(crate) fn usage(tape: &Tape, bytes: &[u8], object: NodeId) -> Usage {
    let places: [&[&str]; 3] = [&["usage"], &["message", "usage"], &["response", "usage"]];
    let Some(usage) = places.iter().find_map(|path| tape.path(bytes, object, path)) else { return Usage::default() };
    let count = |names: [&str; 2]| {
        names.iter().find_map(|name| tape.get(bytes, usage, name)).and_then(|node| tape.number(bytes, node))
    };
    Usage {
        tokens_in: count(["prompt_tokens", "input_tokens"]),
        tokens_out: count(["completion_tokens", "output_tokens"]),
    }
}

/// Names of called tools: objects that call one, wherever they stand.
pub(crate) fn tool_calls(tape: &Tape, bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut id = 0;
    while let Some(node) = tape.node(id) {
        if node.kind == Kind::Object {
            let word = |name: &str| tape.get(bytes, id, name).and_then(|value| tape.text(bytes, value));
            let kind = word("type");
            let name = match kind.as_deref() {
                Some("tool_use" | "server_tool_use" | "function_call" | "mcp_call" | "custom_tool_call") => {
                    word("name")
                }
                Some("function") => tape.path(bytes, id, &["function", "name"]).and_then(|name| tape.text(bytes, name)),
                _ => tape.path(bytes, id, &["function_call", "name"]).and_then(|name| tape.text(bytes, name)),
            };
            if let Some(name) = name.filter(|name| !name.is_empty() && names.len() < 256) {
                names.push(name.into_owned());
            }
        }
        id += 1;
    }
    names.dedup();
    names
}
