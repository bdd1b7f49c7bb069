//! What is measured, and in which order.

use crate::load::{self, Load, Seen};
use crate::peers::{Nginx, Picket, Provider};
use crate::report::{Measured, Row};
use crate::{Failure, account, report};
use std::collections::BTreeMap;
use std::io::Stdout;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Rounds of each scenario.
const ROUNDS: usize = 3;

/// How Picket is set up.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) audit: &'static str,
    pub(crate) placement: &'static str,
    /// Whether writer and consumers have the other core.
    pub(crate) splits: bool,
    scenarios: &'static [Scenario],
}

/// One kind of load.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    model: &'static str,
    pub(crate) streams: bool,
    bytes: usize,
    callers: usize,
}

const fn scenario(name: &'static str, model: &'static str, streams: bool, bytes: usize, callers: usize) -> Scenario {
    Scenario { name, model, streams, bytes, callers }
}

pub(crate) const SETUPS: &[Setup] = &[
    Setup {
        audit: "buffered",
        placement: "everything on the peer's core; the provider answers at once",
        splits: false,
        scenarios: &[
            scenario("1 KiB, JSON, 1 caller", "gpt-now", false, 1_024, 1),
            scenario("1 KiB, JSON, 32 callers", "gpt-now", false, 1_024, 32),
            scenario("64 KiB, JSON, 1 caller", "gpt-now", false, 65_536, 1),
            scenario("64 KiB, JSON, 32 callers", "gpt-now", false, 65_536, 32),
            scenario("1 KiB, SSE, 16 callers", "gpt-now", true, 1_024, 16),
            scenario("64 KiB, SSE, 16 callers", "gpt-now", true, 65_536, 16),
        ],
    },
    Setup {
        audit: "buffered",
        placement: "writer and consumers on the core of load and provider",
        splits: true,
        scenarios: &[
            scenario("1 KiB, JSON, 32 callers", "gpt-now", false, 1_024, 32),
            scenario("64 KiB, JSON, 32 callers", "gpt-now", false, 65_536, 32),
        ],
    },
    Setup {
        audit: "strict",
        placement: "everything on the peer's core; the provider takes 20 ms",
        splits: false,
        scenarios: &[
            scenario("1 KiB, JSON, 16 callers", "gpt-20ms", false, 1_024, 16),
            scenario("64 KiB, JSON, 16 callers", "gpt-20ms", false, 65_536, 16),
            scenario("1 KiB, SSE, 16 callers", "gpt-20ms", true, 1_024, 16),
            scenario("64 KiB, SSE, 16 callers", "gpt-20ms", true, 65_536, 16),
        ],
    },
];

/// For floods: no scenario of its own.
pub(crate) const FLOODED: Setup =
    Setup { audit: "strict", placement: "everything on the peer's core", splits: false, scenarios: &[] };

/// Everything that takes part.
pub(crate) struct Bench<'a> {
    pub(crate) runtime: &'a Runtime,
    pub(crate) provider: &'a Provider,
    pub(crate) nginx: &'a Nginx,
    pub(crate) picket: &'a Picket,
    pub(crate) slice: Duration,
}

impl Bench<'_> {
    /// Runs every scenario of a set-up; how many requests Picket answered.
    pub(crate) fn run(&self, setup: &Setup, out: &mut Stdout) -> Result<u64, Failure> {
        let mut lane = 0;
        let mut answered = self.warm_up()?;
        for scenario in setup.scenarios {
            let mut rows = [Row::default(), Row::default(), Row::default()];
            for _ in 0..ROUNDS {
                lane += 1;
                let [direct, nginx, picket] = &mut rows;
                direct.add(self.direct(scenario, lane)?);
                nginx.add(self.nginx(scenario, lane)?);
                let measured = self.picket(scenario, lane)?;
                answered += measured.seen.answered;
                picket.add(measured);
            }
            report::scenario(out, scenario, &rows)?;
        }
        Ok(answered)
    }

    /// Opens connections, compiles patterns, fills caches; how many requests Picket answered.
    fn warm_up(&self) -> Result<u64, Failure> {
        let scenario = scenario("", "gpt-now", false, 1_024, 32);
        let short = Duration::from_millis(300);
        let load = |address, key: &str| Load { time: short, ..self.load(&scenario, address, key, 0) };
        self.runtime.block_on(load::run(&load(self.nginx.address, "none")))?;
        let seen = self.runtime.block_on(load::run(&load(self.picket.address, &self.picket.key)))?;
        self.picket.drained(self.runtime)?;
        Ok(seen.answered)
    }

    fn load(&self, scenario: &Scenario, address: std::net::SocketAddr, key: &str, lane: u64) -> Load {
        Load {
            address,
            bearer: format!("Bearer {key}"),
            model: scenario.model,
            streams: scenario.streams,
            bytes: scenario.bytes,
            callers: scenario.callers,
            time: self.slice,
            lane,
        }
    }

    fn direct(&self, scenario: &Scenario, lane: u64) -> Result<Measured, Failure> {
        let seen = self.runtime.block_on(load::run(&self.load(scenario, self.provider.address, "none", lane)))?;
        Ok(Measured { busy: seen.elapsed, seen, cpu: BTreeMap::new() })
    }

    fn nginx(&self, scenario: &Scenario, lane: u64) -> Result<Measured, Failure> {
        let load = self.load(scenario, self.nginx.address, "none", lane);
        self.measured(self.nginx.id(), &load, || Ok(()))
    }

    fn picket(&self, scenario: &Scenario, lane: u64) -> Result<Measured, Failure> {
        let load = self.load(scenario, self.picket.address, &self.picket.key, lane);
        self.measured(self.picket.id(), &load, || self.picket.drained(self.runtime))
    }

    /// Load, and what it cost until nothing of it is left to do.
    fn measured(&self, id: u32, load: &Load, drain: impl FnOnce() -> Result<(), Failure>) -> Result<Measured, Failure> {
        let before = account::cpu(id)?;
        let begun = Instant::now();
        let seen: Seen = self.runtime.block_on(load::run(load))?;
        drain()?;
        let busy = begun.elapsed();
        let mut cpu = account::cpu(id)?;
        for (name, used) in &mut cpu {
            *used = used.saturating_sub(before.get(name).copied().unwrap_or_default());
        }
        Ok(Measured { seen, busy, cpu })
    }
}
