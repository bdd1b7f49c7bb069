//! What no lint checks: file sizes, module documents, forbidden words.

use crate::process::{Failure, root, say};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 500;
const CRATE_LINES_MAX: usize = 10_000;
const LOCKED_PACKAGES_MAX: usize = 480;
/// Words that must not stand in the repository: unfinished work, and places of one machine.
const FORBIDDEN: &[&str] = &["TO\u{44}O", "FIX\u{4d}E", "/wo\u{72}k/", "/ro\u{6f}t/", "dbg\u{21}("];

/// Checks the tree.
pub(crate) fn check() -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut crate_lines: BTreeMap<String, usize> = BTreeMap::new();
    let root = root();
    for path in rust_files(&root)? {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let text = std::fs::read_to_string(&path)?;
        let is_test = name.ends_with("tests.rs") || name.contains("/tests/") || name.contains("/examples/");
        if !is_test && !text.starts_with("//!") && !text.starts_with("#!") {
            problems.push(format!("{name}: begin with `//!` and what the module is for"));
        }
        let lines = text.lines().count();
        if !is_test && lines > FILE_LINES_MAX {
            problems.push(format!("{name}: {lines} lines; split it, the limit is {FILE_LINES_MAX}"));
        }
        for word in FORBIDDEN {
            if let Some(at) = text.lines().position(|line| line.contains(word)) {
                problems.push(format!("{name}:{}: `{word}` must not stand here", at + 1));
            }
        }
        if !is_test && let Some(owner) = name.strip_prefix("crates/").and_then(|rest| rest.split('/').next()) {
            *crate_lines.entry(owner.to_owned()).or_default() += lines;
        }
    }
    for (name, lines) in &crate_lines {
        if *lines > CRATE_LINES_MAX {
            problems.push(format!("{name}: {lines} lines; split it, the limit is {CRATE_LINES_MAX}"));
        }
    }
    let lock = std::fs::read_to_string(root.join("Cargo.lock"))?;
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    if packages > LOCKED_PACKAGES_MAX {
        problems.push(format!("Cargo.lock: {packages} packages; the limit is {LOCKED_PACKAGES_MAX}"));
    }
    if problems.is_empty() {
        let lines: usize = crate_lines.values().sum();
        say(&format!("tidy: {lines} lines in {} crates, {packages} packages locked", crate_lines.len()));
        Ok(())
    } else {
        Err(Failure(format!("tidy:\n  {}", problems.join("\n  "))))
    }
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![root.join("crates"), root.join("xtask/src")];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder)? {
            let path = item?.path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
