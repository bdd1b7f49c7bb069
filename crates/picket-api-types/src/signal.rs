//! Signals of other systems.

use picket_event::{Attribute, EventId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One signal, or many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum NewSignals {
    /// One.
    One(Box<NewSignal>),
    /// At most a thousand, each as one alone: what is none is refused by itself, and the others are taken.
    #[schema(value_type = Vec<serde_json::Value>)]
    Many(Vec<NewSignal>),
}

/// A signal: what another system knows. Its members are those of events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignal {
    /// `login`, `threat_intel`, `credential`, `badge`, `ticket`, `judge`, `metric` or `custom`.
    #[serde(rename = "type")]
    #[schema(example = "login")]
    pub kind: String,
    /// The sender's id: the same one from the same source is taken once.
    #[schema(max_length = 256)]
    pub id: Option<String>,
    /// Which system says so.
    #[schema(example = "okta", max_length = 256)]
    pub source: String,
    /// When it happened; now, without one. At most five minutes ahead.
    #[schema(format = DateTime)]
    pub timestamp: Option<String>,
    /// How bad it is; `info`, without one.
    pub severity: Option<String>,
    /// Place in the alert taxonomy.
    pub category: Option<String>,
    /// Name of the user; the sender vouches for it.
    pub user: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Application.
    pub application: Option<String>,
    /// AI feature.
    pub feature: Option<String>,
    /// Agent.
    pub agent_id: Option<String>,
    /// Session.
    pub session_id: Option<String>,
    /// Gateway key.
    pub key_id: Option<String>,
    /// Address.
    pub src_ip: Option<String>,
    /// User agent.
    pub user_agent: Option<String>,
    /// Provider.
    pub provider: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Tool.
    pub tool: Option<String>,
    /// MCP server.
    pub mcp_server: Option<String>,
    /// Judge model.
    pub judge_model: Option<String>,
    /// Judge score, 0 to 1.
    pub judge_score: Option<f64>,
    /// Judge verdict.
    pub judge_verdict: Option<String>,
    /// Judge evaluation id.
    pub judge_id: Option<String>,
    /// Request that it is about.
    pub request_id: Option<String>,
    /// W3C trace id.
    pub trace_id: Option<String>,
    /// How often it happened.
    pub count: Option<u64>,
    /// Numbers by name, at most 64.
    pub metrics: Option<BTreeMap<String, f64>>,
    /// What the system says besides: flat, at most 64.
    pub attributes: Option<BTreeMap<String, Attribute>>,
}

/// What became of a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignalResult {
    /// Which, from 0.
    pub index: usize,
    /// The status that it alone would have had: 201 for a new event, 200 for one that was known, 422 for one that is refused.
    pub status: u16,
    /// Its event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub event_id: Option<EventId>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
