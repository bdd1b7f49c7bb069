//! What no lint checks: file sizes, module documents, forbidden words, whose rows a statement touches, types of
//! events.

use crate::process::{Failure, root, say};
use crate::{tenants, types};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 500;
const CRATE_LINES_MAX: usize = 10_000;
const LOCKED_PACKAGES_MAX: usize = 500;
/// Words that must not stand in the repository: unfinished work, and places of one machine.
const FORBIDDEN: &[&str] = &["TO\u{44}O", "FIX\u{4d}E", "/wo\u{72}k/", "/ro\u{6f}t/", "dbg\u{21}("];

/// What attackers try, and the tests that try it.
const ATTEMPTS: &str = "docs/reference/adversarial.md";

/// Checks the tree.
pub(crate) fn check() -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut crate_lines: BTreeMap<String, usize> = BTreeMap::new();
    let root = root();
    let sources = sources()?;
    for (name, text) in &sources {
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
    problems.extend(attempts(&root)?);
    problems.extend(tenants::check(&sources));
    problems.extend(types::check(&sources));
    if problems.is_empty() {
        let lines: usize = crate_lines.values().sum();
        say(&format!("tidy: {lines} lines in {} crates, {packages} packages locked", crate_lines.len()));
        Ok(())
    } else {
        Err(Failure(format!("tidy:\n  {}", problems.join("\n  "))))
    }
}

/// What attackers try, each attempt with its tests: every attempt has one, and every test is there.
fn attempts(root: &Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(root.join(ATTEMPTS))?;
    let mut tests = BTreeSet::new();
    for path in rust_files(root)? {
        let source = std::fs::read_to_string(path)?;
        let names = source.lines().filter_map(|line| {
            let (_, rest) = line.split_once("fn ")?;
            rest.split(['(', '<']).next().map(str::to_owned)
        });
        tests.extend(names);
    }
    let mut problems = Vec::new();
    for number in 10..=31 {
        let row = text.lines().find(|line| line.starts_with(&format!("| AT-{number} |")));
        let named: Vec<&str> = row.into_iter().flat_map(|row| row.split('`').skip(1).step_by(2)).collect();
        let named = named.into_iter().filter(|name| name.matches('_').count() > 2 && !name.starts_with('_'));
        let named: Vec<&str> = named.collect();
        if named.is_empty() {
            problems.push(format!("{ATTEMPTS}: AT-{number} names no test"));
        }
        let missing = named.iter().filter(|name| !tests.contains(**name));
        problems.extend(missing.map(|name| format!("{ATTEMPTS}: AT-{number} names `{name}`, which is no test")));
    }
    Ok(problems)
}

/// Every Rust file, by its path from the root of the repository, with its text.
pub(crate) fn sources() -> Result<Vec<tenants::Source>, Failure> {
    let root = root();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        Ok((name, std::fs::read_to_string(&path)?))
    };
    rust_files(&root)?.into_iter().map(read).collect()
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
