//! Rules and events.

mod shipped;

use crate::data::Data;
use crate::issue::Issues;
use crate::ruleset::Rules;
use proptest::prelude::*;

/// Rules of these detections.
fn rules(detections: &[String], data: &Data) -> Rules {
    let text: String = detections
        .iter()
        .map(|detection| format!("title: t\nlogsource: {{product: x}}\ndetection:\n{detection}\n---\n"))
        .collect();
    let loaded = Rules::load([("r.yml", text.as_str())], data);
    let errors: Vec<String> = loaded.issues.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    loaded.rules
}

fn matches(item: &str, event: &str) -> bool {
    let rules = rules(&[format!("  s:\n    {item}\n  condition: s")], &Data::default());
    let mut scratch = rules.scratch();
    !rules.find(event, &mut scratch).unwrap().is_empty()
}

#[test]
fn every_modifier_does_what_sigma_says() {
    let cases: &[(&str, &str, bool)] = &[
        ("A: cmd", r#"{"A": "CMD"}"#, true),
        ("A|cased: cmd", r#"{"A": "CMD"}"#, false),
        ("A: [x, y]", r#"{"A": "Y"}"#, true),
        ("A|contains|all: [x, y]", r#"{"A": "yx"}"#, true),
        ("A|contains|all: [x, y]", r#"{"A": "x"}"#, false),
        ("A|contains|all: [x, y]", r#"{"A": ["x", "y"]}"#, true),
        ("A|startswith: ab", r#"{"A": "ABc"}"#, true),
        ("A|endswith: bc", r#"{"A": "aBC"}"#, true),
        ("A|exists: true", r#"{"A": 0}"#, true),
        ("A|exists: true", r#"{"A": null}"#, false),
        ("A|exists: false", r#"{"B": 0}"#, true),
        ("A|neq: x", r#"{"A": "y"}"#, true),
        ("A|neq: x", r#"{"A": "X"}"#, false),
        ("A|neq: x", r#"{"B": "y"}"#, false),
        ("A|neq: [x, y]", r#"{"A": "y"}"#, false),
        ("A|contains|windash: ' -enc '", r#"{"A": "p /enc x"}"#, true),
        ("A|re: 'a.c'", r#"{"A": "xabcx"}"#, true),
        ("A|re: 'a.c'", r#"{"A": "xABCx"}"#, false),
        ("A|re|i: 'a.c'", r#"{"A": "xABCx"}"#, true),
        ("A|re|s: 'a.c'", r#"{"A": "a\nc"}"#, true),
        ("A|re: 'a.c'", r#"{"A": "a\nc"}"#, false),
        ("A|re|m: '^b'", r#"{"A": "a\nb"}"#, true),
        ("A|base64|contains: foo", r#"{"A": "x Zm9v y"}"#, true),
        ("A|base64offset|contains: foobar", r#"{"A": "eGZvb2Jhcg=="}"#, true),
        ("A|base64offset|contains: foobar", r#"{"A": "eHhmb29iYXI="}"#, true),
        ("A|wide|base64offset|contains: foo", r#"{"A": "ZgBvAG8A"}"#, true),
        ("A|utf16be|base64|contains: foo", r#"{"A": "AGYAbwBv"}"#, true),
        ("A|utf16|base64|contains: foo", r#"{"A": "//5mAG8AbwA="}"#, true),
        ("A|gt: 5", r#"{"A": 6}"#, true),
        ("A|gt: 5", r#"{"A": 5}"#, false),
        ("A|gte: 5", r#"{"A": "5"}"#, true),
        ("A|lt: 5", r#"{"A": 4.5}"#, true),
        ("A|lte: 5", r#"{"A": [7, 5]}"#, true),
        ("A|lte: 5", r#"{"A": "x"}"#, false),
        ("A|hour: 20", r#"{"A": "2026-11-27T20:35:34Z"}"#, true),
        ("A|minute: 35", r#"{"A": 1795811734}"#, true),
        ("A|year: 2026", r#"{"A": "2026-11-27 20:35:34"}"#, true),
        ("A|cidr: 10.0.0.0/8", r#"{"A": "10.1.2.3"}"#, true),
        ("A|cidr: 10.0.0.0/8", r#"{"A": "::ffff:10.1.2.3"}"#, true),
        ("A|cidr: [192.168.0.0/16, '2001:db8::/32']", r#"{"A": "2001:db8::1"}"#, true),
        ("A|cidr: 10.0.0.0/8", r#"{"A": "11.1.2.3"}"#, false),
        ("A|fieldref: B", r#"{"A": "x", "B": "X"}"#, true),
        ("A|fieldref|cased: B", r#"{"A": "x", "B": "X"}"#, false),
        ("A|fieldref|contains: B", r#"{"A": "axb", "B": "X"}"#, true),
        ("A|fieldref|neq: B", r#"{"A": "y", "B": "x"}"#, true),
        ("A: 5", r#"{"A": "5"}"#, true),
        ("A: '5'", r#"{"A": 5}"#, true),
        ("A: true", r#"{"A": "TRUE"}"#, true),
        ("A: true", r#"{"A": false}"#, false),
        ("A: null", r#"{"A": null}"#, true),
        ("A: null", r#"{"A": ""}"#, false),
        ("A: ['', null]", "{}", true),
        ("A: ''", r#"{"A": ""}"#, true),
        ("A: 'x*z'", r#"{"A": "xyz"}"#, true),
        ("a.b: x", r#"{"a": {"b": "x"}}"#, true),
        ("a.b: x", r#"{"a.b": "x"}"#, true),
        ("a.b: x", r#"{"a": [{"b": "y"}, {"b": "x"}]}"#, true),
        ("'|all': [one, two]", r#"{"A": "one", "B": "and two"}"#, true),
        ("'|all': [one, two]", r#"{"A": "one"}"#, false),
    ];
    for (item, event, expected) in cases {
        assert_eq!(matches(item, event), *expected, "{item} on {event}");
    }
}

#[test]
fn words_without_a_field_are_looked_for_in_every_text() {
    let words = rules(&["  words: [alpha, 'be*ta', 7]\n  condition: words".to_owned()], &Data::default());
    let mut scratch = words.scratch();
    for (event, expected) in [
        (r#"{"deep": {"er": ["x ALPHA y"]}}"#, true),
        (r#"{"A": "xbe and taz"}"#, true),
        (r#"{"A": "no 7"}"#, true),
        (r#"{"alpha": "the name of a field is no text"}"#, false),
    ] {
        assert_eq!(!words.find(event, &mut scratch).unwrap().is_empty(), expected, "{event}");
    }
}

#[test]
fn data_says_what_placeholders_log_sources_and_fields_mean() {
    let mut data = Data::default();
    let mut issues = Issues::default();
    let text = "placeholders: {admins: [root, 'adm*']}\nlogsources:\n  - product: x\n    where: {kind: [a, b]}\n    fields: {User: user.name}\n";
    data.read("data.yml", text, &mut issues);
    assert!(issues.errors.is_empty(), "{issues:?}");
    let rules = rules(&["  s:\n    User|expand: '%admins%'\n  condition: s".to_owned()], &data);
    let mut scratch = rules.scratch();
    for (event, expected) in [
        (r#"{"kind": "a", "user": {"name": "Administrator"}}"#, true),
        (r#"{"kind": "c", "user": {"name": "root"}}"#, false),
        (r#"{"kind": "b", "User": "root"}"#, false),
    ] {
        assert_eq!(!rules.find(event, &mut scratch).unwrap().is_empty(), expected, "{event}");
    }
}

#[test]
fn a_filter_takes_events_away_from_the_rules_that_it_names() {
    let text = "\
title: rule
id: one
logsource: {product: x, category: y}
detection:
  selection: {A: 1}
  condition: selection
---
title: filter
logsource: {product: x}
filter:
  rules: [one, nobody]
  selection: {User|startswith: adm}
  condition: not selection
";
    let loaded = Rules::load([("r.yml", text)], &Data::default());
    assert_eq!(loaded.issues.warnings.len(), 1, "{:?}", loaded.issues);
    let mut scratch = loaded.rules.scratch();
    assert!(loaded.rules.find(r#"{"A": 1, "User": "eve"}"#, &mut scratch).unwrap() == [0]);
    assert!(loaded.rules.find(r#"{"A": 1, "User": "admin"}"#, &mut scratch).unwrap().is_empty());
}

#[test]
fn an_explanation_says_how_far_a_rule_is_from_an_event() {
    let rules =
        rules(&["  s: {A: 1, B|contains: x}\n  f: {C: 2}\n  condition: s and not f".to_owned()], &Data::default());
    for (event, matches, lacking) in
        [(r#"{"A": 1, "B": "xx"}"#, true, 0), (r#"{"A": 1, "B": "y"}"#, false, 1), (r#"{"C": 2}"#, false, 3)]
    {
        let why = rules.explain(0, event).unwrap().unwrap();
        assert_eq!((why.matches, why.lacking), (matches, lacking), "{event}: {:#?}", why.steps);
    }
    let why = rules.explain(0, r#"{"A": 1, "B": "y"}"#).unwrap().unwrap();
    let step = why.steps.iter().find(|step| step.asked == "B|contains").unwrap();
    assert_eq!((step.holds, step.values.as_deref()), (false, Some(&["y".to_owned()][..])));
}

#[test]
fn tests_of_rules_are_run_in_every_order_that_they_ask_for() {
    let text = "\
title: one
name: one
logsource: {product: x}
detection:
  s: {A: 1}
  condition: s
x-picket:
  tests:
    - {name: right, events: [{A: 1}, {A: 2}, {A: [0, 1]}], matches: [1, 3], any_order: true}
    - {name: wrong, events: [{A: 1}], matches: []}
---
title: three
correlation: {type: event_count, rules: [one], timespan: 10s, condition: {gte: 3}}
x-picket:
  tests:
    - name: late
      events:
        - {A: 1, timestamp: '2026-11-27T20:00:00Z'}
        - {A: 1, timestamp: '2026-11-27T20:00:05Z'}
        - {A: 1, timestamp: '2026-11-27T20:00:09Z'}
        - {A: 1, timestamp: '2026-11-27T20:00:30Z'}
      matches: [3]
      any_order: true
    - name: far apart
      events: [{A: 1, timestamp: 1}, {A: 1, timestamp: 20}, {A: 1, timestamp: 40}]
      matches: [1]
      any_order: true
";
    let loaded = Rules::load([("r.yml", text)], &Data::default());
    assert!(loaded.issues.errors.is_empty(), "{:#?}", loaded.issues);
    let results: Vec<_> = loaded.rules.test().into_iter().map(|result| (result.name, result.difference)).collect();
    let told = |text: &str| Some(text.to_owned());
    assert_eq!(
        results,
        [
            ("right".to_owned(), None),
            ("wrong".to_owned(), told("expected matches at {}, and there are {1}")),
            ("late".to_owned(), None),
            ("far apart".to_owned(), told("expected matches at {1}, and there are {}")),
        ]
    );
}

#[test]
fn what_the_oracle_says_of_real_rules_and_events_is_found() {
    let loaded = Rules::load([("rules.yml", include_str!("../testdata/sigma/rules.yml"))], &Data::default());
    assert!(loaded.issues.errors.is_empty(), "{:#?}", loaded.issues.errors);
    let mut scratch = loaded.rules.scratch();
    let (mut events, mut found) = (0, 0);
    for line in include_str!("../testdata/sigma/verdicts.ndjson").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let ids = |name: &str| -> Vec<String> {
            row[name].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
        };
        let skipped = ids("not_compared");
        let ours = loaded.rules.find(&row["event"].to_string(), &mut scratch).unwrap();
        let ours = ours.iter().map(|rule| loaded.rules.rules()[*rule].about.key().to_owned());
        let mut ours: Vec<String> = ours.filter(|id| !skipped.contains(id)).collect();
        let mut theirs: Vec<String> = ids("matches").into_iter().filter(|id| !skipped.contains(id)).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{line}");
        events += 1;
        found += ours.len();
    }
    assert!(events > 50 && found > 20, "{found} matches in {events} events");
}

/// Items of generated rules.
fn item() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec!["A", "B", "c.d"]);
    let text = "[abAB]{1,3}|[ab]\\*[ab]|\\?[ab]";
    prop_oneof![
        (
            field.clone(),
            prop::sample::select(vec!["", "|contains", "|startswith", "|endswith", "|cased", "|neq"]),
            text
        )
            .prop_map(|(field, modifier, text)| format!("'{field}{modifier}': '{text}'")),
        (field.clone(), prop::sample::select(vec!["gt", "gte", "lt", "lte"]), 0..5_u8)
            .prop_map(|(field, modifier, bound)| format!("'{field}|{modifier}': {bound}")),
        (field.clone(), 0..5_u8).prop_map(|(field, number)| format!("'{field}': {number}")),
        (field.clone(), "[ab]{1,2}(\\.|a\\*)?b").prop_map(|(field, regex)| format!("'{field}|re': '{regex}'")),
        field.clone().prop_map(|field| format!("'{field}': null")),
        (field, any::<bool>()).prop_map(|(field, exists)| format!("'{field}|exists': {exists}")),
    ]
}

fn detection() -> impl Strategy<Value = String> {
    let condition = prop::sample::select(vec![
        "s1",
        "s1 and s2",
        "s1 or s2",
        "s1 and not s2",
        "not s1",
        "1 of s*",
        "all of them",
        "2 of them",
        "not 1 of s*",
        "s1 and (s2 or not s3)",
        "[s1 and s2, not s3]",
    ]);
    (prop::collection::vec(prop::collection::vec(item(), 1..3), 3), condition).prop_map(|(selections, condition)| {
        let mut text = String::new();
        for (at, items) in selections.iter().enumerate() {
            let mut items = items.clone();
            items.sort();
            items.dedup_by_key(|item| item.split_once("':").map(|(key, _)| key.to_owned()));
            text = format!("{text}  s{}: {{{}}}\n", at + 1, items.join(", "));
        }
        text + &format!("  condition: {condition}")
    })
}

fn event() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[abAB]{0,4}".prop_map(|text| format!("\"{text}\"")),
        (0..6_u8).prop_map(|number| number.to_string()),
        Just("null".to_owned()),
        ("[ab]{1,2}", 0..5_u8).prop_map(|(text, number)| format!("[\"{text}\", {number}]")),
        "[ab]{0,2}".prop_map(|text| format!("\"{text}\\n{text}\"")),
    ];
    let member = (prop::sample::select(vec!["A", "B", "c.d", "e"]), value.clone())
        .prop_map(|(name, value)| format!("\"{name}\": {value}"));
    let nested = value.prop_map(|value| format!("\"c\": {{\"d\": {value}}}"));
    prop::collection::vec(prop_oneof![4 => member, 1 => nested], 0..5)
        .prop_map(|members| format!("{{{}}}", members.join(", ")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn many_rules_at_once_find_what_each_finds_when_it_is_asked(
        detections in prop::collection::vec(detection(), 1..30), events in prop::collection::vec(event(), 1..20),
    ) {
        let rules = rules(&detections, &Data::default());
        let mut scratch = rules.scratch();
        for event in &events {
            let expected = rules.matcher.find_slowly(event);
            prop_assert_eq!(rules.find(event, &mut scratch).unwrap(), &expected, "{}", event);
            for rule in 0..detections.len() {
                let why = rules.explain(rule, event).unwrap().unwrap();
                let all_hold = why.steps.iter().filter(|step| step.depth == 0).all(|step| step.holds);
                prop_assert_eq!(why.matches, all_hold, "{}: {:#?}", event, why);
            }
        }
    }

    #[test]
    fn no_file_of_rules_ends_the_program(text in "\\PC{0,200}|(title: t\n|detection:\n|  s: \\{A: 1\\}\n|  condition: s\n|correlation:\n|  type: event_count\n|  rules: \\[a\\]\n|---\n|  timespan: 1m\n|filter:\n){0,12}") {
        Rules::load([("r.yml", text.as_str())], &Data::default());
    }
}

#[test]
fn a_rule_without_a_firing_a_silent_and_a_late_test_is_not_shipped() {
    let part = "title: part\nname: part\nlogsource: {product: x}\ndetection: {s: {A: 1}, condition: s}\n";
    let head = "---\ntitle: t\nid: t\nlevel: low\ncorrelation: {type: event_count, rules: [part], timespan: 5m, condition: {gte: 2}}\n\
        x-picket:\n  category: anomaly\n  reason: '{value} in {span}'\n  tests:\n";
    let tests = [
        "  - {name: two, events: [{A: 1, at: 1m}, {A: 1, at: 2m}], matches: [2]}\n",
        "  - {name: one, events: [{A: 1, at: 1m}], matches: []}\n",
        "  - {name: late, events: [{A: 1, at: 1m}, {A: 1, at: 2m}], matches: [2], any_order: true}\n",
    ];
    let load = |text: &str| Rules::load_complete(&[("r.yml", text)], &Data::default());
    let whole = load(&format!("{part}{head}{}", tests.concat()));
    assert_eq!((whole.issues.errors.len(), whole.rules.correlations().len()), (0, 1));
    assert!(whole.rules.test().iter().all(|result| result.difference.is_none()));

    for (without, lacks) in [(1, "a test in which it does not"), (2, "a test of several events in `any_order`")] {
        let kept: String = tests.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, test)| *test).collect();
        let loaded = load(&format!("{part}{head}{kept}"));
        assert!(loaded.rules.correlations().is_empty());
        assert!(loaded.issues.errors[0].message.contains(lacks), "{:?}", loaded.issues.errors);
        assert_eq!(loaded.issues.errors[0].place.line, 6);
    }
    let silent = load(&format!("{part}{head}{}", tests[1]));
    assert!(silent.issues.errors[0].message.contains("a test in which it matches"), "{:?}", silent.issues.errors);
    let bare = load(part);
    let message = &bare.issues.errors[0].message;
    assert!(bare.rules.rules().is_empty() && message.contains("an `id`, and a `level`, and `category`"), "{message}");
}

#[test]
fn tests_write_events_as_distances_and_series() {
    let text = "title: t\nlogsource: {product: x}\ndetection: {s: {user|endswith: '3', A: 1, timestamp|startswith: '2026-11-23T02:0'}, condition: s}\n\
        x-picket:\n  tests:\n  - name: n\n    with: {A: 1}\n    events: [{repeat: 20, every: 30s, event: {at: 2h, user: 'u{n}'}}, {at: 2h, user: u3}, {at: 3h, user: u3}]\n    matches: [3, 13, 21-21]\n";
    let loaded = Rules::load([("r.yml", text)], &Data::default());
    assert_eq!(loaded.issues.errors, []);
    let results = loaded.rules.test();
    assert_eq!(results[0].difference, None);
}
