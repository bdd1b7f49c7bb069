//! Everything that must hold before a change lands, in one order, here and on every other machine.

use crate::process::{self, Failure, cargo, is_there, say};
use crate::{layers, setup, tidy};

/// The first tier; with `full` also what is slow to build or run.
pub(crate) fn run(full: bool) -> Result<(), Failure> {
    process::run("format", cargo().args(["fmt", "--all", "--check"]))?;
    layers::check()?;
    tidy::check()?;
    process::run(
        "lints",
        cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    deny(full)?;
    test(&[])?;
    stops()?;
    generate(true)?;
    if full {
        crate::bench::kills(&["20"])?;
    }
    say("\nci: everything holds");
    Ok(())
}

/// Runs the tests with the official clients switched on.
pub(crate) fn test(args: &[&str]) -> Result<(), Failure> {
    let clients = setup::run()?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--locked"]).args(args).env("PICKET_TEST_CLIENTS", clients);
    process::run("tests", &mut tests)
}

/// Stops and aborts the log between any two steps.
fn stops() -> Result<(), Failure> {
    let mut tests = cargo();
    tests.args(["test", "--locked", "--package", "picket-log", "--features", "failpoints"]);
    process::run("stops between steps", tests.args(["--test", "failpoints", "--test", "crashes"]))
}

/// Writes, or checks, the documents that are generated from the code.
pub(crate) fn generate(check: bool) -> Result<(), Failure> {
    let mut generate = cargo();
    generate.args(["run", "--quiet", "--locked", "--bin", "picket", "--", "generate-docs", "docs/reference"]);
    if check {
        generate.arg("--check");
    }
    process::run("documents", &mut generate)
}

/// Advisories, licences and sources of dependencies; installed in the full tier, used where it is there.
fn deny(full: bool) -> Result<(), Failure> {
    if full && !is_there("cargo-deny") {
        process::run("install cargo-deny", cargo().args(["install", "--locked", "cargo-deny"]))?;
    }
    if is_there("cargo-deny") {
        process::run("dependencies", cargo().args(["deny", "--offline", "check", "bans", "licenses", "sources"]))
    } else {
        say("\n== dependencies: cargo-deny is not installed; `cargo xt ci --full` installs and runs it");
        Ok(())
    }
}
