//! Rules and events from files.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// A rule of the corpus.
pub struct RuleFile {
    pub name: String,
    pub text: String,
}

/// A rule, events, and the promise that one of them matches.
pub struct Pair {
    pub name: String,
    pub rule: String,
    pub events: Vec<usize>,
}

/// Everything that is compared.
pub struct Corpus {
    pub rules: Vec<RuleFile>,
    pub pairs: Vec<Pair>,
    /// As text and parsed.
    pub events: Vec<(String, Value)>,
}

impl Corpus {
    /// Reads a folder of rules, and a file with a pair on each line.
    pub fn read(rules: &str, events: &str) -> Result<Self, String> {
        let mut corpus = Self { rules: Vec::new(), pairs: Vec::new(), events: Vec::new() };
        let mut files = Vec::new();
        walk(Path::new(rules), &mut files)?;
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let name = file.strip_prefix(rules).unwrap_or(&file).display().to_string();
            corpus.rules.push(RuleFile { name, text });
        }
        let pairs = std::fs::read_to_string(events).map_err(|error| format!("{events}: {error}"))?;
        for (at, line) in pairs.lines().enumerate() {
            let pair: Value = serde_json::from_str(line).map_err(|error| format!("{events}:{}: {error}", at + 1))?;
            let rule = pair["rule"].as_str().ok_or("a pair without a rule")?.to_owned();
            let name = pair["rule_path"].as_str().unwrap_or("pair").to_owned();
            let mut places = Vec::new();
            for event in pair["events"].as_array().ok_or("a pair without events")? {
                places.push(corpus.events.len());
                corpus.events.push((event.to_string(), event.clone()));
            }
            corpus.pairs.push(Pair { name, rule, events: places });
        }
        Ok(corpus)
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
