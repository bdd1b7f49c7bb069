//! The fields of an event by their names, for tables that operators write.

use crate::json::{Json, serialized};
use crate::subject::Subject;
use picket_event::score::rounded;
use picket_event::{Attribute, LogPlace, PolicyResult};
use picket_stdx::Timestamp;
use std::collections::BTreeMap;

/// A field of an event.
#[derive(Debug, Clone, Copy)]
pub struct Field(&'static Row);

#[derive(Debug)]
struct Row {
    name: &'static str,
    get: for<'a> fn(&'a Subject<'a>) -> Option<Value<'a>>,
}

/// What a field holds.
enum Value<'a> {
    Text(&'a str),
    Id(String),
    Number(u64),
    Float(f64),
    Flag(bool),
    Time(Timestamp),
    Texts(&'a [String]),
    Results(&'a [PolicyResult]),
    Place(&'a LogPlace),
    Measures(&'a BTreeMap<String, f64>),
    Attributes(&'a BTreeMap<String, Attribute>),
}

impl Field {
    /// The field of this name.
    pub fn of(name: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.name == name).map(Self)
    }

    /// Every field, in the order of the schema.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The field whose name begins most like a text that is none.
    pub fn nearest(name: &str) -> Option<Self> {
        let shared = |row: &Row| row.name.bytes().zip(name.bytes()).take_while(|(ours, theirs)| ours == theirs).count();
        let best = ROWS.iter().max_by_key(|row| (shared(row), usize::MAX - row.name.len().abs_diff(name.len())))?;
        (shared(best) > 0).then_some(Self(best))
    }

    /// Appends its value as JSON; false, and nothing, when the event has none.
    pub fn write(self, subject: &Subject<'_>, out: &mut Vec<u8>) -> bool {
        let Some(value) = (self.0.get)(subject) else { return false };
        match value {
            Value::Text(text) => text.write(out),
            Value::Id(text) => text.write(out),
            Value::Number(number) => number.write(out),
            Value::Float(number) if number.is_finite() => number.write(out),
            Value::Float(_) => return false,
            Value::Flag(flag) => flag.write(out),
            Value::Time(at) => at.write(out),
            Value::Texts(texts) => texts.write(out),
            Value::Results(results) => serialized(out, results),
            Value::Place(place) => serialized(out, place),
            Value::Measures(measures) => measures.write(out),
            Value::Attributes(attributes) => attributes.write(out),
        }
        true
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Field {}

fn text(value: Option<&str>) -> Option<Value<'_>> {
    value.map(Value::Text)
}

fn texts(values: &[String]) -> Option<Value<'_>> {
    (!values.is_empty()).then_some(Value::Texts(values))
}

fn number<N: Into<u64>>(value: Option<N>) -> Option<Value<'static>> {
    value.map(|number| Value::Number(number.into()))
}

const ROWS: &[Row] = &[
    Row { name: "event_id", get: |of| Some(Value::Text(of.id())) },
    Row { name: "event_type", get: |of| Some(Value::Text(of.event().event_type.as_str())) },
    Row { name: "timestamp", get: |of| Some(Value::Time(of.event().timestamp)) },
    Row { name: "recorded_at", get: |of| of.event().recorded_at.map(Value::Time) },
    Row { name: "workspace_id", get: |of| Some(Value::Text(&of.event().workspace_id)) },
    Row { name: "severity", get: |of| Some(Value::Text(of.event().severity.as_str())) },
    Row { name: "decision", get: |of| Some(Value::Text(of.event().decision.as_str())) },
    Row { name: "policies_triggered", get: |of| Some(Value::Texts(&of.event().policies_triggered)) },
    Row { name: "type", get: |of| text(of.event().finding_type.as_deref()) },
    Row { name: "category", get: |of| of.event().category.map(|word| Value::Text(word.as_str())) },
    Row { name: "held", get: |of| of.event().held.map(Value::Flag) },
    Row { name: "outcome", get: |of| of.event().outcome.map(|word| Value::Text(word.as_str())) },
    Row { name: "status_code", get: |of| number(of.event().status_code) },
    Row { name: "reason", get: |of| text(of.event().reason.as_deref()) },
    Row { name: "risk_score", get: |of| of.event().risk_score.map(|score| Value::Float(rounded(score))) },
    Row { name: "risk_band", get: |of| of.event().risk_band.map(|word| Value::Text(word.as_str())) },
    Row { name: "risk_tier", get: |of| number(of.event().risk_tier) },
    Row { name: "user", get: |of| text(of.event().user.as_deref()) },
    Row { name: "user_id", get: |of| text(of.event().user_id.as_deref()) },
    Row { name: "team", get: |of| text(of.event().team.as_deref()) },
    Row { name: "application", get: |of| text(of.event().application.as_deref()) },
    Row { name: "feature", get: |of| text(of.event().feature.as_deref()) },
    Row { name: "agent_id", get: |of| text(of.event().agent_id.as_deref()) },
    Row { name: "session_id", get: |of| text(of.event().session_id.as_deref()) },
    Row { name: "key_id", get: |of| text(of.event().key_id.as_deref()) },
    Row { name: "src_ip", get: |of| text(of.event().src_ip.as_deref()) },
    Row { name: "user_agent", get: |of| text(of.event().user_agent.as_deref()) },
    Row { name: "identity", get: |of| of.event().identity.map(|word| Value::Text(word.as_str())) },
    Row { name: "gateway_id", get: |of| text(of.event().gateway_id.as_deref()) },
    Row { name: "config_version", get: |of| text(of.event().config_version.as_deref()) },
    Row { name: "endpoint", get: |of| text(of.event().endpoint.as_deref()) },
    Row { name: "provider", get: |of| text(of.event().provider.as_deref()) },
    Row { name: "model", get: |of| text(of.event().model.as_deref()) },
    Row { name: "stream", get: |of| of.event().stream.map(Value::Flag) },
    Row { name: "region", get: |of| text(of.event().region.as_deref()) },
    Row { name: "policy_version", get: |of| number(of.event().policy_version) },
    Row { name: "policy_digest", get: |of| text(of.event().policy_digest.as_deref()) },
    Row {
        name: "policy_results",
        get: |of| Some(&of.event().policy_results).filter(|all| !all.is_empty()).map(|all| Value::Results(all)),
    },
    Row { name: "exceptions", get: |of| texts(&of.event().exceptions) },
    Row { name: "policy_violated", get: |of| text(of.event().policy_violated.as_deref()) },
    Row { name: "guardrail_result", get: |of| of.event().guardrail_result.map(|word| Value::Text(word.as_str())) },
    Row { name: "scanned", get: |of| of.event().scanned.map(|word| Value::Text(word.as_str())) },
    Row { name: "unscanned", get: |of| texts(&of.event().unscanned) },
    Row { name: "repeat", get: |of| of.event().repeat.map(Value::Flag) },
    Row { name: "prompt_simhash", get: |of| text(of.event().prompt_simhash.as_deref()) },
    Row { name: "judge_model", get: |of| text(of.event().judge_model.as_deref()) },
    Row { name: "judge_score", get: |of| of.event().judge_score.map(|score| Value::Float(rounded(score))) },
    Row { name: "judge_verdict", get: |of| text(of.event().judge_verdict.as_deref()) },
    Row { name: "judge_id", get: |of| text(of.event().judge_id.as_deref()) },
    Row { name: "tool", get: |of| text(of.event().tool.as_deref()) },
    Row { name: "tools", get: |of| texts(&of.event().tools) },
    Row { name: "mcp_server", get: |of| text(of.event().mcp_server.as_deref()) },
    Row { name: "tokens_in", get: |of| number(of.event().tokens_in) },
    Row { name: "tokens_out", get: |of| number(of.event().tokens_out) },
    Row { name: "cost", get: |of| of.event().cost.map(Value::Float) },
    Row { name: "latency_ms", get: |of| number(of.event().latency_ms) },
    Row { name: "ttft_ms", get: |of| number(of.event().ttft_ms) },
    Row { name: "overhead_us", get: |of| number(of.event().overhead_us) },
    Row { name: "request_bytes", get: |of| number(of.event().request_bytes) },
    Row { name: "response_bytes", get: |of| number(of.event().response_bytes) },
    Row { name: "request_id", get: |of| text(of.event().request_id.as_deref()) },
    Row { name: "trace_id", get: |of| text(of.event().trace_id.as_deref()) },
    Row { name: "span_id", get: |of| text(of.event().span_id.as_deref()) },
    Row { name: "provider_request_id", get: |of| text(of.event().provider_request_id.as_deref()) },
    Row { name: "client_request_id", get: |of| text(of.event().client_request_id.as_deref()) },
    Row { name: "parent_event_id", get: |of| of.event().parent_event_id.map(|id| Value::Id(id.to_string())) },
    Row { name: "escalation_id", get: |of| of.event().escalation_id.map(|id| Value::Id(id.to_string())) },
    Row { name: "incident_id", get: |of| text(of.event().incident_id.as_deref()) },
    Row { name: "rule_id", get: |of| text(of.event().rule_id.as_deref()) },
    Row { name: "bodies", get: |of| texts(&of.event().bodies) },
    Row { name: "log", get: |of| of.event().log.as_ref().map(Value::Place) },
    Row { name: "actor", get: |of| text(of.event().actor.as_deref()) },
    Row { name: "target", get: |of| text(of.event().target.as_deref()) },
    Row { name: "count", get: |of| number(of.event().count) },
    Row { name: "metrics", get: |of| Some(&of.event().metrics).filter(|all| !all.is_empty()).map(Value::Measures) },
    Row { name: "source", get: |of| text(of.event().source.as_deref()) },
    Row {
        name: "attributes",
        get: |of| Some(&of.event().attributes).filter(|all| !all.is_empty()).map(Value::Attributes),
    },
];
