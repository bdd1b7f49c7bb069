//! What correlations say of events in any order is what the events in order say.

mod behaviours;
mod late;

use super::*;
use crate::data::Data;
use crate::timepart;
use std::collections::BTreeSet;

/// A small generator of numbers, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

const BASE: i64 = 1_700_000_000_000;
const LATENESS_MS: i64 = 4_000;
const SPAN_MS: i64 = 3_000;

const RULES: &str = "\
title: a
name: a
logsource: {product: x}
detection: {s: {kind: a}, condition: s}
---
title: b
name: b
logsource: {product: x}
detection: {s: {kind: b}, condition: s}
---
title: c
name: c
logsource: {product: x}
detection: {s: {kind: c}, condition: s}
";

/// Correlations: name, what it measures, condition, and rules.
const CORRELATIONS: &[(&str, &str, &str, &[&str])] = &[
    ("count", "event_count", "{gte: 3}", &["a", "b"]),
    ("few", "event_count", "{lt: 2}", &["a"]),
    ("exact", "event_count", "{eq: 2}", &["a", "b", "c"]),
    ("range", "event_count", "{gt: 1, lte: 3}", &["b", "c"]),
    ("distinct", "value_count", "{gte: 3, field: v}", &["a", "b", "c"]),
    ("same", "value_count", "{lte: 1, field: v}", &["a", "b", "c"]),
    ("sum", "value_sum", "{gte: 9, field: v}", &["a", "b"]),
    ("average", "value_avg", "{lt: 2, field: v}", &["a", "c"]),
    ("median", "value_median", "{gte: 3, field: v}", &["a", "b", "c"]),
    ("p90", "value_percentile", "{gt: 3.5, field: v, percentile: 90}", &["a", "b", "c"]),
    ("both", "temporal", "", &["a", "b"]),
    ("without", "temporal", "a and not c", &["a", "c"]),
    ("ordered", "temporal_ordered", "", &["a", "b", "c"]),
    ("chained", "event_count", "{gte: 2}", &["count", "both"]),
    ("chained-twice", "temporal_ordered", "", &["ordered", "chained"]),
];

fn rules() -> Rules {
    let mut text = RULES.to_owned();
    for (name, kind, condition, rules) in CORRELATIONS {
        let condition = if condition.is_empty() { String::new() } else { format!("  condition: {condition}\n") };
        text = format!(
            "{text}---\ntitle: {name}\nname: {name}\ngenerate: true\ncorrelation:\n  type: {kind}\n  rules: [{}]\n  \
             group-by: user\n  timespan: {}s\n{condition}",
            rules.join(", "),
            SPAN_MS / 1_000,
        );
    }
    let loaded = Rules::load([("r.yml", text.as_str())], &Data::default());
    let errors: Vec<String> = loaded.issues.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    loaded.rules
}

#[derive(Debug, Clone, PartialEq)]
struct Happened {
    at: i64,
    kind: &'static str,
    user: u64,
    value: f64,
}

