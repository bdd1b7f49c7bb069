//! Containments.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// A containment that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateContainment {
    /// `block`, `review` (every request waits for a person), `strict` (what a check finds is refused) or `throttle`.
    #[schema(example = "block")]
    pub effect: String,
    /// `user`, `key`, `address`, `application`, `agent` or `session`.
    #[schema(example = "user")]
    pub kind: String,
    /// Whom: a name, an id, an address or a network.
    #[schema(example = "ana@example.com")]
    pub target: String,
    /// Why.
    #[schema(example = "tries other people's accounts")]
    pub reason: String,
    /// How long, such as `1h`; the operator's usual time without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<String>,
    /// Only requests for these models, with `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Only requests of this feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// Of a throttle: how many requests pass in `per`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// Of a throttle: in how long, such as `1m`, which is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// Only count whom it would concern.
    #[serde(default)]
    pub dry_run: bool,
}

/// Why a containment is approved, refused or undone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainmentChange {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A containment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Containment {
    /// `cnt_…`.
    pub id: String,
    /// `block`, `review`, `strict` or `throttle`.
    pub effect: String,
    /// `user`, `key`, `address`, `application`, `agent` or `session`.
    pub kind: String,
    /// Whom.
    pub target: String,
    /// `proposed`, `active`, `undone`, `expired` or `refused`.
    pub state: String,
    /// Only for these models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Only for this feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// Only for this sender: `user`, `key` or `address`. Ids of agents and sessions are their callers' own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_kind: Option<String>,
    /// Its name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Of a throttle: how many requests pass in `per`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// Of a throttle: in how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// Whether it only counts whom it would concern.
    pub dry_run: bool,
    /// Why.
    pub reason: String,
    /// The rule or the finding that wanted it; absent when a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Who wanted it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How long it lasts once it is in force.
    pub ttl: String,
    /// When it ends or ended; of one that is proposed, when it is refused by itself.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Requests that it concerned since the server started, while it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
    /// Who approved, refused or undid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_reason: Option<String>,
}
