use super::*;
use crate::progress::WINDOW;
use picket_receivers::{ItemOutcome, Outcome, Warning};
use picket_render::Fixed;
use picket_store::destinations::Standing;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const AT: Timestamp = Timestamp::from_millis(1_780_000_000_000);
const LIMITS: Limits = Limits { bytes: 1_000_000, compressed_bytes: None, events: 1_000 };

fn at(steady: Duration) -> Now {
    Now { steady, at: AT.plus(steady) }
}

fn item(position: u64, bytes: usize) -> Item {
    let mark = Mark { position, hour: 1, is_report: false };
    let names = (format!("evt_{position}"), "request".to_owned());
    Item::new(mark, names, (AT, AT), Bytes::from(vec![b'x'; bytes]))
}

/// A log of which every event is wanted, a flow, and a receiver that does what it is told.
struct World {
    flow: Flow,
    standing: Standing,
    dead: BTreeSet<u64>,
    log: u64,
    bytes: usize,
    requests: u32,
    now: Duration,
    sent: u64,
    arrived: BTreeMap<u64, u32>,
    order: Vec<u64>,
    is_enough: bool,
}

impl World {
    fn new(log: u64, limits: Limits, requests: u32) -> Self {
        Self {
            flow: Flow::new(Progress::default(), limits, (requests, Waits::default())),
            standing: Standing::default(),
            dead: BTreeSet::new(),
            log,
            bytes: 100,
            requests,
            now: Duration::from_secs(1),
            sent: 0,
            arrived: BTreeMap::new(),
            order: Vec::new(),
            is_enough: false,
        }
    }

    fn read(&mut self) {
        let from = self.flow.progress.scanned();
        let to = self.log.min(from + u64::try_from(self.flow.room()).unwrap().min(512));
        let items: Vec<Item> = (from..to).map(|position| item(position, self.bytes)).collect();
        self.flow.progress.scan(to, items.iter().map(|item| item.mark).collect::<Vec<_>>());
        self.flow.offer(items, at(self.now));
    }

    fn save(&mut self) {
        let save = self.flow.progress.save();
        self.dead.extend(save.letters.iter().map(|letter| letter.position));
        self.standing = save.standing.clone();
        self.flow.progress.saved(&save);
    }

    /// The process dies, and another goes on with what was saved.
    fn crash(&mut self) {
        let progress = Progress::read(&self.standing).unwrap();
        let again: Vec<Item> = progress.open().iter().map(|position| item(*position, self.bytes)).collect();
        self.flow = Flow::new(progress, self.flow.limits, (self.requests, Waits::default()));
        self.flow.offer(again, at(self.now));
    }

    fn next(&mut self) -> Option<Attempt> {
        let attempt = self.flow.next(&Fixed::LINES, at(self.now))?;
        self.sent += 1;
        let bytes: usize = attempt.items.iter().map(|item| item.encoded.len() + 1).sum();
        assert_eq!(attempt.body.len(), bytes, "counted as it is sent");
        Some(attempt)
    }

    fn take(&mut self, items: &[Item]) {
        for item in items {
            *self.arrived.entry(item.mark.position).or_default() += 1;
            self.order.push(item.mark.position);
        }
    }

    fn answer(&mut self, attempt: Attempt, answer: &Answer) {
        let told = self.flow.answered(attempt, answer, at(self.now));
        self.is_enough |= told.is_enough;
        self.check();
    }

    fn check(&self) {
        let counts = self.flow.progress.counts();
        let pending = self.flow.progress.pending();
        assert_eq!(counts.accepted, counts.delivered + counts.dead_lettered + counts.expired + pending);
        assert!(self.flow.progress.open().len() <= WINDOW);
        // Whenever it dies, no more than this was at the receiver and is sent again.
        assert!(self.flow.on_way + self.flow.progress.unsafe_fates() <= self.flow.repeated_max());
    }

