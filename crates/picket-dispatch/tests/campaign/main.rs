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

/// Runs of the ordinary test; `PICKET_DELIVERY_RUNS` sets another number, `PICKET_DELIVERY_SEED` repeats one.
const RUNS: u64 = 42;
/// Runs of one store.
const STORE_RUNS: u64 = 21;
/// Stores at a time; `PICKET_DELIVERY_LANES` sets another number.
const LANES: u64 = 2;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text}")))
}

fn tell(text: &str) {
    writeln!(std::io::stdout(), "{text}").unwrap();
}

#[test]
fn whatever_fails_no_event_is_lost_and_what_comes_twice_was_on_its_way() {
    let runs = setting("PICKET_DELIVERY_RUNS").unwrap_or(RUNS);
    let seed = setting("PICKET_DELIVERY_SEED").unwrap_or_else(random::number);
    tell(&format!("delivery: {runs} runs, seed {seed}"));
    let (stores, next, begun) = (runs.div_ceil(STORE_RUNS), AtomicU64::new(0), Instant::now());
    let sums = Mutex::new(Counts::default());
    std::thread::scope(|scope| {
        for _ in 0..setting("PICKET_DELIVERY_LANES").unwrap_or(LANES) {
            scope.spawn(|| {
                loop {
                    let store = next.fetch_add(1, Ordering::SeqCst);
                    if store >= stores {
                        return;
                    }
                    let mut lane = Lane::start(seed.wrapping_add(store));
                    for run in 0..STORE_RUNS.min(runs - store * STORE_RUNS) {
                        // The first store has each of them.
                        let first = ALL.get(usize::try_from(run).unwrap()).copied().filter(|_| store == 0);
                        lane.run(first);
                    }
                    let mut sums = sums.lock().unwrap();
                    sums.add(&lane.counts);
                    if (store + 1) % 10 == 0 {
                        tell(&format!("delivery: {} runs, {} events, {:?}", sums.runs, sums.events, begun.elapsed()));
                    }
                }
            });
        }
    });
    let sums = sums.into_inner().unwrap();
    assert_eq!(sums.runs, runs);
    tell(&format!("delivery: {runs} runs counted in {:?}, seed {seed}: 0 lost; {sums:#?}", begun.elapsed()));
}
