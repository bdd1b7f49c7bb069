//! The review queue.

use crate::exception::ExceptionProposal;
use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// How a reviewer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The request is legitimate.
    #[serde(alias = "allow")]
    Approved,
    /// The request stays refused.
    #[serde(alias = "deny", alias = "block")]
    Rejected,
    /// It is handed on to incident response.
    Investigate,
}

/// An entry of the review queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Escalation {
    /// `esc_…`.
    pub id: String,
    /// What was found.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it entered the queue.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How bad it is.
    pub severity: String,
    /// How urgent it is.
    pub priority: String,
    /// `pending`, `resolved` or `expired`.
    pub status: String,
    /// `new`, `claimed`, `in_review` or `snoozed`, while it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The event that caused it.
    pub event_id: String,
    /// Place in the alert taxonomy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The user, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The team that shall decide it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routed_to: Option<String>,
    /// When a person must have looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// How that stands while it is pending: `on_time`, `at_risk` (less than a quarter of the time is left) or `breached`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<String>,
    /// When it expires by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When somebody first took it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub touched_at: Option<Timestamp>,
    /// Until when it is out of sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Timestamp>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Who approved it first, where it takes two and the second has not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// The decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// Whether it was a real attack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Notes, oldest first.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
    /// The incident that it was handed on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_id: Option<String>,
    /// Others like it; not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precedent: Option<Precedent>,
    /// Whom it can be handed on to, and what to ask oneself first; not in lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<TriagePath>,
    /// What can be excepted, where it was decided as a false positive; not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception_proposal: Option<ExceptionProposal>,
    /// Counts changes; send it back to change nothing that somebody else changed first.
    pub version: u64,
}

/// A remark on an escalation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Note {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveRequest {
    /// The decision.
    pub resolution: Resolution,
    /// Verdict, when it differs from what the decision implies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The version that the reviewer saw; a later one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// Others like an escalation: the same finding by the same checks, of anybody, in the last thirty days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Precedent {
    /// All of them.
    pub seen: u64,
    /// Decided as real.
    pub true_positive: u64,
    /// Decided as harmless.
    pub false_positive: u64,
    /// Decided as neither.
    pub undetermined: u64,
    /// Not decided yet.
    pub pending: u64,
}

/// A way out of the queue of the first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TriagePath {
    /// Its name, for `hand_on`.
    pub name: String,
    /// The signal that leads to it.
    pub signal: String,
    /// The question that decides whether it is taken.
    pub question: String,
    /// The team at its end.
    pub team: String,
}

/// Pending escalations that are the same for a reviewer: like each other, and of the same user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EscalationGroup {
    /// What was found.
    #[serde(rename = "type")]
    pub kind: String,
    /// What they share: the finding, and the checks that made it.
    pub likeness: String,
    /// The user, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How many there are.
    pub count: u64,
    /// The highest priority among them.
    pub priority: String,
    /// The oldest.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// The newest.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// The earliest time by which a person must have looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// The most urgent of them.
    pub escalation_id: String,
}

/// What is done with an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActWord {
    /// Take it; 409 names who has it.
    Claim,
    /// Give it `to` somebody.
    Assign,
    /// Put it back for everybody.
    Release,
    /// Say that it is being looked at.
    Review,
    /// Put it out of sight `for` a time, with `notes` that say why.
    Snooze,
    /// Give it to another team, by `path` or by `team`.
    HandOn,
    /// Say something: `notes`.
    Comment,
    /// Decide it: `resolution`, `verdict`, `notes`.
    Resolve,
}

/// One thing to do. Members that do not belong to `act` are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActRequest {
    /// What.
    pub act: ActWord,
    /// Whom an escalation is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How long it is snoozed, such as `2h`; at most seven days.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    /// The path that it is handed on by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The team that it is handed on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// Verdict, when it differs from what the decision implies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The version that the reviewer saw; a later one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

impl ActRequest {
    /// One that says nothing but what it is.
    pub fn new(act: ActWord) -> Self {
        Self {
            act,
            to: None,
            wait: None,
            path: None,
            team: None,
            resolution: None,
            verdict: None,
            notes: None,
            version: None,
        }
    }
}

/// The same thing to do with many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// With which, at most 1,000.
    pub ids: Vec<String>,
    /// What.
    #[serde(rename = "do")]
    pub wanted: ActRequest,
}

/// What became of one of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BulkResult {
    /// Which.
    pub id: String,
    /// The status that it alone would have had: 200, 404, 409, …
    pub status: u16,
    /// Its version now, when it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Why it was not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A test of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialRequest {
    /// How bad the test says it is; `low` without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// A test that is on its way through the log into the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Trial {
    /// The escalation that it will be.
    pub escalation_id: String,
}

/// An incident, as far as it goes: what a reviewer handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Incident {
    /// `inc_…`.
    pub id: String,
    /// What was found.
    #[serde(rename = "type")]
    pub kind: String,
    /// How bad it is.
    pub severity: String,
    /// `open`, `acknowledged` or `closed`.
    pub status: String,
    /// What it is about.
    pub title: String,
    /// Place in the alert taxonomy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The escalation that it came from, if it came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation_id: Option<String>,
    /// The finding that opened it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding_id: Option<String>,
    /// The event that caused it.
    pub event_id: String,
    /// The user, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// Who took it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Timestamp>,
    /// Who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// What it turned out to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Tickets about it elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<crate::Ticket>,
}
