//! Counts over time and by field.

use super::store::{Dice, Store, drain, everything, random_event, start};
use crate::{Index, Request, SearchError, Stats, StatsRequest, Totals};
use picket_event::Event;
use picket_query::{Field, Query, Value};
use std::collections::BTreeMap;
use std::time::Duration;

fn filled() -> (Store, Index, Vec<(u64, Event)>) {
    let store = Store::new();
    let mut dice = Dice(11);
    for number in 0..300 {
        store.append(&random_event(&mut dice, start().plus(Duration::from_secs(number * 40))));
    }
    let index = store.index();
    drain(&mut index.indexer(), store.log());
    let events = store.events();
    (store, index, events)
}

fn totals<'a>(events: impl Iterator<Item = &'a Event>) -> Totals {
    events.fold(Totals::default(), |sum, event| Totals {
        count: sum.count + 1,
        tokens_in: sum.tokens_in + event.tokens_in.unwrap_or(0),
        tokens_out: sum.tokens_out + event.tokens_out.unwrap_or(0),
        cost: sum.cost + event.cost.unwrap_or(0.0),
    })
}

fn assert_close(found: &Totals, expected: &Totals) {
    assert!((found.cost - expected.cost).abs() < 1e-9, "{found:?} {expected:?}");
    assert_eq!(Totals { cost: 0.0, ..*found }, Totals { cost: 0.0, ..*expected });
}

#[test]
fn totals_and_percentiles_are_those_of_the_events() {
    let (_store, index, events) = filled();
    for filter in ["", "action:blocked", "user:user1*", "user:nobody"] {
        let query = Query::parse(filter).unwrap();
        let kept: Vec<&Event> = events.iter().map(|(_, event)| event).filter(|event| query.matches(event)).collect();
        let stats = index.stats(&StatsRequest { request: everything(filter), ..StatsRequest::default() }).unwrap();
        assert_close(&stats.totals, &totals(kept.iter().copied()));
        let mut latencies: Vec<u64> = kept.iter().filter_map(|event| event.latency_ms).collect();
        latencies.sort_unstable();
        for (found, percent) in [(stats.latency_p50, 50), (stats.latency_p95, 95)] {
            let exact = (latencies.len() * percent).div_ceil(100).checked_sub(1).map(|at| latencies[at]);
            assert_eq!(found.is_some(), exact.is_some());
            assert!(found.unwrap_or(0).abs_diff(exact.unwrap_or(0)) <= exact.unwrap_or(0) / 100, "{found:?} {exact:?}");
        }
    }
}

#[test]
fn groups_have_their_names_and_their_totals() {
    let (_store, index, events) = filled();
    for field in
        [Field::Decision, Field::User, Field::Tools, Field::Policies, Field::StatusCode, Field::Provider, Field::Held]
    {
        let mut expected: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
        let mut without = 0;
        for (_, event) in &events {
            // A tool that only stands alone is known by its hash, and counted for nobody.
            let values: Vec<Value<'_>> =
                field.values(event).into_iter().filter(|value| *value != Value::Text("lone_tool".into())).collect();
            without += u64::from(values.is_empty());
            for value in values {
                let text = match value {
                    Value::Text(text) => text.into_owned(),
                    Value::Integer(number) => number.to_string(),
                    other => panic!("{other:?}"),
                };
                expected.entry(text).or_default().push(event);
            }
        }
        let request = StatsRequest { request: everything(""), by: Some(field), groups: 1_000, interval: None };
        let stats = index.stats(&request).unwrap();
        assert_eq!((stats.groups.len(), stats.values, stats.without), (expected.len(), expected.len(), without));
        assert!(stats.groups.is_sorted_by(|a, b| a.totals.count >= b.totals.count));
        for group in &stats.groups {
            assert_close(&group.totals, &totals(expected[&group.value].iter().copied()));
        }
        let few = index.stats(&StatsRequest { groups: 2, ..request }).unwrap();
        assert_eq!((few.groups.as_slice(), few.values), (&stats.groups[..stats.groups.len().min(2)], stats.values));
    }
}

#[test]
fn intervals_follow_each_other_without_gaps() {
    let (_store, index, events) = filled();
    let by = |minutes: u64| -> Result<Stats, SearchError> {
        let interval = Some(Duration::from_secs(60 * minutes));
        index.stats(&StatsRequest { request: everything("severity:critical"), interval, ..StatsRequest::default() })
    };
    let stats = by(5).unwrap();
    let step = Duration::from_secs(300);
    assert!(stats.over_time.windows(2).all(|pair| pair[1].at == pair[0].at.plus(step)));
    let query = Query::parse("severity:critical").unwrap();
    for bucket in &stats.over_time {
        let inside = |event: &&Event| bucket.at <= event.timestamp && event.timestamp < bucket.at.plus(step);
        let kept = events.iter().map(|(_, event)| event).filter(|event| query.matches(event)).filter(inside);
        assert_close(&bucket.totals, &totals(kept));
    }
    let sum: u64 = stats.over_time.iter().map(|bucket| bucket.totals.count).sum();
    assert_eq!(sum, stats.totals.count);
    assert!(matches!(by(0), Err(SearchError::Interval(_))), "an interval of a second makes too many buckets");
}

#[test]
fn what_is_hashed_or_measured_is_not_counted_by() {
    let store = Store::new();
    let index = store.index();
    for field in [Field::Session, Field::SrcIp, Field::Cost, Field::EventId, Field::Timestamp] {
        let request = StatsRequest { request: Request::default(), by: Some(field), ..StatsRequest::default() };
        assert!(matches!(index.stats(&request), Err(SearchError::Field(_))));
    }
    assert_eq!(index.stats(&StatsRequest::default()).unwrap(), Stats::default());
}