    /// Works until nothing waits, or it is enough.
    fn run(&mut self, receiver: impl Fn(&[Item]) -> Answer) {
        for _ in 0..100_000 {
            if self.flow.room() == 0 || self.flow.is_held() {
                self.save();
            }
            self.read();
            let mut running = Vec::new();
            while let Some(attempt) = self.next() {
                running.push(attempt);
            }
            for attempt in running {
                let answer = receiver(&attempt.items);
                let items = attempt.items.iter();
                let took: Vec<Item> = match &answer.outcome {
                    Outcome::Ack => items.cloned().collect(),
                    Outcome::Items(outcomes) => {
                        let acked = items.zip(outcomes).filter(|(_, outcome)| **outcome == ItemOutcome::Ack);
                        acked.map(|(item, _)| item.clone()).collect()
                    }
                    _ => Vec::new(),
                };
                self.take(&took);
                self.answer(attempt, &answer);
            }
            if self.is_enough || (self.flow.progress.pending() == 0 && self.flow.progress.scanned() == self.log) {
                return;
            }
            let wake = self.flow.wake().unwrap_or(self.now);
            self.now = self.now.max(wake) + Duration::from_millis(1);
        }
        panic!("it never ends: {:?}", self.flow);
    }

    fn letters(&mut self) -> Vec<u64> {
        self.save();
        self.dead.iter().copied().collect()
    }
}

fn ack() -> Answer {
    Answer::new(Outcome::Ack, "")
}

fn has(items: &[Item], position: u64) -> bool {
    items.iter().any(|item| item.mark.position == position)
}

#[test]
fn one_poison_in_a_thousand_costs_few_requests_and_nobody_else() {
    for poison in [0, 1, 499, 500, 998, 999] {
        let mut world = World::new(1_000, LIMITS, 8);
        // All of it is there when the first request leaves.
        (0..2).for_each(|_| world.read());
        world.run(|items| if has(items, poison) { Answer::new(Outcome::Reject, "bad") } else { ack() });
        assert_eq!(world.letters(), [poison]);
        assert_eq!(world.arrived.len(), 999);
        assert!(world.arrived.values().all(|times| *times == 1));
        // 2·log2(1000) + 1, beside the one that there would be anyway.
        assert!(world.sent <= 1 + 20 + 1, "{poison}: {} requests", world.sent);
    }
}

#[test]
fn no_more_is_sent_than_a_crash_may_repeat_until_what_was_taken_is_durable() {
    let mut world = World::new(1_000, Limits { events: 30, ..LIMITS }, 4);
    (0..2).for_each(|_| world.read());
    // As many as four full requests hold.
    assert_eq!(world.flow.repeated_max(), 120);
    for taken in [30, 60, 90, 120] {
        let attempt = world.next().unwrap();
        world.take(&attempt.items);
        world.answer(attempt, &ack());
        assert_eq!(world.arrived.len(), taken);
    }
    assert!(world.flow.is_held() && world.next().is_none() && world.flow.wake().is_none());
    let mut other = World { standing: world.standing.clone(), ..World::new(1_000, Limits { events: 30, ..LIMITS }, 4) };
    other.crash();
    other.read();
    assert_eq!(other.next().unwrap().items[0].mark.position, 0, "nothing was saved: all of it is sent again");
    world.save();
    assert!(!world.flow.is_held());
    assert_eq!(world.next().unwrap().items[0].mark.position, 120);
    // Requests of single events do not wait for the disk after each.
    assert_eq!(World::new(1, Limits { events: 1, ..LIMITS }, 1).flow.repeated_max(), 64);
}

#[test]
fn a_receiver_that_names_the_events_it_refuses_gets_no_event_twice() {
    let mut world = World::new(5_000, LIMITS, 8);
    world.run(|items| {
        let outcome = |item: &Item| match item.mark.position % 100 {
            7 => ItemOutcome::Reject { reason: "document_parsing_exception".to_owned() },
            9 if item.attempts < 3 => ItemOutcome::Retry,
            _ => ItemOutcome::Ack,
        };
        Answer::new(Outcome::Items(items.iter().map(outcome).collect()), "errors")
    });
    assert_eq!(world.letters().len(), 50);
    assert!(world.arrived.len() == 4_950 && world.arrived.values().all(|times| *times == 1));
}