impl Happened {
    fn json(&self) -> String {
        let Self { at, kind, user, value } = self;
        format!(r#"{{"timestamp": {}, "kind": "{kind}", "user": "u{user}", "v": {value}}}"#, BASE + at)
    }
}

/// A stream in the order of its arrival, which is up to the allowed lateness behind that of its times.
fn stream(random: &mut Random) -> Vec<Happened> {
    let count = 4 + random.below(24);
    let step = [100, 700, 2_500][usize::try_from(random.below(3)).unwrap()];
    let mut at = 0;
    let mut events: Vec<(i64, Happened)> = (0..count)
        .map(|_| {
            // Several at one moment are common.
            at += if random.below(4) == 0 { 0 } else { i64::try_from(random.below(step)).unwrap() };
            let kind = ["a", "b", "c"][usize::try_from(random.below(3)).unwrap()];
            let value = f64::from(u32::try_from(random.below(12)).unwrap()) / 2.0;
            let happened = Happened { at, kind, user: random.below(2), value };
            let delay = if random.below(2) == 0 { 0 } else { random.below(LATENESS_MS.unsigned_abs()) };
            (at + i64::try_from(delay).unwrap(), happened)
        })
        .collect();
    events.sort_by_key(|(arrives, _)| *arrives);
    events.into_iter().map(|(_, happened)| happened).collect()
}

type Moments = BTreeSet<(String, String, i64)>;

/// What is told in the end, when everything that was taken back is taken back.
fn told(rules: &Rules, events: &[Happened], restart_every: Option<usize>) -> (Moments, Counters) {
    let settings = Settings { lateness_ms: LATENESS_MS, ..Settings::default() };
    let mut correlator = rules.correlator(settings);
    let mut scratch = rules.scratch();
    let mut moments = Moments::new();
    for (number, happened) in events.iter().enumerate() {
        let event = happened.json();
        rules.find(&event, &mut scratch).unwrap();
        for outcome in correlator.observe(rules, &event, u64::try_from(number).unwrap(), None, &scratch) {
            let name = rules.correlations()[outcome.correlation].about.title.clone();
            let moment = (name, outcome.group[0].1.clone(), outcome.at - BASE);
            match &outcome.told {
                Told::Holds { events: evidence, .. } => {
                    assert!(
                        !evidence.is_empty() && evidence.iter().all(|event| *event <= u64::try_from(number).unwrap())
                    );
                    assert!(moments.insert(moment.clone()), "told twice: {moment:?}");
                }
                Told::TakenBack => assert!(moments.remove(&moment), "taken back what was not told: {moment:?}"),
                Told::Evicted => panic!("there is room"),
            }
        }
        if restart_every.is_some_and(|every| number % every == 0) {
            let bytes = correlator.snapshot(rules);
            let restored = Correlator::restore(rules, settings, &bytes).unwrap();
            assert_eq!(restored.left_out, 0);
            correlator = restored.correlator;
            assert_eq!(correlator.snapshot(rules), bytes);
        }
    }
    (moments, correlator.counters())
}

/// The same by looking at all events for every moment.
fn expected(events: &[Happened]) -> Moments {
    let mut moments = Moments::new();
    for user in [0, 1] {
        let name = |moments: &Moments, part: &str| {
            let of = moments.iter().filter(|(name, other, _)| name == part && *other == format!("u{user}"));
            of.map(|(.., at)| (*at, 0.0)).collect::<Vec<_>>()
        };
        for (title, kind, condition, rules) in CORRELATIONS {
            // What feeds it, by rule.
            let fed: Vec<Vec<(i64, f64)>> = rules
                .iter()
                .map(|rule| {
                    let base = events.iter().filter(|event| event.user == user && event.kind == *rule);
                    base.map(|event| (event.at, event.value)).chain(name(&moments, rule)).collect()
                })
                .collect();
            let at: BTreeSet<i64> = fed.iter().flatten().map(|(at, _)| *at).collect();
            for at in at {
                let window: Vec<Vec<(i64, f64)>> = fed
                    .iter()
                    .map(|of| of.iter().copied().filter(|(other, _)| (at - SPAN_MS..=at).contains(other)).collect())
                    .collect();
                if holds(kind, condition, &window) {
                    moments.insert(((*title).to_owned(), format!("u{user}"), at));
                }
            }
        }
    }
    moments
}

fn holds(kind: &str, condition: &str, window: &[Vec<(i64, f64)>]) -> bool {
    let values: Vec<f64> = window.iter().flatten().map(|(_, value)| *value).collect();
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let ranked = |rank: f64| {
        let place = rank * f64::from(u32::try_from(sorted.len() - 1).unwrap());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
        let below = place.floor() as usize;
        let other = sorted.get(below + 1).copied().unwrap_or(sorted[below]);
        sorted[below] + (other - sorted[below]) * place.fract()
    };
    let count = f64::from(u32::try_from(values.len()).unwrap());
    let measured = match kind {
        "event_count" => count,
        "value_count" => {
            let distinct: BTreeSet<u64> = values.iter().map(|value| value.to_bits()).collect();
            f64::from(u32::try_from(distinct.len()).unwrap())
        }
        "value_sum" => values.iter().sum(),
        "value_avg" => values.iter().sum::<f64>() / count,
        "value_median" => ranked(0.5),
        "value_percentile" => ranked(0.9),
        "temporal" if condition == "a and not c" => return !window[0].is_empty() && window[1].is_empty(),
        "temporal" => return window.iter().all(|of| !of.is_empty()),
        "temporal_ordered" => return chain(window, i64::MIN),
        other => panic!("{other}"),
    };
    let bounds = condition.trim_matches(['{', '}']).split(", ").map(|bound| bound.split_once(": ").unwrap());
    bounds.filter(|(word, _)| !matches!(*word, "field" | "percentile")).all(|(word, bound)| {
        let bound: f64 = bound.parse().unwrap();
        match word {
            "gte" => measured >= bound,
            "gt" => measured > bound,
            "lte" => measured <= bound,
            "lt" => measured < bound,
            _ => (measured - bound).abs() < f64::EPSILON,
        }
    })
}

/// Whether one of each can be found, each not before the one ahead of it.
fn chain(window: &[Vec<(i64, f64)>], from: i64) -> bool {
    let Some((first, rest)) = window.split_first() else { return true };
    first.iter().any(|(at, _)| *at >= from && chain(rest, *at))
}

#[test]
fn streams_in_any_order_say_what_they_say_in_order() {
    let count: u64 = std::env::var("PICKET_STREAMS").ok().map_or(400, |count| count.parse().unwrap());
    let seed: u64 = std::env::var("PICKET_SEED").ok().map_or(1, |seed| seed.parse().unwrap());
    let rules = rules();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for number in 0..count {
        let mut random = Random(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let events = stream(&mut random);
        let restart = (number % 8 == 0).then_some(3);
        let (told, counters) = told(&rules, &events, restart);
        let expected = expected(&events);
        let differ: Vec<_> = told.symmetric_difference(&expected).collect();
        assert!(differ.is_empty(), "stream {number} of seed {seed}: {differ:?}\n{events:#?}");
        assert_eq!(counters, Counters::default());
        seen.extend(told.into_iter().map(|(name, ..)| name));
    }
    // Every correlation held at some moment.
    assert_eq!(seen.len(), CORRELATIONS.len(), "{seen:?}");
}

/// Rules with this correlation.
fn correlated(correlation: &str) -> crate::ruleset::Loaded {
    let text = format!("{RULES}---\ntitle: t\nname: t\ncorrelation:\n{correlation}\n");
    Rules::load([("r.yml", text.as_str())], &Data::default())
}

#[test]
fn correlations_that_make_no_sense_are_refused_with_a_remedy() {
    let count = "  type: event_count\n  group-by: [user]\n";
    for (correlation, words) in [
        ("  type: event_count".to_owned(), "`rules` is missing"),
        (format!("{count}  rules: [a]\n  condition: {{gte: 2}}"), "`timespan` is missing"),
        (format!("{count}  rules: [a]\n  timespan: 0s\n  condition: {{gte: 2}}"), "a window of no length"),
        (format!("{count}  rules: [a]\n  timespan: -5m\n  condition: {{gte: 2}}"), "a window of no length"),
        (format!("{count}  rules: [a]\n  timespan: 999999d\n  condition: {{gte: 2}}"), "longer than 400 days"),
        (
            format!("{count}  rules: [a]\n  timespan: 99999999999999999999d\n  condition: {{gte: 2}}"),
            "expected a time span",
        ),
        (format!("{count}  rules: [a]\n  timespan: 5x\n  condition: {{gte: 2}}"), "expected a time span"),
        (format!("{count}  rules: [a]\n  timespan: 1m"), "`condition` is missing"),
        (format!("{count}  rules: [a]\n  timespan: 1m\n  condition: {{gte: 1000000000}}"), "remember more than 100000"),
        (format!("{count}  rules: [a]\n  timespan: 1m\n  condition: {{gt: 5, lt: 5}}"), "never hold together"),
        (format!("{count}  rules: [a]\n  timespan: 1m\n  condition: {{lt: 1}}"), "this never holds"),
        (format!("{count}  rules: [a]\n  timespan: 1m\n  condition: {{gte: 2.5}}"), "a whole number"),
        (format!("{count}  rules: [a]\n  timespan: 1m\n  condition: {{gte: 2, field: v}}"), "looks at no field"),
        (format!("{count}  rules: [a]\n  timespan: 1m\n  condition: {{get: 2}}"), "did you mean `gt`?"),
        (format!("{count}  rules: [nobody]\n  timespan: 1m\n  condition: {{gte: 2}}"), "refers to `nobody`"),
        (format!("{count}  rules: [a, a]\n  timespan: 1m\n  condition: {{gte: 2}}"), "named twice"),
        (format!("{count}  rules: [t]\n  timespan: 1m\n  condition: {{gte: 2}}"), "waits for itself"),
        ("  type: value_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 2}".to_owned(), "`field` is missing"),
        (
            "  type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 2, field: [v, w]}".to_owned(),
            "looks at one field",
        ),
        (
            "  type: value_percentile\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 2, field: v}".to_owned(),
            "`percentile` is missing",
        ),
        ("  type: temporal\n  rules: [a]\n  timespan: 1m".to_owned(), "at least two rules"),
        ("  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  condition: a and d".to_owned(), "`d`; there are a, b"),
        (
            "  type: temporal_ordered\n  rules: [a, b]\n  timespan: 1m\n  condition: b".to_owned(),
            "waits for all its rules",
        ),
        ("  type: evnt_count\n  rules: [a]\n  timespan: 1m".to_owned(), "did you mean `event_count`?"),
        (
            format!("{count}  rules: [a]\n  timespan: 1m\n  aliases: {{x: {{b: y}}}}\n  condition: {{gte: 2}}"),
            "`b` is not among `rules`",
        ),
    ] {
        let loaded = correlated(&correlation);
        let told: Vec<String> = loaded.issues.errors.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.contains(words) && line.starts_with("r.yml:")), "{words}: {told:#?}");
        assert!(loaded.rules.correlations().is_empty(), "{words}");
    }
}

