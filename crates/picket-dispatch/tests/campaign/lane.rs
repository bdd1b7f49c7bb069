//! Runs of one store, one after another.

use crate::disk::Disk;
use crate::faults::{ALL, Moments, Wrong};
use crate::process::Process;
use crate::targets::{BATCH, KINDS, Kind, REQUESTS, Target};
use picket_dispatch::WINDOW;
use picket_testkit::receivers::http::{Fault, Reply, Server};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// So often a run is repeated whose fault did not fire.
const TRIES: u32 = 16;

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) runs: u64,
    pub(crate) events: u64,
    pub(crate) fired: BTreeMap<Wrong, u64>,
    pub(crate) idle: BTreeMap<Wrong, u64>,
    pub(crate) kinds: BTreeMap<Kind, u64>,
    pub(crate) twice: BTreeMap<Kind, u64>,
    pub(crate) twice_most: BTreeMap<Kind, u64>,
    pub(crate) dead_lettered: u64,
    pub(crate) unacknowledged: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.events += other.events;
        self.dead_lettered += other.dead_lettered;
        self.unacknowledged += other.unacknowledged;
        for (to, from) in [(&mut self.fired, &other.fired), (&mut self.idle, &other.idle)] {
            from.iter().for_each(|(wrong, count)| *to.entry(*wrong).or_default() += count);
        }
        for (to, from) in [(&mut self.kinds, &other.kinds), (&mut self.twice, &other.twice)] {
            from.iter().for_each(|(kind, count)| *to.entry(*kind).or_default() += count);
        }
        for (kind, count) in &other.twice_most {
            let most = self.twice_most.entry(*kind).or_default();
            *most = (*most).max(*count);
        }
    }
}

/// A store, receivers of each kind, and the process between them.
pub(crate) struct Lane {
    name: String,
    disk: Disk,
    process: Option<Process>,
    targets: Vec<Target>,
    /// Events of each kind that the log acknowledged.
    acked: BTreeMap<Kind, BTreeSet<String>>,
    moments: Moments,
    pub(crate) counts: Counts,
}

