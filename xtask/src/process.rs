//! Running other programs, and speaking to the person who waits.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

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

/// How long a step may last: what hangs must not take the whole time that a machine gives a run.
const STEP_MAX: Duration = Duration::from_secs(30 * 60);

/// Runs a step with its output shown, and fails when it fails or does not end.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<(), Failure> {
    say(&format!("\n== {name}"));
    run_within(name, command, STEP_MAX)
}

/// Runs a step that takes as long as it takes, with its output shown, and fails when it fails.
pub(crate) fn run_long(name: &str, command: &mut Command) -> Result<(), Failure> {
    say(&format!("\n== {name}"));
    run_within(name, command, Duration::MAX)
}

fn run_within(name: &str, command: &mut Command, limit: Duration) -> Result<(), Failure> {
    let mut step = command.spawn().map_err(|error| Failure(format!("{name}: cannot start: {error}")))?;
    let begun = Instant::now();
    loop {
        if let Some(status) = step.try_wait()? {
            return if status.success() { Ok(()) } else { Err(Failure(format!("{name}: {status}"))) };
        }
        if begun.elapsed() > limit {
            let started = descendants(&step.id().to_string())?;
            Command::new("kill").arg("-KILL").args(started).status()?;
            step.wait()?;
            let minutes = limit.as_secs() / 60;
            return Err(Failure(format!("{name}: ended by force, since it had not ended after {minutes} minutes")));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A process and all that it started, the first ones first.
fn descendants(process: &str) -> Result<Vec<String>, Failure> {
    let children = Command::new("pgrep").args(["-P", process]).output()?;
    let mut all = vec![process.to_owned()];
    for child in String::from_utf8_lossy(&children.stdout).lines() {
        all.extend(descendants(child)?);
    }
    Ok(all)
}

/// Whether a program can be started.
pub(crate) fn is_there(program: &str) -> bool {
    let mut probe = command(program);
    probe.arg("--version").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    probe.status().is_ok()
}
