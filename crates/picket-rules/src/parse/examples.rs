//! Tests that stand in a rule.
//!
//! ```yaml
//! x-picket:
//!   tests:
//!     - name: three in a minute
//!       with: { user: ana } # what all events have, unless they say otherwise
//!       events:
//!         - { timestamp: "2026-11-27T20:00:00Z" }
//!         - { at: 1h30m }   # so long after Monday, 2026-11-23, 00:00 UTC
//!         - { repeat: 24, every: 1h, event: { at: 2h, text: "number {n}" } }
//!       matches: [1, 3-26]  # numbers of events, from 1
//!       any_order: true     # whatever the order in which they come
//! ```

use crate::issue::Report;
use crate::model::Example;
use picket_stdx::{Timestamp, duration};
use picket_yaml::{Node, Value};
use serde_json::{Map, Value as Json};

const TEST_KEYS: &[&str] = &["name", "with", "events", "matches", "any_order"];
const SERIES_KEYS: &[&str] = &["repeat", "every", "event"];
/// Where times that are only distances begin: a Monday, at 00:00 UTC.
const ORIGIN_MS: i64 = 1_795_392_000_000;
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
    let with = node.member("with").map(json).and_then(|with| with.as_object().cloned()).unwrap_or_default();
    let mut texts = Vec::new();
    for event in events.items() {
        self::event(event, &with, &mut texts, report);
        if texts.len() > EVENTS_MAX {
            report.at(events, format!("more than {EVENTS_MAX} events; use fewer"));
            return None;
        }
    }
    let mut numbers = Vec::new();
    for number in matches.items() {
        match number.value {
            Value::Integer(value) if value >= 1 && usize::try_from(value).is_ok_and(|value| value <= texts.len()) => {
                numbers.extend(usize::try_from(value));
            }
            _ => match range(number, texts.len()) {
                Some(range) => numbers.extend(range),
                None => report.at(number, "expected numbers of events, from 1 to how many there are"),
            },
        }
    }
    Some(Example { name, events: texts, matches: numbers, any_order: any_order.unwrap_or(false) })
}

/// One event, or as many as a series has, as JSON.
fn event(node: &Node, with: &Map<String, Json>, texts: &mut Vec<String>, report: &mut Report<'_>) {
    let Json::Object(mut event) = json(node) else {
        report.at(node, "an event is a map of fields and values");
        return;
    };
    if !SERIES_KEYS.iter().all(|key| event.contains_key(*key)) || event.len() != SERIES_KEYS.len() {
        texts.extend(complete(event, with, 0, node, report));
        return;
    }
    let times = event.get("repeat").and_then(Json::as_u64).and_then(|times| usize::try_from(times).ok());
    let every = event.get("every").and_then(Json::as_str).and_then(|text| duration::parse(text).ok());
    let one = event.remove("event");
    let (Some(times @ 1..=EVENTS_MAX), Some(every), Some(Json::Object(one))) = (times, every, one) else {
        report.at(
            node,
            format!(
                "a series is `repeat`, how many (1 to {EVENTS_MAX}), `every`, how far apart, such as 1h, and `event`, the first one"
            ),
        );
        return;
    };
    let every = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
    let mut after_ms = 0_i64;
    for number in 1..=times {
        let event = one.iter().map(|(key, value)| (key.clone(), numbered(value, number))).collect();
        let Some(text) = complete(event, with, after_ms, node, report) else { return };
        texts.push(text);
        after_ms = after_ms.saturating_add(every);
    }
}

/// A value with the number of its event in place of `{n}`.
fn numbered(value: &Json, number: usize) -> Json {
    match value {
        Json::String(text) if text.contains("{n}") => Json::from(text.replace("{n}", &number.to_string())),
        other => other.clone(),
    }
}

/// An event with its time, and what all events have.
fn complete(
    mut event: Map<String, Json>,
    with: &Map<String, Json>,
    after_ms: i64,
    node: &Node,
    report: &mut Report<'_>,
) -> Option<String> {
    let distance = event.remove("at");
    for (key, value) in with {
        event.entry(key.clone()).or_insert_with(|| value.clone());
    }
    let moment = match (&distance, event.get("timestamp").and_then(Json::as_str)) {
        (None, _) if after_ms == 0 => return Some(Json::Object(event).to_string()),
        (Some(Json::String(text)), _) => {
            let distance = duration::parse(text).ok().and_then(|after| i64::try_from(after.as_millis()).ok());
            distance.map(|after| ORIGIN_MS.saturating_add(after))
        }
        (None, Some(text)) => text.parse().ok().map(Timestamp::as_millis),
        _ => None,
    };
    let Some(moment) = moment else {
        report.at(
            node,
            "`at` is how long after Monday, 2026-11-23, such as `9h30m`; a series needs it, or a `timestamp`",
        );
        return None;
    };
    let timestamp = Timestamp::from_millis(moment.saturating_add(after_ms)).to_string();
    event.insert("timestamp".to_owned(), Json::from(timestamp));
    Some(Json::Object(event).to_string())
}

/// `51-100`.
fn range(node: &Node, most: usize) -> Option<std::ops::RangeInclusive<usize>> {
    let Value::Text(text) = &node.value else { return None };
    let (from, to) = text.split_once('-')?;
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (1 <= from && from <= to && to <= most).then_some(from..=to)
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
