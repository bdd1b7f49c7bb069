//! Counts over time and by field.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// An answer of `/v1/events/stats`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stats {
    /// Events that match.
    pub total: u64,
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Answer tokens.
    pub tokens_out: u64,
    /// Cost, US dollars.
    pub cost: f64,
    /// Median latency, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms_p50: Option<u64>,
    /// 95th percentile of latency, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms_p95: Option<u64>,
    /// By time, ascending, where an interval was asked for; intervals without events between others included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_time: Vec<Bucket>,
    /// By field, most frequent first, where a field was asked for. An event with several values counts for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// How many values the field has, named in `groups` or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<usize>,
    /// Events without a value of the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<u64>,
}

/// Events of one interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bucket {
    /// Start of the interval.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Events in it.
    pub count: u64,
    /// Their prompt tokens.
    pub tokens_in: u64,
    /// Their answer tokens.
    pub tokens_out: u64,
    /// Their cost, US dollars.
    pub cost: f64,
}

/// Events with one value of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Group {
    /// The value.
    pub value: String,
    /// Events with it.
    pub count: u64,
    /// Their prompt tokens.
    pub tokens_in: u64,
    /// Their answer tokens.
    pub tokens_out: u64,
    /// Their cost, US dollars.
    pub cost: f64,
}
