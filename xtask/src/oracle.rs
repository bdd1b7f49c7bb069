//! Independent parties that read what the product writes.

use crate::process::{self, Failure, cargo, command, root, say};
use crate::setup;
use std::path::Path;
use std::process::Stdio;
use std::time::SystemTime;

const PYTHON: &[&str] = &[
    "cefevent==0.5.6",
    "cryptography==50.0.2",
    "jsonschema==4.26.0",
    "ocsf-json-schema==1.2.0",
    "opentelemetry-proto==1.45.2",
    "standardwebhooks==1.1.0",
];
const NODE: &[&str] = &["@elastic/ecs@9.4.0", "standardwebhooks@1.1.1"];

/// The parties of the encoders: `encoders [--cases N] [--seed S]`.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    let usage = || Failure("`oracle` takes `encoders`, and then perhaps --cases N and --seed S".to_owned());
    let Some((&"encoders", options)) = args.split_first() else { return Err(usage()) };
    let (mut cases, mut seed) = (100_000, 1);
    for pair in options.chunks(2) {
        match pair {
            ["--cases", number] => cases = number.parse().map_err(|_error| usage())?,
            ["--seed", number] => seed = number.parse().map_err(|_error| usage())?,
            _ => return Err(usage()),
        }
    }
    encoders(cases, seed)
}

fn encoders(cases: u64, seed: u64) -> Result<(), Failure> {
    let cache = root().join(".cache/oracles/encoders");
    let sources = root().join("xtask/oracles/encoders");
    let clients = setup::clients_in(&cache.join("clients"), PYTHON, NODE)?;
    let mut build = cargo();
    build.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]).arg(sources.join("Cargo.toml"));
    process::run_long("the oracle, with the parsers of Vector", build.env("CARGO_TARGET_DIR", &cache))?;
    let program = cache.join("release/encoder-oracle");
    let numbers = [cases.to_string(), seed.to_string()];
    process::run_long("read by Vector", command(&program).arg("vector").args(&numbers))?;
    others(&program, &sources, &clients, &[(cases / 10).max(1_000).to_string(), seed.to_string()])
}

/// Hands a tenth of the cases to Python, and what it verified of webhooks to Node.
fn others(program: &Path, sources: &Path, clients: &Path, numbers: &[String; 2]) -> Result<(), Failure> {
    say("\n== read by Python and Node");
    // What is signed is as old as its verification allows: the whole run has one time, which is now.
    let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let mut emit = command(program);
    let mut emitting =
        emit.arg("emit").args(numbers).env("ORACLE_TIME", now.to_string()).stdout(Stdio::piped()).spawn()?;
    let signed = clients.join("signed.jsonl");
    let mut check = command(clients.join("venv/bin/python"));
    check.arg(sources.join("check.py")).arg(&signed);
    if let Some(cases) = emitting.stdout.take() {
        check.stdin(cases);
    }
    process::run_long("Python", &mut check)?;
    if !emitting.wait()?.success() {
        return Err(Failure("the cases ended too early".to_owned()));
    }
    // The library is found beside the script that asks for it.
    let script = clients.join("check.mjs");
    std::fs::copy(sources.join("check.mjs"), &script)?;
    process::run_long("Node", command("node").arg(script).arg(signed))
}
