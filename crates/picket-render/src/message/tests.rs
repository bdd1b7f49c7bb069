use super::*;
use picket_event::EventType;

fn event(kind: &'static str) -> Event {
    Event::new(EventType::of(kind), "ws_1", Timestamp::from_millis(1_780_000_000_000))
}

#[test]
fn product_events_are_told_under_their_names_and_nothing_else_is() {
    for (kind, told) in [
        ("request", Some("event.created")),
        ("finding.created", Some("finding.created")),
        ("incident.closed", Some("incident.closed")),
        ("gateway.health_changed", Some("gateway.health_changed")),
        ("request.received", None),
        ("finding.closed", None),
        ("admin.body_viewed", None),
        ("webhook.created", None),
    ] {
        let event = event(kind);
        assert_eq!(told_as(&event), told, "{kind}");
    }
    assert!(covers("incident.*", "incident.opened") && covers("incident.opened", "incident.opened"));
    assert!(!covers("incident.*", "finding.created") && !covers("incident.opened", "incident.closed"));
}

#[test]
fn a_message_is_always_the_same_and_a_long_one_says_only_what_it_is_about() {
    let mut long = event("finding.created");
    assert_eq!(message("finding.created", &long), message("finding.created", &long));
    long.reason = Some("x".repeat(30_000));
    let bytes = message("finding.created", &long);
    let read: Value = serde_json::from_slice(&bytes).unwrap();
    assert!(bytes.len() <= BYTES_MAX);
    assert_eq!((&read["data"]["truncated"], &read["data"]["event_id"]), (&json!(true), &json!(long.event_id)));
}
