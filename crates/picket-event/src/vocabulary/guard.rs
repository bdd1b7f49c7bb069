//! The words of the guard: who speaks, where a check ran, what it asked for, what was scanned.

use super::{UnknownWordError, fold, unknown};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How the user of an event is known. Only `key`, `jwt` and `asserted` may be acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The key belongs to the user.
    Key,
    /// A verified token names the user.
    Jwt,
    /// A service key asserts the user.
    Asserted,
    /// The request itself claims it.
    Claimed,
    /// Nobody said.
    Unknown,
}

impl Identity {
    /// Whether the name may be acted on. A claim is shown, and never used against anybody: otherwise anyone could have
    /// a colleague limited or blocked.
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::Key | Self::Jwt | Self::Asserted)
    }

    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Key, Self::Jwt, Self::Asserted, Self::Claimed, Self::Unknown];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Jwt => "jwt",
            Self::Asserted => "asserted",
            Self::Claimed => "claimed",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Identity {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "key" => Ok(Self::Key),
            "jwt" => Ok(Self::Jwt),
            "asserted" => Ok(Self::Asserted),
            "claimed" => Ok(Self::Claimed),
            "unknown" => Ok(Self::Unknown),
            _ => Err(unknown(text, "key, jwt, asserted, claimed, unknown")),
        }
    }
}

/// How much of the text was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scanned {
    /// Every text-bearing byte.
    Full,
    /// See `unscanned`.
    Partial,
    /// Nothing.
    None,
}

impl Scanned {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Full, Self::Partial, Self::None];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Scanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Scanned {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "full" => Ok(Self::Full),
            "partial" => Ok(Self::Partial),
            "none" => Ok(Self::None),
            _ => Err(unknown(text, "full, partial, none")),
        }
    }
}

/// What the guardrails made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuardrailResult {
    /// Nothing found.
    Pass,
    /// Found, and let through.
    Flag,
    /// Found, and refused.
    Block,
}

impl GuardrailResult {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Pass, Self::Flag, Self::Block];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Flag => "flag",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for GuardrailResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for GuardrailResult {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "pass" => Ok(Self::Pass),
            "flag" => Ok(Self::Flag),
            "block" => Ok(Self::Block),
            _ => Err(unknown(text, "pass, flag, block")),
        }
    }
}

/// Where in a request a check ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// On the request.
    Input,
    /// On the answer.
    Output,
}

impl Phase {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Input, Self::Output];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Phase {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "input" => Ok(Self::Input),
            "output" => Ok(Self::Output),
            _ => Err(unknown(text, "input, output")),
        }
    }
}

/// What a check asks for. Ordered from mild to strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    Allow,
    /// Record it.
    Flag,
    /// Remove the spans.
    Redact,
    /// Ask a person.
    Escalate,
    /// Refuse.
    Block,
}

impl Action {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Allow, Self::Flag, Self::Redact, Self::Escalate, Self::Block];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Redact => "redact",
            Self::Escalate => "escalate",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Action {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "allow" => Ok(Self::Allow),
            "flag" => Ok(Self::Flag),
            "redact" => Ok(Self::Redact),
            "escalate" => Ok(Self::Escalate),
            "block" | "deny" => Ok(Self::Block),
            _ => Err(unknown(text, "allow, flag, redact, escalate, block")),
        }
    }
}

/// Whose words a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The operator of the application: system and developer messages.
    System,
    /// The end user.
    User,
    /// The model: text, choices, tool-call arguments, refusals.
    Assistant,
    /// The model's reasoning or thinking.
    Reasoning,
    /// The result of a tool.
    Tool,
    /// A document, file or search result inside the prompt.
    Document,
    /// The definition of a tool or an output schema.
    Definition,
    /// Any other text, unknown fields included.
    Other,
}

impl Role {
    /// Every word, in order.
    pub const ALL: &[Self] = &[
        Self::System,
        Self::User,
        Self::Assistant,
        Self::Reasoning,
        Self::Tool,
        Self::Document,
        Self::Definition,
        Self::Other,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Reasoning => "reasoning",
            Self::Tool => "tool",
            Self::Document => "document",
            Self::Definition => "definition",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "system" => Ok(Self::System),
            "user" => Ok(Self::User),
            "assistant" => Ok(Self::Assistant),
            "reasoning" => Ok(Self::Reasoning),
            "tool" => Ok(Self::Tool),
            "document" => Ok(Self::Document),
            "definition" => Ok(Self::Definition),
            "other" => Ok(Self::Other),
            _ => Err(unknown(text, "system, user, assistant, reasoning, tool, document, definition, other")),
        }
    }
}

/// What kind of erasable body stands behind an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyClass {
    /// The request's own metadata; kept under every capture mode.
    Facts,
    /// Prompts and answers.
    Content,
    /// Masked excerpts around findings.
    Evidence,
}

impl BodyClass {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Facts, Self::Content, Self::Evidence];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Content => "content",
            Self::Evidence => "evidence",
        }
    }
}

impl fmt::Display for BodyClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for BodyClass {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "facts" => Ok(Self::Facts),
            "content" => Ok(Self::Content),
            "evidence" => Ok(Self::Evidence),
            _ => Err(unknown(text, "facts, content, evidence")),
        }
    }
}
