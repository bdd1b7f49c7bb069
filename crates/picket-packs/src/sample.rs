//! An event in which every field has a value, and no two fields the same one: what a rendering makes of it shows which
//! members the rendering has, of what type, and which field each of them comes from.

use picket_event::{
    Action, Category, Decision, EscalationId, Event, EventId, EventType, GuardrailResult, Identity, LogPlace, Outcome,
    Phase, PolicyResult, RiskBand, Scanned, Severity, SpanRef,
};
use picket_render::Maker;
use picket_stdx::Timestamp;

/// The key of a map whose keys others choose.
pub(crate) const ANY_KEY: &str = "any_key";

/// Names that no field of the sample has.
pub(crate) fn maker() -> Maker {
    Maker { vendor: "Vendor".to_owned(), product: "product".to_owned(), version: "version".to_owned() }
}

fn text(name: &str) -> Option<String> {
    Some(format!("the {name}"))
}

/// The event.
pub(crate) fn event() -> Event {
    let mut event = Event::new(EventType::REQUEST, "the workspace_id", Timestamp::from_millis(1_780_308_800_125));
    event.event_id = EventId::from_bits(1);
    event.recorded_at = Some(Timestamp::from_millis(1_780_308_900_250));
    event.severity = Severity::Critical;
    what(&mut event);
    who(&mut event);
    judged(&mut event);
    cost(&mut event);
    joins(&mut event);
    event
}

fn what(event: &mut Event) {
    event.decision = Decision::Blocked;
    event.policies_triggered = vec!["the policies_triggered".to_owned()];
    event.finding_type = text("type");
    event.category = Some(Category::PromptAttack);
    event.held = Some(true);
    event.outcome = Some(Outcome::Refused);
    event.status_code = Some(418);
    event.reason = text("reason");
    event.risk_score = Some(0.613);
    event.risk_band = Some(RiskBand::Medium);
    event.risk_tier = Some(3);
    event.tool = text("tool");
    event.tools = vec!["the tools".to_owned()];
    event.mcp_server = text("mcp_server");
    event.actor = text("actor");
    event.target = text("target");
    event.count = Some(99);
    event.metrics = [(ANY_KEY.to_owned(), 0.8642)].into();
    event.source = text("source");
    event.attributes = [(ANY_KEY.to_owned(), "the attributes".into())].into();
}

fn who(event: &mut Event) {
    event.user = text("user");
    event.user_id = text("user_id");
    event.team = text("team");
    event.application = text("application");
    event.feature = text("feature");
    event.agent_id = text("agent_id");
    event.session_id = text("session_id");
    event.key_id = text("key_id");
    event.src_ip = Some("192.0.2.77".to_owned());
    event.user_agent = text("user_agent");
    event.identity = Some(Identity::Jwt);
    event.gateway_id = text("gateway_id");
    event.config_version = text("config_version");
    event.endpoint = Some("/the/endpoint".to_owned());
    event.provider = text("provider");
    event.model = text("model");
    event.stream = Some(true);
    event.region = text("region");
}

fn judged(event: &mut Event) {
    event.policy_version = Some(77);
    event.policy_digest = text("policy_digest");
    event.policy_results = vec![result()];
    event.exceptions = vec!["the exceptions".to_owned()];
    event.policy_violated = text("policy_violated");
    event.guardrail_result = Some(GuardrailResult::Flag);
    event.scanned = Some(Scanned::Partial);
    event.unscanned = vec!["the unscanned".to_owned()];
    event.repeat = Some(true);
    event.prompt_simhash = text("prompt_simhash");
    event.judge_model = text("judge_model");
    event.judge_score = Some(0.377);
    event.judge_verdict = text("judge_verdict");
    event.judge_id = text("judge_id");
}

fn result() -> PolicyResult {
    PolicyResult {
        policy: "the policy".to_owned(),
        phase: Phase::Input,
        verdict: Action::Block,
        score: Some(0.51),
        finding_type: text("finding"),
        spans: vec![SpanRef { at: "/messages/0".to_owned(), start: 3, end: 7, kind: "US_SSN".to_owned() }],
        us: Some(17),
        monitored: Some(true),
        exception: text("exception"),
    }
}

fn cost(event: &mut Event) {
    event.tokens_in = Some(1_111);
    event.tokens_out = Some(2_222);
    event.cost = Some(1.255);
    event.latency_ms = Some(4_321);
    event.ttft_ms = Some(123);
    event.overhead_us = Some(456);
    event.request_bytes = Some(5_555);
    event.response_bytes = Some(6_666);
}

fn joins(event: &mut Event) {
    event.request_id = text("request_id");
    event.trace_id = Some("11112222333344445555666677778888".to_owned());
    event.span_id = Some("1111222233334444".to_owned());
    event.provider_request_id = text("provider_request_id");
    event.client_request_id = text("client_request_id");
    event.parent_event_id = Some(EventId::from_bits(2));
    event.escalation_id = Some(EscalationId::from_bits(3));
    event.incident_id = text("incident_id");
    event.rule_id = text("rule_id");
    event.bodies = vec!["the bodies".to_owned()];
    event.log = Some(LogPlace { id: "the log".to_owned(), received: Some(88), completed: 89 });
}
