//! Bundles, and patterns that list values and that do not.

use super::*;
use crate::Signal;
use picket_event::Workspace;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-06-01T10:00:00Z".parse().unwrap()
}

fn indicator(pattern: &str, more: &Value) -> Value {
    let mut object = json!({"type": "indicator", "spec_version": "2.1", "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created": "2026-01-01T00:00:00Z", "modified": "2026-02-01T00:00:00Z", "valid_from": "2026-01-15T00:00:00Z",
        "name": "Known bad", "pattern": pattern, "pattern_type": "stix", "indicator_types": ["malicious-activity"]});
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

fn read(objects: &[Value]) -> Bundle {
    let text = json!({"type": "bundle", "id": "bundle--1", "objects": objects}).to_string();
    bundle(text.as_bytes(), "misp", now()).unwrap()
}

#[test]
fn each_value_of_an_indicator_in_force_is_a_signal() {
    let pattern =
        "[ipv4-addr:value = '198.51.100.7' OR domain-name:value='bad.example'] OR [file:hashes.'SHA-256' = 'ab\\'c']";
    let read = read(&[json!({"type": "malware", "name": "x"}), indicator(pattern, &json!({"confidence": 85}))]);
    assert_eq!((read.signals.len(), read.passed_over.len()), (3, 0), "{read:?}");
    let values: Vec<_> =
        read.signals.iter().map(|signal| signal["attributes"]["indicator"].as_str().unwrap()).collect();
    assert_eq!(values, ["198.51.100.7", "bad.example", "ab'c"]);
    let events: Vec<_> = read
        .signals
        .iter()
        .map(|signal| Signal::read(signal, &Workspace::parse("ws_test").unwrap(), now()).unwrap().event().clone())
        .collect();
    assert_eq!((events[0].src_ip.as_deref(), events[1].src_ip.as_deref()), (Some("198.51.100.7"), None));
    assert_eq!(events[0].timestamp, now(), "it is known from now on, whatever it was before");
    assert_eq!(events[0].attributes["valid_from"].as_text(), Some("2026-01-15T00:00:00Z"));
    assert_eq!(events[0].attributes["verdict"].as_text(), Some("malicious"));
    assert_eq!(events[0].attributes["confidence"].as_number(), Some(85.0));
}

#[test]
fn an_indicator_is_news_once_a_week() {
    let text = indicator("[ipv4-addr:value = '198.51.100.7']", &json!({})).to_string();
    let id = |days: u64| {
        let at = now().plus(std::time::Duration::from_secs(days * 86_400));
        bundle(text.as_bytes(), "misp", at).unwrap().signals[0]["id"].clone()
    };
    assert_eq!(id(0), id(1));
    assert_ne!(id(0), id(7));
}

#[test]
fn what_lists_no_values_or_is_not_in_force_is_passed_over_and_told() {
    let plain = "[ipv4-addr:value = '198.51.100.7']";
    for (pattern, more, cause) in [
        (plain, json!({"revoked": true}), "it is revoked"),
        (plain, json!({"valid_until": "2026-05-01T00:00:00Z"}), "its time is over"),
        (plain, json!({"valid_from": "2026-06-01T10:00:01Z"}), "it is not in force before 2026-06-01T10:00:01.000Z"),
        (plain, json!({"pattern_type": "sigma"}), "its pattern is of type sigma, not stix"),
        ("[ipv4-addr:value = '1.2.3.4' AND ipv4-addr:value = '1.2.3.5']", json!({}), "is not of the form"),
        ("[ipv4-addr:value != '1.2.3.4']", json!({}), "is not of the form"),
        ("[ipv4-addr:value ISSUBSET '1.2.3.0/24']", json!({}), "is not of the form"),
        ("[ipv4-addr:value = '1.2.3.4'", json!({}), "is not of the form"),
        ("[ipv4-addr:value = '1.2.3.4'] REPEATS 3 TIMES", json!({}), "is not of the form"),
        ("", json!({}), "is not of the form"),
        ("[ipv4-addr:value = 'unterminated]", json!({}), "is not of the form"),
        ("[ipv4-addr:value = '10.0.0.0/8']", json!({}), "10.0.0.0/8 is a network"),
        (plain, json!({"pattern": 42}), "is not of the form"),
    ] {
        let read = read(&[indicator(pattern, &more)]);
        assert!(read.signals.is_empty() && read.passed_over[0].1.contains(cause), "{pattern}: {read:?}");
    }
    assert!(bundle(b"{\"type\":\"report\"}", "x", now()).is_err());
    assert!(bundle(b"{", "x", now()).unwrap_err().to_string().starts_with("line 1: "));
}

#[test]
fn the_types_of_an_indicator_say_how_bad_it_is() {
    for (types, wanted) in [
        (json!(["benign"]), "benign"),
        (json!(["anomalous-activity", "unknown"]), "suspicious"),
        (json!(["anonymization", "compromised"]), "malicious"),
        (json!([]), "malicious"),
    ] {
        let read = read(&[indicator("[url:value = 'http://bad.example/']", &json!({"indicator_types": types}))]);
        assert_eq!(read.signals[0]["attributes"]["verdict"], wanted, "{types}");
    }
}

proptest! {
    #[test]
    fn no_pattern_breaks_the_reader(pattern in "[\\[\\]()a-z:='\\\\ OR0-9.é-]{0,60}") {
        drop(comparisons(&pattern));
    }

    #[test]
    fn a_list_of_values_is_read_whole(values in proptest::collection::vec("[ -~]{1,20}", 1..8)) {
        let escaped = |value: &String| value.replace('\\', "\\\\").replace('\'', "\\'");
        let all: Vec<String> = values.iter().map(|value| format!("url:value = '{}'", escaped(value))).collect();
        let read = comparisons(&format!("[{}]", all.join(" OR "))).unwrap();
        prop_assert_eq!(read.into_iter().map(|one| one.value).collect::<Vec<_>>(), values);
    }
}
