//! The flat event of the API, the CLI, exports and renderings.

use crate::vocabulary::{Category, Decision, GuardrailResult, Identity, Outcome, Phase, RiskBand, Scanned, Severity};
use crate::{Action, Attribute, EscalationId, EventId, EventType};
use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One event. What is unknown is absent, never null; only the fields without `Option` are always present.
///
/// `user_id`, `recorded_at` and `log` come from the log entry; producers leave them empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Event {
    /// `evt_` and a ULID.
    #[schema(value_type = String, example = "evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B")]
    pub event_id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// When it happened, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// When the log took it, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recorded_at: Option<Timestamp>,
    /// The workspace that owns it.
    pub workspace_id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was decided.
    pub decision: Decision,
    /// The policies that found something.
    #[serde(default)]
    pub policies_triggered: Vec<String>,

    /// What was found: `prompt_injection`, `pii`, `secret`, …
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub finding_type: Option<String>,
    /// Place in the alert taxonomy; absent on ordinary traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Whether the request waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
    /// How a request ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// HTTP status that the caller saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// Why, from a template with codes and places; never the caller's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Highest calibrated score of the chain, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "crate::score::serialize")]
    pub risk_score: Option<f64>,
    /// Band of `risk_score`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_band: Option<RiskBand>,
    /// Tier of the application, 1 to 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_tier: Option<u8>,

    /// Name of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Random id of the user in the log's dictionary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// AI feature of the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// Agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Conversation or session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Gateway key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Address of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src_ip: Option<String>,
    /// User agent of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// How the user is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,

    /// Gateway instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// Version of the configuration in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_version: Option<String>,
    /// Path of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Provider by its configured name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Model that the caller asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether the answer streams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// Region of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,

    /// Version of the policy that judged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<u64>,
    /// SHA-256 of that policy's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_digest: Option<String>,
    /// What each policy found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_results: Vec<PolicyResult>,
    /// Exceptions by which something that was found was set aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<String>,
    /// The policy that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_violated: Option<String>,
    /// Summary of the guardrails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardrail_result: Option<GuardrailResult>,
    /// How much of the text was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanned: Option<Scanned>,
    /// What was not scanned: kinds and places, such as `image:/messages/0/content/1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unscanned: Vec<String>,
    /// Whether the same content was judged before in this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<bool>,
    /// SimHash of what the user said last, with a key of the store: 16 hexadecimal digits. Hashes of nearly equal prompts
    /// differ in few bits; short ones have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "00f3a1c2d4e5b697")]
    pub prompt_simhash: Option<String>,

    /// Judge model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_model: Option<String>,
    /// Judge score.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "crate::score::serialize")]
    pub judge_score: Option<f64>,
    /// Judge verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_verdict: Option<String>,
    /// Judge evaluation id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_id: Option<String>,

    /// Tool of a tool call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Tools that the request offered or the answer called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// MCP server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcp_server: Option<String>,

    /// Prompt tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_in: Option<u64>,
    /// Answer tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_out: Option<u64>,
    /// Cost in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Whole duration in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Time to the first byte of the answer, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<u64>,
    /// Time that Picket itself added, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overhead_us: Option<u64>,
    /// Bytes of the request body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_bytes: Option<u64>,
    /// Bytes of the response body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_bytes: Option<u64>,

    /// The caller's request id when it gave one, else Picket's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// W3C trace id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// W3C span id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// Request id of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_request_id: Option<String>,
    /// `x-ms-client-request-id` of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
    /// The event that this one follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub parent_event_id: Option<EventId>,
    /// Escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub escalation_id: Option<EscalationId>,
    /// Incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_id: Option<String>,
    /// Detection rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_id: Option<String>,

    /// Roles of the bodies that are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<String>,
    /// Where the log holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogPlace>,

    /// Who did it: the principal of an administrative act (`key_…`, `usr_…`), absent on traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What an administrative act acted on, as `kind:id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// How often an aggregated event happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What was measured, by name: of `system.metrics` and `external.metric`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
    /// The system that sent it: of `external.*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What that system says besides, by name: of `external.*`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
}

