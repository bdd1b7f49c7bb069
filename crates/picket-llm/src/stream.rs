//! A streamed answer: which text of each event belongs to which channel.
//!
//! A channel is one text that arrives in pieces: a choice's content, its reasoning, its refusal, the arguments of one
//! call, a content block, a part of an item, and whatever else a dialect adds below a `delta`: strings of unknown names
//! get channels of their own. Everything that is no piece is whole, and is judged as a whole.

mod channel;

use crate::document::{Document, PartKind, Shape};
use crate::edit::{Edit, Replacement, apply};
use crate::endpoint::{Dialect, Endpoint};
use crate::escape::quote;
use crate::frame::Frame;
use crate::response::{Usage, error, files, usage};
use crate::tape::{NodeId, ParseError};
use bytes::Bytes;
use channel::{Key, Template};
use picket_event::Role;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// One text of an answer that arrives in pieces. Numbered from 0 within a stream.
pub type ChannelId = u32;

/// The most channels of one stream.
const CHANNELS_MAX: usize = 4_096;

/// A piece of a channel.
#[derive(Debug, Clone)]
pub struct Delta {
    /// Channel.
    pub channel: ChannelId,
    /// Whose words.
    pub role: Role,
    /// Whether the text is a piece of JSON, to be read and written with [`crate::Fragment`].
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
    /// Pieces of channels, in the order in which they stand.
    pub deltas: Vec<Delta>,
    /// Every other text, whole: repetitions of finished texts, unknown fields.
    pub wholes: Option<Document>,
    /// Channels that end with this event, after its own pieces; their rest must leave before what follows.
    pub ended: Vec<ChannelId>,
    /// Names of tools that are called.
    pub tool_calls: Vec<String>,
    /// What is in the event and is no text that can be scanned: kind and place.
    pub unscanned: Vec<String>,
    /// Tokens, where the event says so.
    pub usage: Usage,
    /// Whether the answer is complete with this event, or has failed: nothing follows.
    pub terminal: bool,
    /// Whether the provider reports an error.
    pub failed: bool,
    data: Bytes,
    repeats: Vec<Repetition>,
}

/// Log probabilities in an event: what empties them, and where the texts begin that they repeat.
#[derive(Debug, Clone)]
struct Repetition {
    emptied: Replacement,
    of: Vec<usize>,
    is_exact: bool,
}

/// Reads the events of one stream.
#[derive(Debug)]
pub struct StreamReader {
    dialect: Dialect,
    channels: HashMap<Key, ChannelId>,
    templates: Vec<(Key, Template)>,
    sequence: u64,
}

