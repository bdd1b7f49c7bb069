//! Behaviours say of events in any order, and after any restart, what looking through the whole history says.

use super::{Random, Rules, Told};
use crate::correlate::{Correlator, Settings};
use crate::data::Data;
use picket_behaviour::{Course, Season, Seasonal, near, slope};
use std::collections::{BTreeMap, BTreeSet};

const BASE: i64 = 1_700_000_000_000;
const MINUTE: i64 = 60_000;

/// An event, in the order of its time.
#[derive(Debug, Clone, PartialEq)]
struct Happened {
    at: i64,
    user: u64,
    kind: &'static str,
    value: u64,
}

type Moments = BTreeSet<(u64, i64)>;

fn rules(block: &str) -> Rules {
    let text = format!(
        "title: t\nid: t\nlogsource: {{product: x}}\ndetection: {{s: {{kind: a}}, condition: s}}\nx-picket:\n  {block}\n---\n\
         title: b\nname: b\nlogsource: {{product: x}}\ndetection: {{s: {{kind: b}}, condition: s}}\n---\n\
         title: even\nname: even\nlogsource: {{product: x}}\ndetection: {{s: {{even: true}}, condition: s}}\n"
    );
    let loaded = Rules::load([("r.yml", text.as_str())], &Data::default());
    assert_eq!(loaded.issues.errors, []);
    loaded.rules
}

/// Where the behaviour holds in the end, of events in this order; state goes through bytes now and then.
fn told(rules: &Rules, events: &[Happened], lateness_ms: i64, restart_every: usize) -> Moments {
    let settings = Settings { lateness_ms, ..Settings::default() };
    let (mut correlator, mut scratch) = (rules.correlator(settings), rules.scratch());
    let mut moments = Moments::new();
    let mut take = |outcomes: &[crate::correlate::Outcome]| {
        for outcome in outcomes {
            let key = (outcome.group[0].1.parse().unwrap(), outcome.at);
            match outcome.told {
                Told::Holds { .. } => assert!(moments.insert(key), "told twice: {key:?}"),
                Told::TakenBack => assert!(moments.remove(&key), "taken back, and never told: {key:?}"),
                Told::Evicted => panic!("evicted"),
            }
        }
    };
    for (number, Happened { at, user, kind, value }) in events.iter().enumerate() {
        let even = value % 2 == 0;
        let event = format!(
            r#"{{"timestamp": {at}, "user": "{user}", "kind": "{kind}", "value": {value}, "even": {even}, "hash": "{:016x}"}}"#,
            1_u64 << (value % 64)
        );
        rules.find(&event, &mut scratch).unwrap();
        take(correlator.observe(rules, &event, 0, None, &scratch));
        if number % restart_every == 0 {
            let restored = Correlator::restore(rules, settings, &correlator.snapshot(rules)).unwrap();
            assert_eq!(restored.left_out, 0);
            correlator = restored.correlator;
        }
    }
    take(correlator.advance(rules, i64::MAX / 4));
    moments
}

fn stream(random: &mut Random, minutes: u64, count: usize) -> Vec<Happened> {
    let mut events: Vec<Happened> = (0..count)
        .map(|_| Happened {
            at: BASE + i64::try_from(random.below(minutes * 60)).unwrap() * 1_000,
            user: random.below(2),
            kind: if random.below(4) == 0 { "b" } else { "a" },
            value: random.below(12),
        })
        .collect();
    events.sort_by_key(|event| event.at);
    events
}

fn shuffled(random: &mut Random, events: &[Happened]) -> Vec<Happened> {
    let mut events = events.to_vec();
    for at in (1..events.len()).rev() {
        let other = usize::try_from(random.below(u64::try_from(at + 1).unwrap())).unwrap();
        events.swap(at, other);
    }
    events
}

/// An order in which nothing is later than allowed.
fn delayed(random: &mut Random, events: &[Happened], lateness_ms: i64) -> Vec<Happened> {
    let mut events: Vec<(i64, Happened)> = events
        .iter()
        .map(|event| {
            let delay = i64::try_from(random.below(u64::try_from(lateness_ms + 1).unwrap())).unwrap();
            (event.at + delay, event.clone())
        })
        .collect();
    events.sort_by_key(|(comes_at, _)| *comes_at);
    events.into_iter().map(|(_, event)| event).collect()
}

/// Looks through the history of a user up to a moment.
type Look = fn(&[&Happened], &[Happened], i64) -> bool;

fn expected(events: &[Happened], look: Look) -> Moments {
    let mut moments = Moments::new();
    for event in events.iter().filter(|event| event.kind == "a") {
        let history: Vec<&Happened> = events
            .iter()
            .filter(|other| other.kind == "a" && other.user == event.user && other.at <= event.at)
            .collect();
        if look(&history, events, event.at) {
            moments.insert((event.user, event.at));
        }
    }
    moments
}

