//! A server that is killed under load: whatever was answered is there, once, and every checkpoint that was ever published
//! is still one of the log.

mod checkpoints;
mod findings;
mod load;
mod review;

use crate::harness::Product;
use crate::served::{kill, serve, spawn};
use checkpoints::Checkpoints;
use http::Method;
use load::Load;
use picket_stdx::random;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Kills in the ordinary run; `PICKET_KILLS` sets another number, `PICKET_KILLS_SEED` repeats a run.
const KILLS: u64 = 3;
/// Longest load before a kill.
const LOAD_MAX: Duration = Duration::from_secs(3);

/// A small generator, so that a seed gives the same moments again.
pub(crate) struct Moments(pub(crate) u64);

impl Moments {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// Passes some time, up to a tenth of a second or so.
    pub(crate) fn pass(&mut self) {
        for _ in 0..self.below(100_000) {
            std::thread::yield_now();
        }
    }
}

pub(crate) fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text}")))
}

pub(crate) fn tell(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").unwrap();
}

#[test]
fn no_acknowledged_event_is_lost_or_doubled_by_kills_under_load() {
    let kills = setting("PICKET_KILLS").unwrap_or(KILLS);
    let seed = setting("PICKET_KILLS_SEED").unwrap_or_else(random::number);
    tell(&format!("{kills} kills, seed {seed}"));
    let mut moments = Moments(seed);
    let mut product = Product::start();
    product.stop();
    let load = Load::default();
    let mut checkpoints = Checkpoints::default();
    let mut fired = 0;
    for round in 1..=kills {
        // Now and then it comes while the server starts, and makes good what the last kill left.
        let killed = if moments.below(8) == 0 {
            let mut starting = spawn(&product);
            moments.pass();
            kill(&mut starting)
        } else {
            killed_under_load(&mut product, &mut moments, &load, &mut checkpoints)
        };
        // A server that had ended by itself was not killed.
        assert!(killed, "round {round}");
        fired += 1;
        if round % 20 == 0 {
            tell(&format!("{fired} of {round} fired, {} answers, {} checkpoints", load.answered(), checkpoints.len()));
        }
    }
    assert_eq!(fired, kills);
    let served = serve(&product);
    product.api.clone_from(&served.api);
    let events = recorded(&product, &load);
    let verified = product.admin(Method::POST, "/v1/log/verify", &Value::Null).json();
    assert_eq!(verified["passed"], true, "{verified}");
    let continued = checkpoints.verify(&product);
    tell(&format!(
        "{fired} of {kills} kills fired: {} answers, {events} events, none lost, none twice; {continued} checkpoints are of one tree",
        load.answered()
    ));
}

#[test]
fn a_kill_in_the_first_start_leaves_a_store_that_the_next_one_sets_up() {
    let mut product = Product::start();
    product.stop();
    let mut moments = Moments(random::number());
    for round in 0..6 {
        for folder in ["data", "keys"] {
            std::fs::remove_dir_all(product.folder.path().join(folder)).unwrap();
        }
        // Two starts are cut short, then one is not.
        for _ in 0..2 {
            let mut starting = spawn(&product);
            moments.pass();
            assert!(kill(&mut starting), "round {round}");
        }
        drop(serve(&product));
    }
}

/// Serves, and kills while requests run and checkpoints are signed, at another moment each time.
fn killed_under_load(product: &mut Product, moments: &mut Moments, load: &Load, checkpoints: &mut Checkpoints) -> bool {
    let mut served = serve(product);
    product.api.clone_from(&served.api);
    let running = load.start(product, &served.gateway);
    let more = if moments.below(4) == 0 { 1_000 } else { 60 };
    let before = load.answered();
    let answers = before + 1 + usize::try_from(moments.below(more)).unwrap();
    let begun = Instant::now();
    product.wait("load", |product| {
        checkpoints.fetch(product);
        // A machine that is busy with other things gets fewer.
        let is_enough = load.answered() >= answers || begun.elapsed() > LOAD_MAX;
        (is_enough && load.answered() > before).then_some(())
    });
    moments.pass();
    let killed = kill(&mut served.child);
    running.stop(product);
    killed
}

/// Waits until every answer of which a record was promised is found, and checks that no event is found twice.
fn recorded(product: &Product, load: &Load) -> usize {
    // What was answered with 503 was not recorded, and said so.
    let answers = load.answers();
    let promised: Vec<&String> = answers.iter().filter(|(_, status)| **status != 503).map(|(id, _)| id).collect();
    assert!(!promised.is_empty());
    product.wait("the index", |product| {
        let consumers = product.get("/v1/health")["consumers"].clone();
        consumers.as_array().unwrap().iter().all(|consumer| consumer["lag"] == 0).then_some(())
    });
    let found = product.wait("every acknowledged event", |product| {
        let found = all_events(product);
        promised.iter().all(|id| found.contains_key(*id)).then_some(found)
    });
    let twice: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "events appear twice: {twice:?}");
    found.len()
}

/// How often each request of the store is listed.
fn all_events(product: &Product) -> HashMap<String, usize> {
    let listed = product.admin(Method::GET, "/v1/events?fields=event_id&format=ndjson", &Value::Null);
    assert_eq!(listed.status, 200, "{}", listed.text);
    let mut found = HashMap::new();
    for line in listed.text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        *found.entry(event["event_id"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    found
}
