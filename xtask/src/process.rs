//! Running other programs, and speaking to the person who waits.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a command of this tool failed, in words.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Prints a line.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A command that runs in the root of the workspace.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Cargo, the same one that runs this.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a step with its output shown, and fails when it fails.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<(), Failure> {
    say(&format!("\n== {name}"));
    let status = command.status().map_err(|error| Failure(format!("{name}: cannot start: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure(format!("{name}: {status}"))) }
}

/// Whether a program can be started.
pub(crate) fn is_there(program: &str) -> bool {
    let mut probe = command(program);
    probe.arg("--version").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    probe.status().is_ok()
}