#[test]
fn correlations_that_wait_for_each_other_are_refused_whatever_their_number() {
    let mut text = RULES.to_owned();
    for at in 0..60 {
        text = format!(
            "{text}---\ntitle: t\nname: t{at}\ncorrelation:\n  type: temporal\n  rules: [t{}, t{}]\n  timespan: 1m\n",
            (at + 1) % 60,
            (at + 2) % 60,
        );
    }
    let loaded = Rules::load([("r.yml", text.as_str())], &Data::default());
    assert!(loaded.rules.correlations().is_empty());
    assert!(loaded.issues.errors.iter().any(|issue| issue.message.contains("waits for itself")));

    let mut deep = RULES.to_owned();
    for at in 0..12 {
        let before = if at == 0 { "a".to_owned() } else { format!("t{}", at - 1) };
        deep = format!(
            "{deep}---\ntitle: t\nname: t{at}\ncorrelation:\n  type: event_count\n  rules: [{before}]\n  timespan: 1m\n  condition: {{gte: 2}}\n"
        );
    }
    let loaded = Rules::load([("r.yml", deep.as_str())], &Data::default());
    assert_eq!(loaded.rules.correlations().len(), 8);
    assert!(loaded.issues.errors.iter().any(|issue| issue.message.contains("chained over 9 levels")));
}