fn check(block: &str, minutes: u64, count: usize, look: Look) {
    let rules = rules(block);
    let mut random = Random(7);
    let mut held = 0;
    for round in 0..60 {
        let events = stream(&mut random, minutes, count);
        let expected = expected(&events, look);
        held += expected.len();
        assert_eq!(told(&rules, &events, 0, 1_000), expected, "{block}, in order, round {round}");
        let order = shuffled(&mut random, &events);
        let ever = 400 * 24 * 60 * MINUTE;
        assert_eq!(told(&rules, &order, ever, 7), expected, "{block}, round {round}: {order:?}");
        for lateness_ms in [MINUTE, 10 * MINUTE] {
            let order = delayed(&mut random, &events, lateness_ms);
            let found = told(&rules, &order, lateness_ms, 5);
            assert_eq!(found, expected, "{block}, {lateness_ms} ms late, round {round}: {order:?}");
        }
    }
    assert!(held > 0, "{block} never holds");
}

#[test]
fn what_is_new_is_what_was_not_there_before() {
    check("first-seen: {field: value, by: [user], learn: 10m, expire: 20m}", 60, 60, |history, _, at| {
        let now: Vec<&&Happened> = history.iter().filter(|event| event.at == at).collect();
        let is_new = |value: u64| {
            !history.iter().any(|other| other.value == value && other.at < at && other.at >= at - 20 * MINUTE)
        };
        at - history[0].at >= 10 * MINUTE && now.iter().any(|event| is_new(event.value))
    });
}

#[test]
fn what_is_nearly_equal_is_counted_in_the_window() {
    check(
        "near-duplicate: {simhash: hash, distance: 0, count: 3, window: 5m, group-by: [user]}",
        30,
        50,
        |history, _, at| {
            let now = history.iter().filter(|event| event.at == at);
            let hash = |event: &Happened| 1_u64 << (event.value % 64);
            let around = |one: &Happened| {
                let is_near =
                    |other: &&&Happened| near::distance(hash(one), hash(other)) == 0 && other.at >= at - 5 * MINUTE;
                history.iter().filter(is_near).count()
            };
            now.map(|event| around(event)).max().unwrap() >= 3
        },
    );
}

#[test]
fn what_is_absent_is_neither_before_nor_after() {
    check("absent: {rule: b, within: 3m, before: 2m, group-by: [user]}", 60, 50, |history, events, at| {
        let user = history[0].user;
        let within = at - 2 * MINUTE..=at + 3 * MINUTE;
        !events.iter().any(|event| event.kind == "b" && event.user == user && within.contains(&event.at))
    });
}

