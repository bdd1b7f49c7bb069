//! A request of a caller.

use crate::document::Document;
use crate::endpoint::Endpoint;
use crate::tape::{Kind, NodeId, ParseError};
use bytes::Bytes;
use picket_event::Role;
use std::ops::{Deref, Range};

/// A request body, scanned.
#[derive(Debug, Clone)]
pub struct Request {
    document: Document,
    /// What is asked for.
    pub endpoint: Endpoint,
    /// The model.
    pub model: Option<String>,
    /// Whether the answer shall stream.
    pub stream: bool,
    /// Names of the tools that the model may call.
    pub tools: Vec<String>,
    /// The end user that the body itself names.
    pub user_claim: Option<String>,
    /// References to content that stays at the provider, and was not seen here: member and place.
    pub provider_state: Vec<String>,
    /// Messages in order.
    pub messages: Vec<Message>,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its bytes in the body.
    pub range: Range<usize>,
    /// Whether the caller's side wrote it last: user or tool.
    pub is_input: bool,
}

impl Deref for Request {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}

impl Request {
    /// Scans a request body.
    pub fn parse(endpoint: Endpoint, body: Bytes) -> Result<Self, ParseError> {
        let document = Document::parse(body, Role::User)?;
        if document.tape.node(0).is_none_or(|root| root.kind != Kind::Object) {
            return Err(ParseError { offset: 0, message: "the body must be a JSON object" });
        }
        let stream =
            document.member("stream").and_then(|node| document.tape.bool(&document.bytes, node)).unwrap_or(false);
        let claims = [document.member("user"), document.tape.path(&document.bytes, 0, &["metadata", "user_id"])];
        Ok(Self {
            endpoint,
            model: document.string_at(document.member("model")),
            stream,
            tools: tools(&document),
            user_claim: claims.into_iter().find_map(|node| document.string_at(node)).filter(|name| !name.is_empty()),
            provider_state: provider_state(&document),
            messages: messages(&document),
            document,
        })
    }

    /// The bytes that an approval is bound to: the whole body, but for members that change nothing of the answer.
    pub fn approval_bytes(&self) -> Vec<u8> {
        let root = &self.document;
        let mut members: Vec<(String, NodeId)> = root
            .tape
            .members(0)
            .filter_map(|(name, value)| Some((root.tape.text(&root.bytes, name)?.into_owned(), value)))
            .filter(|(name, _)| {
                !matches!(name.as_str(), "stream" | "stream_options" | "user" | "metadata" | "store" | "service_tier")
            })
            .collect();
        members.sort();
        let mut bytes = Vec::with_capacity(root.bytes.len());
        for (name, value) in members {
            bytes.extend_from_slice(name.as_bytes());
            bytes.push(0);
            bytes.extend_from_slice(range(root, value).and_then(|range| root.bytes.get(range)).unwrap_or_default());
            bytes.push(0);
        }
        bytes
    }
}

fn range(document: &Document, node: NodeId) -> Option<Range<usize>> {
    let node = document.tape.node(node)?;
    Some(usize::try_from(node.start).ok()?..usize::try_from(node.end).ok()?)
}

fn tools(document: &Document) -> Vec<String> {
    let lists = [document.member("tools"), document.member("functions")];
    let tools = lists.into_iter().flatten().flat_map(|list| document.tape.elements(list));
    let named = tools.filter_map(|tool| {
        let name = document.tape.get(&document.bytes, tool, "name");
        let name = name.or_else(|| document.tape.path(&document.bytes, tool, &["function", "name"]));
        // A tool of the provider's own has only a type.
        document.string_at(name.or_else(|| document.tape.get(&document.bytes, tool, "type")))
    });
    named.take(256).collect()
}

fn provider_state(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["previous_response_id", "conversation", "container"] {
        let node = document.member(name).and_then(|node| document.tape.node(node));
        if node.is_some_and(|node| matches!(node.kind, Kind::String | Kind::Object)) {
            found.push(format!("{name}:/{name}"));
        }
    }
    let mut id = 0;
    while let Some(node) = document.tape.node(id) {
        if node.kind == Kind::Object {
            for (name, value) in document.tape.members(id) {
                let name = document.tape.text(&document.bytes, name).unwrap_or_default();
                let text = document.tape.text(&document.bytes, value);
                let is_reference = matches!(name.as_ref(), "file_id" | "server_url" | "vector_store_ids")
                    || (name == "type" && matches!(text.as_deref(), Some("item_reference" | "mcp")));
                if is_reference {
                    found.push(format!("{name}:{}", document.tape.pointer(&document.bytes, value)));
                }
            }
        }
        id += 1;
    }
    found.truncate(64);
    found
}

fn messages(document: &Document) -> Vec<Message> {
    let list = document.member("messages").or_else(|| document.member("input"));
    let elements = list.into_iter().flat_map(|list| document.tape.elements(list));
    let described = elements.filter_map(|element| {
        let word = |name: &str| document.string_at(document.tape.get(&document.bytes, element, name));
        let role = word("role");
        let kind = word("type");
        let is_output = role.as_deref() == Some("assistant")
            || matches!(kind.as_deref(), Some("function_call" | "reasoning" | "mcp_call" | "web_search_call"));
        let is_system = matches!(role.as_deref(), Some("system" | "developer"));
        Some(Message { range: range(document, element)?, is_input: !is_output && !is_system })
    });
    described.collect()
}

#[cfg(test)]
mod tests;
