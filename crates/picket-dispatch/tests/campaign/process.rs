//! The child as the campaign sees it.

use crate::child::{FOLDER, MARK};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) const SIGABRT: i32 = 6;
pub(crate) const SIGKILL: i32 = 9;

pub(crate) struct Process {
    child: Child,
    asks: Option<ChildStdin>,
    says: Lines<BufReader<ChildStdout>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Process {
    /// A child on the store of a folder, once it delivers.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::child", "--ignored", "--nocapture"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (asks, says) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut started = Self { child, asks: Some(asks), says: BufReader::new(says).lines() };
        assert_eq!(started.said(), Some(json!({"ready": true})), "the store does not open");
        started
    }

    fn said(&mut self) -> Option<Value> {
        let line = self.says.by_ref().map_while(Result::ok).find(|line| line.starts_with(MARK))?;
        serde_json::from_str(line.strip_prefix(MARK)?).ok()
    }

    /// What it answers; none when it is gone.
    pub(crate) fn ask(&mut self, what: &Value) -> Option<Value> {
        writeln!(self.asks.as_mut()?, "{what}").ok()?;
        self.said()
    }

    /// Has it do something that it lives through.
    pub(crate) fn does(&mut self, what: &Value) -> Value {
        self.ask(what).unwrap_or_else(|| panic!("it is gone: {what}"))
    }

    /// Kills it; whether that is what ended it.
    pub(crate) fn kill(mut self) -> bool {
        self.child.kill().unwrap();
        self.child.wait().unwrap().signal() == Some(SIGKILL)
    }

    /// Waits for its end, after it was told to abort; whether it did.
    pub(crate) fn aborted(mut self) -> bool {
        self.child.wait().unwrap().signal() == Some(SIGABRT)
    }

    /// Stops it in order; whether it ended well.
    pub(crate) fn stop(mut self) -> bool {
        // It reads what it is told to the end.
        drop(self.asks.take());
        self.child.wait().unwrap().success()
    }
}