#[test]
fn what_should_have_come_before_is_missed_at_once_and_taken_back_if_it_comes_late() {
    check("absent: {rule: b, before: 2m, group-by: [user]}", 60, 50, |history, events, at| {
        let user = history[0].user;
        let before = at - 2 * MINUTE..=at;
        !events.iter().any(|event| event.kind == "b" && event.user == user && before.contains(&event.at))
    });
    let rules = rules("absent: {rule: b, before: 2m, group-by: [user]}");
    let (mut correlator, mut scratch) = (rules.correlator(Settings::default()), rules.scratch());
    let mut observe = |seconds: i64, kind: &str| {
        let event = format!(r#"{{"timestamp": {}, "user": "1", "kind": "{kind}"}}"#, BASE + seconds * 1_000);
        rules.find(&event, &mut scratch).unwrap();
        let outcomes = correlator.observe(&rules, &event, 3, None, &scratch);
        outcomes
            .iter()
            .map(|outcome| (outcome.at - BASE, matches!(outcome.told, Told::Holds { .. })))
            .collect::<Vec<_>>()
    };
    assert_eq!(observe(0, "a"), [(0, true)], "nothing is waited for");
    assert_eq!(observe(0, "a"), [], "a moment is told once");
    assert_eq!(observe(60, "a"), [(60_000, true)]);
    assert_eq!(observe(-10, "b"), [(0, false), (60_000, false)], "within the allowed lateness");
    assert_eq!(observe(90, "a"), []);
}

#[test]
fn what_rises_does_so_from_one_time_to_the_next() {
    check(
        "trend: {bucket: 5m, buckets: 8, p: 0.1, slope: 0.2, at-least: 2, group-by: [user]}",
        90,
        60,
        |history, _, at| {
            let bucket = |at: i64| at.div_euclid(5 * MINUTE);
            let first = bucket(history[0].at).max(bucket(at) - 7);
            let count = |at: i64| u32::try_from(history.iter().filter(|event| bucket(event.at) == at).count()).unwrap();
            let values: Vec<f64> = (first..=bucket(at)).map(|at| f64::from(count(at))).collect();
            let rise = slope::median(&values).unwrap_or(0.0);
            values.len() >= 5
                && *values.last().unwrap() >= 2.0
                && rise > 0.0
                && rise >= 0.2
                && slope::rises(&values) <= 0.1
        },
    );
}

/// Sliding windows of twelve parts against windows of the clock.
fn is_above(history: &[&Happened], at: i64, value: fn(&[&&Happened]) -> f64, counts: bool) -> bool {
    let window = 12 * MINUTE;
    let mut windows: BTreeMap<i64, Vec<&&Happened>> = BTreeMap::new();
    for event in history {
        windows.entry(event.at.div_euclid(window)).or_default().push(event);
    }
    let first = *windows.keys().next().unwrap();
    let course = Course { weight: 0.05, clip: 3.0, floor: if counts { 0.5 } else { 1e-6 }, is_count: counts };
    let mut usual = Seasonal::default();
    for at in first + 1..at.div_euclid(window) {
        let events = windows.get(&at).cloned().unwrap_or_default();
        if counts || events.len() >= 2 {
            usual.add(Season::HourOfDay.hour(at * window), value(&events), &course);
        }
    }
    let part = at.div_euclid(MINUTE);
    let now: Vec<&&Happened> = history.iter().filter(|event| event.at.div_euclid(MINUTE) > part - 12).collect();
    let usual = usual.at(Season::HourOfDay.hour(at), 3.0);
    usual.count >= 1 && now.len() >= 3 && value(&now) > 1.5 * usual.mean && usual_known(history, at, window, counts)
}

/// Two windows at least are known.
fn usual_known(history: &[&Happened], at: i64, window: i64, counts: bool) -> bool {
    let first = history[0].at.div_euclid(window);
    let known = (first + 1..at.div_euclid(window))
        .filter(|at| counts || history.iter().filter(|event| event.at.div_euclid(window) == *at).count() >= 2);
    known.count() >= 2
}

#[test]
fn more_than_usual_is_measured_against_all_windows_before() {
    check(
        "baseline: {window: 12m, ratio: 1.5, at-least: 3, min-history: 24m, season: hour-of-day, group-by: [user]}",
        120,
        70,
        |history, _, at| is_above(history, at, |events| f64::from(u32::try_from(events.len()).unwrap()), true),
    );
    check(
        "baseline: {metric: share of even, window: 12m, ratio: 1.5, at-least: 3, min-history: 24m, season: hour_of_day, group-by: [user]}",
        120,
        90,
        |history, _, at| {
            let share = |events: &[&&Happened]| {
                let of = |count: usize| f64::from(u32::try_from(count).unwrap());
                let even = of(events.iter().filter(|event| event.value % 2 == 0).count());
                // As sums are: in steps of a billionth.
                even * 1e9 / 1e9 / of(events.len())
            };
            is_above(history, at, share, false)
        },
    );
}

#[test]
fn a_behaviour_feeds_correlations_and_absences_in_chains() {
    let text = "title: new\nname: new\nlogsource: {product: x}\ndetection: {s: {kind: a}, condition: s}\nx-picket:\n  first-seen: {field: value, by: [user], learn: 1m}\n---\n\
        title: ticket\nname: ticket\nlogsource: {product: x}\ndetection: {s: {kind: b}, condition: s}\n---\n\
        title: alone\nname: alone\ncorrelation: {type: event_count, rules: [new], group-by: [user], timespan: 1m, condition: {gte: 1}}\nx-picket:\n  absent: {rule: ticket, within: 10m}\n---\n\
        title: twice\nname: twice\ncorrelation: {type: event_count, rules: [alone], group-by: [user], timespan: 1h, condition: {gte: 2}}\n";
    let loaded = Rules::load([("r.yml", text)], &Data::default());
    assert_eq!(loaded.issues.errors, []);
    let rules = loaded.rules;
    let settings = Settings { lateness_ms: 0, ..Settings::default() };
    let (mut correlator, mut scratch) = (rules.correlator(settings), rules.scratch());
    let mut outcomes = Vec::new();
    let events = [(0, "a", 1), (5, "a", 1), (6, "a", 2), (20, "a", 3), (22, "b", 0), (30, "a", 4), (40, "a", 4)];
    for (minute, kind, value) in events {
        let at = BASE + minute * MINUTE;
        let event = format!(r#"{{"timestamp": {at}, "user": "1", "kind": "{kind}", "value": {value}}}"#);
        rules.find(&event, &mut scratch).unwrap();
        outcomes.extend(correlator.observe(&rules, &event, 0, None, &scratch).to_vec());
    }
    // Nothing came to say that the tenth minute after the fourth new value is over.
    outcomes.extend(correlator.advance(&rules, BASE + 41 * MINUTE).to_vec());
    let of: Vec<(&str, i64)> = outcomes
        .iter()
        .filter(|outcome| matches!(outcome.told, Told::Holds { .. }))
        .map(|outcome| (rules.correlations()[outcome.correlation].about.key(), (outcome.at - BASE) / MINUTE))
        .collect();
    assert_eq!(of, [("twice", 30)]);
}

#[test]
fn matches_count_at_hours_of_a_schedule_only() {
    let text = "title: t\nid: t\nlogsource: {product: x}\ndetection: {s: {kind: a}, condition: s}\nx-picket:\n  schedule: {tz: Europe/Berlin, days: [mon-fri], hours: ['08:00-18:00'], when: outside}\n";
    let rules = Rules::load([("r.yml", text)], &Data::default()).rules;
    let mut scratch = rules.scratch();
    for (at, matches) in [("2026-11-27T20:00:00Z", true), ("2026-11-27T10:00:00Z", false)] {
        let event = format!(r#"{{"timestamp": "{at}", "kind": "a"}}"#);
        assert_eq!(!rules.find(&event, &mut scratch).unwrap().is_empty(), matches, "{at}");
        let explained = rules.explain(0, &event).unwrap().unwrap();
        assert_eq!((explained.matches, explained.lacking), (matches, usize::from(!matches)));
        assert!(explained.steps.iter().any(|step| step.asked.starts_with("outside of 08:00-18:00 on mon")));
    }
    assert!(rules.find(r#"{"kind": "a"}"#, &mut scratch).unwrap().is_empty());
}

#[test]
fn a_group_says_how_far_it_is_from_telling() {
    let cases = [
        (
            "baseline: {window: 12m, min-history: 24m, at-least: 3, group-by: [user]}",
            "count, of which 1 windows are known, and 2 have to be before anything is said",
        ),
        (
            "baseline: {metric: avg of value, window: 12m, min-history: 12m, at-least: 3, p: 0.01, group-by: [user]}",
            "avg of value above 4.000 (2 times the usual 2.000), of at least 3 matches, no likelier than 0.01 by chance",
        ),
        (
            "first-seen: {field: value, by: [user], learn: 2h}",
            "a new value, after 2 hours of learning, of which 0 are over",
        ),
        ("first-seen: {field: value, by: [user], learn: 1m}", "a value that is not among those that are known"),
        ("trend: {bucket: 1h, group-by: [user]}", "count, of which 1 stretches of time are known, and 5 have to be"),
        (
            "trend: {bucket: 5m, slope: 1, group-by: [user]}",
            "count that rises by at least 1 each time, by chance with 0.05 at most, and it is 1.0000 over 6",
        ),
        (
            "near-duplicate: {simhash: hash, count: 9, distance: 2, window: 5m, group-by: [user]}",
            "9 that differ in 2 of 64 bits at most",
        ),
        ("absent: {rule: b, within: 1h, group-by: [user]}", "no match of `b`; so many still wait for one"),
    ];
    for (block, wanted) in cases {
        let rules = rules(block);
        let (mut correlator, mut scratch) = (rules.correlator(Settings::default()), rules.scratch());
        for number in 0..6 {
            let at = BASE.div_euclid(60 * MINUTE) * 60 * MINUTE + number * 5 * MINUTE;
            let event = format!(r#"{{"timestamp": {at}, "user": "1", "kind": "a", "value": 2, "hash": "{:016x}"}}"#, 4);
            rules.find(&event, &mut scratch).unwrap();
            correlator.observe(&rules, &event, 0, None, &scratch);
        }
        let standing = &correlator.standing(&rules, 0)[0];
        assert_eq!((standing.wanted.as_str(), standing.holds), (wanted, false), "{block}");
    }
}

#[test]
fn what_waited_in_a_group_that_had_to_go_leaves_nothing_behind() {
    let rules = rules("absent: {rule: b, within: 1h, group-by: [user]}");
    let settings = Settings { lateness_ms: 0, groups_max: 10, ..Settings::default() };
    let (mut correlator, mut scratch) = (rules.correlator(settings), rules.scratch());
    for user in 0..500 {
        let event = format!(r#"{{"timestamp": {}, "user": "{user}", "kind": "a"}}"#, BASE + user * 1_000);
        rules.find(&event, &mut scratch).unwrap();
        correlator.observe(&rules, &event, 0, None, &scratch);
    }
    assert_eq!((correlator.groups(), correlator.timers.len(), correlator.counters().evicted), (10, 10, 490));
}
