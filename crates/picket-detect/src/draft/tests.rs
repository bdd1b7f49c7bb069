use super::*;
use crate::engine::Engine;
use crate::fixture::{request, set};
use picket_event::{Decision, Event, Identity};
use picket_rules::Settings;

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
x-picket:
  category: guardrail-block
  entity: user
  reason: '{user} had {value} requests blocked within {span}'
---
title: Errors
id: errors
logsource: { product: picket }
detection: { s: { decision: error }, condition: s }
x-picket: { suppress: { by: [model], for: 1h } }
---
title: Blocks anywhere
id: anywhere
correlation: { type: event_count, rules: [block], timespan: 5m, condition: { gte: 3 } }
";

fn event(seconds: i64, user: &str, identity: Identity) -> Event {
    Event { identity: Some(identity), ..request(seconds, user, Decision::Blocked) }
}

fn drafted(events: &[Event]) -> Vec<Draft> {
    let mut engine = Engine::new(set(RULES), Settings::default());
    let mut hits = Vec::new();
    for (event, number) in events.iter().zip(0..) {
        engine.judge(event, number, &|_| None, &mut hits);
    }
    drafts(engine.set(), &Taxonomy::default(), hits)
}

#[test]
fn hits_of_one_rule_about_one_entity_are_one_draft_in_words_of_the_rule() {
    let events = [0, 1, 2, 3].map(|seconds| event(seconds, "ana", Identity::Key));
    let all = drafted(&events);
    let [many, anywhere] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((many.entity.0.as_str(), many.entity.1.as_str(), many.hits), ("user", "ana", 3));
    assert_eq!((many.severity, many.category), (Severity::High, Some(Category::GuardrailBlock)));
    assert_eq!(many.evidence, [0, 1, 2, 3]);
    assert_eq!(many.reason, "ana had 2 requests blocked within 5m");
    assert_eq!((many.first_at, many.last_at), (events[0].timestamp, events[3].timestamp));
    assert_eq!(anywhere.entity.0, "workspace");
    assert!(anywhere.reason.starts_with("Blocks anywhere: 3 within "), "{}", anywhere.reason);
}

#[test]
fn names_that_are_only_claimed_are_one_finding_about_the_key_that_sent_them() {
    let all = drafted(&[event(0, "ana", Identity::Claimed), event(1, "ben", Identity::Claimed)]);
    let [many] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((many.entity.0.as_str(), many.entity.1.as_str()), ("key", "key_1"));
    assert_eq!(many.reason, "whoever uses the key key_1 had 2 requests blocked within 5m");
    let mixed = drafted(&[event(0, "ana", Identity::Key), event(1, "ana", Identity::Claimed)]);
    assert!(mixed.is_empty(), "a claim does not count against the one who is named: {mixed:?}");
}

#[test]
fn a_rule_that_says_what_is_alike_decides_what_is_one() {
    let error = |seconds, user: &str, model: &str| Event {
        decision: Decision::Error,
        model: Some(model.to_owned()),
        ..event(seconds, user, Identity::Key)
    };
    let all = drafted(&[error(0, "ana", "a"), error(1, "ben", "a"), error(2, "ana", "b")]);
    assert_eq!(all.iter().map(|draft| draft.hits).collect::<Vec<_>>(), [2, 1]);
}
