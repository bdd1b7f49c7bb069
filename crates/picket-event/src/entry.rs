//! The canonical log entry, profile `audit-jcs-1`: RFC 8785 JSON that holds no value which a caller chose.
//!
//! The fields of [`Entry`] stand in the byte order of their names, there are no floats and every integer is within
//! ±(2^53−1), so `serde_json` writes the canonical form directly; a property test holds that against a JCS library.
//! Names of users, teams, applications, models and tools appear as random ids of an erasable dictionary ([`NameKind`]).

mod draft;

pub use draft::{Draft, Names};

use crate::vocabulary::{Category, Decision, Outcome, Severity};
use crate::{Event, EventType};
use picket_stdx::Timestamp;
use picket_stdx::limits::ENTRY_BYTES_MAX;
use serde::{Deserialize, Serialize};

/// Largest integer that canonical JSON can hold exactly.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Room for an entry with a few bodies.
const USUAL_BYTES: usize = 1_024;

/// A leaf of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Principal of an administrative act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Dictionary id of the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Commitments to the erasable bodies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<BodyRef>,
    /// Alert category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// How often an aggregated event happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What was decided.
    pub decision: Decision,
    /// Escalation id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<String>,
    /// Event id; both entries of a request share it.
    pub event: String,
    /// What was found: a word of the detectors, such as `prompt_injection`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// Whether the request waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
    /// Gateway key id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Dictionary id of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How a request ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Event that this one follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Kinds of the policies that found something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// The policy that judged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyRef>,
    /// Leaf of the `request.received` that this entry closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// Risk score in millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_ppm: Option<u64>,
    /// Leaf index of this entry.
    pub seq: u64,
    /// How bad it is.
    pub severity: Severity,
    /// HTTP status that the caller saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What an administrative act acted on, `kind:id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Dictionary id of the team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Id of the log.
    pub tenant: String,
    /// Dictionary ids of tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// When the log took it, RFC 3339 with microseconds.
    pub ts: String,
    /// Event type; `request.received` and `request.completed` stay apart here.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// Tokens and cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Dictionary id of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Version of this profile: 1.
    pub v: u8,
}

/// A commitment to a body that stands outside the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyRef {
    /// `sha256s:` and the hex of SHA-256(`evidence-body/v1\n` ‖ salt ‖ body).
    pub commit: String,
    /// Role of the body, unique within its entry: `facts`, `request`, `response`, `m0`…
    pub role: String,
    /// Bytes, rounded up to a multiple of 64.
    pub size: u64,
}

/// The policy version that judged a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRef {
    /// SHA-256 of its text, hex.
    pub digest: String,
    /// Its version in the store.
    pub version: u64,
}

/// Tokens, and cost in millionths of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Cost in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micro: Option<u64>,
    /// Prompt tokens.
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub tokens_in: Option<u64>,
    /// Answer tokens.
    #[serde(rename = "out", default, skip_serializing_if = "Option::is_none")]
    pub tokens_out: Option<u64>,
}

/// What the erasable dictionary names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// Users.
    User,
    /// Teams.
    Team,
    /// Applications.
    Application,
    /// Models.
    Model,
    /// Tools.
    Tool,
}

impl NameKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::User, Self::Team, Self::Application, Self::Model, Self::Tool];

    /// Prefix of the dictionary ids of this kind.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::User => "usr",
            Self::Team => "tea",
            Self::Application => "app",
            Self::Model => "mdl",
            Self::Tool => "tol",
        }
    }
}

/// Where an entry goes, and what the log adds to it.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// Id of the log.
    pub log: &'a str,
    /// Leaf index.
    pub position: u64,
    /// When the log takes it.
    pub at: Timestamp,
    /// Leaf of the `request.received` that this entry closes.
    pub received: Option<u64>,
}

