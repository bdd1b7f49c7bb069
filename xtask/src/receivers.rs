//! Kinds of destinations against the real servers that they are for.

use crate::process::{self, Failure, cargo, command, root};
use std::path::PathBuf;

/// Each kind with the script of its server, and what the script is told besides: the number of nodes.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("elastic_http", "opensearch", &[]),
    ("elastic_cluster", "opensearch", &["3"]),
    ("elastic_hung", "opensearch", &["3"]),
    ("splunk_hec", "otelcol", &[]),
    ("otlp", "otelcol", &[]),
    ("syslog", "rsyslog", &[]),
    ("syslog_ng", "syslog-ng", &[]),
    ("s3", "s3", &[]),
    ("kafka", "kafka", &[]),
    ("kafka_cluster", "kafka", &["3"]),
    ("kafka_hung", "kafka", &["3"]),
];

/// A server that runs until this is dropped.
pub(crate) struct Server {
    script: &'static str,
    folder: PathBuf,
}

impl Server {
    /// Starts one by its script, fetching it first.
    pub(crate) fn start(script: &'static str) -> Result<Self, Failure> {
        Self::started(script, &[])
    }

    fn started(script: &'static str, told: &[&str]) -> Result<Self, Failure> {
        let server = Self { script, folder: root().join(".cache").join(script) };
        process::run(&format!("{script}: start"), server.script("start").args(told))?;
        Ok(server)
    }

    /// Its address, as its script wrote it down.
    pub(crate) fn url(&self) -> Result<String, Failure> {
        let said = std::fs::read_to_string(self.folder.join("env"))?;
        let url = said.lines().find_map(|line| line.strip_prefix("URL=")).map(str::to_owned);
        url.ok_or_else(|| Failure(format!("{}: no address in {}", self.script, self.folder.display())))
    }

    fn script(&self, what: &str) -> std::process::Command {
        let mut script = command(root().join(format!("xtask/services/{}.sh", self.script)));
        script.arg(what).arg(&self.folder);
        script
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What is left is stopped by the next start.
        drop(self.script("stop").status());
    }
}

/// The names of all.
pub(crate) fn names() -> Vec<&'static str> {
    KINDS.iter().map(|(kind, ..)| *kind).collect()
}

/// All kinds, or the one that is named.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    let wanted: Vec<_> = match args {
        [] => KINDS.iter().collect(),
        [name] => KINDS.iter().filter(|(kind, ..)| kind == name).collect(),
        _ => Vec::new(),
    };
    if wanted.is_empty() {
        return Err(Failure(format!("`receivers` takes nothing, or one of: {}", names().join(", "))));
    }
    for (kind, script, told) in wanted {
        let server = Server::started(script, told)?;
        let mut suite = cargo();
        suite.args(["run", "--quiet", "--locked", "--package", "picket-receivers", "--example", "conformance", "--"]);
        process::run(&format!("{kind} against {script}"), suite.arg(kind).arg(server.folder.join("env")))?;
    }
    Ok(())
}
