//! Destinations.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Credentials by the names of their fields. They go in and never come out.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::HashMap<String, String>)]
pub struct DestinationCredentials(pub BTreeMap<String, String>);

impl fmt::Debug for DestinationCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A destination that is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDestination {
    /// Its name, of which there is one.
    #[schema(example = "splunk")]
    pub name: String,
    /// What it is told: `to` (`kind` and its options), `wanted` (`events`, `filter`, `severity`, `bodies`), `resume`, `ordered`, `requests`.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// Credentials of its kind.
    #[serde(default)]
    pub credentials: DestinationCredentials,
    /// Where it begins: `now`, which is the default, `beginning`, or a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
}

/// What is to be otherwise with a destination; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDestination {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All that it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub settings: Option<serde_json::Value>,
    /// All its credentials; wanted again when its host changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<DestinationCredentials>,
    /// The version that was looked at; another one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// New credentials in place of the present ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateDestination {
    /// All of them.
    pub credentials: DestinationCredentials,
}

/// Why a destination is paused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseDestination {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What may be shown of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldCredential {
    /// Its field.
    pub field: String,
    /// Counts how often it was entered.
    pub version: u32,
    /// Who entered it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// What went wrong last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DestinationFailure {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `retry`, `auth`, `config`, `reject`, `split`, `items`, `partial`; `log`, `store`, `settings` on this side.
    pub class: String,
    /// Status of HTTP, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What was said: at most 256 bytes.
    pub said: String,
}

/// What the last probe of a destination that was paused because it failed showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DestinationProbe {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether the receiver took it.
    pub passed: bool,
    /// What it said.
    pub said: String,
}

/// How a destination stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DestinationHealth {
    /// Requests on their way.
    pub running: u64,
    /// Requests at a time that it seems to bear.
    pub requests: u64,
    /// Faults in a row.
    pub faults: u32,
    /// Before when nothing is sent: its receiver asked for that, or it failed. Pausing and resuming it ends the wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub waits_until: Option<Timestamp>,
    /// Requests since the program started, by what came of them.
    pub answers: BTreeMap<String, u64>,
    /// When the receiver last took something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acked_at: Option<Timestamp>,
    /// How long after the log the receiver had the newest event then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<DestinationFailure>,
    /// What else somebody should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// The last probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<DestinationProbe>,
}

/// A destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Destination {
    /// `dst_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The word of its kind.
    pub kind: String,
    /// Scheme, host and port that its credentials are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// `active` or `paused`.
    pub state: String,
    /// Why it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Events whose fate is open, of those that it looked at.
    pub pending: u64,
    /// Events that the receiver has.
    pub delivered: u64,
    /// Events that were given up.
    pub dead_lettered: u64,
    /// Entries of the log that it has not looked at.
    pub unread: u64,
    /// How it stands.
    pub health: DestinationHealth,
    /// Whether it is sent prompts and answers.
    #[serde(default)]
    pub bodies: bool,
    /// What it is told.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// What may be shown of its credentials.
    pub credentials: Vec<HeldCredential>,
    /// Counts changes of what it is told.
    pub version: u64,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

/// What a test showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TestedDestination {
    /// Whether the receiver took it.
    pub passed: bool,
    /// What became of the probe: `ack`, `retry`, `auth`, `config`, `reject` or `split`.
    pub outcome: String,
    /// Status of HTTP, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What was sent, without credentials: method and whole address, how the body was packed, and the body before that.
    pub request: String,
    /// What came back.
    pub response: String,
    /// The document as the receiver stored it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
    /// Whether it is known that it is stored: `yes`, `no`, or `unknown` where the receiver only says that it took it.
    pub verified: String,
    /// What else somebody should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The sums of a destination: `accepted = delivered + dead_lettered + pending + expired`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DestinationBalance {
    /// `dst_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Read from the log and to be sent.
    pub accepted: u64,
    /// The receiver has them.
    pub delivered: u64,
    /// Given up, each with its reason.
    pub dead_lettered: u64,
    /// Their fate is open.
    pub pending: u64,
    /// Dropped by the log's retention before they were sent.
    pub expired: u64,
    /// Whether the sums add up.
    pub even: bool,
    /// Entries of the log that it has not looked at.
    pub unread: u64,
    /// Dead letters that can be looked at; others were discarded.
    pub dead_letters: u64,
    /// What the log has for it, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recount: Option<DestinationRecount>,
}

/// What the log has for a destination, counted anew by its present subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DestinationRecount {
    /// The first position of the log that is its.
    pub from: u64,
    /// What it has read ends before this position.
    pub to: u64,
    /// Events there that its present subscription wants, as the log has them now.
    pub wanted: u64,
    /// What it accepted there, by its own sums.
    pub accepted: u64,
    /// Entries there that retention has dropped since: nobody can say any more whether they were wanted.
    pub dropped: u64,
    /// How often its settings were changed, as the log tells: its subscription may have been another.
    pub changes: u64,
    /// The version of its settings that was counted by.
    pub version: u64,
    /// Whether both sums are the same, but for what was dropped; absent where its settings were changed, so that they cannot
    /// be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agrees: Option<bool>,
}

/// How much of the events of an hour a receiver has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CoveredHour {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub hour: Timestamp,
    /// Events of it that were to be sent.
    pub accepted: u64,
    /// Those that the receiver acknowledged.
    pub delivered: u64,
    /// Those that were given up.
    pub dead_lettered: u64,
    /// What the receiver has of it when it is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<u64>,
    /// Why it could not be searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Per cent of what was to be sent.
    pub percent: f64,
}

/// How much of the events of a time a receiver has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DestinationCoverage {
    /// `search` where the receiver told what it has, else `acknowledgements`.
    pub by: String,
    /// Per cent of all; absent where nothing was to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// Entries of the log that the destination has not looked at yet, as while it is paused; they count nowhere here.
    pub unread: u64,
    /// Hours in which something was to be sent.
    pub hours: Vec<CoveredHour>,
}

/// An event that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetter {
    /// Its position in the log.
    pub position: u64,
    /// The event.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// Why it was given up.
    pub reason: String,
    /// Status of HTTP, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the receiver said: at most 256 bytes.
    pub excerpt: String,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was given up.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether it waits to be sent once more.
    pub replay: bool,
}

/// Which dead letters are meant: some, or all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenLetters {
    /// Those at these positions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<u64>,
    /// All that are there.
    #[serde(default)]
    pub all: bool,
}

/// What became of dead letters that were meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ActedLetters {
    /// How many: of those that are to be sent once more, without those that were to be already.
    pub count: u64,
    /// Positions that were named, and at which there is no dead letter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<u64>,
}

/// How many there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counted {
    /// How many.
    pub count: u64,
}

/// An event as a destination's receiver would get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewedEvent {
    /// The event.
    pub event_id: String,
    /// Its type, as the receiver sees it.
    pub event_type: String,
    /// What would be sent for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoded: Option<String>,
    /// Why nothing can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
