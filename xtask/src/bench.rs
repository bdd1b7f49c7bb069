//! Slow commands: benchmarks, faults and fuzzing. Each is a release build of an example that prints its figures.

use crate::process::{self, Failure, cargo, command, is_there, root};

/// Benchmarks by name: package and example.
const BENCHES: &[(&str, &str, &str)] = &[
    ("gateway", "picket", "gateway_bench"),
    ("log", "picket-log", "append_bench"),
    ("search", "picket-search", "search_bench"),
    ("detect", "picket-content", "evaluate"),
];

/// Runs one benchmark.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    let names: Vec<&str> = BENCHES.iter().map(|(name, ..)| *name).collect();
    let wanted = args.first().copied().unwrap_or_default();
    let Some((name, package, example)) = BENCHES.iter().find(|(name, ..)| *name == wanted) else {
        return Err(Failure(format!("`bench` takes one of: {}", names.join(", "))));
    };
    if *name == "gateway" && !is_there("nginx") && !std::path::Path::new("/usr/sbin/nginx").exists() {
        process::run(
            "nginx, the peer",
            command("apt-get").args(["install", "-y", "-qq", "--no-install-recommends", "nginx-light"]),
        )?;
    }
    example_of(package, example, args.get(1..).unwrap_or_default())
}

/// Kills a loaded server again and again.
pub(crate) fn kills(args: &[&str]) -> Result<(), Failure> {
    example_of("picket", "kill_loop", args)
}

/// Sends corpora through a running server.
pub(crate) fn replay(args: &[&str]) -> Result<(), Failure> {
    example_of("picket", "replay_corpora", args)
}

/// Fuzzes every parser in turn.
pub(crate) fn fuzz(args: &[&str]) -> Result<(), Failure> {
    let seconds = args.first().copied().unwrap_or("60");
    if !is_there("cargo-fuzz") {
        process::run("install cargo-fuzz", cargo().args(["install", "--locked", "cargo-fuzz"]))?;
    }
    for target in std::fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = target?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let mut fuzz = command("cargo");
        fuzz.args(["+nightly", "fuzz", "run", &name, "--", &format!("-max_total_time={seconds}")]);
        process::run(&format!("fuzz {name}"), &mut fuzz)?;
    }
    Ok(())
}

fn example_of(package: &str, example: &str, args: &[&str]) -> Result<(), Failure> {
    let mut bench = cargo();
    bench.args(["run", "--release", "--locked", "--package", package, "--example", example, "--"]).args(args);
    process::run(example, &mut bench)
}
