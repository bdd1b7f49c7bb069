//! The closed words of the schema. Each reads from and displays as its lower-case word; inputs accept the synonyms that
//! the field uses (`allow`, `block`, `redact`, `escalate`, `deny` for decisions).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

mod guard;

pub use guard::{Action, BodyClass, GuardrailResult, Identity, Phase, Role, Scanned};

/// A text is none of the words of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not one of {valid}")]
pub struct UnknownWordError {
    /// What was given, cut to 64 characters.
    pub text: String,
    /// The valid words, joined by commas.
    pub valid: &'static str,
}

/// What was decided about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It went through unchanged.
    Allowed,
    /// It, or its answer, was refused.
    Blocked,
    /// It went through with parts removed.
    Redacted,
    /// A person is asked.
    Escalated,
    /// No decision was reached.
    Error,
}

impl Decision {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Allowed, Self::Blocked, Self::Redacted, Self::Escalated, Self::Error];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Blocked => "blocked",
            Self::Redacted => "redacted",
            Self::Escalated => "escalated",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Decision {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "allowed" | "allow" => Ok(Self::Allowed),
            "blocked" | "block" | "deny" | "denied" | "rejected" => Ok(Self::Blocked),
            "redacted" | "redact" => Ok(Self::Redacted),
            "escalated" | "escalate" => Ok(Self::Escalated),
            "error" => Ok(Self::Error),
            _ => Err(unknown(text, "allowed, blocked, redacted, escalated, error")),
        }
    }
}

/// How bad it is. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Ordinary traffic.
    Info,
    /// Log and aggregate.
    Low,
    /// Triage within hours.
    Medium,
    /// Triage within an hour.
    High,
    /// Respond at once.
    Critical,
}

impl Severity {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "info" => Ok(Self::Info),
            "low" => Ok(Self::Low),
            "medium" => Ok(Self::Medium),
            "high" => Ok(Self::High),
            "critical" => Ok(Self::Critical),
            _ => Err(unknown(text, "info, low, medium, high, critical")),
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The whole answer was delivered.
    Completed,
    /// Picket refused it.
    Refused,
    /// The provider failed or refused.
    UpstreamError,
    /// The caller left before the end.
    ClientGone,
    /// Picket ended the answer.
    Cut,
    /// A time limit ended it.
    Timeout,
    /// The process stopped while it ran.
    Unknown,
}

impl Outcome {
    /// Every word, in order.
    pub const ALL: &[Self] = &[
        Self::Completed,
        Self::Refused,
        Self::UpstreamError,
        Self::ClientGone,
        Self::Cut,
        Self::Timeout,
        Self::Unknown,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Refused => "refused",
            Self::UpstreamError => "upstream_error",
            Self::ClientGone => "client_gone",
            Self::Cut => "cut",
            Self::Timeout => "timeout",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Outcome {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "completed" => Ok(Self::Completed),
            "refused" => Ok(Self::Refused),
            "upstream_error" => Ok(Self::UpstreamError),
            "client_gone" => Ok(Self::ClientGone),
            "cut" => Ok(Self::Cut),
            "timeout" => Ok(Self::Timeout),
            "unknown" => Ok(Self::Unknown),
            _ => Err(unknown(text, "completed, refused, upstream_error, client_gone, cut, timeout, unknown")),
        }
    }
}

/// The alert taxonomy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A guardrail refused content.
    GuardrailBlock,
    /// A judge flagged an answer.
    JudgeFlag,
    /// Behaviour left its baseline.
    Anomaly,
    /// An injection, jailbreak or extraction attempt.
    PromptAttack,
    /// Data left, or tried to.
    DataExfiltration,
    /// An agent reached beyond its tools or scope.
    AgentBoundaryViolation,
    /// A model changed its behaviour.
    ModelDrift,
}

impl Category {
    /// Every word, in order.
    pub const ALL: &[Self] = &[
        Self::GuardrailBlock,
        Self::JudgeFlag,
        Self::Anomaly,
        Self::PromptAttack,
        Self::DataExfiltration,
        Self::AgentBoundaryViolation,
        Self::ModelDrift,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GuardrailBlock => "guardrail_block",
            Self::JudgeFlag => "judge_flag",
            Self::Anomaly => "anomaly",
            Self::PromptAttack => "prompt_attack",
            Self::DataExfiltration => "data_exfiltration",
            Self::AgentBoundaryViolation => "agent_boundary_violation",
            Self::ModelDrift => "model_drift",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Category {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "guardrail_block" => Ok(Self::GuardrailBlock),
            "judge_flag" => Ok(Self::JudgeFlag),
            "anomaly" => Ok(Self::Anomaly),
            "prompt_attack" => Ok(Self::PromptAttack),
            "data_exfiltration" => Ok(Self::DataExfiltration),
            "agent_boundary_violation" => Ok(Self::AgentBoundaryViolation),
            "model_drift" => Ok(Self::ModelDrift),
            _ => Err(unknown(
                text,
                "guardrail_block, judge_flag, anomaly, prompt_attack, data_exfiltration, agent_boundary_violation, model_drift",
            )),
        }
    }
}

/// The band of a risk score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskBand {
    /// Below 0.4.
    Low,
    /// From 0.4.
    Medium,
    /// From 0.8.
    High,
}

impl RiskBand {
    /// Every word, in order.
    pub const ALL: &[Self] = &[Self::Low, Self::Medium, Self::High];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for RiskBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RiskBand {
    type Err = UnknownWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fold(text).as_str() {
            "low" => Ok(Self::Low),
            "medium" => Ok(Self::Medium),
            "high" => Ok(Self::High),
            _ => Err(unknown(text, "low, medium, high")),
        }
    }
}

impl Severity {
    /// The number of CEF, LEEF and the canonical rendering.
    pub const fn number(self) -> u8 {
        match self {
            Self::Info => 1,
            Self::Low => 3,
            Self::Medium => 6,
            Self::High => 9,
            Self::Critical => 10,
        }
    }
}

impl RiskBand {
    /// The band of a score, by the default borders 0.4 and 0.8.
    pub fn of(score: f64) -> Self {
        if score < 0.4 {
            Self::Low
        } else if score < 0.8 {
            Self::Medium
        } else {
            Self::High
        }
    }
}

/// Lower case, with `-` read as `_`: `-` and `_` are equal in every query and document.
pub fn fold(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace('-', "_")
}

fn unknown(text: &str, valid: &'static str) -> UnknownWordError {
    UnknownWordError { text: text.chars().take(64).collect(), valid }
}

#[cfg(test)]
mod tests;
