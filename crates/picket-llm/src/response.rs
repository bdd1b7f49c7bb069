//! An answer of a provider, as one JSON document.

use crate::document::{Document, Shape};
use crate::tape::{Kind, NodeId, ParseError};
use bytes::Bytes;
use picket_event::Role;
use std::ops::Deref;

/// An answer, scanned.
#[derive(Debug, Clone)]
pub struct Response {
    document: Document,
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// Why the answer ends, in the dialect's word.
    pub finish: Option<String>,
    /// The code or type of an error, when the answer is one.
    pub error: Option<String>,
    /// Tokens, where the provider says so.
    pub usage: Usage,
    /// Names of the tools that the model calls.
    pub tool_calls: Vec<String>,
    /// Files that stay at the provider, and were not seen here: member and place.
    pub provider_state: Vec<String>,
}

/// Tokens of a request and its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the whole prompt, cached or not.
    pub tokens_in: Option<u64>,
    /// Of the answer.
    pub tokens_out: Option<u64>,
    /// Of the prompt, those that came from a cache.
    pub tokens_cached: Option<u64>,
}

impl Deref for Response {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}

impl Response {
    /// Scans an answer of any endpoint.
    pub fn parse(body: Bytes) -> Result<Self, ParseError> {
        let document = Document::read(body, Shape { role: Role::Assistant, list: None, is_event: false })?;
        let string = |node: Option<NodeId>| document.string_at(node);
        let choice = document.member("choices").and_then(|list| document.tape.elements(list).next());
        let finish = choice.and_then(|choice| document.get(choice, "finish_reason"));
        let finish = finish.or_else(|| document.member("stop_reason")).or_else(|| document.member("status"));
        Ok(Self {
            id: string(document.member("id")),
            model: string(document.member("model")),
            finish: string(finish),
            error: error(&document),
            usage: usage(&document),
            tool_calls: document.calls.clone(),
            provider_state: files(&document),
            document,
        })
    }
}

impl Usage {
    /// Two reports of one answer, member by member. Providers count on, so the larger one is the later.
    #[must_use]
    pub fn or(self, earlier: Self) -> Self {
        Self {
            tokens_in: self.tokens_in.max(earlier.tokens_in),
            tokens_out: self.tokens_out.max(earlier.tokens_out),
            tokens_cached: self.tokens_cached.max(earlier.tokens_cached),
        }
    }
}

/// Files that an answer refers to. What it repeats of its request was told with that.
pub(crate) fn files(document: &Document) -> Vec<String> {
    document.references.iter().filter(|reference| reference.starts_with("file_id:")).cloned().collect()
}

/// The code or type of the error that a document reports.
pub(crate) fn error(document: &Document) -> Option<String> {
    let error = document.member("error").or_else(|| document.path(&["response", "error"]))?;
    match document.tape.kind(error)? {
        Kind::Null => None,
        Kind::String => document.string_at(Some(error)),
        _ => {
            let word = |name: &str| document.string_at(document.get(error, name));
            Some(word("code").or_else(|| word("type")).unwrap_or_else(|| "error".to_owned()))
        }
    }
}

/// The usage that a document reports: at itself, or in the message or response that it carries.
pub(crate) fn usage(document: &Document) -> Usage {
    let places: [&[&str]; 3] = [&["usage"], &["message", "usage"], &["response", "usage"]];
    let found = places.iter().find_map(|path| document.path(path));
    let counted = || Usage { tokens_in: document.number_at(document.member("input_tokens")), ..Usage::default() };
    let Some(usage) = found.filter(|usage| document.tape.kind(*usage) == Some(Kind::Object)) else {
        return counted();
    };
    let number = |name: &str| document.number_at(document.get(usage, name));
    let deep = |name: &str| document.number_at(document.tape.path(&document.bytes, usage, &[name, "cached_tokens"]));
    // Anthropic counts what the cache gave and took beside the rest.
    let (read, written) = (number("cache_read_input_tokens"), number("cache_creation_input_tokens"));
    let beside = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
    Usage {
        tokens_in: number("prompt_tokens")
            .or_else(|| number("input_tokens").map(|tokens| tokens.saturating_add(beside))),
        tokens_out: number("completion_tokens").or_else(|| number("output_tokens")),
        tokens_cached: read.or_else(|| deep("prompt_tokens_details")).or_else(|| deep("input_tokens_details")),
    }
}

#[cfg(test)]
mod tests;