impl StreamReader {
    /// A reader for the answer of an endpoint.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { dialect: endpoint.dialect(), channels: HashMap::new(), templates: Vec::new(), sequence: 0 }
    }

    /// Reads an event. Events without data, and comments, are events without text.
    pub fn read(&mut self, frame: Frame) -> Result<StreamEvent, ParseError> {
        let data = frame.data().unwrap_or_default();
        let mut event = StreamEvent::empty(frame, data);
        match event.data.trim_ascii() {
            b"" => return Ok(event),
            b"[DONE]" => {
                event.terminal = true;
                event.ended = self.ended(|_| true);
                return Ok(event);
            }
            _ => {}
        }
        let shape = Shape { role: Role::Assistant, list: None, is_event: true };
        let mut document = Document::read(event.data.clone(), shape)?;
        event.usage = usage(&document);
        event.tool_calls = std::mem::take(&mut document.calls);
        event.unscanned = std::mem::take(&mut document.unscanned);
        event.unscanned.extend(files(&document));
        event.failed = error(&document).is_some();
        event.repeats = repetitions(&document);
        let sequence = document.number_at(document.member("sequence_number"));
        self.sequence = sequence.map_or(self.sequence, |number| number.saturating_add(1));
        self.deltas(&document, &mut event)?;
        self.ends(&document, &mut event);
        document.parts.retain(|part| !part.piece);
        event.wholes = (!document.parts.is_empty()).then_some(document);
        Ok(event)
    }

    /// An event of a channel that carries `text` and nothing else, for what was held back until the channel ended.
    pub fn synthesize(&self, channel: ChannelId, text: &str) -> Option<Bytes> {
        let (_, template) = self.templates.get(usize::try_from(channel).ok()?)?;
        Some(template.event(text, self.sequence))
    }

    fn deltas(&mut self, document: &Document, event: &mut StreamEvent) -> Result<(), ParseError> {
        for part in document.parts.iter().filter(|part| part.piece) {
            let Some(range) = document.tape.range(part.node) else { continue };
            let (key, steps) = channel::locate(document, part);
            let next = ChannelId::try_from(self.templates.len()).unwrap_or(ChannelId::MAX);
            if next as usize >= CHANNELS_MAX && !self.channels.contains_key(&key) {
                return Err(ParseError::whole("too many texts in one stream"));
            }
            let channel = *self.channels.entry(key.clone()).or_insert(next);
            if channel == next {
                let template = Template::of(document, &event.frame, &steps, &key);
                self.templates.push((key, template));
            } else if let Some((_, known)) = self.template(channel).filter(|(_, known)| known.is_guess) {
                *known = Template::of(document, &event.frame, &steps, &key);
            }
            event.deltas.push(Delta {
                channel,
                role: part.role,
                is_json: part.kind == PartKind::Json,
                text: document.text(part).to_owned(),
                range,
            });
        }
        Ok(())
    }

    fn template(&mut self, channel: ChannelId) -> Option<&mut (Key, Template)> {
        self.templates.get_mut(usize::try_from(channel).ok()?)
    }

    fn ends(&self, document: &Document, event: &mut StreamEvent) {
        let kind = document.string_at(document.member("type")).unwrap_or_default();
        let number = |name: &str| document.number_at(document.member(name));
        event.failed |= matches!(kind.as_str(), "error" | "response.failed");
        let is_last = matches!(kind.as_str(), "message_stop" | "response.completed" | "response.incomplete");
        event.terminal = is_last || event.failed;
        event.ended = match (self.dialect, kind.as_str()) {
            _ if event.terminal => self.ended(|_| true),
            (Dialect::Anthropic, "content_block_stop") => {
                let index = number("index").unwrap_or(0);
                self.ended(|key| key.group == index)
            }
            (Dialect::OpenAi, "") => {
                let finished = finished_choices(document);
                self.ended(|key| finished.contains(&key.group))
            }
            (Dialect::OpenAi, kind) => match kind.strip_suffix(".done") {
                Some("response.output_item") => self.ended(|key| key.group == number("output_index").unwrap_or(0)),
                Some(base) => {
                    let (group, inner) = channel::indices(document);
                    let is_part = base.ends_with("_part");
                    self.ended(|key| key.group == group && key.inner == inner && (is_part || key.base == base))
                }
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
    }

    fn ended(&self, ends: impl Fn(&Key) -> bool) -> Vec<ChannelId> {
        let numbered = (0..).zip(&self.templates);
        numbered.filter(|(_, (key, _))| ends(key)).map(|(channel, _)| channel).collect()
    }
}

/// Choices that an event of a chat ends.
fn finished_choices(document: &Document) -> BTreeSet<u64> {
    let choices = document.member("choices").into_iter().flat_map(|list| document.tape.elements(list));
    let finished = choices.enumerate().filter_map(|(at, choice)| {
        // Some servers write an empty reason into every piece.
        document.string_at(document.get(choice, "finish_reason")).filter(|reason| !reason.is_empty())?;
        let index = document.number_at(document.get(choice, "index"));
        Some(index.unwrap_or(u64::try_from(at).unwrap_or(u64::MAX)))
    });
    finished.collect()
}

fn repetitions(document: &Document) -> Vec<Repetition> {
    let start = |node: &NodeId| document.tape.range(*node).map(|range| range.start);
    let found = document.repeats.iter().filter_map(|repeat| {
        let of = repeat.of.iter().filter_map(start).collect();
        Some(Repetition { emptied: document.emptied(repeat.node)?, of, is_exact: repeat.is_exact })
    });
    found.collect()
}

impl StreamEvent {
    fn empty(frame: Frame, data: Bytes) -> Self {
        Self {
            frame,
            deltas: Vec::new(),
            wholes: None,
            ended: Vec::new(),
            tool_calls: Vec::new(),
            unscanned: Vec::new(),
            usage: Usage::default(),
            terminal: false,
            failed: false,
            data,
            repeats: Vec::new(),
        }
    }

    /// The event with other texts in place of its deltas (in their order; none for those that are missing) and with
    /// edits of its wholes. Everything else stays byte for byte, but for the words of comments, which no client reads,
    /// and log probabilities of what was changed.
    pub fn rewrite(&self, deltas: &[String], edits: &[Edit]) -> Bytes {
        let texts = deltas.iter().map(String::as_str).chain(std::iter::repeat(""));
        let changed = self.deltas.iter().zip(texts).filter(|(delta, text)| delta.text != *text);
        let mut replacements: Vec<Replacement> =
            changed.map(|(delta, text)| (delta.range.clone(), quote(text))).collect();
        if !edits.is_empty() {
            replacements.extend(self.wholes.iter().flat_map(|wholes| wholes.replacements(edits)));
        }
        let starts: BTreeSet<usize> = replacements.iter().map(|(range, _)| range.start).collect();
        let stale =
            self.repeats.iter().filter(|repeat| !repeat.is_exact || repeat.of.iter().any(|at| starts.contains(at)));
        replacements.extend(stale.map(|repeat| repeat.emptied.clone()));
        if replacements.is_empty() {
            return self.frame.passed();
        }
        self.frame.with_data(&apply(&self.data, replacements))
    }
}

#[cfg(test)]
mod tests;
