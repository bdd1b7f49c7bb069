use super::*;
use crate::fixture::{at, request, set};
use picket_event::Decision;

const RULES: &str = "\
title: Block
name: block
logsource: { product: picket }
detection: { s: { decision: blocked }, condition: s }
---
title: Many blocks
id: many
level: high
correlation: { type: event_count, rules: [block], group-by: [user], timespan: 5m, condition: { gte: 2 } }
x-picket: { entity: user, response: [{ action: block }, { action: throttle, target: key, requests: 1, per: 1m }] }
";

#[test]
fn findings_are_counted_as_they_would_have_been_and_each_target_once() {
    let mut backtest = Backtest::new(set(RULES), Settings::default(), Duration::from_secs(3_600));
    for (seconds, user) in
        [(0, "ana"), (1, "ana"), (2, "ana"), (10, "ben"), (11, "ben"), (9_000, "ana"), (9_001, "ana")]
    {
        backtest.take(&request(seconds, user, Decision::Blocked));
    }
    let all = backtest.tried();
    let [many] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((many.findings, many.hits, many.entities, many.severity), (3, 4, 2, Severity::High));
    assert_eq!((many.first_at, many.last_at), (at(0), at(9_001)));
    let responses: Vec<_> = many.responses.iter().map(|(what, count)| (what.as_str(), *count)).collect();
    assert_eq!(responses, [("block user", 2), ("throttle key", 1)]);
    assert_eq!(backtest.events(), (7, 0));
}

#[test]
fn two_threads_find_what_one_does() {
    let events: Vec<Event> = (0..2_000)
        .map(|number| {
            let decision = if number % 3 == 0 { Decision::Blocked } else { Decision::Allowed };
            request(number, ["ana", "ben", "eve"][usize::try_from(number / 40 % 3).unwrap()], decision)
        })
        .collect();
    let new = || Backtest::new(set(RULES), Settings::default(), Duration::from_secs(60));
    let (mut one, mut two) = (new(), new());
    for event in &events {
        one.take(event);
    }
    let fed = two.take_all(|take| {
        events.iter().cloned().for_each(take);
        "what was fed"
    });
    assert_eq!(fed, "what was fed");
    assert!(!one.tried().is_empty());
    assert_eq!((one.tried(), one.events()), (two.tried(), two.events()));
    assert_eq!(one.counters(), two.counters());
}
