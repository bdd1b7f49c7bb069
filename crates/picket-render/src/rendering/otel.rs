//! `otel`: a log record with the attributes of the semantic conventions for generative AI, 1.41.
//!
//! The conventions for guardrails are not stable yet; their names stand in this file alone, and `schemaUrl` tells the
//! version of the others. Where the conventions have no name, attributes begin with `aisec.`.

use super::Maker;
use crate::batch::Framing as _;
use crate::subject::Subject;
use crate::wire::otlp::{Any, Attribute, JsonRequest, LogRecord, Origin, ProtobufRequest, record_json};
use picket_event::score::rounded;
use picket_event::{Attribute as Value, Category, Identity, Outcome, RiskBand, Severity};
use picket_stdx::Timestamp;
use picket_stdx::encode::unhex;
use std::borrow::Cow;

const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.41.0";
/// More attributes than an event can have.
const ATTRIBUTES: usize = 48;

/// What stands around the records of a maker, in both encodings.
pub(super) fn requests(maker: &Maker) -> (JsonRequest, ProtobufRequest) {
    let origin = Origin {
        resource: &[
            ("service.name", Any::Text(&maker.product)),
            ("service.namespace", Any::Text(&maker.vendor)),
            ("service.version", Any::Text(&maker.version)),
        ],
        scope_name: "picket",
        scope_version: env!("CARGO_PKG_VERSION"),
        schema_url: SCHEMA_URL,
    };
    (JsonRequest::new(&origin), ProtobufRequest::new(&origin))
}

pub(super) fn render(subject: &Subject<'_>, request: &JsonRequest, out: &mut Vec<u8>) {
    let mut record = Vec::with_capacity(2_048);
    with_record(subject, |of| record_json(&mut record, of));
    request.wrap(&record, out);
}

/// What a path asks a model for, in the conventions' words.
pub(super) fn operation(endpoint: &str) -> &'static str {
    let has = |part: &str| endpoint.contains(part);
    match () {
        () if has("embeddings") => "embeddings",
        () if has("chat") || has("messages") || has("responses") || has("converse") => "chat",
        () if has("completions") => "text_completion",
        () => "generate_content",
    }
}

/// Makes the record of an event, and lends it out.
pub(super) fn with_record<T>(subject: &Subject<'_>, then: impl FnOnce(&LogRecord<'_>) -> T) -> T {
    let event = subject.event();
    let made = Made {
        escalation: event.escalation_id.map(|id| id.to_string()),
        parent: event.parent_event_id.map(|id| id.to_string()),
        measures: event.metrics.iter().map(|(name, value)| (format!("aisec.metrics.{name}"), *value)).collect(),
        bodies: [subject.said("request"), subject.said("response")],
        truncated: subject.truncated().into_iter().map(str::to_owned).collect(),
        said: event.attributes.iter().map(|(name, value)| (format!("aisec.attributes.{name}"), value)).collect(),
    };
    let mut attributes = Vec::with_capacity(ATTRIBUTES);
    about_model(subject, &mut attributes);
    about_guardrail(subject, &mut attributes);
    about_request(subject, &made, &mut attributes);
    let headline = subject.headline();
    then(&LogRecord {
        time_unix_nano: nanos(event.timestamp),
        observed_time_unix_nano: nanos(event.recorded_at.unwrap_or(event.timestamp)),
        severity_number: severity_number(event.severity),
        severity_text: event.severity.as_str(),
        event_name: event_name(subject),
        body: Some(Any::Text(&headline)),
        attributes: &attributes,
        trace_id: id(event.trace_id.as_deref()),
        span_id: id(event.span_id.as_deref()),
    })
}

/// Texts that attributes borrow.
struct Made<'a> {
    escalation: Option<String>,
    parent: Option<String>,
    measures: Vec<(String, f64)>,
    /// The request and the response.
    bodies: [Option<Cow<'a, str>>; 2],
    truncated: Vec<String>,
    said: Vec<(String, &'a Value)>,
}

fn any(value: &Value) -> Any<'_> {
    match value {
        Value::Flag(flag) => Any::Bool(*flag),
        Value::Number(number) => Any::Double(*number),
        Value::Text(text) => Any::Text(text),
    }
}

fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(0).saturating_mul(1_000)
}

/// The conventions' INFO, INFO2, WARN, ERROR and FATAL.
fn severity_number(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 9,
        Severity::Low => 10,
        Severity::Medium => 13,
        Severity::High => 17,
        Severity::Critical => 21,
    }
}

fn event_name<'a>(subject: &Subject<'a>) -> &'a str {
    match (subject.is_request(), subject.found()) {
        (true, Some(_)) => "gen_ai.guardrail.security.finding",
        (true, None) => "gen_ai.client.inference.operation.details",
        (false, _) => subject.name(),
    }
}

/// An id of so many bytes, unless the text is none or all zero, which the protocol refuses.
fn id<const N: usize>(text: Option<&str>) -> Option<[u8; N]> {
    let bytes: [u8; N] = unhex(text?)?.try_into().ok()?;
    bytes.iter().any(|byte| *byte != 0).then_some(bytes)
}

/// Attributes by name, where the event has a value.
struct To<'o, 'a>(&'o mut Vec<Attribute<'a>>);

