//! What a service outside is asked, and what it may answer: the contract of docs/reference/remote.md.
//!
//! A judgement names inquiries, since a policy does nothing itself. Whoever makes them brings the answers back. An answer
//! counts only if it is whole and says nothing that cannot be: the service may be broken, or somebody else's.

use crate::exception::Excepted;
use crate::repeat::Past;
use picket_event::{Phase, Role};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Texts of one question, unless one text alone is longer.
pub(crate) const TEXTS_MAX: usize = 256;
/// Bytes of the texts of one question, unless one text alone is longer.
pub(crate) const TEXT_BYTES_MAX: usize = 512 * 1024;
/// Questions about one request or answer.
pub(crate) const QUESTIONS_MAX: usize = 64;
/// Bytes of an answer that is read.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Spans of one result.
const SPANS_MAX: usize = 1_024;
/// The version of the contract.
const VERSION: u8 = 1;

/// A question to a service.
#[derive(Debug, Clone)]
pub struct Inquiry {
    /// The check that asks, by its name in the chain.
    pub policy: String,
    pub(crate) phase: Phase,
    pub(crate) texts: Vec<Asked>,
    /// Whether the texts are out already, so that nothing can be removed.
    pub(crate) is_out: bool,
    /// What the check's own detector said of the texts that nobody else is asked about.
    pub(crate) rest: f32,
    /// The exceptions that concern the request.
    pub(crate) excepted: Option<Arc<Excepted>>,
}

/// A text that a service is asked about.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) part: usize,
    pub(crate) at: String,
    pub(crate) role: Role,
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// Whether it was judged before.
    pub(crate) past: Past,
}

/// What a service says about the texts of a question, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer(pub(crate) Vec<Said>);

/// What a service says about one text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) score: f32,
    pub(crate) flag: Option<bool>,
    pub(crate) kind: Option<String>,
    /// In code points, ascending.
    pub(crate) spans: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Option<String>,
}

/// Why there is no answer that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It took too long.
    #[error("the service did not answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("the service cannot be reached")]
    Unreachable,
    /// Not a success. Redirects are not followed.
    #[error("the service answered status {0}")]
    Status(u16),
    /// The answer breaks the contract.
    #[error("the service's answer breaks the contract: {0}")]
    Invalid(&'static str),
    /// Too many questions wait.
    #[error("too many questions to the service wait")]
    Busy,
    /// It failed too often, and is left alone for a while.
    #[error("the service failed too often and is left alone for a while")]
    CircuitOpen,
    /// The server has no such service; the policy in force is not what it was built with.
    #[error("the service is not set up")]
    Missing,
    /// A check in the process panicked.
    #[error("the check itself failed")]
    Failed,
}

impl Unanswered {
    /// One of each, in the order of their words in metrics.
    pub const ALL: [Self; 8] = [
        Self::Timeout,
        Self::Unreachable,
        Self::Status(500),
        Self::Invalid("it is no JSON"),
        Self::Busy,
        Self::CircuitOpen,
        Self::Missing,
        Self::Failed,
    ];

    /// The word of events and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Status(_) => "bad_status",
            Self::Invalid(_) => "invalid_answer",
            Self::Busy => "busy",
            Self::CircuitOpen => "circuit_open",
            Self::Missing => "missing",
            Self::Failed => "failed",
        }
    }
}

#[derive(Serialize)]
struct Question<'a> {
    version: u8,
    request_id: &'a str,
    direction: Phase,
    texts: Vec<Text<'a>>,
}

#[derive(Serialize)]
struct Text<'a> {
    id: String,
    role: Role,
    kind: &'a str,
    text: &'a str,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    score: f64,
    #[serde(default)]
    flag: Option<bool>,
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    spans: Option<Vec<Span>>,
}

