//! `ecs`: a document of the Elastic Common Schema 9, with its beta fields for generative AI, and `aisec` for what the
//! schema has no field for.

use super::Maker;
use crate::json::{NonEmpty, Object, Score, object};
use crate::subject::Subject;
use picket_event::{Category, Decision, Event, GuardrailResult, Identity, Outcome, RiskBand, Scanned};
use std::time::Duration;

const VERSION: &str = "9.4.0";
/// What took longer than this was not measured.
const DURATION_MS_MAX: u64 = 366 * 86_400_000;

pub(super) fn render(subject: &Subject<'_>, maker: &Maker, out: &mut Vec<u8>) {
    let event = subject.event();
    object(out, |object| {
        object.put("@timestamp", event.timestamp);
        object.object("ecs", |ecs| ecs.put("version", VERSION));
        object.put("message", subject.headline());
        object.object("event", |about| about_event(subject, about));
        object.object("rule", |rule| {
            rule.put("name", NonEmpty(&event.policies_triggered));
            rule.put("id", event.rule_id.as_deref());
        });
        object.object("user", |user| {
            user.put("name", event.user.as_deref());
            user.put("id", event.user_id.as_deref());
            user.object("group", |group| group.put("name", event.team.as_deref()));
        });
        object.object("organization", |organization| organization.put("id", &event.workspace_id));
        object.object("service", |service| service.put("name", event.application.as_deref()));
        object.object("source", |source| source.put("ip", address(event.src_ip.as_deref())));
        object.object("user_agent", |agent| agent.put("original", event.user_agent.as_deref()));
        object.object("url", |url| url.put("path", event.endpoint.as_deref()));
        object.object("http", |http| about_http(subject, http));
        object.object("observer", |observer| {
            observer.put("vendor", &maker.vendor);
            observer.put("product", &maker.product);
            observer.put("version", &maker.version);
            observer.put("name", event.gateway_id.as_deref());
            observer.put("type", "ai-gateway");
        });
        object.object("cloud", |cloud| cloud.put("region", event.region.as_deref()));
        object.object("trace", |trace| trace.put("id", event.trace_id.as_deref()));
        object.object("span", |span| span.put("id", event.span_id.as_deref()));
        object.object("gen_ai", |model| about_model(event, model));
        object.object("aisec", |own| own_fields(subject, own));
    });
}

fn about_event(subject: &Subject<'_>, about: &mut Object<'_>) {
    let event = subject.event();
    about.put("id", subject.id());
    about.put("kind", if subject.is_alert() { "alert" } else { "event" });
    about.put("category", categories(subject));
    about.put("type", types(subject));
    about.put("action", subject.name());
    about.put("outcome", outcome(event));
    about.put("severity", u64::from(event.severity.number()));
    about.put("risk_score", Score(event.risk_score));
    about.put("risk_score_norm", Score(event.risk_score.map(|score| score * 100.0)));
    about.put("reason", event.reason.as_deref());
    about.put("created", event.recorded_at);
    let duration = event.latency_ms.filter(|millis| *millis <= DURATION_MS_MAX);
    about.put("start", duration.map(|_| event.timestamp));
    // Nanoseconds, as the schema has them.
    about.put("duration", duration.and_then(|millis| millis.checked_mul(1_000_000)));
    about.put("end", duration.map(|millis| event.timestamp.plus(Duration::from_millis(millis))));
    about.put("module", "picket");
    about.put("dataset", "picket.events");
}

/// A number of the schema's type `long`; one that is none would have the whole document refused.
fn long(number: Option<u64>) -> Option<i64> {
    number.and_then(|number| i64::try_from(number).ok())
}

/// A number of the schema's type `integer`.
fn integer(number: Option<u64>) -> Option<i64> {
    number.and_then(|number| i32::try_from(number).ok()).map(i64::from)
}

/// Text that is an address: the schema's type takes nothing else, and refuses the whole document.
pub(super) fn address(text: Option<&str>) -> Option<&str> {
    text.filter(|text| text.parse::<std::net::IpAddr>().is_ok())
}

fn categories(subject: &Subject<'_>) -> [&'static str; 1] {
    let event = subject.event();
    let family = event.event_type.as_str().split('.').next().unwrap_or_default();
    match family {
        "auth" => ["authentication"],
        "user" | "key" | "team" => ["iam"],
        "admin" | "policy" | "export" | "retention" | "privacy" => ["configuration"],
        "system" | "delivery" => ["process"],
        _ if subject.is_request() && event.finding_type.is_none() => ["api"],
        "tool_call" | "judge" if event.finding_type.is_none() => ["api"],
        _ => ["intrusion_detection"],
    }
}

