//! Everything that must hold before a change lands, in one order, here and on every other machine.

use crate::keycloak::Keycloak;
use crate::process::{self, Failure, cargo, is_there, say};
use crate::{layers, schema, setup, tidy};
use std::path::PathBuf;

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
    let mut oracles = if full { vec![("PICKET_TEST_FSCK", setup::fsck()?)] } else { Vec::new() };
    if full {
        oracles.push(("PICKET_TEST_SCHEMATHESIS", schema::checker()?));
    }
    let keycloak = full.then(Keycloak::start).transpose()?;
    oracles.extend(keycloak.iter().map(|keycloak| ("PICKET_TEST_KEYCLOAK", keycloak.environment())));
    test_with(&[], &oracles)?;
    drop(keycloak);
    failpoints()?;
    generate(true)?;
    if full {
        crate::bench::kills(&["20"])?;
        crate::bench::campaign(&["review", "--runs", "20"])?;
        crate::oracle::run(&["encoders", "--cases", "20000"])?;
    }
    say("\nci: everything holds");
    Ok(())
}

/// Runs the tests with the official clients switched on.
pub(crate) fn test(args: &[&str]) -> Result<(), Failure> {
    test_with(args, &[])
}

fn test_with(args: &[&str], oracles: &[(&str, PathBuf)]) -> Result<(), Failure> {
    let clients = setup::run()?;
    let mut tests = cargo();
    // One failure says nothing of the others, and who reads this wants all of them.
    tests.args(["test", "--workspace", "--locked", "--no-fail-fast"]).args(args).env("PICKET_TEST_CLIENTS", clients);
    tests.envs(oracles.iter().map(|(name, path)| (name, path)));
    process::run("tests", &mut tests)
}

/// The tests that stop or abort a crate between two steps; the product itself is built without these places.
fn failpoints() -> Result<(), Failure> {
    let mut tests = cargo();
    tests.args(["test", "--locked", "--test", "failpoints", "--test", "crashes", "--test", "campaign"]);
    for owner in ["picket-log", "picket-policy", "picket-dispatch"] {
        tests.args(["--package", owner, "--features", &format!("{owner}/failpoints")]);
    }
    process::run("tests with fail points", &mut tests)
}

/// Writes, or checks, the documents that are generated from the code, and writes the content packs, which a test of
/// theirs checks.
pub(crate) fn generate(check: bool) -> Result<(), Failure> {
    let mut generate = cargo();
    generate.args(["run", "--quiet", "--locked", "--bin", "picket", "--", "generate-docs", "docs/reference"]);
    if check {
        generate.arg("--check");
    }
    process::run("documents", &mut generate)?;
    if check { Ok(()) } else { packs() }
}

fn packs() -> Result<(), Failure> {
    let program = || {
        let mut program = cargo();
        program.args(["run", "--quiet", "--locked", "--bin", "picket", "--", "--quiet", "packs"]);
        program
    };
    let listed = program().args(["list", "--format", "csv"]).output()?;
    if !listed.status.success() {
        return Err(Failure(format!("packs: {}", String::from_utf8_lossy(&listed.stderr))));
    }
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    // What no pack has any more goes.
    std::fs::remove_dir_all(process::root().join("packs")).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    for pack in listed.lines().skip(1).filter_map(|line| line.split(',').next()) {
        let folder = format!("packs/{pack}");
        let mut write = program();
        write.args(["write", pack, "--into", &folder]).stdout(std::process::Stdio::null());
        process::run(&folder, &mut write)?;
    }
    Ok(())
}

/// Advisories, licences and sources of dependencies; installed in the full tier, used where it is there.
fn deny(full: bool) -> Result<(), Failure> {
    if full && !is_there("cargo-deny") {
        process::run("install cargo-deny", cargo().args(["install", "--locked", "cargo-deny"]))?;
    }
    if is_there("cargo-deny") {
        process::run(
            "dependencies",
            cargo().args(["deny", "--locked", "-L", "error", "check", "bans", "licenses", "sources"]),
        )
    } else {
        say("\n== dependencies: cargo-deny is not installed; `cargo xt ci --full` installs and runs it");
        Ok(())
    }
}
