//! Runs of faults, each told by a seed: a run counts if its fault fired. Nothing that was acknowledged is lost, and what
//! comes twice was on its way when the fault came.

use super::sink::Sink;
use super::{act, create, product, settled, signals, to_file, to_sink};
use crate::harness::Product;
use crate::kills::{Moments, setting, tell};
use crate::served::{Served, kill, serve};
use picket_stdx::random;
use picket_testkit::receivers::http::{Fault, Reply};
use serde_json::Value;
use std::collections::BTreeMap;

/// Runs of the ordinary test; `PICKET_DELIVERY_RUNS` sets another number, `PICKET_DELIVERY_SEED` repeats one.
const RUNS: u64 = 12;
/// Events of a run, and of a request.
const EVENTS: usize = 400;
const BATCH: usize = 40;
/// Events that are on their way together: of eight requests, which is how many a destination has at most.
const IN_FLIGHT: usize = BATCH * 8;

/// What goes wrong in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    /// The server is killed while it delivers.
    Killed,
    /// It is killed while an answer is lost, so that nobody knows what the receiver has.
    KilledWithoutAnswer,
    /// The connection is reset before the receiver read the request.
    ResetBefore,
    /// The receiver had it, and the connection ends.
    ResetAfter,
    /// The same in the middle of the answer.
    HalfAnswer,
    /// The same, and the connection stays open.
    AnswerLost,
    /// The credentials end, and count again.
    Expired,
    /// Busy, with a time.
    Busy,
    /// Too large.
    TooLarge,
    /// Something else answers.
    Garbage,
    /// The server stops in order, in the middle.
    Stopped,
}

const ALL: &[Wrong] = &[
    Wrong::Killed,
    Wrong::KilledWithoutAnswer,
    Wrong::ResetBefore,
    Wrong::ResetAfter,
    Wrong::HalfAnswer,
    Wrong::AnswerLost,
    Wrong::Expired,
    Wrong::Busy,
    Wrong::TooLarge,
    Wrong::Garbage,
    Wrong::Stopped,
];