fn types(subject: &Subject<'_>) -> [&'static str; 1] {
    let event = subject.event();
    if !subject.is_request() {
        return ["info"];
    }
    match event.decision {
        Decision::Allowed | Decision::Redacted => ["allowed"],
        Decision::Blocked => ["denied"],
        Decision::Escalated if event.held == Some(true) => ["denied"],
        Decision::Escalated => ["allowed"],
        // The schema expects no `error` with these categories.
        Decision::Error => ["info"],
    }
}

/// Whether the action that the event is about succeeded, from the side of who asked for it.
fn outcome(event: &Event) -> &'static str {
    match event.outcome {
        Some(Outcome::Completed) => "success",
        Some(Outcome::Refused | Outcome::UpstreamError | Outcome::Cut | Outcome::Timeout) => "failure",
        Some(Outcome::ClientGone | Outcome::Unknown) => "unknown",
        None if event.event_type.as_str().ends_with("failed") => "failure",
        None => match event.decision {
            Decision::Allowed | Decision::Redacted => "success",
            Decision::Blocked | Decision::Error => "failure",
            Decision::Escalated => "unknown",
        },
    }
}

fn about_http(subject: &Subject<'_>, http: &mut Object<'_>) {
    let event = subject.event();
    // The documents as they came; the schema's `gen_ai.input.messages` would have them in another form.
    let body = |object: &mut Object<'_>, role| {
        object.object("body", |body| body.put("content", subject.said(role).as_deref()))
    };
    http.object("request", |request| {
        request.put("id", event.request_id.as_deref());
        request.put("bytes", long(event.request_bytes));
        body(request, "request");
    });
    http.object("response", |response| {
        response.put("status_code", event.status_code.map(u64::from));
        response.put("bytes", long(event.response_bytes));
        body(response, "response");
    });
}

fn about_model(event: &Event, model: &mut Object<'_>) {
    model.object("operation", |operation| operation.put("name", event.endpoint.as_deref().map(super::otel::operation)));
    // The name of the schema's next version, which calls it no longer `gen_ai.system`.
    model.object("provider", |provider| provider.put("name", event.provider.as_deref()));
    model.object("request", |request| request.put("model", event.model.as_deref()));
    model.object("response", |response| response.put("id", event.provider_request_id.as_deref()));
    model.object("agent", |agent| agent.put("id", event.agent_id.as_deref()));
    model.object("tool", |tool| tool.put("name", event.tool.as_deref()));
    model.object("usage", |usage| {
        usage.put("input_tokens", integer(event.tokens_in));
        usage.put("output_tokens", integer(event.tokens_out));
    });
}

fn own_fields(subject: &Subject<'_>, own: &mut Object<'_>) {
    let event = subject.event();
    own.put("event_type", subject.kind());
    own.put("decision", event.decision.as_str());
    own.put("enforcement", subject.enforcement());
    own.put("held", event.held);
    own.put("type", subject.found());
    own.put("category", event.category.map(Category::as_str));
    own.put("risk_band", subject.risk_band().map(RiskBand::as_str));
    own.put("risk_tier", event.risk_tier.map(u64::from));
    own.put("identity", event.identity.map(Identity::as_str));
    own.put("feature", event.feature.as_deref());
    own.put("session_id", event.session_id.as_deref());
    own.put("key_id", event.key_id.as_deref());
    own.put("scanned", event.scanned.map(Scanned::as_str));
    own.put("guardrail_result", event.guardrail_result.map(GuardrailResult::as_str));
    own.object("policy", |policy| {
        policy.put("violated", event.policy_violated.as_deref());
        policy.put("version", event.policy_version);
        policy.put("digest", event.policy_digest.as_deref());
    });
    own.object("judge", |judge| {
        judge.put("model", event.judge_model.as_deref());
        judge.put("score", Score(event.judge_score));
        judge.put("verdict", event.judge_verdict.as_deref());
        judge.put("id", event.judge_id.as_deref());
    });
    own.put("exceptions", NonEmpty(&event.exceptions));
    own.put("bodies_truncated", NonEmpty(&subject.truncated()));
    own.put("tools", NonEmpty(&event.tools));
    own.put("mcp_server", event.mcp_server.as_deref());
    own.put("cost", event.cost);
    own.put("ttft_ms", event.ttft_ms);
    own.put("escalation_id", event.escalation_id);
    own.put("incident_id", event.incident_id.as_deref());
    own.put("parent_event_id", event.parent_event_id);
    own.put("actor", event.actor.as_deref());
    own.put("target", event.target.as_deref());
    own.put("count", event.count);
    own.put("metrics", &event.metrics);
    own.put("source", event.source.as_deref());
    own.put("attributes", &event.attributes);
}