impl Lane {
    pub(crate) fn start(seed: u64) -> Self {
        let disk = Disk::new();
        let mut process = Process::start(disk.path());
        let mut targets: Vec<Target> = KINDS.iter().map(|kind| Target::start(*kind)).collect();
        for target in &mut targets {
            let name = format!("{:?}", target.kind);
            let create =
                json!({"do": "create", "name": name, "settings": target.settings(), "secrets": target.secrets()});
            process.does(&create).as_str().unwrap().clone_into(&mut target.id);
        }
        // Neighbouring seeds shall have nothing in common.
        let mut moments = Moments(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        moments.below(2);
        let (name, acked) = (format!("seed {seed}"), BTreeMap::new());
        Self { name, disk, process: Some(process), targets, acked, moments, counts: Counts::default() }
    }

    fn process(&mut self) -> &mut Process {
        let folder = self.disk.path();
        self.process.get_or_insert_with(|| Process::start(folder))
    }

    /// One run that counts: what is drawn goes wrong, and fires.
    pub(crate) fn run(&mut self, first: Option<Wrong>) {
        let wrong = first.unwrap_or_else(|| self.moments.one_of(ALL));
        let kinds: Vec<usize> = (0..KINDS.len()).filter(|at| wrong.concerns(KINDS[*at])).collect();
        let at = self.moments.one_of(&kinds);
        let kind = KINDS[at];
        // Half of them meet a receiver that fails besides.
        let others: Vec<Wrong> = ALL
            .iter()
            .copied()
            .filter(|other| {
                kind != Kind::Syslog
                    && *other != wrong
                    && *other != Wrong::AskedForAYear
                    && other.concerns(kind)
                    && !other.faults(&mut Moments(1)).is_empty()
            })
            .collect();
        let other = (!others.is_empty() && self.moments.below(2) == 0).then(|| self.moments.one_of(&others));
        for _ in 0..TRIES {
            self.rest(at);
            let before = self.repeated(at);
            let faults = other.map(|other| other.faults(&mut self.moments)).unwrap_or_default();
            let mut met = faults.len();
            if let Some(server) = self.targets[at].server() {
                server.fail(faults);
            }
            let has_fired = self.one(wrong, at, &mut met);
            let left = self.targets[at].server().map_or(0, Server::faults_left);
            self.targets[at].heal();
            self.settle(at);
            let twice = self.repeated(at) - before;
            self.judge(at, [Some(wrong), other], (twice, met));
            if has_fired && left == 0 {
                self.counts.runs += 1;
                *self.counts.kinds.entry(kind).or_default() += 1;
                for wrong in [Some(wrong), other].into_iter().flatten() {
                    *self.counts.fired.entry(wrong).or_default() += 1;
                }
                return;
            }
            *self.counts.idle.entry(wrong).or_default() += 1;
        }
        panic!("{}: {wrong:?} with {other:?} does not fire at {kind:?}", self.name);
    }

    /// Appends events; how many the log refused, and whether the process lived to tell.
    fn append(&mut self, at: usize, count: u64, bad: u64) -> Option<String> {
        let (kind, event_type) = (self.targets[at].kind, self.targets[at].event_type());
        let told = json!({"do": "append", "type": event_type, "count": count, "bad": bad});
        let Some(said) = self.process().ask(&told) else {
            self.counts.unacknowledged += count;
            return None;
        };
        let ids: Vec<String> = serde_json::from_value(said["acked"].clone()).unwrap();
        self.counts.events += u64::try_from(ids.len()).unwrap();
        self.acked.entry(kind).or_default().extend(ids);
        Some(said["refused"].as_str().unwrap().to_owned())
    }

    /// Lets it go wrong; whether it did.
    fn one(&mut self, wrong: Wrong, at: usize, met: &mut usize) -> bool {
        let count = 40 + self.moments.below(160);
        let kind = self.targets[at].kind;
        match wrong {
            Wrong::Killed | Wrong::Stopped => {
                self.append(at, count, 0);
                self.somewhere(at, count);
                let process = self.process.take().unwrap();
                if wrong == Wrong::Killed { process.kill() } else { process.stop() }
            }
            Wrong::Torn => self.torn(at, count),
            Wrong::WriteFails | Wrong::SyncFails => self.failing(wrong, at, count),
            Wrong::DiskFull => self.full(at, count),
            Wrong::ClockForward | Wrong::ClockBack => {
                self.append(at, count, 0);
                self.somewhere(at, count);
                let seconds = i64::try_from(60 + self.moments.below(10 * 86_400)).unwrap();
                let seconds = if wrong == Wrong::ClockBack { -seconds } else { seconds };
                let has_stepped = self.process().does(&json!({"do": "step", "seconds": seconds})) == true;
                self.append(at, count / 4, 0);
                has_stepped
            }
            Wrong::ResetAfter if kind == Kind::Syslog => {
                let drain = self.targets[at].drain().unwrap();
                let before = drain.connections();
                drain.end_after(usize::try_from(1 + self.moments.below(count)).unwrap());
                self.append(at, count, 0);
                // What was lost with the connection goes out with the next request.
                self.insist(at, "another connection", move |lane| {
                    lane.targets[at].drain().unwrap().connections() > before
                })
            }
            Wrong::AcksLost => {
                self.targets[at].acknowledge(false);
                let before = self.answers(at, "retry");
                self.append(at, count, 0);
                self.until("the indexer is waited for in vain", |lane| lane.answers(at, "retry") > before);
                true
            }
            Wrong::TokenExpired => self.expired(at, count),
            Wrong::AlwaysTooLarge => self.too_large(at, count),
            Wrong::ErrorsInside => {
                let before = self.state(at)["dead_lettered"].as_u64().unwrap();
                self.targets[at].be_strict();
                self.append(at, count, 2);
                self.until("dead letters", |lane| lane.state(at)["dead_lettered"].as_u64().unwrap() > before);
                true
            }
            _ => {
                let faults = wrong.faults(&mut self.moments);
                *met += faults.len();
                self.targets[at].server().unwrap().fail(faults);
                self.append(at, count, 0);
                let has_fired =
                    self.insist(at, "the faults", |lane| lane.targets[at].server().unwrap().faults_left() == 0);
                if wrong == Wrong::AskedForAYear {
                    // It gets an hour, whenever that begins.
                    self.until("the hour to be over", |lane| lane.passes(at));
                }
                has_fired
            }
        }
    }

    /// Lets an hour pass, and has something to send then; whether all is sent soon.
    fn passes(&mut self, at: usize) -> bool {
        self.process().does(&json!({"do": "pass", "seconds": 3_601}));
        self.append(at, 1, 0);
        let asked = Instant::now();
        while self.state(at)["pending"] != 0 && asked.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.state(at)["pending"] == 0
    }

    /// Waits until a part of what was appended is delivered.
    fn somewhere(&mut self, at: usize, count: u64) {
        let wanted = self.state(at)["delivered"].as_u64().unwrap().saturating_add(self.moments.below(count) / 2);
        let begun = Instant::now();
        while self.state(at)["delivered"].as_u64().unwrap() < wanted && begun.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Appends more until something happens that only requests bring about.
    fn insist(&mut self, at: usize, what: &str, is_so: impl Fn(&mut Self) -> bool) -> bool {
        let begun = Instant::now();
        let mut asked = Instant::now();
        while !is_so(self) {
            if begun.elapsed() > PATIENCE {
                let state = self.state(at);
                panic!("{}: {what}: {state}", self.name);
            }
            if asked.elapsed() > Duration::from_millis(50) && self.state(at)["pending"] == 0 {
                self.append(at, 10, 0);
                asked = Instant::now();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    fn torn(&mut self, at: usize, count: u64) -> bool {
        self.append(at, count, 0);
        let tear = json!({"do": "tear", "seed": self.moments.below(1 << 30), "is_cut": self.moments.below(2) == 0});
        self.process().ask(&tear);
        // Either its next save is torn, or one of these.
        while self.append(at, 5, 0).is_some() {}
        self.process.take().unwrap().aborted()
    }

    fn failing(&mut self, wrong: Wrong, at: usize, count: u64) -> bool {
        self.append(at, count, 0);
        self.somewhere(at, count);
        let (step, action) = match wrong {
            Wrong::WriteFails => ("db::before_commit", "1*return(write)"),
            _ => ("db::after_commit", "1*return"),
        };
        self.process().does(&json!({"do": "fail", "step": step, "action": action}));
        let refused = self.append(at, 5, 0).unwrap();
        let is_blocked =
            self.state(at)["blocked"].as_str().is_some_and(|why| why.contains("until the program is restarted"));
        // So that it is noticed: nothing is written any more.
        let is_refused = !self.append(at, 1, 0).unwrap().is_empty();
        self.process.take().unwrap().kill();
        !refused.is_empty() | is_blocked && is_refused
    }

    fn full(&mut self, at: usize, count: u64) -> bool {
        self.append(at, count, 0);
        self.somewhere(at, count);
        let filler = self.disk.fill();
        if filler.is_none() {
            let fail = json!({"do": "fail", "step": "db::before_commit", "action": "20*return(full)"});
            self.process().does(&fail);
        }
        let mut is_full = false;
        for _ in 0..200 {
            is_full = self.append(at, 10, 0).unwrap().contains("the disk is full");
            if is_full {
                break;
            }
        }
        match filler {
            Some(filler) => std::fs::remove_file(filler).unwrap(),
            None => drop(self.process().does(&json!({"do": "fail", "step": "db::before_commit", "action": "off"}))),
        }
        self.until("room to be noticed", |lane| lane.append(at, 1, 0).unwrap().is_empty());
        is_full
    }

    fn expired(&mut self, at: usize, count: u64) -> bool {
        let before = self.answers(at, "auth");
        self.append(at, count / 2, 0);
        self.somewhere(at, count / 2);
        self.targets[at].rotate();
        self.append(at, count / 2, 0);
        let has_fired = self.insist(at, "a refusal", |lane| lane.answers(at, "auth") > before);
        let target = &self.targets[at];
        let rotate = json!({"do": "rotate", "id": target.id, "secrets": target.secrets()});
        self.process().does(&rotate) == true && has_fired
    }

    /// It is dead letters, and then the receiver's fault; and both are made good.
    fn too_large(&mut self, at: usize, count: u64) -> bool {
        let before = self.state(at)["dead_lettered"].as_u64().unwrap();
        let fault = Fault::Instead(Reply::html(413, "<html>413</html>"));
        self.targets[at].server().unwrap().fail_always(Some(fault));
        self.append(at, count, 0);
        self.until("dead letters, and a pause where there is more", |lane| {
            let state = lane.state(at);
            let dead = state["dead_lettered"].as_u64().unwrap() - before;
            dead > 0 && (state["pending"] == 0 || state["state"] == "paused")
        });
        let dead = self.state(at)["dead_lettered"].as_u64().unwrap() - before;
        assert!(dead <= 100, "{}: {dead} dead letters before it is the receiver's fault", self.name);
        true
    }

    fn state(&mut self, at: usize) -> Value {
        let told = json!({"do": "state", "id": self.targets[at].id});
        let state = self.process().does(&told);
        assert_eq!(state["even"], true, "{}: {state}", self.name);
        state
    }

    fn answers(&mut self, at: usize, word: &str) -> u64 {
        self.state(at)["answers"][word].as_u64().unwrap_or(0)
    }

    fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            if begun.elapsed() > PATIENCE {
                let states: Vec<Value> = (0..KINDS.len()).map(|at| self.state(at)).collect();
                panic!("{}: {what}: {states:?}", self.name);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Events that came more than once, as often as they came beyond that.
    fn repeated(&self, at: usize) -> u64 {
        let arrived = self.targets[at].arrived();
        arrived.values().map(|times| u64::from(times - 1)).sum()
    }

    /// Waits until nothing is on its way to a receiver: whatever comes twice from then on is of what happens then. A crash
    /// of another receiver's run has everybody send what was not durable again, and that goes before what is new.
    fn rest(&mut self, at: usize) {
        let kind = self.targets[at].kind;
        // What a broken connection of syslog took goes out again with the next request, since there is no answer; and what
        // was written was read when what was written after it was.
        for _ in 0..2 {
            let known = self.acked.get(&kind).cloned().unwrap_or_default();
            self.until("an event to be taken", |lane| {
                lane.append(at, 1, 0);
                lane.acked.get(&kind).is_some_and(|acked| acked.len() > known.len())
            });
            let new: Vec<String> = self.acked[&kind].difference(&known).cloned().collect();
            let mut asked = Instant::now();
            self.until("all to arrive", |lane| {
                if kind == Kind::Syslog && asked.elapsed() > Duration::from_millis(200) {
                    lane.append(at, 1, 0);
                    asked = Instant::now();
                }
                let is_there = |arrived: &BTreeMap<String, u32>| new.iter().all(|id| arrived.contains_key(id));
                lane.state(at)["pending"] == 0 && is_there(&lane.targets[at].arrived())
            });
        }
    }

    /// Waits until every event has its fate, and holds it against the log.
    fn settle(&mut self, at: usize) {
        let (kind, name) = (self.targets[at].kind, self.name.clone());
        self.rest(at);
        let events = json!({"do": "events", "type": self.targets[at].event_type()});
        let logged: BTreeSet<String> = serde_json::from_value(self.process().does(&events)).unwrap();
        let all = u64::try_from(logged.len()).unwrap();
        let acked = self.acked.entry(kind).or_default();
        assert!(acked.is_subset(&logged), "{name}: the log lost what it acknowledged");
        self.until("all to have their fate", |lane| {
            let state = lane.state(at);
            state["pending"] == 0 && state["accepted"] == all
        });
        let state = self.state(at);
        let letters = json!({"do": "letters", "id": self.targets[at].id});
        let dead = state["dead_lettered"].as_u64().unwrap();
        self.until("the letters to be written", |lane| lane.state(at)["letters"] == dead);
        let letters: BTreeMap<String, String> = serde_json::from_value(self.process().does(&letters)).unwrap();
        assert!(letters.values().all(|reason| !reason.is_empty()), "{name}: {letters:?}");
        // Counted again: what the log has is delivered or a dead letter, once.
        assert_eq!((state["accepted"].as_u64(), state["expired"].as_u64()), (Some(all), Some(0)), "{name}: {state}");
        assert_eq!(state["delivered"].as_u64().unwrap() + dead, all, "{name}: {state}");
        self.counts.dead_lettered += dead;
        let is_lost = |lane: &Self, letters: &BTreeMap<String, String>| {
            let arrived = lane.targets[at].arrived();
            logged.iter().filter(|id| !arrived.contains_key(*id) && !letters.contains_key(*id)).count()
        };
        // What syslog wrote, its receiver may still be reading.
        let begun = Instant::now();
        while is_lost(self, &letters) > 0 && kind == Kind::Syslog && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(2));
        }
        assert_eq!(is_lost(self, &letters), 0, "{name}: {kind:?} lost events: {state}");
        if dead > 0 {
            // Whatever it was, it is over.
            let replay = json!({"do": "replay", "id": self.targets[at].id});
            assert_eq!(self.process().does(&replay), dead);
            self.until("what is replayed to arrive", |lane| lane.state(at)["delivered"] == all);
            assert_eq!(is_lost(self, &BTreeMap::new()), 0, "{name}: {kind:?} lost what was replayed");
        }
    }

    /// What came twice was on its way.
    fn judge(&mut self, at: usize, wrongs: [Option<Wrong>; 2], (twice, met): (u64, usize)) {
        let kind = self.targets[at].kind;
        let wrongs: Vec<Wrong> = wrongs.into_iter().flatten().collect();
        let repeats = wrongs.iter().any(|wrong| wrong.repeats(kind));
        let together = match kind {
            Kind::Generic => BATCH,
            Kind::Syslog => 1_000,
            _ => 2_000,
        };
        // A crash repeats what was on its way; an answer that is lost, the one request.
        let window = (together * REQUESTS).clamp(64, WINDOW);
        let crashes = wrongs.iter().filter(|wrong| wrong.crashes()).count();
        // Without an answer of its own (syslog), or with a second question (Splunk), a fault may meet all requests.
        let lost = if kind == Kind::Generic { met } else { met + REQUESTS };
        let most = if repeats { u64::try_from(window * crashes + together * lost).unwrap() } else { 0 };
        let (name, shown) = (&self.name, kind == Kind::Elastic);
        assert!(twice <= most, "{name}: {twice} of {kind:?} came twice by {wrongs:?}, {most} at most");
        assert!(!shown || twice == 0, "{name}: {twice} are twice in a receiver that tells them apart");
        *self.counts.twice.entry(kind).or_default() += twice;
        let highest = self.counts.twice_most.entry(kind).or_default();
        *highest = (*highest).max(twice);
    }
}
