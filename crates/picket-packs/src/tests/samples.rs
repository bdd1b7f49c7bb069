//! Events of every type that the product has, whole and in parts.

use crate::sample;
use picket_event::{Attribute, Category, Decision, Event, EventType, Severity};
use picket_render::Field;
use picket_simulate::{Campaign, Plan, Simulation};
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../docs/concepts/events.md");

/// Values of every type that an attribute can have, two of each.
const ATTRIBUTES: &[Attribute] = &[
    Attribute::Number(1.5),
    Attribute::Flag(true),
    Attribute::Text(String::new()),
    Attribute::Number(2.0),
    Attribute::Flag(false),
    Attribute::Text(String::new()),
];

/// Every type that the page of events names.
pub(super) fn types() -> BTreeSet<String> {
    let mut types: BTreeSet<String> =
        ["request", "tool_call", "judge.evaluated", "system.test"].map(str::to_owned).into();
    for span in PAGE.split('`').skip(1).step_by(2) {
        let is_type = |byte: u8| byte.is_ascii_lowercase() || b"_.|".contains(&byte);
        let Some((family, acts)) = span.split_once('.').filter(|_| span.bytes().all(is_type)) else { continue };
        types.extend(acts.split('|').map(|act| format!("{family}.{act}")));
    }
    // Entries of the log, which nobody is sent.
    types.remove("request.received");
    types.remove("request.completed");
    types
}

/// Events of every type: with nothing in them, with everything, and with every other field; then those of a day.
pub(super) fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for (at, name) in types().into_iter().enumerate() {
        let kind = EventType::parse(&name).unwrap();
        let mut bare = Event::new(kind.clone(), "ws_1", sample::event().timestamp);
        bare.severity = Severity::ALL[at % Severity::ALL.len()];
        bare.decision = Decision::ALL[at % Decision::ALL.len()];
        events.push(bare);
        let mut whole = sample::event();
        whole.event_type = kind;
        whole.category = Some(Category::ALL[at % Category::ALL.len()]);
        events.push(whole.clone());
        events.push(half(&whole, at % 2));
    }
    let mut strange = sample::event();
    // Keys as senders of signals may choose them: each inside of another, and none between two dots.
    let keys = ["a", "a.b", "a..b", "a.", "a.b.c", "x-y_z.1"];
    strange.attributes = keys.iter().zip(ATTRIBUTES).map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    strange.metrics = keys.iter().map(|key| ((*key).to_owned(), 0.5)).collect();
    events.push(strange);
    let plan =
        Plan { seed: 7, days: 1, users: 20, start: sample::event().timestamp, campaigns: Campaign::ALL.to_vec() };
    events.extend(Simulation::new(plan).map(|labelled| labelled.event));
    events
}

/// An event without every other of those fields that may be absent.
fn half(event: &Event, parity: usize) -> Event {
    const ALWAYS: &[&str] =
        &["event_id", "event_type", "timestamp", "workspace_id", "severity", "decision", "policies_triggered"];
    let mut value = serde_json::to_value(event).unwrap();
    let object = value.as_object_mut().unwrap();
    for (at, field) in Field::all().enumerate() {
        if at % 2 == parity && !ALWAYS.contains(&field.name()) {
            object.remove(field.name());
        }
    }
    serde_json::from_value(value).unwrap()
}

#[test]
fn the_page_of_events_names_many() {
    let types = types();
    for known in ["escalation.created", "user.totp_reset", "delivery.completed", "finding.created"] {
        assert!(types.contains(known), "{known}: {types:?}");
    }
    assert!(types.len() > 100, "{}", types.len());
}
