//! Reads the package `agent-threat-rules`, to make a pack of our own rules of it and to measure that pack.
//!
//! What of it cannot be had is told, rule by rule and condition by condition, with the reason.

mod cases;
mod dialect;
mod pack;
pub mod rating;

pub use pack::{file_of, readme};

use crate::Outcome;
use cases::texts;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// How far apart the conditions of a rule may be that wants all of them.
const APART: usize = 500;

/// The package, unpacked.
#[derive(Debug)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// The text of its licence.
    pub licence: String,
    /// Its rules by their ids.
    pub rules: Vec<Rule>,
    /// What of it is not among them.
    pub left_out: Vec<LeftOut>,
    /// How many cases it has in all.
    pub cases: usize,
}

/// A rule that may be had, in whole or in part.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its id, in capital letters as the package writes it.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The folder in which it lies.
    pub category: String,
    /// critical, high, medium or low.
    pub severity: String,
    /// Regular expressions, one of which is enough; with their numbers in the package.
    pub patterns: Vec<(usize, String)>,
    /// Its own cases.
    pub cases: Vec<Case>,
}

/// A case that the package's authors wrote for a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What the rule is to look at; one of the texts is enough.
    pub texts: Vec<String>,
    /// Whether the rule is to find something.
    pub is_positive: bool,
}

/// A rule or a condition of a rule that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The rule's id.
    pub id: String,
    /// The condition's number, where it is not the whole rule.
    pub condition: Option<usize>,
    /// What our rules lack.
    pub reason: String,
}

/// A file of the package.
#[derive(Debug, Deserialize)]
struct Written {
    id: String,
    title: String,
    status: String,
    severity: String,
    detection: Detection,
    #[serde(default)]
    test_cases: Cases,
}

#[derive(Debug, Deserialize)]
struct Detection {
    conditions: Vec<Condition>,
    condition: String,
}

#[derive(Debug, Deserialize)]
struct Condition {
    field: String,
    operator: String,
    value: Value,
}

#[derive(Debug, Default, Deserialize)]
struct Cases {
    #[serde(default)]
    true_positives: Vec<Value>,
    #[serde(default)]
    true_negatives: Vec<Value>,
}

impl Package {
    /// Reads the folder that the package was unpacked into.
    ///
    /// # Errors
    /// When a file is missing or is not what it should be; names the file.
    pub fn read(folder: &Path) -> Outcome<Self> {
        let text = |name: &str| {
            let file = folder.join(name);
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
        };
        let manifest: Value = serde_json::from_str(&text("package.json")?)?;
        let version = manifest.get("version").and_then(Value::as_str).ok_or("package.json names no version")?;
        let mut package = Self {
            version: version.to_owned(),
            licence: text("LICENSE")?,
            rules: Vec::new(),
            left_out: Vec::new(),
            cases: 0,
        };
        for (category, file) in files(&folder.join("rules"))? {
            let place = |cause: String| format!("{}: {cause}", file.display());
            let text = fs::read_to_string(&file).map_err(|error| place(error.to_string()))?;
            let written: Written = serde_saphyr::from_str(&text).map_err(|error| place(error.to_string()))?;
            package.take(category, written);
        }
        package.rules.sort_by(|a, b| a.id.cmp(&b.id));
        package.left_out.sort();
        Ok(package)
    }

    /// The rules of each category.
    pub fn by_category(&self) -> BTreeMap<&str, Vec<&Rule>> {
        let mut all: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in &self.rules {
            all.entry(&rule.category).or_default().push(rule);
        }
        all
    }

    /// Takes a condition out of a rule, and the rule when it was the last.
    pub fn leave_out(&mut self, id: &str, pattern: usize, reason: &str) {
        let Some(rule) = self.rules.iter_mut().find(|rule| rule.id == id) else { return };
        if pattern >= rule.patterns.len() {
            return;
        }
        let (number, _) = rule.patterns.remove(pattern);
        let is_last = rule.patterns.is_empty();
        self.left_out.push(LeftOut { id: id.to_owned(), condition: Some(number), reason: reason.to_owned() });
        if is_last {
            self.rules.retain(|rule| rule.id != id);
        }
        self.left_out.sort();
    }

    /// Ids of rules of which nothing is left.
    pub fn missing(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.left_out.iter().map(|left| left.id.as_str()).collect();
        ids.dedup();
        ids.retain(|id| !self.rules.iter().any(|rule| rule.id == *id));
        ids
    }

    fn take(&mut self, category: String, written: Written) {
        let Written { id, title, status, severity, detection, test_cases } = written;
        self.cases += test_cases.true_positives.len() + test_cases.true_negatives.len();
        let mut leave_out = |condition, reason: String| {
            self.left_out.push(LeftOut { id: id.clone(), condition, reason });
        };
        if matches!(status.as_str(), "draft" | "deprecated") {
            return leave_out(None, format!("its authors call it {status}"));
        }
        let mut patterns = Vec::new();
        for (number, condition) in detection.conditions.iter().enumerate() {
            match pattern(condition) {
                Ok(pattern) => patterns.push((number, pattern)),
                Err(reason) => leave_out(Some(number), reason),
            }
        }
        if detection.condition == "all" && detection.conditions.len() > 1 {
            match together(&patterns, detection.conditions.len()) {
                Ok(pattern) => patterns = vec![(0, pattern)],
                Err(reason) => return leave_out(None, reason),
            }
        }
        if patterns.is_empty() {
            return;
        }
        let mut cases = Vec::new();
        for (list, is_positive) in [(test_cases.true_positives, true), (test_cases.true_negatives, false)] {
            cases.extend(list.iter().map(|case| Case { texts: texts(case), is_positive }));
        }
        self.rules.push(Rule { id, title, category, severity, patterns, cases });
    }
}

/// The files of the rules, with the names of their folders.
fn files(rules: &Path) -> Outcome<Vec<(String, PathBuf)>> {
    let entries = |folder: &Path| -> Outcome<Vec<PathBuf>> {
        let list = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut paths = list.map(|entry| Ok(entry?.path())).collect::<Outcome<Vec<PathBuf>>>()?;
        paths.sort();
        Ok(paths)
    };
    let mut files = Vec::new();
    for folder in entries(rules)?.into_iter().filter(|path| path.is_dir()) {
        let category = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let of_folder = entries(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml"));
        files.extend(of_folder.map(|file| (category.clone(), file)));
    }
    Ok(files)
}

/// The regular expression of a condition, in our dialect.
fn pattern(condition: &Condition) -> Result<String, String> {
    if condition.field.contains('.') {
        return Err(format!("looks at `{}`, which is no text", condition.field));
    }
    match (&condition.value, condition.operator.as_str()) {
        (Value::String(pattern), "regex") => dialect::translated(pattern),
        (_, other) => Err(format!("compares by `{other}`, which rules of ours do not")),
    }
}

/// One pattern for two conditions that must both hold, in whichever order, not too far apart.
fn together(patterns: &[(usize, String)], wanted: usize) -> Result<String, String> {
    match patterns {
        [(_, a), (_, b)] if wanted == 2 => {
            let (a, b, between) = (dialect::group(a), dialect::group(b), format!("{}{{0,{APART}}}", dialect::ANY));
            Ok(format!("(?:{a}{between}{b}|{b}{between}{a})"))
        }
        _ => Err("wants more than two conditions at a time, or one of them cannot be had".to_owned()),
    }
}

#[cfg(test)]
mod tests;