/// Rules that count to two, by user.
fn counting() -> Rules {
    correlated("  type: event_count\n  rules: [a]\n  group-by: [user]\n  timespan: 10s\n  condition: {gte: 2}").rules
}

/// Gives events to a correlator; what it tells.
fn observe(rules: &Rules, correlator: &mut Correlator, events: &[&str], now: Option<i64>) -> Vec<Outcome> {
    let mut scratch = rules.scratch();
    let mut outcomes = Vec::new();
    for (number, event) in events.iter().enumerate() {
        rules.find(event, &mut scratch).unwrap();
        outcomes.extend_from_slice(correlator.observe(rules, event, u64::try_from(number).unwrap(), now, &scratch));
    }
    outcomes
}

#[test]
fn what_cannot_be_correlated_is_counted() {
    let rules = counting();
    let mut correlator = rules.correlator(Settings { lateness_ms: 1_000, ..Settings::default() });
    let events = [
        r#"{"kind": "a", "user": "x"}"#,
        r#"{"kind": "a", "timestamp": "2026-11-27T20:00:00Z"}"#,
        r#"{"kind": "a", "user": "x", "timestamp": "2026-11-27T20:00:10Z"}"#,
        r#"{"kind": "a", "user": "x", "timestamp": "2026-11-27T20:00:08.999Z"}"#,
        r#"{"kind": "a", "user": "x", "timestamp": "2027-11-27T20:00:00Z"}"#,
        r#"{"kind": "a", "user": "x", "timestamp": "2026-11-27T20:00:09Z"}"#,
    ];
    let now = timepart::moment("2026-11-27T20:00:11Z");
    let outcomes = observe(&rules, &mut correlator, &events, now);
    // The last one is late, but not too late: it makes the moment after it hold.
    let Some(Outcome { told: Told::Holds { value, events, amended, .. }, .. }) = outcomes.first() else {
        panic!("{outcomes:?}")
    };
    assert_eq!((outcomes.len(), *value, events.as_slice(), *amended), (1, 2.0, &[2, 5][..], true));
    let expected = Counters { without_time: 1, without_group: 1, late: 1, ahead: 1, ..Counters::default() };
    assert_eq!(correlator.counters(), expected);
    let standing = correlator.standing(&rules, 0);
    assert_eq!((standing.len(), standing[0].holds, standing[0].value), (1, true, 2.0));
    assert_eq!(standing[0].wanted, "matches gte 2");
}