#[test]
fn an_answer_that_is_not_about_every_event_is_about_none() {
    let mut world = World::new(10, LIMITS, 1);
    world.read();
    let attempt = world.next().unwrap();
    world.answer(attempt, &Answer::new(Outcome::Items(vec![ItemOutcome::Ack; 9]), ""));
    assert_eq!((world.flow.progress.pending(), world.flow.pace().0), (10, 1));
}

#[test]
fn a_receiver_that_takes_less_at_a_time_is_sent_less_and_then_more_again() {
    let mut world = World::new(20_000, LIMITS, 1);
    world.run(|items| if items.len() > 100 { Answer::new(Outcome::Split, "413") } else { ack() });
    assert_eq!((world.arrived.len(), world.letters().len()), (20_000, 0));
    let (requests, least) = (world.sent, 20_000 / 100);
    assert!(requests < least * 3, "{requests} requests, {least} at least");
}

#[test]
fn an_event_that_alone_is_too_large_is_given_up_and_the_others_pass() {
    // As the receiver says, and as its limits say.
    let mut world = World::new(100, LIMITS, 4);
    world.run(|items| if has(items, 50) { Answer::new(Outcome::Split, "413") } else { ack() });
    assert_eq!((world.letters(), world.arrived.len()), (vec![50], 99));
    let mut world = World::new(100, Limits { bytes: 50, ..LIMITS }, 4);
    world.run(|_items| ack());
    assert_eq!(world.letters().len(), 100);
}

#[test]
fn a_receiver_that_refuses_everything_is_left_alone_before_it_ruins_much() {
    for outcome in [Outcome::Reject, Outcome::Split] {
        let mut world = World::new(50_000, LIMITS, 8);
        world.run(|_items| Answer::new(outcome.clone(), "no"));
        assert!(world.is_enough);
        let letters = world.letters().len();
        assert!(letters <= 64, "{letters} given up");
        assert!(world.flow.progress.pending() > 0);
    }
    // The same where it names each.
    let mut world = World::new(500_000, LIMITS, 8);
    let refused = ItemOutcome::Reject { reason: "no".to_owned() };
    world.run(|items| Answer::new(Outcome::Items(vec![refused.clone(); items.len()]), ""));
    assert!(world.is_enough);
}

#[test]
fn an_event_that_makes_a_receiver_fail_is_found_and_the_destination_goes_on() {
    for poison in [0, 1, 700, 1_999] {
        let mut world = World::new(2_000, LIMITS, 8);
        world.run(|items| if has(items, poison) { Answer::new(Outcome::Retry, "500") } else { ack() });
        assert!(!world.is_enough, "{poison}");
        assert_eq!((world.letters(), world.arrived.len()), (vec![poison], 1_999));
    }
}

#[test]
fn a_dead_receiver_is_enough_after_ten_faults_and_loses_nothing() {
    for outcome in [Outcome::Retry, Outcome::Auth, Outcome::Config] {
        let mut world = World::new(50_000, LIMITS, 8);
        world.run(|_items| Answer::new(outcome.clone(), "no"));
        assert!(world.is_enough);
        assert_eq!((world.sent, world.flow.pace().0), (10, 10));
        assert_eq!((world.letters().len(), world.flow.progress.counts().delivered), (0, 0));
        assert!(world.flow.progress.open().len() <= WINDOW);
    }
}

#[test]
fn faults_that_are_not_in_a_row_are_no_reason_to_leave_it_alone() {
    let mut world = World::new(2_000, Limits { events: 10, ..LIMITS }, 1);
    let count = std::cell::Cell::new(0);
    world.run(|_items| {
        count.set(count.get() + 1);
        if count.get() % 10 == 0 { ack() } else { Answer::new(Outcome::Retry, "503") }
    });
    assert!(!world.is_enough && world.letters().is_empty());
    assert_eq!(world.arrived.len(), 2_000);
}

