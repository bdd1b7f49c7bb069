//! The renderings against the examples that they reproduce, and against parsers that were written from the standards.

mod hostile;
mod parsers;
mod printed;
mod reference;
mod vectors;
mod webhooks;

use crate::{Format, Maker, OcsfVersion, Profile, Renderer, Subject};
use picket_event::{Category, Decision, Event, EventId, EventType, GuardrailResult, Outcome, RiskBand, Severity};
use picket_stdx::Timestamp;

pub(crate) fn event() -> Event {
    let at = "2026-06-01T10:13:20.000Z".parse().unwrap();
    let mut event = Event::new(EventType::REQUEST, "ws_123", at);
    event.event_id = "evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B".parse().unwrap();
    event.severity = Severity::High;
    event.decision = Decision::Blocked;
    event.policies_triggered = vec!["pii-detector".to_owned()];
    event.finding_type = Some("pii".to_owned());
    event.risk_band = Some(RiskBand::High);
    event
}

/// An event with a value in most fields.
pub(crate) fn full() -> Event {
    let mut event = event();
    let text = |text: &str| Some(text.to_owned());
    event.recorded_at = Some(Timestamp::from_millis(1_780_308_800_250));
    event.category = Some(Category::GuardrailBlock);
    event.outcome = Some(Outcome::Refused);
    event.status_code = Some(403);
    event.reason = text("pii-detector: US_SSN in /messages/0/content");
    event.risk_score = Some(0.93);
    event.risk_tier = Some(2);
    event.user = text("ana@example.com");
    event.user_id = text("usr_1");
    event.team = text("engineering");
    event.application = text("support-bot");
    event.session_id = text("s-1");
    event.key_id = text("key_1");
    event.src_ip = text("10.0.0.7");
    event.user_agent = text("openai-python/3.54.0");
    event.gateway_id = text("gw-1");
    event.endpoint = text("/v1/chat/completions");
    event.provider = text("openai");
    event.model = text("gpt-4o");
    event.policy_version = Some(7);
    event.policy_digest = text("9f2c");
    event.policy_violated = text("pii-detector");
    event.guardrail_result = Some(GuardrailResult::Block);
    event.tools = vec!["search".to_owned(), "mail".to_owned()];
    event.tokens_in = Some(450);
    event.tokens_out = Some(0);
    event.cost = Some(0.0021);
    event.latency_ms = Some(12);
    event.request_id = text("req-1");
    event.trace_id = text("5b8efff798038103d269b633813fc60c");
    event.span_id = text("eee19b7ec3c1b174");
    event
}

/// The maker of the printed examples.
pub(crate) fn maker() -> Maker {
    Maker { vendor: "Kirtonic".to_owned(), product: "AIFirewall".to_owned(), version: "1.0".to_owned() }
}

pub(crate) fn rendered(format: Format, subject: &Subject<'_>) -> String {
    let mut out = Vec::new();
    Renderer::new(format, maker()).render(subject, &mut out);
    String::from_utf8(out).unwrap()
}

pub(crate) fn parse(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_request_has_the_name_of_what_was_decided_about_it() {
    let cases = [
        (Decision::Blocked, None, Severity::High, "decision.rejected", "block"),
        (Decision::Escalated, Some(true), Severity::Medium, "decision.created", "escalate"),
        (Decision::Escalated, None, Severity::Medium, "decision.created", "escalate"),
        (Decision::Allowed, None, Severity::Info, "decision.auto_approved", "allow"),
        (Decision::Redacted, None, Severity::Low, "request", "redact"),
        (Decision::Allowed, None, Severity::Low, "decision.auto_approved", "allow"),
        (Decision::Redacted, None, Severity::High, "request", "redact"),
        (Decision::Allowed, None, Severity::Medium, "request", "allow"),
        (Decision::Error, None, Severity::Info, "request", "error"),
    ];
    for (decision, held, severity, name, enforcement) in cases {
        let mut event = event();
        (event.decision, event.held, event.severity, event.risk_band) = (decision, held, severity, None);
        let subject = Subject::new(&event);
        assert_eq!((subject.name(), subject.enforcement()), (name, enforcement), "{decision} {severity}");
    }
    let passed =
        Event { decision: Decision::Allowed, severity: Severity::Info, finding_type: None, risk_band: None, ..event() };
    let listed = passed.clone().as_auto_approved();
    for format in
        [Format::Ocsf(OcsfVersion::V1_8), Format::Canonical, Format::Ecs, Format::Otel, Format::Cef(Profile::Strict)]
    {
        assert_eq!(
            rendered(format, &Subject::new(&listed)),
            rendered(format, &Subject::new(&passed)),
            "one event, two names"
        );
    }
    let resolved = Event { event_type: EventType::of("decision.approved"), ..event() };
    assert_eq!(Subject::new(&resolved).name(), "decision.approved", "other events keep their names");
}

#[test]
fn every_field_of_an_event_has_a_name_here() {
    let mut event = full();
    event.parent_event_id = Some(EventId::from_bits(1));
    let json = serde_json::to_value(&event).unwrap();
    let subject = Subject::new(&event);
    for (name, value) in json.as_object().unwrap() {
        let field = crate::Field::of(name).unwrap_or_else(|| panic!("no field `{name}`"));
        let mut out = Vec::new();
        assert!(field.write(&subject, &mut out), "{name}");
        assert_eq!(&serde_json::from_slice::<serde_json::Value>(&out).unwrap(), value, "{name}");
    }
    // And nothing more: the schema that the API publishes has the same names.
    let schema = serde_json::to_value(<Event as utoipa::PartialSchema>::schema()).unwrap();
    let mut published: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let mut ours: Vec<String> = crate::Field::all().map(|field| field.name().to_owned()).collect();
    published.sort();
    ours.sort();
    assert_eq!(ours.iter().collect::<Vec<_>>(), published);
}
