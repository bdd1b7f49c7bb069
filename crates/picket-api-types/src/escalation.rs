//! The review queue.

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
    /// The user, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// When a person must have looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// When it expires by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
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