#[test]
fn where_the_order_counts_events_arrive_in_it() {
    let mut world = World::new(3_000, Limits { events: 64, ..LIMITS }, 1);
    let count = std::cell::Cell::new(0);
    world.run(|items| {
        count.set(count.get() + 1);
        match count.get() % 7 {
            3 => Answer::new(Outcome::Retry, "503"),
            5 if items.len() > 8 => Answer::new(Outcome::Split, "413"),
            6 if has(items, 1_234) => Answer::new(Outcome::Reject, "400"),
            _ => ack(),
        }
    });
    assert!(world.order.is_sorted());
}

#[test]
fn a_receiver_that_refuses_some_and_does_not_say_which_is_not_sent_them_again() {
    let mut world = World::new(10, LIMITS, 1);
    world.read();
    let attempt = world.next().unwrap();
    world.answer(attempt, &Answer::new(Outcome::Partial { rejected: 3 }, "3 refused"));
    assert_eq!((world.flow.progress.counts().delivered, world.letters().len()), (7, 3));
    assert_eq!(world.flow.progress.pending(), 0);
}

#[test]
fn one_event_goes_at_once_and_many_wait_for_company() {
    let mut world = World::new(1, LIMITS, 8);
    world.read();
    let first = world.next().unwrap();
    assert_eq!(first.items.len(), 1);
    // While it is on its way, others gather.
    world.log = 50;
    world.read();
    assert!(world.next().is_none());
    world.answer(first, &ack());
    assert_eq!(world.next().unwrap().items.len(), 49);
    world.log = 60;
    world.read();
    assert!(world.next().is_none());
    world.now += GATHER;
    assert_eq!(world.next().unwrap().items.len(), 10);
}

#[test]
fn a_receiver_that_says_it_is_near_its_end_is_sent_less() {
    let mut world = World::new(30_000, Limits { events: 10, ..LIMITS }, 8);
    world.run(|_items| ack());
    let before = world.flow.pace().1;
    assert_eq!(before, 8);
    world.save();
    world.log += 10;
    world.read();
    let attempt = world.next().unwrap();
    world.answer(attempt, &ack().warned(Warning::Capacity));
    assert!(world.flow.pace().1 < before && world.flow.pace().2 > world.now);
}

