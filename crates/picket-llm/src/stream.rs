//! A streamed answer: which text of each event belongs to which channel.

use crate::document::Document;
use crate::edit::{Edit, apply, quote};
use crate::endpoint::{Dialect, Endpoint};
use crate::frame::Frame;
use crate::response::{Usage, tool_calls, usage};
use crate::tape::{Kind, NodeId, ParseError};
use bytes::Bytes;
use picket_event::Role;
use std::collections::HashMap;
use std::ops::Range;

/// One text of an answer that arrives in pieces. Numbered from 0 within a stream.
pub type ChannelId = u32;

/// A piece of a channel.
#[derive(Debug, Clone)]
pub struct Delta {
    /// Channel.
    pub channel: ChannelId,
    /// Whose words.
    pub role: Role,
    /// Whether the text is a piece of JSON.
    pub is_json: bool,
    /// The text.
    pub text: String,
    range: Range<usize>,
}

/// One event of a stream, read.
#[derive(Debug, Clone)]
pub struct StreamEvent {
    /// As it came.
    pub frame: Frame,
    /// Pieces of channels.
    pub deltas: Vec<Delta>,
    /// Every other text, whole: repetitions of finished texts, unknown fields.
    pub wholes: Option<Document>,
    /// Channels that end with this event; their rest must leave before it.
    pub ended: Vec<ChannelId>,
    /// Names of tools that are called.
    pub tool_calls: Vec<String>,
    /// Tokens, where the event says so.
    pub usage: Usage,
    /// Whether the answer is complete with this event.
    pub terminal: bool,
    /// Whether the provider reports an error.
    pub failed: bool,
    data: Bytes,
}

/// Reads the events of one stream.
#[derive(Debug)]
pub struct StreamReader {
    dialect: Dialect,
    channels: HashMap<Key, ChannelId>,
    templates: Vec<Template>,
}

