//! API Activity: a request to a model or a call of a tool, with what the guardrails decided about it.

use super::{Class, OcsfVersion, actor, base, percent, source, unmapped};
use crate::json::{NonEmpty, Object, Score};
use crate::rendering::Maker;
use crate::subject::Subject;
use picket_event::{Decision, Event, Outcome};

pub(super) const CLASS_UID: u64 = 6_003;

/// The profiles that an event of 1.8 has.
pub(super) fn profiles(event: &Event) -> &'static [u8] {
    if event.model.is_some() { br#"["ai_operation","security_control"]"# } else { br#"["security_control"]"# }
}

pub(super) fn put(subject: &Subject<'_>, maker: &Maker, version: OcsfVersion, object: &mut Object<'_>) {
    let event = subject.event();
    let class = Class {
        category_uid: 6,
        class_uid: CLASS_UID,
        class_name: "API Activity",
        activity_id: 1,
        activity_name: "Create",
    };
    base(subject, maker, version, class, object);
    let (status_id, status) = status(event);
    object.put("status_id", status_id);
    object.put("status", status);
    object.put("status_code", event.status_code.map(|code| code.to_string()));
    object.put("status_detail", event.reason.as_deref());
    object.put("duration", event.latency_ms.and_then(|millis| i64::try_from(millis).ok()));
    actor(event, object);
    source(event, object);
    object.object("dst_endpoint", |endpoint| endpoint.put("svc_name", event.provider.as_deref()));
    object.object("api", |api| {
        let operation = event.tool.as_deref().or(event.endpoint.as_deref());
        api.put("operation", operation.unwrap_or(subject.kind()));
        api.object("service", |service| service.put("name", event.mcp_server.as_deref().or(event.provider.as_deref())));
        api.object("request", |request| request.put("uid", event.request_id.as_deref()));
        api.object("response", |response| response.put("code", event.status_code.map(u64::from)));
    });
    object.object("http_request", |request| {
        request.put("user_agent", event.user_agent.as_deref());
        request.put("uid", event.client_request_id.as_deref());
    });
    if version == OcsfVersion::V1_8 {
        security_control(subject, object);
        ai_operation(event, object);
    }
    unmapped(subject, object, |rest| more(subject, version, rest));
}

fn status(event: &Event) -> (u64, &'static str) {
    match (event.outcome, event.decision) {
        (Some(Outcome::Completed), _) => (1, "Success"),
        (Some(Outcome::ClientGone | Outcome::Unknown), _) => (0, "Unknown"),
        (Some(_), _) | (None, Decision::Blocked | Decision::Error) => (2, "Failure"),
        (None, Decision::Allowed | Decision::Redacted) => (1, "Success"),
        (None, Decision::Escalated) => (0, "Unknown"),
    }
}

/// Action and disposition of the guardrails.
fn security_control(subject: &Subject<'_>, object: &mut Object<'_>) {
    let event = subject.event();
    let (action_id, action, disposition_id, disposition): (u64, _, u64, _) = match event.decision {
        Decision::Blocked => (2, "Denied", 2, "Blocked"),
        Decision::Escalated if event.held == Some(true) => (2, "Denied", 2, "Blocked"),
        Decision::Escalated => (3, "Observed", 15, "Detected"),
        Decision::Redacted => (4, "Modified", 1, "Allowed"),
        Decision::Allowed => (1, "Allowed", 1, "Allowed"),
        Decision::Error => (0, "Unknown", 27, "Error"),
    };
    object.put("action_id", action_id);
    object.put("action", action);
    object.put("disposition_id", disposition_id);
    object.put("disposition", disposition);
    object.put("is_alert", subject.is_alert());
    object.put("risk_score", event.risk_score.filter(|score| score.is_finite()).map(percent));
    object.object("policy", |policy| {
        let name = event.policy_violated.as_deref().or(event.policies_triggered.first().map(String::as_str));
        let digest = event.policy_digest.as_deref();
        policy.put("name", name);
        policy.put("uid", digest);
        // The schema wants a name or an id beside it.
        let version = event.policy_version.filter(|_| name.is_some() || digest.is_some());
        policy.put("version", version.map(|version| version.to_string()));
    });
}

/// The model, and what the message cost.
fn ai_operation(event: &Event, object: &mut Object<'_>) {
    let Some(model) = event.model.as_deref() else { return };
    object.object("ai_model", |of| {
        of.put("name", model);
        of.put("ai_provider", event.provider.as_deref().unwrap_or("unknown"));
    });
    object.object("message_context", |context| {
        let (role_id, role) = if event.tool.is_some() { (3_u64, "Tool") } else { (1, "User") };
        context.put("ai_role_id", role_id);
        context.put("ai_role", role);
        context.object("application", |of| of.put("name", event.application.as_deref().unwrap_or("unknown")));
        context.put("prompt_tokens", event.tokens_in.and_then(|tokens| i64::try_from(tokens).ok()));
        context.put("completion_tokens", event.tokens_out.and_then(|tokens| i64::try_from(tokens).ok()));
        let total = event.tokens_in.zip(event.tokens_out).and_then(|(input, output)| input.checked_add(output));
        context.put("total_tokens", total.and_then(|tokens| i64::try_from(tokens).ok()));
        context.put("uid", event.session_id.as_deref());
    });
}

fn more(subject: &Subject<'_>, version: OcsfVersion, rest: &mut Object<'_>) {
    let event = subject.event();
    rest.put("policies_triggered", NonEmpty(&event.policies_triggered));
    rest.put("gateway_id", event.gateway_id.as_deref());
    rest.put("judge_score", Score(event.judge_score));
    rest.put("judge_verdict", event.judge_verdict.as_deref());
    if version == OcsfVersion::V1_1 {
        rest.put("model", event.model.as_deref());
        rest.put("provider", event.provider.as_deref());
        rest.put("prompt_tokens", event.tokens_in);
        rest.put("completion_tokens", event.tokens_out);
        rest.put("enforcement", subject.enforcement());
        rest.put("policy", event.policy_violated.as_deref());
        rest.put("risk_score", Score(event.risk_score));
    }
}