#[test]
fn sources_that_are_behind_are_waited_for() {
    let rules = counting();
    let mut correlator = rules.correlator(Settings { lateness_ms: 0, ..Settings::default() });
    let events = [
        r#"{"kind": "a", "user": "x", "source": "slow", "timestamp": "2026-11-27T20:00:00Z"}"#,
        r#"{"kind": "a", "user": "y", "source": "fast", "timestamp": "2026-11-27T20:10:00Z"}"#,
        r#"{"kind": "a", "user": "x", "source": "slow", "timestamp": "2026-11-27T20:00:05Z"}"#,
    ];
    let outcomes = observe(&rules, &mut correlator, &events, None);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].group, [("user".to_owned(), "x".to_owned())]);
    assert_eq!(correlator.counters(), Counters::default());
}

#[test]
fn groups_that_have_to_go_are_told_and_those_that_are_over_go_first() {
    let rules = counting();
    let mut correlator = rules.correlator(Settings { lateness_ms: 0, groups_max: 100, ..Settings::default() });
    let event = |user: u32, second: u32| {
        format!(r#"{{"kind": "a", "user": "u{user}", "timestamp": {}}}"#, BASE + i64::from(second) * 1_000)
    };
    // All within one window: some are lost, and each of them is told.
    let events: Vec<String> = (0..150).map(|user| event(user, user / 50)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let outcomes = observe(&rules, &mut correlator, &events, None);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.told == Told::Evicted).count(), 50);
    assert_eq!((correlator.groups(), correlator.counters().evicted), (100, 50));
    // Long after, nothing is lost: what is over makes room.
    let events: Vec<String> = (200..290).map(|user| event(user, 1_000)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    assert!(observe(&rules, &mut correlator, &events, None).is_empty());
    assert_eq!(correlator.counters().evicted, 50);
}

#[test]
fn a_group_with_too_many_open_events_closes_the_oldest_and_counts_them() {
    let rules = counting();
    let mut correlator = rules.correlator(Settings { lateness_ms: 3_600_000, ..Settings::default() });
    let event = |at: i64| format!(r#"{{"kind": "a", "user": "x", "timestamp": {}}}"#, BASE + at);
    let events: Vec<String> = (0..5_000).map(event).chain([event(1)]).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let outcomes = observe(&rules, &mut correlator, &events, None);
    assert_eq!(outcomes.len(), 4_999);
    let Counters { closed_early, late, .. } = correlator.counters();
    assert_eq!((closed_early, late), (904, 1));
}

#[test]
fn aliases_and_silence_are_as_sigma_says() {
    let text = format!(
        "{RULES}---\ntitle: t\nname: t\ncorrelation:\n  type: temporal\n  rules: [a, b]\n  group-by: [who]\n  timespan: 10s\n  aliases:\n    who: {{a: user, b: actor.name}}\n"
    );
    let rules = Rules::load([("r.yml", text.as_str())], &Data::default()).rules;
    assert_eq!([rules.is_told(0), rules.is_told(1), rules.is_told(2)], [false, false, true]);
    let mut correlator = rules.correlator(Settings::default());
    let events = [
        r#"{"kind": "a", "user": "x", "timestamp": "2026-11-27T20:00:00Z"}"#,
        r#"{"kind": "b", "actor": {"name": "x"}, "timestamp": "2026-11-27T20:00:05Z"}"#,
    ];
    let outcomes = observe(&rules, &mut correlator, &events, None);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].group, [("who".to_owned(), "x".to_owned())]);
}