/// An entry cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Its canonical form is longer than the limit.
    #[error("entry of {0} bytes is longer than {ENTRY_BYTES_MAX}")]
    TooLong(usize),
    /// The bytes are no JSON of the profile.
    #[error("entry is not of profile audit-jcs-1")]
    Malformed(#[source] serde_json::Error),
    /// The bytes parse but are not the canonical form.
    #[error("entry is not in canonical form")]
    NotCanonical,
    /// An integer is beyond 2^53−1.
    #[error("entry holds an integer beyond 2^53-1")]
    IntegerTooLarge,
    /// The dictionary failed.
    #[error("no dictionary id")]
    Dictionary(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Entry {
    /// The entry of an event. `id_of` gives the dictionary id of a name, making one for a new name.
    pub fn of<E>(
        event: &Event,
        place: &Place<'_>,
        bodies: Vec<BodyRef>,
        mut id_of: impl FnMut(NameKind, &str) -> Result<String, E>,
    ) -> Result<Self, E> {
        let mut id = |kind, name: Option<&String>| name.map(|name| id_of(kind, name)).transpose();
        let usage = Usage {
            cost_micro: event.cost.map(|usd| to_millionths(usd, INTEGER_MAX)),
            tokens_in: event.tokens_in,
            tokens_out: event.tokens_out,
        };
        let has_usage = usage.cost_micro.is_some() || usage.tokens_in.is_some() || usage.tokens_out.is_some();
        let policy = event
            .policy_version
            .zip(event.policy_digest.clone())
            .map(|(version, digest)| PolicyRef { digest, version });
        Ok(Self {
            actor: event.actor.clone(),
            application: id(NameKind::Application, event.application.as_ref())?,
            bodies,
            category: event.category,
            count: event.count,
            decision: event.decision,
            escalation: event.escalation_id.map(|id| id.to_string()),
            event: event.event_id.to_string(),
            found: event.finding_type.clone(),
            held: event.held,
            key: event.key_id.clone(),
            model: id(NameKind::Model, event.model.as_ref())?,
            outcome: event.outcome,
            parent: event.parent_event_id.map(|id| id.to_string()),
            policies: event.policies_triggered.clone(),
            policy,
            received: place.received,
            score_ppm: event.risk_score.map(|score| to_millionths(score, 1_000_000)),
            seq: place.position,
            severity: event.severity,
            status: event.status_code,
            target: event.target.clone(),
            team: id(NameKind::Team, event.team.as_ref())?,
            tenant: place.log.to_owned(),
            tools: event
                .tools
                .iter()
                .map(|tool| id(NameKind::Tool, Some(tool)))
                .filter_map(Result::transpose)
                .collect::<Result<_, _>>()?,
            ts: place.at.to_rfc3339_micros(),
            event_type: event.event_type.clone(),
            usage: has_usage.then_some(usage),
            user: id(NameKind::User, event.user.as_ref())?,
            v: 1,
        })
    }

    /// The canonical bytes, whose hash is the leaf.
    pub fn to_canonical(&self) -> Result<Vec<u8>, EntryError> {
        if self.integers().any(|n| n > INTEGER_MAX) {
            return Err(EntryError::IntegerTooLarge);
        }
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut bytes, self).map_err(EntryError::Malformed)?;
        if bytes.len() > ENTRY_BYTES_MAX { Err(EntryError::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads an entry and refuses bytes that are not its canonical form, so that one entry has one leaf.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong(bytes.len()));
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(EntryError::Malformed)?;
        if entry.to_canonical()? == bytes { Ok(entry) } else { Err(EntryError::NotCanonical) }
    }

    fn integers(&self) -> impl Iterator<Item = u64> {
        let usage = self.usage.as_ref();
        [
            Some(self.seq),
            self.count,
            self.received,
            self.score_ppm,
            self.policy.as_ref().map(|policy| policy.version),
            usage.and_then(|usage| usage.cost_micro),
            usage.and_then(|usage| usage.tokens_in),
            usage.and_then(|usage| usage.tokens_out),
        ]
        .into_iter()
        .flatten()
        .chain(self.bodies.iter().map(|body| body.size))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=max before the cast")]
#[expect(clippy::cast_precision_loss, reason = "max is at most 2^53-1, which a double holds exactly")]
fn to_millionths(value: f64, max: u64) -> u64 {
    (value * 1e6).round().clamp(0.0, max as f64) as u64
}

#[cfg(test)]
mod tests;