/// What a receiver does with a request.
#[derive(Debug, Clone)]
enum Does {
    Takes,
    /// It stores all of it, and the answer is lost.
    TakesAndIsCut,
    Fails(Option<u64>),
    RefusesAuth,
    NamesEach(u8),
    Refuses,
    FindsTooLarge,
    /// The process dies, before or after the receiver had it.
    Dies(bool),
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        6 => Just(Does::Takes),
        1 => Just(Does::TakesAndIsCut),
        1 => prop::option::of(0..10_000_u64).prop_map(Does::Fails),
        1 => Just(Does::RefusesAuth),
        2 => any::<u8>().prop_map(Does::NamesEach),
        1 => Just(Does::Refuses),
        1 => Just(Does::FindsTooLarge),
        1 => any::<bool>().prop_map(Does::Dies),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_receiver_does_and_whenever_the_process_dies_every_event_arrives_or_is_given_up(
        script in prop::collection::vec(does(), 1..60),
        log in 1..3_000_u64,
        events in 1..400_usize,
        requests in 1..9_u32,
        poison in prop::collection::btree_set(0..3_000_u64, 0..4),
    ) {
        let mut world = World::new(log, Limits { bytes: 20_000, compressed_bytes: None, events }, requests);
        let (mut script, mut running) = (script.into_iter(), Vec::new());
        let (mut crashes, mut cut) = (0_u32, BTreeSet::new());
        let mut alone = BTreeMap::<u64, u32>::new();
        for step in 0..200_000_u32 {
            world.read();
            while let Some(attempt) = world.next() {
                running.push(attempt);
            }
            if step % 3 == 0 || world.flow.is_held() {
                world.save();
            }
            let Some(attempt) = (!running.is_empty()).then(|| running.remove(0)) else {
                if world.flow.progress.pending() == 0 && world.flow.progress.scanned() == log {
                    break;
                }
                world.now = world.now.max(world.flow.wake().unwrap_or(world.now)) + Duration::from_millis(1);
                continue;
            };
            let is_bad = |item: &Item| poison.contains(&item.mark.position);
            let items = attempt.items.clone();
            let does = script.next().unwrap_or(Does::Takes);
            if let ([item], false) = (items.as_slice(), matches!(does, Does::Takes)) {
                *alone.entry(item.mark.position).or_default() += 1;
            }
            match does {
                Does::Dies(had_it) => {
                    crashes += 1;
                    if had_it && !items.iter().any(is_bad) {
                        world.take(&items);
                    }
                    running.clear();
                    world.crash();
                    world.check();
                }
                Does::Takes | Does::Refuses if items.iter().any(is_bad) => {
                    world.answer(attempt, &Answer::new(Outcome::Reject, "400"));
                }
                Does::Takes => {
                    world.take(&items);
                    world.answer(attempt, &ack());
                }
                Does::TakesAndIsCut if !items.iter().any(is_bad) => {
                    world.take(&items);
                    cut.extend(items.iter().map(|item| item.mark.position));
                    world.answer(attempt, &Answer::new(Outcome::Retry, "connection reset"));
                }
                Does::Fails(after) => {
                    let answer = Answer { after: after.map(Duration::from_secs), ..Answer::new(Outcome::Retry, "503") };
                    world.answer(attempt, &answer);
                }
                Does::RefusesAuth => world.answer(attempt, &Answer::new(Outcome::Auth, "401")),
                Does::NamesEach(salt) => {
                    let outcome = |item: &Item| match item.mark.position.wrapping_add(u64::from(salt)) % 5 {
                        _ if is_bad(item) => ItemOutcome::Reject { reason: "bad".to_owned() },
                        0 => ItemOutcome::Retry,
                        _ => ItemOutcome::Ack,
                    };
                    let outcomes: Vec<ItemOutcome> = items.iter().map(outcome).collect();
                    for (item, outcome) in items.iter().zip(&outcomes) {
                        if *outcome == ItemOutcome::Ack {
                            world.take(std::slice::from_ref(item));
                        }
                    }
                    world.answer(attempt, &Answer::new(Outcome::Items(outcomes), "errors"));
                }
                // Of more than one event: half of them may do.
                Does::FindsTooLarge | Does::Refuses if items.len() > 1 => {
                    world.answer(attempt, &Answer::new(Outcome::Split, "413"));
                }
                Does::TakesAndIsCut | Does::FindsTooLarge | Does::Refuses => {
                    world.answer(attempt, &Answer::new(Outcome::Retry, "502"));
                }
            }
        }
        let dead: BTreeSet<u64> = world.letters().into_iter().collect();
        prop_assert_eq!(world.flow.progress.pending(), 0);
        for position in 0..log {
            let arrived = world.arrived.get(&position).copied().unwrap_or(0);
            prop_assert!(arrived > 0 || dead.contains(&position), "{} is lost", position);
            let (is_dead, is_poison) = (dead.contains(&position), poison.contains(&position));
            // One that fails so often when it is sent alone is given up, whatever the cause.
            let is_given_up = alone.get(&position).is_some_and(|times| *times >= judge::FAILED_MAX);
            prop_assert!(is_dead == is_poison || is_dead && is_given_up, "{}", position);
            // Once, but for what died with the process or with an answer.
            let most = 1 + crashes + if cut.contains(&position) { 60 } else { 0 };
            prop_assert!(arrived <= most, "{} came {} times", position, arrived);
        }
    }
}
