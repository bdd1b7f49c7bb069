//! Tests that stand in a rule.
//!
//! ```yaml
//! x-picket:
//!   tests:
//!     - name: three in a minute
//!       events: [{ timestamp: "2026-11-27T20:00:00Z", user: ana }]
//!       matches: [1]        # numbers of events, from 1
//!       any_order: true     # whatever the order in which they come
//! ```

use crate::issue::Report;
use crate::model::Example;
use picket_yaml::{Node, Value};
use serde_json::Value as Json;

const TEST_KEYS: &[&str] = &["name", "events", "matches", "any_order"];
/// Tests of a rule.
const TESTS_MAX: usize = 100;
/// Events of a test.
const EVENTS_MAX: usize = 10_000;

/// Reads the list of tests.
pub(super) fn read(node: &Node, report: &mut Report<'_>) -> Vec<Example> {
    if node.items().len() > TESTS_MAX {
        report.at(node, format!("more than {TESTS_MAX} tests; keep those that differ"));
        return Vec::new();
    }
    node.items().iter().filter_map(|test| self::test(test, report)).collect()
}

fn test(node: &Node, report: &mut Report<'_>) -> Option<Example> {
    for (key, _) in report.with(|problems| node.map(problems).to_vec()) {
        if !TEST_KEYS.contains(&key.name.as_str()) {
            report.with(|problems| key.unknown(TEST_KEYS, problems));
        }
    }
    let name = node.member("name").and_then(|name| report.with(|problems| name.text(problems).map(str::to_owned)));
    let any_order = node.member("any_order").and_then(|node| report.with(|problems| node.bool(problems)));
    let (Some(name), Some(events), Some(matches)) = (name, node.member("events"), node.member("matches")) else {
        report.at(
            node,
            "a test has a `name`, `events`, and `matches`: the numbers of the events that match, `[]` for none",
        );
        return None;
    };
    let mut texts = Vec::new();
    for event in events.items() {
        if matches!(event.value, Value::Map(_)) {
            texts.push(json(event).to_string());
        } else {
            report.at(event, "an event is a map of fields and values");
        }
    }
    if texts.len() > EVENTS_MAX {
        report.at(events, format!("more than {EVENTS_MAX} events; use fewer"));
    }
    let mut numbers = Vec::new();
    for number in matches.items() {
        match number.value {
            Value::Integer(value) if value >= 1 && usize::try_from(value).is_ok_and(|value| value <= texts.len()) => {
                numbers.extend(usize::try_from(value));
            }
            _ => report.at(number, "expected numbers of events, from 1 to how many there are"),
        }
    }
    Some(Example { name, events: texts, matches: numbers, any_order: any_order.unwrap_or(false) })
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Integer(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(members) => members.iter().map(|(key, node)| (key.name.clone(), json(node))).collect(),
    }
}