/// What identifies a channel: what it is, and up to two indices.
type Key = (&'static str, u64, u64);

/// The last piece of a channel, to make another one like it.
#[derive(Debug, Clone)]
struct Template {
    key: Key,
    frame: Option<(Frame, Bytes, Range<usize>)>,
}

impl StreamReader {
    /// A reader for the answer of an endpoint.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { dialect: endpoint.dialect(), channels: HashMap::new(), templates: Vec::new() }
    }

    /// Reads an event. Events without data, and comments, are events without text.
    pub fn read(&mut self, frame: Frame) -> Result<StreamEvent, ParseError> {
        let data = frame.data().unwrap_or_default();
        let mut event = StreamEvent {
            frame,
            deltas: Vec::new(),
            wholes: None,
            ended: Vec::new(),
            tool_calls: Vec::new(),
            usage: Usage::default(),
            terminal: data.as_ref() == b"[DONE]",
            failed: false,
            data,
        };
        if event.data.is_empty() || event.terminal {
            if event.terminal {
                event.ended = self.all();
            }
            return Ok(event);
        }
        let document = Document::parse(event.data.clone(), Role::Assistant)?;
        event.usage = usage(&document.tape, &document.bytes, 0);
        event.tool_calls = tool_calls(&document.tape, &document.bytes);
        event.tool_calls.extend(self.named_calls(&document));
        event.failed = document
            .member("error")
            .is_some_and(|node| document.tape.node(node).is_some_and(|node| node.kind != Kind::Null));
        match self.dialect {
            Dialect::Anthropic => self.anthropic(&document, &mut event),
            Dialect::OpenAi if document.member("choices").is_some() => self.chat(&document, &mut event),
            Dialect::OpenAi => self.responses(&document, &mut event),
        }
        let ranges: Vec<usize> = event.deltas.iter().map(|delta| delta.range.start).collect();
        let mut rest = document;
        let starts =
            |part: &crate::Part| rest.tape.node(part.node).map_or(0, |node| usize::try_from(node.start).unwrap_or(0));
        let keep: Vec<bool> = rest.parts.iter().map(|part| !ranges.contains(&starts(part))).collect();
        let mut keep = keep.into_iter();
        rest.parts.retain(|_| keep.next().unwrap_or(true));
        event.wholes = (!rest.parts.is_empty()).then_some(rest);
        Ok(event)
    }

    /// An event of a channel that carries `text`, for what was held back until the channel ended.
    pub fn synthesize(&self, channel: ChannelId, text: &str) -> Option<Bytes> {
        let template = self.templates.get(usize::try_from(channel).ok()?)?;
        let (frame, data, range) = template.frame.as_ref()?;
        Some(frame.with_data(&apply(data, vec![(range.clone(), quote(text))])))
    }

    fn all(&self) -> Vec<ChannelId> {
        (0..u32::try_from(self.templates.len()).unwrap_or(0)).collect()
    }

    fn ended(&self, ends: impl Fn(&Key) -> bool) -> Vec<ChannelId> {
        self.all()
            .into_iter()
            .filter(|id| {
                self.templates.get(usize::try_from(*id).unwrap_or(0)).is_some_and(|template| ends(&template.key))
            })
            .collect()
    }

    fn delta(&mut self, document: &Document, event: &mut StreamEvent, key: Key, node: Option<NodeId>) {
        let Some(node) = node else { return };
        let Some(text) = document.string_at(Some(node)) else { return };
        let Some(found) = document.tape.node(node) else { return };
        let next = u32::try_from(self.templates.len()).unwrap_or(u32::MAX);
        let channel = *self.channels.entry(key).or_insert(next);
        if channel == next {
            self.templates.push(Template { key, frame: None });
        }
        let range = usize::try_from(found.start).unwrap_or(0)..usize::try_from(found.end).unwrap_or(0);
        if let Some(template) = self.templates.get_mut(usize::try_from(channel).unwrap_or(0)) {
            template.frame = Some((event.frame.clone(), event.data.clone(), range.clone()));
        }
        let role = if key.0 == "reasoning" { Role::Reasoning } else { Role::Assistant };
        event.deltas.push(Delta { channel, role, is_json: key.0 == "arguments", text, range });
    }

    fn chat(&mut self, document: &Document, event: &mut StreamEvent) {
        let get = |object: NodeId, name: &str| document.tape.get(&document.bytes, object, name);
        let number = |object: NodeId, name: &str| {
            get(object, name).and_then(|node| document.tape.number(&document.bytes, node)).unwrap_or(0)
        };
        let choices: Vec<NodeId> =
            document.member("choices").into_iter().flat_map(|list| document.tape.elements(list)).collect();
        for choice in choices {
            let index = number(choice, "index");
            self.delta(document, event, ("text", index, 0), get(choice, "text"));
            if let Some(delta) = get(choice, "delta") {
                for (name, kind) in [
                    ("content", "text"),
                    ("refusal", "refusal"),
                    ("reasoning_content", "reasoning"),
                    ("reasoning", "reasoning"),
                ] {
                    self.delta(document, event, (kind, index, u64::from(name == "reasoning")), get(delta, name));
                }
                let legacy = get(delta, "function_call").and_then(|call| get(call, "arguments"));
                self.delta(document, event, ("arguments", index, u64::MAX), legacy);
                let calls: Vec<NodeId> =
                    get(delta, "tool_calls").into_iter().flat_map(|list| document.tape.elements(list)).collect();
                for call in calls {
                    let arguments = get(call, "function").and_then(|function| get(function, "arguments"));
                    self.delta(document, event, ("arguments", index, number(call, "index")), arguments);
                }
            }
            if document.string_at(get(choice, "finish_reason")).is_some() {
                event.ended.extend(self.ended(|(_, choice, _)| *choice == index));
            }
        }
    }

    fn anthropic(&mut self, document: &Document, event: &mut StreamEvent) {
        let index = document.member("index").and_then(|node| document.tape.number(&document.bytes, node)).unwrap_or(0);
        let kind = document.string_at(document.member("type")).unwrap_or_default();
        match kind.as_str() {
            "content_block_delta" => {
                if let Some(delta) = document.member("delta") {
                    for (name, kind) in [("text", "text"), ("thinking", "reasoning"), ("partial_json", "arguments")] {
                        self.delta(document, event, (kind, index, 0), document.tape.get(&document.bytes, delta, name));
                    }
                }
            }
            "content_block_stop" => event.ended = self.ended(|(_, block, _)| *block == index),
            "message_stop" | "error" => {
                event.ended = self.all();
                event.terminal = kind == "message_stop";
                event.failed = kind == "error";
            }
            _ => {}
        }
    }

    fn responses(&mut self, document: &Document, event: &mut StreamEvent) {
        let number = |name: &str| document.member(name).and_then(|node| document.tape.number(&document.bytes, node));
        let output = number("output_index").unwrap_or(0);
        let inner = number("content_index").or_else(|| number("summary_index")).unwrap_or(0);
        let name = document.string_at(document.member("type")).unwrap_or_default();
        let kind = |name: &str| {
            if name.contains("reasoning") {
                "reasoning"
            } else if name.contains("arguments") || name.contains("call_input") {
                "arguments"
            } else if name.contains("refusal") {
                "refusal"
            } else {
                "text"
            }
        };
        if let Some(base) = name.strip_suffix(".delta") {
            self.delta(document, event, (kind(base), output, inner), document.member("delta"));
        } else if let Some(base) = name.strip_suffix(".done") {
            let ends_item = base == "response.output_item";
            event.ended = self
                .ended(|(what, item, part)| *item == output && (ends_item || (*what == kind(base) && *part == inner)));
        } else if matches!(name.as_str(), "response.completed" | "response.incomplete" | "response.failed" | "error") {
            event.ended = self.all();
            event.terminal = name != "error";
            event.failed = matches!(name.as_str(), "response.failed" | "error");
        }
    }

    /// Names of tools in pieces of chat calls, which carry no type.
    fn named_calls(&self, document: &Document) -> Vec<String> {
        if self.dialect != Dialect::OpenAi {
            return Vec::new();
        }
        let choices = document.member("choices").into_iter().flat_map(|list| document.tape.elements(list));
        let calls = choices.filter_map(|choice| document.tape.path(&document.bytes, choice, &["delta", "tool_calls"]));
        let calls = calls.flat_map(|list| document.tape.elements(list));
        let names = calls
            .filter_map(|call| document.string_at(document.tape.path(&document.bytes, call, &["function", "name"])));
        names.filter(|name| !name.is_empty()).collect()
    }
}

impl StreamEvent {
    /// The event with other texts in place of its deltas (in their order) and with edits of its wholes.
    pub fn rewrite(&self, deltas: &[String], edits: &[Edit]) -> Bytes {
        let unchanged = self.deltas.iter().zip(deltas).all(|(delta, text)| delta.text == *text);
        if unchanged && edits.is_empty() {
            return self.frame.raw().clone();
        }
        let mut replacements: Vec<(Range<usize>, String)> =
            self.deltas.iter().zip(deltas).map(|(delta, text)| (delta.range.clone(), quote(text))).collect();
        replacements.extend(self.wholes.iter().flat_map(|wholes| wholes.replacements(edits)));
        self.frame.with_data(&apply(&self.data, replacements))
    }
}

#[cfg(test)]
mod tests;
