use super::*;
use picket_event::{Action, Decision, EventType, Phase, SpanRef};
use picket_stdx::Timestamp;
use serde_json::{Value, json};

fn event() -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws", Timestamp::from_millis(1_000));
    event.user = Some("ana".to_owned());
    event.key_id = Some("key_1".to_owned());
    event.identity = Some(Identity::Key);
    event
}

fn found(at: &str, start: usize) -> PolicyResult {
    PolicyResult {
        policy: "pii-detector".to_owned(),
        phase: Phase::Input,
        verdict: Action::Block,
        score: None,
        finding_type: Some("pii".to_owned()),
        spans: vec![SpanRef { at: at.to_owned(), start, end: start + 4, kind: "EMAIL".to_owned() }],
        us: None,
        monitored: None,
        exception: None,
    }
}

fn seen(event: &Event, repeats: &mut Repeats) -> Result<Value, Unseen> {
    let mut out = String::new();
    write(event, repeats, &mut out).map(|_| serde_json::from_str(&out).unwrap())
}

#[test]
fn what_detection_and_containments_did_is_not_seen() {
    let of = |event_type: &'static str| Event { event_type: EventType::of(event_type), ..event() };
    let contained = Event { policy_violated: Some("containment".to_owned()), ..event() };
    let stricter = Event { policies_triggered: vec!["pii-detector".to_owned(), "containment".to_owned()], ..event() };
    let held = Event { finding_type: Some("contained".to_owned()), ..of("escalation.created") };
    let by_rule = Event { rule_id: Some("blocks".to_owned()), ..of("containment.applied") };
    let by_person = Event { finding_type: Some("contained".to_owned()), ..of("containment.applied") };
    for (event, expected) in [
        (of("finding.created"), Some(Unseen::Own)),
        (of("suppression.created"), Some(Unseen::Own)),
        (of("detection.rule_enabled"), Some(Unseen::Own)),
        (contained, Some(Unseen::Contained)),
        (stricter, Some(Unseen::Contained)),
        (held, Some(Unseen::Contained)),
        (by_rule, Some(Unseen::Contained)),
        (by_person, None),
        (event(), None),
        (of("auth.failed"), None),
    ] {
        assert_eq!(seen(&event, &mut Repeats::default()).err(), expected, "{} {:?}", event.event_type, event.rule_id);
    }
}

#[test]
fn a_name_that_is_only_claimed_is_whoever_sent_it() {
    let claimed = |identity| Event { identity, ..event() };
    let keyless = Event { key_id: None, src_ip: Some("203.0.113.9".to_owned()), ..claimed(Some(Identity::Claimed)) };
    let nobody = Event { key_id: None, ..claimed(Some(Identity::Unknown)) };
    let administrative = Event { event_type: EventType::of("admin.body_viewed"), ..claimed(None) };
    let copied = Event { event_type: EventType::ESCALATION_CREATED, ..claimed(None) };
    let silent = Event { user: None, ..event() };
    let silent_keyless = Event { key_id: None, src_ip: Some("203.0.113.9".to_owned()), ..silent.clone() };
    let judged =
        Event { event_type: EventType::of("external.judge"), src_ip: Some("203.0.113.9".to_owned()), ..silent.clone() };
    let login = Event { key_id: None, event_type: EventType::of("external.login"), ..judged.clone() };
    let deployed = Event { event_type: EventType::of("policy.deployed"), ..silent.clone() };
    let sly = Event { user: Some("key\u{1f}key_2".to_owned()), ..event() };
    for (event, user, claim) in vec![
        (event(), json!("ana"), Value::Null),
        (claimed(Some(Identity::Asserted)), json!("ana"), Value::Null),
        (claimed(Some(Identity::Claimed)), json!("key\u{1f}key_1"), json!("ana")),
        (claimed(None), json!("key\u{1f}key_1"), json!("ana")),
        (keyless, json!("address\u{1f}203.0.113.9"), json!("ana")),
        (nobody, Value::Null, json!("ana")),
        (administrative, json!("ana"), Value::Null),
        (copied, json!("key\u{1f}key_1"), json!("ana")),
        (sly, json!("key?key_2"), Value::Null),
        (silent, json!("key\u{1f}key_1"), Value::Null),
        (silent_keyless, json!("address\u{1f}203.0.113.9"), Value::Null),
        (judged, json!("key\u{1f}key_1"), Value::Null),
        (login, Value::Null, Value::Null),
        (deployed, Value::Null, Value::Null),
    ] {
        let seen = seen(&event, &mut Repeats::default()).unwrap();
        assert_eq!((&seen["user"], &seen["claimed_user"]), (&user, &claim), "{seen}");
    }
}

#[test]
fn what_was_all_found_before_in_a_session_counts_once_and_what_is_new_beside_it_counts() {
    let mut repeats = Repeats::default();
    let turn = |session: &str, results: Vec<PolicyResult>, is_repeat: bool| Event {
        session_id: Some(session.to_owned()),
        policies_triggered: vec!["pii-detector".to_owned()],
        finding_type: Some("pii".to_owned()),
        decision: Decision::Blocked,
        severity: Severity::High,
        repeat: is_repeat.then_some(true),
        policy_results: results,
        ..event()
    };
    let first = found("/messages/0/content", 3);
    let second = found("/messages/2/content", 3);
    for (event, decision) in [
        (turn("s1", vec![first.clone()], false), "blocked"),
        (turn("s1", vec![first.clone()], true), "repeated"),
        (turn("s1", vec![first.clone(), second.clone()], true), "blocked"),
        (turn("s1", vec![first.clone(), second], true), "repeated"),
        (turn("s2", vec![first.clone()], true), "blocked"),
        // The gateway says that it is new, whatever it looks like.
        (turn("s1", vec![first], false), "blocked"),
    ] {
        let seen = seen(&event, &mut repeats).unwrap();
        assert_eq!(seen["decision"], decision, "{seen}");
        assert_eq!(seen.get("type").is_none(), decision == "repeated", "{seen}");
    }
    let again = Repeats::of(repeats.prints());
    assert_eq!(again.prints().collect::<Vec<_>>(), repeats.prints().collect::<Vec<_>>());
}
