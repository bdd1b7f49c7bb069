//! Figures for people: medians of rounds, and ratios within one run.

use crate::Failure;
use crate::load::Seen;
use crate::peers::CHAIN;
use crate::scenario::Scenario;
use std::collections::BTreeMap;
use std::io::{Stdout, Write as _};
use std::num::NonZeroUsize;
use std::time::Duration;

/// One slice of one peer.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) seen: Seen,
    /// From the first request to the last thing that was left to do.
    pub(crate) busy: Duration,
    pub(crate) cpu: BTreeMap<String, Duration>,
}

/// The rounds of one peer.
#[derive(Debug, Default)]
pub(crate) struct Row {
    rate: Vec<f64>,
    sustained: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    cpu: Vec<f64>,
    gateway: Vec<f64>,
    share: Vec<f64>,
    refused: u64,
    threads: BTreeMap<String, f64>,
    answered: f64,
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn float(count: u64) -> f64 {
    count as f64
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

impl Row {
    pub(crate) fn add(&mut self, measured: Measured) {
        let Measured { seen, busy, cpu } = measured;
        let answered = float(seen.answered.max(1));
        let at = |part: usize| seen.times.get(seen.times.len() * part / 100).copied().unwrap_or_default();
        let all: Duration = cpu.values().sum();
        self.rate.push(answered / seen.elapsed.as_secs_f64());
        self.sustained.push(answered / busy.as_secs_f64());
        self.p50.push(micros(at(50)));
        self.p99.push(micros(at(99)));
        self.cpu.push(micros(all) / answered);
        self.gateway.push(micros(cpu.get("gateway").copied().unwrap_or_default()) / answered);
        self.share.push(all.as_secs_f64() / busy.as_secs_f64());
        self.refused += seen.refused;
        self.answered += answered;
        for (name, used) in cpu {
            *self.threads.entry(name).or_default() += micros(used);
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// What was on, and on what it ran.
pub(crate) fn conditions(out: &mut Stdout, slice: Duration, cores: NonZeroUsize) -> Result<(), Failure> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    writeln!(
        out,
        "picket serve, release build, 1 gateway thread; on: {CHAIN}; capture of all bodies; indexer; checkpoints; keys; MALLOC_ARENA_MAX=2, as packaged\n\
         nginx proxy_pass, 1 process, connections kept on both sides, no access log\n\
         HTTP/1.1 keep-alive over loopback; peer on core 0, load and provider on core 1; slices of {slice:?}, medians of 3\n\
         {cores} cores, load of the machine before the run: {}",
        load.split(' ').take(3).collect::<Vec<_>>().join(" ")
    )?;
    Ok(())
}

/// One scenario: a line for each peer, and the ratios.
pub(crate) fn scenario(out: &mut Stdout, scenario: &Scenario, rows: &[Row; 3]) -> Result<(), Failure> {
    let [direct, nginx, picket] = rows;
    let what = if scenario.streams { "first event" } else { "latency" };
    writeln!(out, "\n{} ({what} in µs, CPU in µs for each request)", scenario.name)?;
    for (name, row) in [("direct", direct), ("nginx", nginx), ("picket", picket)] {
        writeln!(
            out,
            "  {name:<7} {:>8.0} req/s  p50 {:>7.0}  p99 {:>7.0}  CPU {:>6.1}  on CPU {:>3.0} %",
            median(&row.rate),
            median(&row.p50),
            median(&row.p99),
            median(&row.cpu),
            median(&row.share) * 100.0,
        )?;
    }
    let added = |row: &Row| median(&row.p50) - median(&direct.p50);
    let over = |of: fn(&Row) -> &[f64]| median(of(picket)) / median(of(nginx));
    writeln!(
        out,
        "  ratio: added p50 {:.2} ({:.0} / {:.0}), CPU {:.2}, gateway threads {:.2}, req/s {:.2}, until lag zero {:.2}",
        added(picket) / added(nginx),
        added(picket),
        added(nginx),
        over(|row| &row.cpu),
        median(&picket.gateway) / median(&nginx.cpu),
        over(|row| &row.rate),
        median(&picket.sustained) / median(&nginx.rate),
    )?;
    let mut threads: Vec<_> = picket.threads.iter().map(|(name, used)| (used / picket.answered, name)).collect();
    threads.sort_by(|a, b| b.0.total_cmp(&a.0));
    let threads: Vec<_> =
        threads.iter().filter(|(used, _)| *used >= 0.5).map(|(used, name)| format!("{name} {used:.1}")).collect();
    writeln!(out, "  picket's threads: {}; refused for lack of room: {}", threads.join(", "), picket.refused)?;
    Ok(())
}
