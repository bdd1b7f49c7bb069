//! Faults, each told by a seed: of the process, of its disk, of receivers, of clocks. Run with `--features failpoints`.
//!
//! The store and the dispatcher live in a process of their own ([`child`]), which is killed, torn and starved; receivers
//! live here, as strict as the real ones. A run counts if what was drawn for it fired. After each, every event that the log
//! acknowledged is at its receiver or a dead letter with a reason, the sums agree with the log, counted again, and what came
//! twice was on its way when the fault came.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod apart;
mod child;
mod disk;
mod faults;
mod lane;
mod process;
mod targets;

use faults::ALL;
use lane::{Counts, Lane};
use picket_stdx::random;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Runs of the ordinary test, two of each fault at least; `PICKET_DELIVERY_RUNS` sets another number,
/// `PICKET_DELIVERY_SEED` repeats one.
const RUNS: u64 = 42;
/// Runs of one store; fewer where they are few, so that they end soon.
const STORE_RUNS: u64 = 21;
const STORE_RUNS_FEW: u64 = 7;
const FEW: u64 = 210;
/// Stores at a time, which mostly wait; `PICKET_DELIVERY_LANES` sets another number.
const LANES: u64 = 8;
/// Stores after which it is told how far it is.
const TOLD: u64 = 20;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text}")))
}

fn tell(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").unwrap();
}

/// All runs of one store, the first of all as if each fault were drawn once.
fn store(seed: u64, runs: std::ops::Range<u64>) -> Counts {
    let mut lane = Lane::start(seed);
    for run in runs {
        lane.run(ALL.get(usize::try_from(run).unwrap()).copied());
    }
    lane.counts
}

#[test]
fn whatever_fails_no_event_is_lost_and_what_comes_twice_was_on_its_way() {
    let runs = setting("PICKET_DELIVERY_RUNS").unwrap_or(RUNS);
    let seed = setting("PICKET_DELIVERY_SEED").unwrap_or_else(random::number);
    tell(&format!("delivery: {runs} runs, seed {seed}"));
    let each = if runs < FEW { STORE_RUNS_FEW } else { STORE_RUNS };
    let (next, begun, sums) = (AtomicU64::new(0), Instant::now(), Mutex::new(Counts::default()));
    let work = || {
        let mut at = next.fetch_add(1, Ordering::SeqCst);
        while at * each < runs {
            let counts = store(seed.wrapping_add(at), at * each..runs.min((at + 1) * each));
            let mut sums = sums.lock().unwrap();
            sums.add(&counts);
            if (at + 1) % TOLD == 0 {
                tell(&format!("delivery: {} runs, {} events, {:?}", sums.runs, sums.events, begun.elapsed()));
            }
            drop(sums);
            at = next.fetch_add(1, Ordering::SeqCst);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..setting("PICKET_DELIVERY_LANES").unwrap_or(LANES) {
            scope.spawn(work);
        }
    });
    let sums = sums.into_inner().unwrap();
    assert_eq!(sums.runs, runs);
    tell(&format!("delivery: {runs} runs counted in {:?}, seed {seed}: 0 lost; {sums:#?}", begun.elapsed()));
}
