use super::*;
use crate::fixture::{request, set};
use picket_event::Decision;

const RULES: &str = "\
title: Block
name: block
logsource: { product: picket }
detection: { s: { event_type: request, decision: blocked }, condition: s }
---
title: Many blocks
id: many
correlation: { type: event_count, rules: [block], group-by: [user], timespan: 5m, condition: { gt: 2 } }
---
title: Error
id: error
logsource: { product: picket }
detection: { s: { decision: error }, condition: s }
";

fn event(seconds: i64, decision: Decision) -> Event {
    request(seconds, "ana", decision)
}

fn found(engine: &mut Engine, events: &[Event], from: u64) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    for (event, number) in events.iter().zip(from..) {
        let mut hits = Vec::new();
        assert_eq!(engine.judge(event, number, &|_| None, &mut hits), Judged::Seen);
        let keys = hits.iter().map(|hit| engine.set().infos[hit.rule].key.clone());
        all.extend(keys.map(|key| (key, number)));
    }
    all
}

#[test]
fn rules_and_correlations_find_with_their_events_and_the_fields_that_they_saw() {
    let mut engine = Engine::new(set(RULES), Settings::default());
    let mut hits = Vec::new();
    let blocks = [0, 60, 120].map(|seconds| event(seconds, Decision::Blocked));
    for (event, number) in blocks.iter().zip(10..) {
        engine.judge(event, number, &|_| None, &mut hits);
    }
    let [hit] = hits.as_slice() else { panic!("{hits:?}") };
    assert_eq!(
        (hit.events.as_slice(), hit.group.as_slice()),
        (&[10, 11, 12][..], &[("user".to_owned(), "ana".to_owned())][..])
    );
    assert_eq!(hit.measured.map(|measured| measured.since), Some(blocks[0].timestamp));
    assert_eq!(hit.trigger.field("decision").as_deref(), Some("blocked"));
    assert_eq!(hit.trigger.field("policies_triggered"), None);
    engine.judge(&event(130, Decision::Error), 13, &|_| None, &mut hits);
    assert_eq!((hits.len(), hits[1].events.as_slice()), (2, &[13][..]));
}

#[test]
fn wherever_it_is_cut_the_state_goes_on_as_if_it_was_not() {
    let events: Vec<Event> =
        [0, 60, 120, 130, 700, 710, 720].into_iter().map(|seconds| event(seconds, Decision::Blocked)).collect();
    let whole = found(&mut Engine::new(set(RULES), Settings::default()), &events, 0);
    assert_eq!(whole, [2, 3, 6].map(|number| ("many".to_owned(), number)));
    for cut in 0..=events.len() {
        let (before, after) = events.split_at(cut);
        let mut engine = Engine::new(set(RULES), Settings::default());
        let mut all = found(&mut engine, before, 0);
        let (mut engine, left_out) =
            Engine::restore(set(RULES), Settings::default(), engine.profiles().clone(), &engine.snapshot()).unwrap();
        all.extend(found(&mut engine, after, u64::try_from(cut).unwrap()));
        assert_eq!((all, left_out), (whole.clone(), 0), "cut at {cut}");
    }
    let engine = Engine::new(set(RULES), Settings::default());
    let state = engine.snapshot();
    for end in 0..state.len() {
        let restored = Engine::restore(set(RULES), Settings::default(), engine.profiles().clone(), &state[..end]);
        assert!(restored.is_err(), "{end} bytes");
    }
}

#[test]
fn under_other_rules_what_did_not_change_goes_on_and_a_name_can_be_forgotten() {
    let mut engine = Engine::new(set(RULES), Settings::default());
    found(&mut engine, &[event(0, Decision::Blocked), event(1, Decision::Blocked)], 0);
    let other = RULES.replace("decision: error", "decision: [error, redacted]");
    let mut changed = engine.with(set(&other), Settings::default());
    assert_eq!(found(&mut changed, &[event(2, Decision::Blocked)], 2), [("many".to_owned(), 2)]);
    let mut changed = engine.with(set(&RULES.replace("gt: 2", "gt: 1")), Settings::default());
    assert_eq!(found(&mut changed, &[event(2, Decision::Blocked)], 2), [], "what it counts is another thing now");
    assert_eq!((engine.forget("ben"), engine.forget("ana"), engine.groups()), (0, 1, 0));
    assert_eq!(found(&mut engine, &[event(2, Decision::Blocked)], 2), []);
}

const WAITING: &str = "\
title: New key
name: new-key
logsource: { product: picket }
detection: { s: { event_type: key.created }, condition: s }
---
title: A block that nobody followed by a key
id: waiting
logsource: { product: picket }
detection: { s: { decision: blocked }, condition: s }
x-picket: { entity: user, absent: { rule: new-key, within: 10m, group-by: [user] } }
";

#[test]
fn what_was_waited_for_in_vain_is_about_the_event_of_before_and_not_about_the_one_that_came_just_now() {
    let first = event(0, Decision::Blocked);
    let look = |number: u64| (number == 7).then(|| first.clone());
    let mut engine = Engine::new(set(WAITING), Settings::default());
    let mut hits = Vec::new();
    engine.judge(&first, 7, &look, &mut hits);
    let mut other = event(3_600, Decision::Allowed);
    other.user = Some("ben".to_owned());
    engine.judge(&other, 8, &look, &mut hits);
    let [hit] = hits.as_slice() else { panic!("{hits:?}") };
    assert_eq!((hit.events.as_slice(), hit.trigger.field("user").as_deref()), (&[7][..], Some("ana")));
    assert_eq!(hit.trigger.event_id, Some(first.event_id));
    let mut engine = Engine::new(set(WAITING), Settings::default());
    let mut hits = Vec::new();
    engine.judge(&first, 7, &look, &mut hits);
    engine.advance(first.timestamp.plus(std::time::Duration::from_secs(599)), &look, &mut hits);
    assert!(hits.is_empty());
    engine.advance(first.timestamp.plus(std::time::Duration::from_secs(601)), &look, &mut hits);
    assert_eq!(hits.len(), 1, "time alone tells");
}
