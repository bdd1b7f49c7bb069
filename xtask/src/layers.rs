//! Crates know only lower layers, and each heavy dependency stays in its one crate.

use crate::process::{Failure, root, say};
use std::collections::BTreeMap;

/// Every crate with its layer, and the crates of the same layer that it may know.
const CRATES: &[(&str, u8, &[&str])] = &[
    ("stdx", 0, &[]),
    ("event", 0, &["stdx"]),
    ("query", 0, &["stdx", "event"]),
    ("render", 0, &["stdx", "event", "yaml"]),
    ("columns", 0, &["stdx"]),
    ("llm", 0, &["stdx", "event"]),
    ("text", 0, &["event"]),
    ("pii", 0, &["text"]),
    ("secret", 0, &["text"]),
    ("content", 0, &["stdx", "event", "text", "pii", "secret"]),
    ("encoder", 0, &["text"]),
    ("jwt", 0, &["stdx"]),
    ("scim", 0, &[]),
    ("names", 0, &["text"]),
    ("packs", 0, &["stdx", "event", "render"]),
    ("simulate", 0, &["stdx", "event"]),
    ("yaml", 0, &["stdx"]),
    ("behaviour", 0, &[]),
    ("rules", 0, &["stdx", "event", "yaml", "behaviour"]),
    ("db", 1, &[]),
    ("keys", 1, &["db"]),
    ("bodies", 1, &["db", "keys"]),
    ("log", 1, &["db", "keys", "bodies"]),
    ("store", 1, &["db", "keys", "log"]),
    ("egress", 1, &[]),
    ("receivers", 1, &["egress"]),
    ("host", 1, &[]),
    ("pipeline", 1, &["log"]),
    ("policy", 2, &[]),
    ("gateway", 2, &["policy"]),
    ("search", 2, &[]),
    ("contain", 2, &[]),
    ("detect", 2, &["contain"]),
    ("dispatch", 2, &[]),
    ("review", 2, &[]),
    ("signals", 2, &[]),
    ("tickets", 2, &[]),
    ("webhooks", 2, &[]),
    ("identity", 2, &[]),
    ("evidence", 2, &["search"]),
    ("api-types", 3, &[]),
    ("api", 3, &["api-types"]),
    ("server", 3, &["api", "api-types"]),
    ("eval", 1, &[]),
    ("testkit", 3, &[]),
    ("client", 3, &["api-types"]),
    ("picket", 4, &[]),
];

/// Heavy dependencies, and who alone may name them.
const HEAVY: &[(&str, &[&str])] = &[
    (
        "rusqlite",
        &[
            "db", "keys", "bodies", "log", "store", "contain", "detect", "dispatch", "review", "signals", "identity",
            "evidence", "tickets", "webhooks", "api", "server",
        ],
    ),
    ("tantivy", &["search"]),
    ("parquet", &["columns"]),
    ("sysinfo", &["host"]),
    ("nvml-wrapper", &["host"]),
    ("hyper-rustls", &["egress"]),
    ("lettre", &["tickets"]),
    ("clap", &["client", "picket"]),
    ("aes-gcm", &["keys", "bodies"]),
    ("axum", &["api", "server", "testkit"]),
    ("rten", &["encoder"]),
    ("argon2", &["identity"]),
    ("serde-saphyr", &["yaml", "eval"]),
    ("ring", &["jwt", "testkit"]),
];

/// What the pure layer must not name.
const FORBIDDEN_BELOW_1: &[&str] = &["tokio", "hyper", "rusqlite", "axum", "tracing"];

/// Checks every manifest.
pub(crate) fn check() -> Result<(), Failure> {
    let mut problems = Vec::new();
    let layers: BTreeMap<&str, (u8, &[&str])> =
        CRATES.iter().map(|(name, layer, same)| (*name, (*layer, *same))).collect();
    for folder in std::fs::read_dir(root().join("crates"))? {
        let folder = folder?.path();
        let full = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let name = full.strip_prefix("picket-").unwrap_or(&full).to_owned();
        let Some((layer, same)) = layers.get(name.as_str()).copied() else {
            problems.push(format!("{full}: give it a layer in xtask/src/layers.rs"));
            continue;
        };
        for dependency in dependencies(&std::fs::read_to_string(folder.join("Cargo.toml"))?) {
            let ours = dependency.strip_prefix("picket-");
            if let Some(other) = ours {
                let lower = layers.get(other).is_some_and(|(theirs, _)| *theirs < layer);
                if !lower && !same.contains(&other) {
                    problems.push(format!("{full} must not know {dependency}"));
                }
            }
            if let Some((_, allowed)) = HEAVY.iter().find(|(heavy, _)| *heavy == dependency)
                && !allowed.contains(&name.as_str())
            {
                problems.push(format!("{full} must not name {dependency}; only {} may", allowed.join(", ")));
            }
            if layer == 0 && FORBIDDEN_BELOW_1.contains(&dependency.as_str()) {
                problems.push(format!("{full} is pure and must not name {dependency}"));
            }
        }
    }
    // The data plane must build and run alone.
    problems.sort();
    if problems.is_empty() {
        say("layers: every crate knows only lower layers");
        Ok(())
    } else {
        Err(Failure(format!("layers:\n  {}", problems.join("\n  "))))
    }
}

/// Names in the `[dependencies]` section of a manifest.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == "[dependencies]";
        } else if inside && let Some(name) = line.split(['.', '=', ' ']).next().filter(|name| !name.is_empty()) {
            names.push(name.to_owned());
        }
    }
    names
}
