//! Tickets, the places where they are opened, and the runbook.

use picket_event::Severity;
use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Credentials by name. They go in and never come out.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::HashMap<String, String>)]
pub struct PlaceCredentials(pub BTreeMap<String, String>);

impl fmt::Debug for PlaceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A place where tickets are opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TicketPlace {
    /// `tkp_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `pagerduty`, `jira`, `servicenow`, `jsm_operations`, `slack`, `teams` or `email`.
    pub kind: String,
    /// How it is spoken to; without credentials.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// Names of the credentials that it has.
    pub credentials: Vec<String>,
    /// The host that they are for.
    pub host: String,
    /// What it is told of: `alert`, `ticket`, `incident`.
    pub takes: Vec<String>,
    /// Owners whose things it is told of; everybody's without.
    pub owners: Vec<String>,
    /// At least so bad.
    pub severity: Severity,
    /// `active` or `paused`.
    pub state: String,
    /// What is still to be done there.
    pub waiting: u64,
    /// What it did not take, and nobody tries any more.
    pub dead: u64,
    /// Failures since the last success.
    pub failures: u64,
    /// The last failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failed_at: Option<Timestamp>,
    /// The last success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub succeeded_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Grows with each change.
    pub version: u64,
}

/// A place that is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTicketPlace {
    /// Its name.
    #[schema(example = "on call")]
    pub name: String,
    /// `pagerduty`, `jira`, `servicenow`, `jsm_operations`, `slack`, `teams` or `email`.
    #[schema(example = "pagerduty")]
    pub kind: String,
    /// How it is spoken to.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Credentials of the kind.
    #[serde(default)]
    pub credentials: PlaceCredentials,
    /// What it is told of; what its kind is usually for without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<Vec<String>>,
    /// Owners whose things it is told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// At least so bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// What is to be otherwise with a place; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTicketPlace {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub settings: Option<serde_json::Map<String, serde_json::Value>>,
    /// All its credentials; wanted again where its host changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<PlaceCredentials>,
    /// What it is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<Vec<String>>,
    /// Owners whose things it is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<Vec<String>>,
    /// At least so bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Whether what is to be done there waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// The version that was looked at; another one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// How trying a place went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TicketTest {
    /// Whether all of it succeeded.
    pub ok: bool,
    /// What was done, in order.
    pub steps: Vec<TicketTestStep>,
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TicketTestStep {
    /// `open` or `resolve`.
    pub act: String,
    /// Whether it succeeded.
    pub ok: bool,
    /// What people call the ticket there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Status of the answer that was no success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A ticket about a finding or an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ticket {
    /// `tkt_…`.
    pub id: String,
    /// What it is about: `fnd_…` or `inc_…`.
    pub subject: String,
    /// `opening`, `open`, `acknowledged`, `resolved` or `failed`.
    pub state: String,
    /// The place.
    pub place_id: String,
    /// Its name; absent where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What people call it there, such as `SEC-42`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where it stands there, in that system's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_state: Option<String>,
    /// When that system last said so; absent where it tells nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub seen_at: Option<Timestamp>,
    /// Why it failed, or fails now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was wanted.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it changed last.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

/// Something that a place did not take, and that nobody tries any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadTicket {
    /// The ticket.
    pub ticket_id: String,
    /// The place.
    pub place_id: String,
    /// What it is about.
    pub subject: String,
    /// What was to be done: `open`, `update`, `acknowledge` or `resolve`.
    pub act: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was wanted.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was given up.
    #[schema(value_type = String, format = DateTime)]
    pub dead_at: Timestamp,
}

/// What is tried anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayTickets {
    /// Only of this ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
}

/// How much is tried anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replayed {
    /// So much.
    pub count: u64,
}

/// What is done about findings of a category by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunbookLine {
    /// A category of the alert taxonomy, or `other`.
    pub category: String,
    /// `nothing`, `alert`, `ticket` or `incident`.
    pub action: String,
    /// About those that are at least so bad.
    pub severity: Severity,
    /// Who answers for them.
    pub owners: Vec<String>,
    /// Who decided that; absent where it is the usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
}

/// What is to be done about a category; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRunbookLine {
    /// `nothing`, `alert`, `ticket` or `incident`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// About those that are at least so bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Who answers for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<Vec<String>>,
}

/// How an incident is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseIncident {
    /// `true_positive`, `false_positive`, `benign`, `duplicate` or `undetermined`.
    #[schema(example = "true_positive")]
    pub verdict: String,
}
