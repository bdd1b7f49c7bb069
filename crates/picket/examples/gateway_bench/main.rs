//! The gateway against nginx's `proxy_pass` on the same core: `cargo xt bench gateway [--seconds N]`.
//!
//! One program in three roles. Started by hand it makes load, measures and prints; `provider` is a small model provider;
//! any other command is Picket itself, the very code of the binary. The peer has core 0 for itself: nginx, or Picket with
//! the whole chain, capture and indexer on. Load and provider share core 1. Slices of direct, nginx and Picket follow
//! each other in rounds, so that noise meets all of them; figures are medians of the rounds.

mod account;
mod flood;
mod load;
mod peers;
mod prompt;
mod provider;
mod report;
mod scenario;

use peers::{Nginx, Picket};
use scenario::{Bench, SETUPS};
use std::io::Write as _;
use std::process::{Command, ExitCode};
use std::time::Duration;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where the peer runs, and where everything else does.
const PEER_CORE: &str = "0";
const LOAD_CORE: &str = "1";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["provider"] => provider::run(),
        [] => measure(Duration::from_secs(1)),
        ["--seconds", seconds] => match seconds.parse() {
            Ok(seconds) => measure(Duration::from_secs_f64(seconds)),
            Err(_) => Err(format!("--seconds takes a number, not `{seconds}`").into()),
        },
        ["flood"] => flooded(Duration::from_secs(10)),
        ["flood", "--seconds", seconds] => match seconds.parse() {
            Ok(seconds) => flooded(Duration::from_secs_f64(seconds)),
            Err(_) => Err(format!("--seconds takes a number, not `{seconds}`").into()),
        },
        _ => return picket::main(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "gateway_bench: {error}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

/// Good traffic beside floods of wrong credentials.
fn flooded(slice: Duration) -> Result<(), Failure> {
    pin(std::process::id(), LOAD_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    flood::measure(&runtime, slice)
}

/// Every set-up, with slices of `slice`.
fn measure(slice: Duration) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism()?;
    pin(std::process::id(), LOAD_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = std::io::stdout();
    report::conditions(&mut out, slice, cores)?;
    let provider = peers::Provider::start()?;
    let nginx = Nginx::start(provider.address)?;
    for setup in SETUPS {
        let picket = Picket::start(&runtime, setup, provider.address)?;
        writeln!(out, "\n== audit: {}, {}", setup.audit, setup.placement)?;
        writeln!(out, "memory idle: {:.1} MiB", account::resident_mib(picket.id())?)?;
        let bench = Bench { runtime: &runtime, provider: &provider, nginx: &nginx, picket: &picket, slice };
        let sent = bench.run(setup, &mut out)?;
        let recorded = picket.settled(&runtime, sent)?;
        writeln!(out, "memory under load, at most: {:.1} MiB", account::peak_mib(picket.id())?)?;
        writeln!(out, "{sent} answers, {recorded} completed events in the index, lag 0")?;
        if sent != recorded {
            return Err(format!("{sent} requests were answered, {recorded} are in the index").into());
        }
    }
    Ok(())
}

/// Binds a process to a core.
fn pin(id: u32, core: &str) -> Result<(), Failure> {
    let done = Command::new("taskset").args(["-p", "-c", core, &id.to_string()]).output()?;
    if done.status.success() {
        Ok(())
    } else {
        Err(format!("taskset: {}", String::from_utf8_lossy(&done.stderr)).into())
    }
}
