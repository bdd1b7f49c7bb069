//! The examples of `testdata/printed`, each made from an event.

use super::{event, maker, parse, rendered};
use crate::wire::{digest, hec};
use crate::{Format, Profile, Renderer, Subject};
use picket_event::{Category, Decision, Event, EventType, GuardrailResult, Severity};
use picket_stdx::Timestamp;

const CANONICAL: &str = include_str!("../../testdata/printed/canonical.json");
const CEF: &str = include_str!("../../testdata/printed/decision.cef");
const LEEF: &str = include_str!("../../testdata/printed/decision.leef");
const AI_SECURITY: &str = include_str!("../../testdata/printed/ai_security.json");
const MAPPED: &str = include_str!("../../testdata/printed/mapped.json");

/// JSON without the white space between its parts.
fn compact(text: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for character in text.chars() {
        if inside || !character.is_ascii_whitespace() {
            out.push(character);
        }
        match character {
            '"' if !escaped => inside = !inside,
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    out
}

#[test]
fn the_canonical_event_is_the_printed_one() {
    let event = event();
    let subject = Subject::with_id(&event, "evt_abc");
    assert_eq!(rendered(Format::Canonical, &subject), compact(CANONICAL));
}

#[test]
fn the_line_of_cef_is_the_printed_one_to_the_byte() {
    let mut event = event();
    event.timestamp = Timestamp::from_millis(1_717_160_000_000);
    let subject = Subject::with_id(&event, "evt_abc");
    assert_eq!(rendered(Format::Cef(Profile::AsPrinted), &subject) + "\n", CEF);
}

#[test]
fn the_line_of_leef_is_the_printed_one_to_the_byte() {
    let event = event();
    let subject = Subject::with_id(&event, "evt_abc");
    assert_eq!(rendered(Format::Leef(Profile::AsPrinted), &subject) + "\n", LEEF);
}

#[test]
fn the_event_of_a_judge_is_the_printed_one() {
    let mut event = Event::new(EventType::of("judge.evaluated"), "ws_123", "2026-02-11T14:30:00Z".parse().unwrap());
    let text = |text: &str| Some(text.to_owned());
    event.severity = Severity::Medium;
    event.category = Some(Category::JudgeFlag);
    event.request_id = text("req-abc-123");
    event.user = text("jgill@example.com");
    event.model = text("claude-sonnet-4-5-20250929");
    event.judge_model = text("gpt-4o");
    event.judge_score = Some(0.82);
    event.judge_verdict = text("policy_violation");
    event.policy_violated = text("financial_advice_without_disclaimer");
    event.guardrail_result = Some(GuardrailResult::Pass);
    event.tokens_in = Some(450);
    event.tokens_out = Some(1_200);
    event.endpoint = text("/api/v1/chat");
    event.risk_tier = Some(2);
    assert_eq!(rendered(Format::AiSecurity, &Subject::new(&event)), compact(AI_SECURITY));
}

#[test]
fn the_table_of_names_is_the_printed_one() {
    let event = super::full();
    let maker = crate::Maker { vendor: "Keeptrusts".to_owned(), ..maker() };
    let mut out = Vec::new();
    Renderer::new(Format::Mapped, maker).render(&Subject::new(&event), &mut out);
    let rendered: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let flat = serde_json::to_value(&event).unwrap();
    let table = parse(MAPPED);
    let table = table.as_object().unwrap();
    for (field, name) in table {
        let name = name.as_str().unwrap();
        assert_eq!(rendered[name], flat[field], "{field} is {name}");
    }
    assert_eq!(rendered.as_object().unwrap().len(), table.len(), "and nothing else");
}

#[test]
fn the_envelope_of_splunk_is_the_printed_one() {
    let mut event = event();
    event.timestamp = Timestamp::from_millis(1_717_160_000_000);
    let subject = Subject::with_id(&event, "evt_abc");
    let renderer = Renderer::new(Format::Canonical, maker());
    let sourcetype = renderer.sourcetype(&subject);
    let envelope = hec::Envelope {
        time: event.timestamp,
        host: "kirtonic.io",
        source: "kirtonic",
        sourcetype: &sourcetype,
        index: None,
        fields: &[],
    };
    let mut out = Vec::new();
    hec::encode(&mut out, &envelope, |out| renderer.render(&subject, out)).unwrap();
    let printed = "{\"time\":1717160000,\"host\":\"kirtonic.io\",\"source\":\"kirtonic\",\
        \"sourcetype\":\"kirtonic:decision.rejected\",\"event\":";
    let expected = format!("{printed}{}}}", rendered(Format::Canonical, &subject));
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn the_digest_is_that_of_workspace_event_and_body() {
    let body = rendered(Format::Canonical, &Subject::with_id(&event(), "evt_abc"));
    let whole = picket_stdx::encode::hex(&<sha2::Sha256 as sha2::Digest>::digest(format!("ws_123:evt_abc:{body}")));
    assert_eq!(digest::digest("ws_123", "evt_abc", body.as_bytes()), whole);
    // SHA-256 of `::`, by coreutils.
    assert_eq!(digest::digest("", "", b""), "71546855d6279ef70d20909b292c42c2dcb02cd06bde01485da52d13e304ebf4");
    assert_eq!(
        digest::content_digest(b"{\"hello\": \"world\"}\n"),
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
        "the example of RFC 9530"
    );
}

#[test]
fn members_that_are_asked_for_come_behind_the_canonical_ones() {
    let event = super::full();
    let fields = ["model", "severity", "user", "tools", "held"].map(|name| crate::Field::of(name).unwrap());
    let subject = Subject::new(&event);
    let mut out = Vec::new();
    Renderer::new(Format::Canonical, maker()).with_extra(fields.to_vec()).render(&subject, &mut out);
    let text = String::from_utf8(out).unwrap();
    let plain = rendered(Format::Canonical, &subject);
    let more = ",\"model\":\"gpt-4o\",\"user\":\"ana@example.com\",\"tools\":[\"search\",\"mail\"]}";
    assert_eq!(text, format!("{}{more}", plain.strip_suffix('}').unwrap()), "{}", Decision::Blocked);
}
