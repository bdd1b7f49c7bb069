use super::*;
use crate::vocabulary::{Decision, Severity};
use expect_test::expect;

#[test]
fn a_new_event_serialises_only_what_is_always_present() {
    let mut event = Event::new(EventType::REQUEST, "ws_1", Timestamp::from_millis(1_717_160_000_000));
    event.event_id = EventId::from_bits(0);
    let json = serde_json::to_string(&event).unwrap();
    expect![[r#"{"event_id":"evt_00000000000000000000000000","event_type":"request","timestamp":"2024-05-31T12:53:20.000Z","workspace_id":"ws_1","severity":"info","decision":"allowed","policies_triggered":[]}"#]]
    .assert_eq(&json);
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

#[test]
fn the_words_of_the_schema_are_lower_case() {
    let mut event = Event::new(EventType::REQUEST, "ws_1", Timestamp::from_millis(0));
    event.decision = Decision::Blocked;
    event.severity = Severity::High;
    event.finding_type = Some("prompt_injection".to_owned());
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(json["decision"], "blocked");
    assert_eq!(json["severity"], "high");
    assert_eq!(json["type"], "prompt_injection");
}
