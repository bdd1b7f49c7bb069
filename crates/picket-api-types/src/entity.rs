//! Whom findings are about: risk, history, and what is usual.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// Somebody or something that findings are about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entity {
    /// What it is, such as `user`.
    pub kind: String,
    /// Its name.
    pub id: String,
    /// Points of risk now.
    pub risk: f64,
    /// When findings last changed that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
    /// What gave the points, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<EntityPoints>,
    /// Findings that are not closed, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<crate::Finding>,
    /// Containments that are in force or wait.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containments: Vec<crate::Containment>,
    /// What is usual of it, of a user, key, application, model or the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Box<EntityProfile>>,
}

/// What is usual of one, and how the present hour stands against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityProfile {
    /// The hour of the first request that is known.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The hour of the newest.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// Requests in that time.
    pub requests: u64,
    /// About how many different prompts there were, of those with a hash (13 per cent off on average).
    pub prompts: u64,
    /// What is known is too little to call much unusual.
    pub learning: bool,
    /// How unusual the present hour is: 0 not at all, 3 what happens by chance once in a thousand times, 6 once in a million.
    pub surprise: f64,
    /// The most unusual request of the last day with one.
    pub peak: EntityPeak,
    /// Hours of the week in which it is active, in UTC, such as `Mon 09:00-17:00`.
    pub usual_hours: Vec<String>,
    /// In how many weeks it was active in each hour of the week, from Monday 00:00 UTC on; halved together now and then.
    #[schema(value_type = Vec<u8>)]
    pub hours: Vec<u8>,
    /// Sizes of requests, and rates of hours with requests.
    pub rates: Vec<EntityRate>,
    /// Models that were used last.
    pub models: Vec<EntityUse>,
    /// Applications that were used last.
    pub applications: Vec<EntityUse>,
    /// Networks that requests came from last.
    pub networks: Vec<EntityUse>,
    /// How it stands among its peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<EntityPeers>,
    /// What is looked at now, the least likely first.
    pub scores: Vec<EntityScore>,
}

/// The most unusual of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityPeak {
    /// As above.
    pub surprise: f64,
    /// The hour.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// A size or rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityRate {
    /// `tokens_in`, `tokens_out`, `cost` (USD) and `latency_ms` of a request; `requests_per_hour`, `blocked_per_hour`,
    /// `sensitive_per_hour`, `tokens_per_hour` and `cost_per_hour` of hours with requests.
    pub metric: String,
    /// In the present hour; sizes have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<f64>,
    /// What is usual.
    pub usual: f64,
    /// From where on it is unusual.
    pub unusual_from: f64,
    /// What is usual of its peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<f64>,
    /// How many values that is known from.
    pub values: u64,
    /// All that in words.
    pub text: String,
}

/// Something that was used, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityUse {
    /// Its name.
    pub name: String,
    /// The day of its first use without a gap of 90 days.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The day of its last.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// How one stands among its peers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityPeers {
    /// The team; absent where all of a kind are peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// In words.
    pub text: String,
}

/// Something that is looked at, and how unusual it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityScore {
    /// What: a metric, `hour`, `model`, `application`, `network` or `sensitive_rising`.
    pub what: String,
    /// What is there now.
    pub seen: f64,
    /// What is usual.
    pub expected: f64,
    /// 3 is what happens by chance once in a thousand times.
    pub surprise: f64,
    /// In words.
    pub text: String,
}

/// Points that a finding gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityPoints {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How many.
    pub points: f64,
    /// What is left of them.
    pub left: f64,
    /// The time in which they halve.
    pub half_life: String,
    /// The rule.
    pub rule_id: String,
    /// The finding.
    pub finding_id: String,
}
