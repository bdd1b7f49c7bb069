//! A request of a caller.

use crate::document::{Document, Shape};
use crate::endpoint::Endpoint;
use crate::tape::{Kind, NodeId, ParseError};
use bytes::Bytes;
use picket_event::Role;
use std::ops::{Deref, Range};

mod approval;

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
    /// How many answers are asked for.
    pub choices: u64,
    /// The most tokens that an answer may have.
    pub tokens_max: Option<u64>,
    /// Names of the tools that the model may call. A tool of the provider's own may have only a type.
    pub tools: Vec<String>,
    /// Names of the tools that were called earlier in the conversation.
    pub tool_calls: Vec<String>,
    /// The end user that the body itself names.
    pub user_claim: Option<String>,
    /// References to content that stays at the provider, and was not seen here: member and place.
    pub provider_state: Vec<String>,
    /// Messages in order; a part's `message` is an index into them.
    pub messages: Vec<Message>,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its bytes in the body.
    pub range: Range<usize>,
    /// Whose it is.
    pub role: Role,
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
        let Some(list) = messages_member(endpoint) else {
            return Err(ParseError::whole("this endpoint takes no body"));
        };
        let document = Document::read(body, Shape { role: Role::User, list: Some(list), is_event: false })?;
        if document.tape.kind(0) != Some(Kind::Object) {
            return Err(ParseError::whole("the body must be a JSON object"));
        }
        let claims =
            [document.member("user"), document.path(&["metadata", "user_id"]), document.member("safety_identifier")];
        let limits = ["max_completion_tokens", "max_output_tokens", "max_tokens"];
        Ok(Self {
            endpoint,
            model: document.string_at(document.member("model")),
            stream: document
                .member("stream")
                .and_then(|node| document.tape.bool(&document.bytes, node))
                .unwrap_or(false),
            choices: document.number_at(document.member("n")).unwrap_or(1),
            tokens_max: limits.iter().find_map(|name| document.number_at(document.member(name))),
            tools: tools(&document),
            tool_calls: document.calls.clone(),
            user_claim: claims.into_iter().find_map(|node| document.string_at(node)).filter(|name| !name.is_empty()),
            provider_state: document.references.clone(),
            messages: messages(&document, list),
            document,
        })
    }
}

/// The member whose elements are messages.
fn messages_member(endpoint: Endpoint) -> Option<&'static str> {
    match endpoint {
        Endpoint::ChatCompletions | Endpoint::Messages | Endpoint::CountTokens => Some("messages"),
        Endpoint::Responses | Endpoint::Embeddings => Some("input"),
        Endpoint::Completions => Some("prompt"),
        Endpoint::Models(_) | Endpoint::Model(_) => None,
    }
}

fn tools(document: &Document) -> Vec<String> {
    let lists = [document.member("tools"), document.member("functions")];
    let tools = lists.into_iter().flatten().flat_map(|list| document.tape.elements(list));
    let named = tools.filter_map(|tool| {
        let deep = |holder: &str| document.tape.path(&document.bytes, tool, &[holder, "name"]);
        let name = document.get(tool, "name").or_else(|| deep("function")).or_else(|| deep("custom"));
        document.string_at(name.or_else(|| document.get(tool, "type")))
    });
    let hosted = document.member("mcp_servers").into_iter().flat_map(|list| document.tape.elements(list));
    let servers = hosted.filter_map(|server| document.string_at(document.get(server, "name")));
    named.chain(servers).take(1024).collect()
}

fn messages(document: &Document, list: &str) -> Vec<Message> {
    let elements = document.member(list).into_iter().flat_map(|list| document.tape.elements(list));
    elements.filter_map(|element| message(document, element)).collect()
}

fn message(document: &Document, element: NodeId) -> Option<Message> {
    use crate::words;
    let word = |name: &str| document.string_at(document.get(element, name));
    let by_type = word("type").and_then(|kind| words::role_of_type(&kind));
    let by_speaker = word("role").and_then(|speaker| words::role_of_speaker(&speaker));
    let role = by_type.or(by_speaker).unwrap_or(Role::User);
    let is_input = !matches!(role, Role::System | Role::Assistant | Role::Reasoning | Role::Definition);
    Some(Message { range: document.tape.range(element)?, role, is_input })
}

#[cfg(test)]
mod tests;
