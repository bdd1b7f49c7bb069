//! Fuzzing: each target of `fuzz/` for some seconds. What it learned is kept in `.cache/fuzz`, so that the next run goes
//! on from there.

use crate::process::{self, Failure, cargo, root, say};
use std::path::{Path, PathBuf};

const FUZZER: &str = "0.13.2";
const SECONDS: u64 = 30;

/// Folders of examples besides `fuzz/seeds/TARGET`.
const SEEDS: &[(&str, &str)] =
    &[("document", "crates/picket-llm/testdata/openai"), ("document", "crates/picket-llm/testdata/anthropic")];

/// Runs all targets, or those that are named, for so many seconds each.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    let seconds = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(SECONDS);
    let named: Vec<&str> = args.iter().copied().filter(|arg| arg.parse::<u64>().is_err()).collect();
    let targets = targets()?;
    if let Some(unknown) = named.iter().find(|name| !targets.iter().any(|target| target == *name)) {
        return Err(Failure(format!("no target `{unknown}`; there are: {}", targets.join(", "))));
    }
    install()?;
    let wanted = targets.iter().filter(|target| named.is_empty() || named.contains(&target.as_str()));
    let mut failed = Vec::new();
    for target in wanted {
        if let Err(Failure(cause)) = one(target, seconds) {
            say(&cause);
            failed.push(target.as_str());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure(format!("something fell out of: {}", failed.join(", ")))) }
}

fn targets() -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for item in std::fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        names.extend(item?.path().file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn install() -> Result<(), Failure> {
    let mut probe = cargo();
    probe.args(["fuzz", "--version"]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    process::run_long("cargo-fuzz", cargo().args(["install", "--locked", "cargo-fuzz", "--version", FUZZER]))
}

fn one(target: &str, seconds: u64) -> Result<(), Failure> {
    let corpus = root().join(".cache/fuzz").join(target);
    std::fs::create_dir_all(&corpus)?;
    let mut fuzz = cargo();
    // The code is safe Rust: what can go wrong is a panic, which needs no sanitizer. Coverage is what needs the flags of
    // a nightly compiler, which the pinned one knows as well.
    fuzz.env("RUSTC_BOOTSTRAP", "1").args(["fuzz", "run", "--sanitizer", "none"]);
    // Only these need the whole server, which takes long to build.
    if ["configuration", "cursor", "gzip", "heads", "identity"].contains(&target) {
        fuzz.args(["--features", "server"]);
    }
    if target == "model" {
        fuzz.args(["--features", "encoder"]);
    }
    fuzz.arg(target).arg(corpus).args(seeds(target));
    let limits = ["-timeout=10", "-rss_limit_mb=4096", "-max_len=8192", "-print_final_stats=1"];
    fuzz.arg("--").arg(format!("-max_total_time={seconds}")).args(limits);
    process::run_long(&format!("fuzz {target}"), &mut fuzz)
}

fn seeds(target: &str) -> Vec<PathBuf> {
    let own = root().join("fuzz/seeds").join(target);
    let others = SEEDS.iter().filter(|(name, _)| *name == target).map(|(_, folder)| root().join(folder));
    others.chain([own]).filter(|folder| Path::is_dir(folder)).collect()
}
