//! The metrics that a security team watches.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// All of them, of one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecurityMetrics {
    /// From.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// To.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// One after another.
    pub metrics: Vec<SecurityMetric>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecurityMetric {
    /// Its name.
    pub name: String,
    /// The value; absent where there is nothing to say, such as a share of fewer than five.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// `ratio`, `seconds`, or what is counted.
    pub unit: String,
    /// Of how many.
    pub n: u64,
    /// The value above which somebody should look; of `siem_coverage`, below which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Whether somebody should look.
    pub alert: bool,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
