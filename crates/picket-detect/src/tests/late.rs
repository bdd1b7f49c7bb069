//! Events that come too late for the state of the correlations change what was found all the same.

use super::*;
use crate::second_look::{History, HistoryError, Looked, SecondLook, Wanted};
use picket_store::detection::late;

const DAY: Duration = Duration::from_secs(86_400);
/// Three blocks of one user within five minutes; and one who was blocked once only.
const SINGLE: &str = "\
title: Block
name: block
logsource: { product: picket }
detection: { s: { event_type: request, decision: blocked }, condition: s }
---
title: Blocked and then left alone
id: single
level: medium
correlation: { type: event_count, rules: [block], group-by: [user], timespan: 5m, condition: { lte: 1 } }
x-picket: { category: anomaly, entity: user }
";

/// The whole log as the past.
#[derive(Debug)]
struct Whole {
    log: EventLog,
    reaches: u64,
    limit: usize,
}

impl History for Whole {
    fn reaches(&self) -> u64 {
        self.reaches.min(self.log.size())
    }

    fn find(&self, wanted: &Wanted) -> Result<Option<Vec<u64>>, HistoryError> {
        let within = |event: &Event| event.timestamp >= wanted.from && event.timestamp < wanted.to;
        let all = self.log.batch(0, 1_000)?;
        let found = all.iter().filter(|logged| logged.event.as_deref().is_some_and(within));
        let found: Vec<u64> = found.map(|logged| logged.position).collect();
        Ok((found.len() <= wanted.limit.min(self.limit)).then_some(found))
    }
}

impl Place {
    fn look(&self) -> SecondLook {
        self.look_at(u64::MAX, usize::MAX)
    }

    fn look_at(&self, reaches: u64, limit: usize) -> SecondLook {
        SecondLook::new(&self.detection, Arc::new(Whole { log: self.log.clone(), reaches, limit }))
    }

    /// A request of before.
    fn late(&self, user: &str, ago: Duration) {
        let mut event = self.request(user, Decision::Blocked);
        event.timestamp = self.clock.now().minus(ago);
        self.append(event);
    }

    fn waiting(&self) -> Vec<late::Again> {
        self.detection.db().read(|connection| late::list(connection, &WS, 100)).unwrap()
    }
}

const CHANGED: Looked = Looked { changed: 1, unchanged: 0, impossible: 0 };
const UNCHANGED: Looked = Looked { changed: 0, unchanged: 1, impossible: 0 };
const IMPOSSIBLE: Looked = Looked { changed: 0, unchanged: 0, impossible: 1 };

#[test]
fn what_happened_long_ago_and_is_told_now_is_found_once() {
    let mut place = Place::new(RULES);
    place.enable("many", true);
    place.blocks("ana", 2);
    place.clock.advance(DAY);
    place.blocks("bob", 1);
    place.catch_up();
    // The third, of yesterday.
    place.late("ana", DAY);
    place.catch_up();
    assert_eq!((place.findings().len(), place.waiting().len()), (0, 1));
    assert_eq!(place.look_at(0, usize::MAX).step().unwrap(), Looked::default(), "it cannot be found yet");
    assert_eq!(place.look().step().unwrap(), CHANGED);
    let found = place.findings();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.entity.as_str(), found.hits, found.details.amended), ("ana", 1, true));
    assert_eq!(found.details.evidence.len(), 3);
    let refused = found.details.responses[0].refused.as_deref().unwrap();
    assert!(refused.contains("more than ten minutes ago"), "it was recorded just now, and is of yesterday: {refused}");
    assert_eq!(found.details.detected_after_ms, 0, "the log had it just now");
    assert_eq!((place.waiting(), place.look().step().unwrap()), (Vec::new(), Looked::default()));
}

#[test]
fn while_more_can_come_it_is_looked_at_once_more_and_not_told_twice() {
    let mut place = Place::new(RULES);
    place.enable("many", false);
    // The state has gone on by more than the allowed lateness; the five minutes of the rule are not over.
    place.clock.advance(DAY);
    place.append(place.request("bob", Decision::Blocked));
    place.clock.advance(Duration::from_secs(600));
    place.append(place.request("bob", Decision::Blocked));
    place.late("ana", Duration::from_secs(400));
    place.late("ana", Duration::from_secs(390));
    place.catch_up();
    assert_eq!(place.look().step().unwrap(), UNCHANGED);
    assert_eq!(place.look().step().unwrap(), Looked::default(), "nothing new, and not over");
    place.late("ana", Duration::from_secs(380));
    place.catch_up();
    assert_eq!(place.look().step().unwrap(), CHANGED);
    // On time for the state, which knows of no other.
    let mut event = place.request("ana", Decision::Blocked);
    event.timestamp = place.clock.now().minus(Duration::from_secs(200));
    place.append(event);
    place.catch_up();
    assert_eq!(place.findings()[0].hits, 1);
    place.clock.advance(DAY);
    assert_eq!(place.look().step().unwrap(), CHANGED);
    assert_eq!((place.findings().len(), place.findings()[0].hits, place.waiting()), (1, 2, Vec::new()));
}

#[test]
fn what_a_late_event_says_no_more_is_taken_back() {
    let mut place = Place::new(SINGLE);
    place.enable("single", false);
    place.blocks("ana", 1);
    let first = place.clock.now();
    place.clock.advance(DAY);
    place.blocks("bob", 1);
    place.catch_up();
    let of_ana = |place: &Place| place.findings().into_iter().find(|finding| finding.entity == "ana").unwrap();
    assert_eq!((of_ana(&place).hits, of_ana(&place).status), (1, Status::Open));
    let mut before = place.request("ana", Decision::Blocked);
    before.timestamp = first.minus(Duration::from_secs(60));
    place.append(before);
    place.catch_up();
    assert_eq!(place.look().step().unwrap(), CHANGED);
    // The earlier one was alone then; the later one was not.
    assert_eq!((of_ana(&place).hits, of_ana(&place).details.amended), (1, true));
}

#[test]
fn a_past_that_is_too_large_and_a_rule_that_is_gone_are_counted_and_let_go_of() {
    let mut place = Place::new(RULES);
    place.blocks("ana", 3);
    place.clock.advance(DAY);
    place.blocks("bob", 1);
    place.late("ana", DAY);
    place.catch_up();
    assert_eq!(place.look_at(u64::MAX, 2).step().unwrap(), IMPOSSIBLE);
    place.late("ana", DAY);
    place.catch_up();
    std::fs::write(place.folder.path().join("rules.yml"), SINGLE).unwrap();
    assert!(place.detection.reload_files().unwrap());
    assert_eq!(place.look().step().unwrap(), IMPOSSIBLE);
    let counts = place.detection.metrics().counts();
    assert_eq!((counts.looked.impossible, counts.counters.late, place.waiting()), (2, 2, Vec::new()));
}

#[test]
fn whatever_the_process_was_doing_a_late_event_is_not_forgotten() {
    let mut place = Place::new(RULES);
    place.enable("many", false);
    place.blocks("ana", 2);
    place.clock.advance(DAY);
    place.blocks("bob", 1);
    place.late("ana", DAY);
    place.catch_up();
    let mut place = place.restart();
    place.catch_up();
    assert_eq!((place.waiting().len(), place.look().step().unwrap()), (1, CHANGED));
    assert_eq!(place.findings().len(), 1);
}
