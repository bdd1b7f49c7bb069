//! Destinations beside one another, and events beside one that no receiver takes.

use crate::disk::Disk;
use crate::process::Process;
use crate::targets::{Kind, Target};
use picket_testkit::receivers::http::{Fault, Reply};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

struct Beside {
    process: Process,
    _disk: Disk,
}

impl Beside {
    fn start() -> Self {
        let disk = Disk::new();
        Self { process: Process::start(disk.path()), _disk: disk }
    }

    fn create(&mut self, target: &mut Target, name: &str, change: &Value) {
        let mut settings = target.settings();
        for (option, value) in change.as_object().into_iter().flatten() {
            settings[option] = value.clone();
        }
        let create = json!({"do": "create", "name": name, "settings": settings, "secrets": target.secrets(),
            "start": "beginning"});
        self.process.does(&create).as_str().unwrap().clone_into(&mut target.id);
    }

    fn append(&mut self, target: &Target, count: u64, bad: u64) -> Vec<String> {
        let told = json!({"do": "append", "type": target.event_type(), "count": count, "bad": bad});
        serde_json::from_value(self.process.does(&told)["acked"].clone()).unwrap()
    }

    fn state(&mut self, target: &Target) -> Value {
        self.process.does(&json!({"do": "state", "id": target.id}))
    }

    fn until(&mut self, target: &Target, is_so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let state = self.state(target);
            if is_so(&state) {
                return state;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{state}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_dead_a_slow_and_a_lying_receiver_take_nothing_from_a_good_one() {
    let mut beside = Beside::start();
    let [mut good, mut dead, mut slow, mut lying] = [(); 4].map(|()| Target::start(Kind::Generic));
    let always = |target: &Target, reply| target.server().unwrap().fail_always(Some(Fault::Instead(reply)));
    always(&dead, Reply::html(503, "<html>down</html>"));
    always(&slow, Reply::Stuck(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n".to_vec()));
    always(&lying, Reply::Raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n".to_vec()));
    for (target, name) in [(&mut dead, "dead"), (&mut slow, "slow"), (&mut lying, "lying")] {
        beside.create(target, name, &json!({}));
    }
    beside.create(&mut good, "good", &json!({"ordered": true}));
    let mut sent = Vec::new();
    for _ in 0..10 {
        sent.extend(beside.append(&good, 100, 0));
    }
    let state = beside.until(&good, |state| state["delivered"] == 1_000);
    assert_eq!(good.ids(), sent, "all of it, once, in the order of the log");
    assert_eq!(state["answers"].as_object().unwrap().keys().collect::<Vec<_>>(), ["ack"], "{state}");
    // It had not to wait for any of them: they have nothing yet.
    for target in [&dead, &slow, &lying] {
        assert_eq!(beside.state(target)["delivered"], 0);
        assert!(target.arrived().is_empty());
    }
    for target in [&dead, &slow, &lying] {
        target.heal();
        let state = beside.until(target, |state| state["delivered"] == 1_000);
        assert_eq!((&state["dead_lettered"], &state["even"]), (&json!(0), &json!(true)), "{state}");
        let arrived = target.arrived();
        assert!(sent.iter().all(|id| arrived.contains_key(id)));
    }
}

#[test]
fn one_bad_event_in_a_thousand_costs_few_requests_and_nobody_else_whatever_the_receiver() {
    for kind in [Kind::Splunk, Kind::Elastic, Kind::Generic] {
        let mut beside = Beside::start();
        let (mut strict, mut other) = (Target::start(kind), Target::start(kind));
        beside.append(&strict, 500, 0);
        let bad = beside.append(&strict, 1, 1);
        beside.append(&strict, 499, 0);
        strict.be_strict();
        // The one that finds fault with nothing tells how many requests there would be anyway.
        beside.create(&mut other, "other", &json!({}));
        beside.until(&other, |state| state["delivered"] == 1_000);
        beside.create(&mut strict, "strict", &json!({}));
        beside.until(&strict, |state| state["pending"] == 0 && state["letters"] == 1);
        let state = beside.state(&strict);
        assert_eq!((&state["delivered"], &state["dead_lettered"]), (&json!(999), &json!(1)), "{kind:?}: {state}");
        let letters = beside.process.does(&json!({"do": "letters", "id": strict.id}));
        assert!(letters[&bad[0]].as_str().is_some_and(|reason| !reason.is_empty()), "{kind:?}: {letters}");
        let extra = strict.requests().saturating_sub(other.requests());
        // 2·log2(1000) + 1.
        assert!(extra <= 20, "{kind:?}: {extra} requests more");
        assert_eq!(strict.arrived().len(), 999 + usize::from(strict.arrived().contains_key(&bad[0])));
    }
}