impl Event {
    /// Whether it is a request that passed without anybody having been asked, since its risk is low: rendered as
    /// `decision.auto_approved` for those who ask for that, and no entry of its own.
    pub fn is_auto_approved(&self) -> bool {
        self.event_type == EventType::REQUEST
            && self.decision == Decision::Allowed
            && self.severity <= Severity::Low
            && self.risk_band.is_none_or(|band| band == RiskBand::Low)
            && self.held != Some(true)
            && self.escalation_id.is_none()
    }

    /// The event as those see it who ask for approvals that nobody gave.
    #[must_use]
    pub fn as_auto_approved(self) -> Self {
        if self.is_auto_approved() { Self { event_type: EventType::AUTO_APPROVED, ..self } } else { self }
    }

    /// An event with only the fields that are always present: severity `info`, decision `allowed`.
    #[expect(clippy::too_many_lines, reason = "one line for each optional field")]
    pub fn new(event_type: EventType, workspace_id: &str, timestamp: Timestamp) -> Self {
        Self {
            event_id: EventId::new(timestamp),
            event_type,
            timestamp,
            recorded_at: None,
            workspace_id: workspace_id.to_owned(),
            severity: Severity::Info,
            decision: Decision::Allowed,
            policies_triggered: Vec::new(),
            finding_type: None,
            category: None,
            held: None,
            outcome: None,
            status_code: None,
            reason: None,
            risk_score: None,
            risk_band: None,
            risk_tier: None,
            user: None,
            user_id: None,
            team: None,
            application: None,
            feature: None,
            agent_id: None,
            session_id: None,
            key_id: None,
            src_ip: None,
            user_agent: None,
            identity: None,
            gateway_id: None,
            config_version: None,
            endpoint: None,
            provider: None,
            model: None,
            stream: None,
            region: None,
            policy_version: None,
            policy_digest: None,
            policy_results: Vec::new(),
            exceptions: Vec::new(),
            policy_violated: None,
            guardrail_result: None,
            scanned: None,
            unscanned: Vec::new(),
            repeat: None,
            prompt_simhash: None,
            judge_model: None,
            judge_score: None,
            judge_verdict: None,
            judge_id: None,
            tool: None,
            tools: Vec::new(),
            mcp_server: None,
            tokens_in: None,
            tokens_out: None,
            cost: None,
            latency_ms: None,
            ttft_ms: None,
            overhead_us: None,
            request_bytes: None,
            response_bytes: None,
            request_id: None,
            trace_id: None,
            span_id: None,
            provider_request_id: None,
            client_request_id: None,
            parent_event_id: None,
            escalation_id: None,
            incident_id: None,
            rule_id: None,
            bodies: Vec::new(),
            log: None,
            actor: None,
            target: None,
            count: None,
            metrics: BTreeMap::new(),
            source: None,
            attributes: BTreeMap::new(),
        }
    }
}

/// What one policy of the chain found in one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PolicyResult {
    /// Name of the policy in the chain.
    pub policy: String,
    /// Where it ran.
    pub phase: Phase,
    /// What it asked for.
    pub verdict: Action,
    /// Its calibrated score, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "crate::score::serialize")]
    pub score: Option<f64>,
    /// What it found.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub finding_type: Option<String>,
    /// Where it found it, at most 64 spans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<SpanRef>,
    /// Microseconds of CPU that it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub us: Option<u64>,
    /// Whether it only watched: `mode: monitor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitored: Option<bool>,
    /// The exception that set it aside: `verdict` says what it would have asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
}

/// A place in the request or the answer, in code points of the text at `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SpanRef {
    /// JSON pointer of the text, or the channel of a stream.
    pub at: String,
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// What it is, such as `EMAIL`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Where the log holds an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogPlace {
    /// Id of the log.
    pub id: String,
    /// Leaf of `request.received`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// Leaf of the closing entry.
    pub completed: u64,
}

#[cfg(test)]
mod tests;