#[derive(Deserialize)]
struct Span {
    start: u64,
    end: u64,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

impl Inquiry {
    /// The question as it is sent.
    pub fn question(&self, request_id: &str) -> Vec<u8> {
        let texts = self.texts.iter().enumerate().map(|(number, asked)| Text {
            id: number.to_string(),
            role: asked.role,
            kind: asked.kind,
            text: &asked.text,
        });
        let question = Question { version: VERSION, request_id, direction: self.phase, texts: texts.collect() };
        serde_json::to_vec(&question).unwrap_or_default()
    }

    /// Leaves out texts that need not be asked about; whether any is left.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) -> bool {
        self.texts.retain(|asked| keep(&asked.text));
        !self.texts.is_empty()
    }

    /// Bytes of the texts.
    pub fn bytes(&self) -> usize {
        self.texts.iter().map(|asked| asked.text.len() + asked.at.len()).sum()
    }

    /// The texts that are asked about.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|asked| asked.text.as_str())
    }

    /// Reads an answer. What is left out counts as little as what cannot be: a text without a result was not judged.
    pub fn read(&self, answer: &[u8]) -> Result<Answer, Unanswered> {
        if answer.len() > ANSWER_BYTES_MAX {
            return Err(Unanswered::Invalid("it is too long"));
        }
        let read: Results = serde_json::from_slice(answer)
            .map_err(|_error| Unanswered::Invalid("it is no JSON, or a member is missing or of another type"))?;
        if read.results.len() != self.texts.len() {
            return Err(Unanswered::Invalid("it has not one result for each text"));
        }
        let mut by_id: HashMap<String, Told> = read.results.into_iter().map(|told| (told.id.clone(), told)).collect();
        let said = self.texts.iter().enumerate().map(|(number, asked)| {
            let told = by_id.remove(&number.to_string());
            told.ok_or(Unanswered::Invalid("it has results for texts that were not asked about"))?.read(&asked.text)
        });
        said.collect::<Result<_, _>>().map(Answer)
    }
}

impl Asked {
    /// What a channel of a stream said, which is out already.
    pub(crate) fn of_channel(text: &str, channel: &str) -> Self {
        let (at, text) = (channel.to_owned(), text.to_owned());
        Self { part: 0, at, role: Role::Assistant, kind: "text", text, past: Past::Fresh }
    }
}

impl Said {
    /// Of a text in which there is nothing.
    pub(crate) fn nothing() -> Self {
        Self { score: 0.0, flag: None, kind: None, spans: Vec::new() }
    }
}

impl Told {
    fn read(self, text: &str) -> Result<Said, Unanswered> {
        if !(0.0..=1.0).contains(&self.score) {
            return Err(Unanswered::Invalid("a score is not between 0 and 1"));
        }
        let spans = self.spans.unwrap_or_default();
        if spans.len() > SPANS_MAX {
            return Err(Unanswered::Invalid("a text has more than 1024 spans"));
        }
        let length = if spans.is_empty() { 0 } else { text.chars().count() };
        let place = |span: Span| {
            let (start, end) = (usize::try_from(span.start).ok()?, usize::try_from(span.end).ok()?);
            (start < end && end <= length).then_some(Place { start, end, kind: span.kind.and_then(word) })
        };
        let spans: Option<Vec<Place>> = spans.into_iter().map(place).collect();
        let mut spans = spans.ok_or(Unanswered::Invalid("a span is empty or reaches beyond its text"))?;
        spans.sort_by_key(|place| (place.start, place.end));
        #[expect(clippy::cast_possible_truncation, reason = "a score needs no more precision")]
        let score = self.score as f32;
        Ok(Said { score, flag: self.flag, kind: self.kind.and_then(word), spans })
    }
}

/// A word as events write it, if it is one.
fn word(text: String) -> Option<String> {
    if text.len() > 40 {
        return None;
    }
    let word = text.to_ascii_lowercase().replace('-', "_");
    is_word(&word).then_some(word)
}

/// Whether a text is a word that events may show.
pub(crate) fn is_word(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests;