impl Wrong {
    /// What receivers do in such a run.
    fn faults(self, moments: &mut Moments) -> Vec<Fault> {
        let some = |moments: &mut Moments, most: u64, fault: Fault| {
            vec![fault; usize::try_from(1 + moments.below(most)).unwrap()]
        };
        match self {
            Self::Killed | Self::Stopped => Vec::new(),
            Self::KilledWithoutAnswer | Self::AnswerLost => {
                vec![Fault::After(Reply::Stuck(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec()))]
            }
            Self::ResetBefore => some(moments, 5, Fault::Reset),
            Self::ResetAfter => some(moments, 5, Fault::After(Reply::Raw(Vec::new()))),
            Self::HalfAnswer => some(moments, 5, Fault::After(Reply::Raw(b"HTTP/1.1 204 No Con".to_vec()))),
            Self::Expired => some(moments, 5, Fault::Instead(Reply::json(401, r#"{"error":"token expired"}"#))),
            Self::Busy => some(moments, 5, Fault::Instead(Reply::empty(429).with("retry-after", "0"))),
            Self::TooLarge => some(moments, 5, Fault::Instead(Reply::html(413, "<html>413</html>"))),
            Self::Garbage => some(moments, 5, Fault::Instead(Reply::Raw(b"\x16\x03\x01\x02\x00 no HTTP".to_vec()))),
        }
    }
}

/// What a campaign counts.
#[derive(Debug, Default)]
struct Counts {
    fired: BTreeMap<String, u64>,
    idle: BTreeMap<String, u64>,
}

/// A server, its receiver, and all that was acknowledged.
struct Campaign {
    product: Product,
    served: Option<Served>,
    sink: Sink,
    sink_id: String,
    file_id: String,
    acknowledged: Vec<String>,
    moments: Moments,
}

impl Campaign {
    fn begin(seed: u64) -> Self {
        let mut product = product();
        let sink = Sink::start();
        let sink_id = create(&product, "sink", to_sink(&sink, BATCH));
        let file_id = create(&product, "file", to_file("all.ndjson"));
        product.stop();
        let acknowledged = Vec::new();
        Self { product, served: None, sink, sink_id, file_id, acknowledged, moments: Moments(seed) }
    }

    fn serve(&mut self) {
        if self.served.is_none() {
            let served = serve(&self.product);
            self.product.api.clone_from(&served.api);
            self.served = Some(served);
        }
    }

    fn send(&mut self) {
        let sent = signals(&self.product, self.acknowledged.len(), EVENTS, "ana@example.com");
        self.acknowledged.extend(sent);
    }

    /// One run: whether its fault fired.
    fn run(&mut self, wrong: Wrong) -> bool {
        self.serve();
        let before = self.sink.taken().len();
        let faults = wrong.faults(&mut self.moments);
        self.sink.server().fail(faults);
        self.send();
        // Somewhere between the first and the last of them.
        let until = before + usize::try_from(self.moments.below(u64::try_from(EVENTS).unwrap())).unwrap();
        let fired = match wrong {
            Wrong::Killed | Wrong::KilledWithoutAnswer => {
                self.product.wait("some are delivered", |_| {
                    let is_lost = wrong == Wrong::Killed || self.sink.server().faults_left() == 0;
                    (self.sink.taken().len() >= until && is_lost).then_some(())
                });
                self.moments.pass();
                self.served.take().is_some_and(|mut served| kill(&mut served.child))
            }
            Wrong::Stopped => {
                self.product.wait("some are delivered", |_| (self.sink.taken().len() >= until).then_some(()));
                let mut served = self.served.take().unwrap();
                crate::served::terminate(&mut served.child);
                true
            }
            _ => {
                self.product.wait("the faults", |_| (self.sink.server().faults_left() == 0).then_some(()));
                true
            }
        };
        self.serve();
        let count = self.acknowledged.len();
        // A receiver whose answers were lost in a row may have been left alone: whoever looks after it resumes it.
        let shown = super::state(&self.product, &self.sink_id);
        if shown["state"] == "paused" {
            act(&self.product, &self.sink_id, "resume", &Value::Null);
        }
        for id in [&self.sink_id, &self.file_id] {
            let sums = settled(&self.product, id, count);
            assert_eq!(sums["dead_lettered"], 0, "{wrong:?}: {sums}");
        }
        fired
    }

    fn arrived_in_file(&self) -> BTreeMap<String, u32> {
        let text = std::fs::read_to_string(self.product.folder.path().join("siem/all.ndjson")).unwrap();
        let mut times = BTreeMap::new();
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            *times.entry(event["event_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        times
    }
}

#[test]
fn no_run_of_faults_loses_an_event_or_repeats_more_than_was_on_its_way() {
    let runs = setting("PICKET_DELIVERY_RUNS").unwrap_or(RUNS);
    let seed = setting("PICKET_DELIVERY_SEED").unwrap_or_else(random::number);
    tell(&format!("delivery: {runs} runs, seed {seed}"));
    let mut campaign = Campaign::begin(seed);
    let mut counts = Counts::default();
    let (mut twice_most, mut twice_all) = (0, 0);
    for run in 0..runs {
        // Each of them first, then as they come.
        let kinds = u64::try_from(ALL.len()).unwrap();
        let at = if run < kinds { run } else { campaign.moments.below(kinds) };
        let wrong = ALL[usize::try_from(at).unwrap()];
        let before: u32 = campaign.sink.taken().values().sum();
        let fired = campaign.run(wrong);
        let which = if fired { &mut counts.fired } else { &mut counts.idle };
        *which.entry(format!("{wrong:?}")).or_default() += 1;
        let after: u32 = campaign.sink.taken().values().sum();
        let twice = usize::try_from(after - before).unwrap().saturating_sub(EVENTS);
        assert!(twice <= IN_FLIGHT, "{wrong:?}: {twice} came twice");
        if matches!(wrong, Wrong::ResetBefore | Wrong::Expired | Wrong::Busy | Wrong::TooLarge | Wrong::Garbage) {
            assert_eq!(twice, 0, "{wrong:?}: the receiver never had what failed");
        }
        (twice_most, twice_all) = (twice_most.max(twice), twice_all + twice);
        if run % 50 == 49 {
            tell(&format!("delivery: {} runs, {} events", run + 1, campaign.acknowledged.len()));
        }
    }
    for (name, arrived) in [("sink", campaign.sink.taken()), ("file", campaign.arrived_in_file())] {
        let lost = campaign.acknowledged.iter().filter(|id| !arrived.contains_key(*id)).count();
        assert_eq!(lost, 0, "{name}");
        assert_eq!(arrived.len(), campaign.acknowledged.len(), "{name} has what nobody sent");
    }
    assert!(counts.idle.is_empty(), "runs whose fault did not fire do not count: {counts:?}");
    tell(&format!(
        "delivery: {runs} runs counted, seed {seed}: {} events, 0 lost, {twice_all} twice, at most {twice_most} in a run (on their way together: {IN_FLIGHT}); fired {:?}",
        campaign.acknowledged.len(),
        counts.fired
    ));
}
