//! Events of every type that the product has, whole and in parts.

use crate::sample;
use crate::search::{Body, Is, Search, list};
use picket_event::types::{self, Known, Stand};
use picket_event::{Attribute, Category, Decision, Event, EventType, Severity};
use picket_render::Field;
use picket_simulate::{Campaign, Plan, Simulation};
use serde_json::Value;
use std::collections::BTreeSet;

/// Values of every type that an attribute can have, two of each.
const ATTRIBUTES: &[Attribute] = &[
    Attribute::Number(1.5),
    Attribute::Flag(true),
    Attribute::Text(String::new()),
    Attribute::Number(2.0),
    Attribute::Flag(false),
    Attribute::Text(String::new()),
];

/// Every type that an event can have which a receiver is sent.
pub(super) fn types() -> BTreeSet<&'static str> {
    // What is only shown as such is a request by another name.
    let is_sent = |known: &&Known| !matches!(known.stand, Stand::Half | Stand::Shown);
    types::ALL.iter().filter(is_sent).map(|known| known.name).collect()
}

/// Events of every type: with nothing in them, with everything, and with every other field; then those of a day.
pub(super) fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for (at, name) in types().into_iter().enumerate() {
        let kind = EventType::of(name);
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
    events.extend(list::all().filter_map(conditions).map(wanted));
    let plan =
        Plan { seed: 7, days: 1, users: 20, start: sample::event().timestamp, campaigns: Campaign::ALL.to_vec() };
    events.extend(Simulation::new(plan).map(|labelled| labelled.event));
    events
}

/// What holds of each event that a search looks for.
pub(super) fn conditions(search: &Search) -> Option<&'static [Is]> {
    match search.body {
        Body::Each(of) => Some(of),
        Body::Counted(counted) => Some(counted.of),
        Body::Written(_) => None,
    }
}

/// An event of which conditions hold, and that has somebody and something in it.
fn wanted(of: &[Is]) -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws_1", sample::event().timestamp);
    event.user = Some("ana".to_owned());
    event.src_ip = Some("192.0.2.9".to_owned());
    event.model = Some("gpt-4o".to_owned());
    let mut value = serde_json::to_value(event).unwrap();
    let members = value.as_object_mut().unwrap();
    for is in of {
        let (field, value) = match is {
            Is::One(field, words) => (field, Value::from(words[0])),
            Is::Any([Is::One(field, words), ..]) => (field, Value::from(words[0])),
            Is::There("category") => (&"category", Value::from("anomaly")),
            Is::Number(field, number) => (field, Value::from(*number)),
            Is::Above(field, number) => (field, Value::from(number + 0.1)),
            Is::Not(..) => continue,
            Is::There(..) | Is::Any(..) => panic!("no event is made of {is:?}"),
        };
        members.insert((*field).to_owned(), value);
    }
    serde_json::from_value(value).unwrap()
}

/// Whether conditions hold of an event, as the searches mean them.
pub(super) fn holds(of: &[Is], event: &Value) -> bool {
    of.iter().all(|is| match is {
        Is::One(field, words) => event[field].as_str().is_some_and(|word| words.contains(&word)),
        Is::Not(field, words) => !event[field].as_str().is_some_and(|word| words.contains(&word)),
        Is::There(field) => !event[field].is_null(),
        Is::Number(field, number) => event[field].as_u64() == Some(u64::from(*number)),
        Is::Above(field, number) => event[field].as_f64().is_some_and(|value| value > *number),
        Is::Any(some) => some.iter().any(|is| holds(&[*is], event)),
    })
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
fn events_of_every_type_that_is_sent_are_looked_at() {
    let types = types();
    for known in ["escalation.created", "external.login", "delivery.completed", "tool_call", "system.test"] {
        assert!(types.contains(known), "{known}: {types:?}");
    }
    assert!(types.len() > 100, "{}", types.len());
}

#[test]
fn every_search_that_counts_or_tells_of_events_finds_some_of_them() {
    let events: Vec<Value> = events().iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    for search in list::all() {
        let Some(of) = conditions(search) else { continue };
        let found = events.iter().filter(|event| holds(of, event)).count();
        assert!(found > 0 && found < events.len(), "{}: {found} of {}", search.name, events.len());
    }
}

#[test]
fn searches_have_the_names_of_the_rules_that_look_for_the_same() {
    let rules = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut names = BTreeSet::new();
    for file in std::fs::read_dir(rules).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        names.extend(text.lines().filter_map(|line| line.strip_prefix("name: ")).map(str::to_owned));
    }
    // What tells of all that rules found is no rule.
    for search in list::all().filter(|search| search.name != "finding") {
        assert!(names.contains(search.name), "no rule {}", search.name);
    }
}