impl<'a> To<'_, 'a> {
    fn text(&mut self, name: &'static str, value: Option<&'a str>) {
        self.0.extend(value.map(|value| (name, Any::Text(value))));
    }

    fn number<N: TryInto<i64>>(&mut self, name: &'static str, value: Option<N>) {
        self.0.extend(value.and_then(|value| value.try_into().ok()).map(|value| (name, Any::Int(value))));
    }

    fn score(&mut self, name: &'static str, value: Option<f64>) {
        self.0.extend(value.map(|value| (name, Any::Double(rounded(value)))));
    }

    fn texts(&mut self, name: &'static str, values: &'a [String]) {
        self.0.extend((!values.is_empty()).then_some((name, Any::Texts(values))));
    }
}

fn about_model<'a>(subject: &Subject<'a>, out: &mut Vec<Attribute<'a>>) {
    let event = subject.event();
    let mut to = To(out);
    let tool = event.event_type.as_str() == "tool_call";
    let asked = subject.is_request().then(|| operation(event.endpoint.as_deref().unwrap_or_default()));
    to.text("gen_ai.operation.name", if tool { Some("execute_tool") } else { asked });
    to.text("gen_ai.provider.name", event.provider.as_deref());
    to.text("gen_ai.request.model", event.model.as_deref());
    to.text("gen_ai.response.id", event.provider_request_id.as_deref());
    to.text("gen_ai.conversation.id", event.session_id.as_deref());
    to.text("gen_ai.agent.id", event.agent_id.as_deref());
    to.text("gen_ai.tool.name", event.tool.as_deref());
    to.number("gen_ai.usage.input_tokens", event.tokens_in);
    to.number("gen_ai.usage.output_tokens", event.tokens_out);
    to.text("gen_ai.evaluation.name", event.judge_model.as_deref());
    to.score("gen_ai.evaluation.score.value", event.judge_score);
    to.text("gen_ai.evaluation.score.label", event.judge_verdict.as_deref());
}

fn about_guardrail<'a>(subject: &'a Subject<'_>, out: &mut Vec<Attribute<'a>>) {
    let event = subject.event();
    let Some(found) = subject.found() else { return };
    let mut to = To(out);
    to.text("gen_ai.guardrail.security.risk.category", Some(found));
    to.text("gen_ai.guardrail.target.type", Some(if event.tool.is_some() { "tool_call" } else { "llm_input" }));
    to.text("gen_ai.guardrail.security.policy.id", event.policy_violated.as_deref());
    to.text("gen_ai.guardrail.action.type", Some(subject.enforcement()));
    to.text("gen_ai.guardrail.verdict.reason", event.reason.as_deref());
    to.score("gen_ai.guardrail.security.risk.score", event.risk_score);
    to.text("gen_ai.guardrail.security.external_finding_id", Some(subject.id()));
}

fn about_request<'a>(subject: &'a Subject<'_>, made: &'a Made<'_>, out: &mut Vec<Attribute<'a>>) {
    let event = subject.event();
    let mut to = To(out);
    to.text("event.id", Some(subject.id()));
    to.text("aisec.event_type", Some(subject.name()));
    to.text("aisec.workspace_id", Some(&event.workspace_id));
    to.text("aisec.decision", Some(event.decision.as_str()));
    to.text("aisec.category", event.category.map(Category::as_str));
    to.text("aisec.risk_band", subject.risk_band().map(RiskBand::as_str));
    to.number("aisec.risk_tier", event.risk_tier);
    to.texts("aisec.policies_triggered", &event.policies_triggered);
    to.texts("aisec.exceptions", &event.exceptions);
    to.text("aisec.identity", event.identity.map(Identity::as_str));
    to.text("user.name", event.user.as_deref());
    to.text("aisec.team", event.team.as_deref());
    to.text("aisec.application", event.application.as_deref());
    to.text("client.address", event.src_ip.as_deref());
    to.text("user_agent.original", event.user_agent.as_deref());
    to.text("url.path", event.endpoint.as_deref());
    to.number("http.response.status_code", event.status_code);
    to.text("aisec.outcome", event.outcome.map(Outcome::as_str));
    to.text("aisec.request_id", event.request_id.as_deref());
    to.text("aisec.gateway_id", event.gateway_id.as_deref());
    to.number("aisec.latency_ms", event.latency_ms);
    to.number("aisec.ttft_ms", event.ttft_ms);
    to.score("aisec.cost", event.cost);
    to.text("aisec.escalation_id", made.escalation.as_deref());
    to.text("aisec.parent_event_id", made.parent.as_deref());
    to.text("aisec.incident_id", event.incident_id.as_deref());
    to.text("aisec.actor", event.actor.as_deref());
    to.text("aisec.target", event.target.as_deref());
    to.number("aisec.count", event.count);
    to.0.extend(made.measures.iter().map(|(name, value)| (name.as_str(), Any::Double(*value))));
    to.text("aisec.source", event.source.as_deref());
    let [request, response] = &made.bodies;
    // The documents as they came; the conventions' `gen_ai.input.messages` would have them in another form.
    to.text("aisec.request.body", request.as_deref());
    to.text("aisec.response.body", response.as_deref());
    to.texts("aisec.bodies_truncated", &made.truncated);
    to.0.extend(made.said.iter().map(|(name, value)| (name.as_str(), any(value))));
}
