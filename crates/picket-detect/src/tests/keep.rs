//! What a rule keeps.

use super::*;
use picket_bodies::{BodyKey, BodyState, NewBody};
use picket_event::BodyClass;
use picket_log::Expired;

#[test]
fn what_a_finding_rests_on_is_kept_beyond_its_time() {
    let rule = "\
title: Injection
id: keep
status: stable
level: high
logsource: { product: picket }
detection: { s: { event_type: request, decision: blocked }, condition: s }
x-picket: { category: prompt-attack, response: { action: keep, ttl: 30d } }
";
    let day = Duration::from_secs(86_400);
    let mut place = Place::new(rule);
    place.enable("keep", true);
    for (user, decision) in [("ana", Decision::Blocked), ("bob", Decision::Allowed)] {
        let answer = NewBody {
            role: "response",
            class: BodyClass::Content,
            media_type: "text/plain",
            bytes: b"the answer",
            truncated: false,
        };
        let record = place.log.prepare(place.request(user, decision), &[answer]).closes(None);
        place.log.append(Lane::Gateway, record).wait().unwrap();
    }
    place.catch_up();
    let finding = &place.findings()[0];
    let [kept] = finding.details.responses.as_slice() else { panic!("{:?}", finding.details.responses) };
    assert_eq!((kept.effect.as_str(), kept.kind.as_str(), &kept.refused), ("keep", "content", &None));
    place.clock.advance(day * 10);
    let now = place.clock.now();
    while place.log.retain(now.minus(day), Timestamp::default()).unwrap() != Expired::default() {}
    let answers: Vec<_> = place
        .log
        .batch(0, 100)
        .unwrap()
        .iter()
        .filter_map(|logged| {
            let key = BodyKey { log: place.log.id(), position: logged.position, role: "response" };
            Some(place.log.bodies().open(&key).unwrap()?.state)
        })
        .collect();
    assert_eq!(answers, [BodyState::Present, BodyState::Expired]);
}