#[test]
fn a_snapshot_that_is_not_one_of_these_rules_is_left_out_or_refused() {
    let rules = counting();
    let mut correlator = rules.correlator(Settings::default());
    observe(&rules, &mut correlator, &[r#"{"kind": "a", "user": "x", "timestamp": "2026-11-27T20:00:00Z"}"#], None);
    let bytes = correlator.snapshot(&rules);
    let other =
        correlated("  type: event_count\n  rules: [a]\n  group-by: [user]\n  timespan: 20s\n  condition: {gte: 2}")
            .rules;
    let restored = Correlator::restore(&other, Settings::default(), &bytes).unwrap();
    assert_eq!((restored.left_out, restored.correlator.groups()), (1, 0));
    assert_eq!(Correlator::restore(&rules, Settings::default(), b"no").unwrap_err(), SnapshotError::Foreign);
    for at in 5..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let error = Correlator::restore(&rules, Settings::default(), &changed).unwrap_err();
        assert_eq!(error, SnapshotError::Damaged);
        assert!(Correlator::restore(&rules, Settings::default(), &bytes[..at]).is_err());
    }
}

#[test]
fn of_two_that_measure_the_same_each_goes_on() {
    let twin = "---\ntitle: twin\ncorrelation: {type: event_count, rules: [a], group-by: [user], timespan: 9s, condition: {gte: 2}}\n";
    let text = format!("{RULES}{twin}{twin}");
    let rules = Rules::load([("r.yml", text.as_str())], &Data::default()).rules;
    let mut correlator = rules.correlator(Settings::default());
    observe(&rules, &mut correlator, &[r#"{"kind": "a", "user": "x", "timestamp": "2026-11-27T20:00:00Z"}"#], None);
    let bytes = correlator.snapshot(&rules);
    let restored = Correlator::restore(&rules, Settings::default(), &bytes).unwrap();
    assert_eq!((restored.left_out, restored.correlator.groups()), (0, 2));
    assert!(restored.correlator.snapshot(&rules) == bytes, "what was restored is another state");
}

#[test]
fn a_count_of_many_different_values_ends_where_it_need_not_be_told_apart() {
    let rules = correlated(
        "  type: value_count\n  rules: [a]\n  group-by: [user]\n  timespan: 10s\n  condition: {gte: 200, field: v}",
    )
    .rules;
    let mut correlator = rules.correlator(Settings { lateness_ms: 0, ..Settings::default() });
    // Ten values come again and again, among many that come once.
    let event = |at: i64| {
        format!(
            r#"{{"kind": "a", "user": "x", "v": "{}", "timestamp": {}}}"#,
            if at % 2 == 0 { at % 20 } else { at },
            BASE + at * 20
        )
    };
    let events: Vec<String> = (0..2_000).map(event).collect();
    let mut told = 0;
    for (at, event) in events.iter().enumerate() {
        let outcomes = observe(&rules, &mut correlator, &[event], None);
        told += outcomes.len();
        let distinct: BTreeSet<_> =
            (at.saturating_sub(500)..=at).map(|at| if at % 2 == 0 { at % 20 } else { at }).collect();
        assert_eq!(outcomes.len(), usize::from(distinct.len() >= 200), "{at}: {}", distinct.len());
    }
    assert!(told > 1_000);
}
