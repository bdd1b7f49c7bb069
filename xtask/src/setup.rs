//! What tests need beyond the Rust toolchain: a few packages, and the official clients of the providers.

use crate::process::{self, Failure, command, is_there, root, say};
use std::path::{Path, PathBuf};

/// Programs that tests start, and the Debian packages that hold them.
const PROGRAMS: &[(&str, &str)] =
    &[("curl", "curl"), ("jq", "jq"), ("python3", "python3"), ("node", "nodejs"), ("npm", "npm")];
const PYTHON_CLIENTS: &[&str] = &["openai==3.54.0", "anthropic==2.12.0", "cryptography"];
const NODE_CLIENTS: &[&str] = &["openai@7.57.0", "@anthropic-ai/sdk@1.13.0"];

/// The checker of the reference implementation of C2SP tiled logs.
const FSCK: &str = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4";

/// Installs what is missing, and returns the folder with the clients.
pub(crate) fn run_in(cache: PathBuf) -> Result<PathBuf, Failure> {
    clients_in(&cache.join("clients"), PYTHON_CLIENTS, NODE_CLIENTS)
}

/// Installs packages of Python and of Node into a folder, unless just these are there, and returns it.
pub(crate) fn clients_in(clients: &Path, python: &[&str], node: &[&str]) -> Result<PathBuf, Failure> {
    packages()?;
    std::fs::create_dir_all(clients)?;
    let wanted = format!("{python:?} {node:?}");
    let stamp = clients.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(clients.to_path_buf());
    }
    let venv = clients.join("venv");
    process::run("python environment", command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    process::run(
        "python clients",
        command(venv.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check"]).args(python),
    )?;
    if node.is_empty() {
        std::fs::write(stamp, wanted)?;
        return Ok(clients.to_path_buf());
    }
    let npm = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
    process::run("node clients", command("npm").args(npm).arg(clients).args(node))?;
    std::fs::write(stamp, wanted)?;
    Ok(clients.to_path_buf())
}

/// Builds the reference checker of tiled logs, an oracle of the second tier; its path.
pub(crate) fn fsck() -> Result<PathBuf, Failure> {
    go_program("fsck", FSCK)
}

/// Builds a program of Go, unless it is there; its path.
pub(crate) fn go_program(name: &str, package: &str) -> Result<PathBuf, Failure> {
    let folder = root().join(".cache/oracles");
    let program = folder.join(name);
    if !program.exists() {
        std::fs::create_dir_all(&folder)?;
        if !is_there("go") {
            return Err(Failure(format!("the oracle {name} needs Go 1.24 or newer: https://go.dev/doc/install")));
        }
        process::run(name, command("go").args(["install", package]).env("GOBIN", &folder))?;
    }
    Ok(program)
}

/// Installs what is missing into the default cache.
pub(crate) fn run() -> Result<PathBuf, Failure> {
    run_in(root().join(".cache"))
}

fn packages() -> Result<(), Failure> {
    let mut missing: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    if !venv_works() {
        missing.push("python3-venv");
    }
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("missing packages: {}", missing.join(" ")));
    if !is_there("apt-get") {
        return Err(Failure(format!("install these programs, then run this again: {}", missing.join(" "))));
    }
    process::run("package lists", command("apt-get").args(["update", "-qq"]))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    process::run("packages", command("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(install).args(missing))
}

fn venv_works() -> bool {
    let mut probe = command("python3");
    probe.args(["-c", "import venv, ensurepip"]).stderr(std::process::Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
