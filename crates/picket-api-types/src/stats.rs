//! Counts over time and by field.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// An answer of `/v1/events/stats`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stats {
    /// Events that match.
    pub total: u64,
    /// By time, ascending, where an interval was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_time: Vec<Bucket>,
    /// By field, most frequent first, where a field was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Answer tokens.
    pub tokens_out: u64,
    /// Cost, US dollars.
    pub cost: f64,
    /// Median latency, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms_p50: Option<f64>,
    /// 95th percentile of latency, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms_p95: Option<f64>,
}

/// Events of one interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bucket {
    /// Start of the interval.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Events in it.
    pub count: u64,
}

/// Events with one value of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Group {
    /// The value.
    pub value: String,
    /// Events with it.
    pub count: u64,
}
