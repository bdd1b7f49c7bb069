//! The package as it is published.

use crate::Failure;
use crate::javascript;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A rule of the package.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) category: String,
    pub(crate) severity: String,
    pub(crate) references: Vec<String>,
    /// Patterns in our words.
    pub(crate) regexes: Vec<String>,
    /// Patterns that could not be had, with the reason.
    pub(crate) lost: Vec<(String, String)>,
    pub(crate) matching: Vec<String>,
    pub(crate) other: Vec<String>,
    /// Why the rule is not taken at all.
    pub(crate) refused: Option<&'static str>,
}

/// The name and version of a package, and its rules.
pub(crate) fn read(package: &Path) -> Result<(String, Vec<Rule>), Failure> {
    let about: Value = serde_json::from_str(&std::fs::read_to_string(package.join("package.json"))?)?;
    if about["name"] != "agent-threat-rules" {
        return Err("this is not the package `agent-threat-rules`; give the folder that has its package.json".into());
    }
    let mut files = Vec::new();
    for category in std::fs::read_dir(package.join("rules"))? {
        let category = category?.path();
        for file in std::fs::read_dir(&category)? {
            files.push(file?.path());
        }
    }
    files.sort();
    let rules = files.iter().map(rule).collect::<Result<_, _>>()?;
    Ok((about["version"].as_str().unwrap_or_default().to_owned(), rules))
}

fn rule(file: &PathBuf) -> Result<Rule, Failure> {
    let text = std::fs::read_to_string(file)?;
    let rule: Value = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let category = file.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let detection = &rule["detection"];
    let conditions = detection["conditions"].as_array().cloned().unwrap_or_default();
    let (mut regexes, mut lost) = (Vec::new(), Vec::new());
    for condition in &conditions {
        let pattern = condition["value"].as_str().unwrap_or_default();
        match javascript::converted(pattern) {
            Ok(regex) => regexes.push(regex),
            Err(reason) => lost.push((pattern.to_owned(), reason)),
        }
    }
    if detection["condition"] == "all" && conditions.len() > 1 {
        regexes = both_orders(&regexes);
    }
    let is = |field: &Value, words: &[&str]| field.as_str().is_some_and(|text| words.contains(&text));
    let refused = if is(&detection["method"], &["trace", "behavioral"]) {
        Some("looks at what an agent does over time, not at a text")
    } else if is(&rule["status"], &["draft", "deprecated"]) {
        Some("is a draft or deprecated, and not asked by its own engine either")
    } else {
        None
    };
    let cases = |name: &str| rule["test_cases"][name].as_array().into_iter().flatten().map(case).collect();
    Ok(Rule {
        id: rule["id"].as_str().unwrap_or_default().to_ascii_lowercase(),
        title: rule["title"].as_str().unwrap_or_default().trim().to_owned(),
        category: category.unwrap_or_default(),
        severity: rule["severity"].as_str().unwrap_or_default().to_owned(),
        references: references(&rule["references"]),
        regexes,
        lost,
        matching: cases("true_positives"),
        other: cases("true_negatives"),
        refused,
    })
}

/// A rule that asks for all of its patterns: one after the other, within what a pattern is tried over.
fn both_orders(regexes: &[String]) -> Vec<String> {
    match regexes {
        [first, second] => {
            let bare = |regex: &str| regex.strip_prefix("(?i)").unwrap_or(regex).to_owned();
            let (first, second) = (bare(first), bare(second));
            let join = |a: &str, b: &str| format!(r"(?i)(?:{a})(?s:.)*?(?:{b})");
            vec![join(&first, &second), join(&second, &first)]
        }
        other => other.to_vec(),
    }
}

/// Ids of the lists that we know: ATLAS, OWASP, CVE.
fn references(all: &Value) -> Vec<String> {
    let lists = ["mitre_atlas", "owasp_llm", "owasp_agentic", "cve"];
    let texts = lists.iter().flat_map(|list| all[*list].as_array().into_iter().flatten().filter_map(Value::as_str));
    let id = |text: &str| text.split([' ', '\u{2013}', '\u{2014}']).next().unwrap_or_default().to_owned();
    let mut ids: Vec<String> = texts.map(id).filter(|id| !id.is_empty()).collect();
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    ids
}

/// All texts of a case, which its rule may look at.
fn case(case: &Value) -> String {
    const OURS: &[&str] = &[
        "input",
        "user_input",
        "tool_response",
        "tool_args",
        "tool_name",
        "tool_description",
        "agent_output",
        "content",
        "tool_call",
    ];
    let mut texts: Vec<String> = Vec::new();
    for name in OURS {
        gather(&case[*name], &mut texts);
    }
    texts.join("\n")
}

fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Object(members) => {
            // As it would stand in a request, and each text by itself.
            texts.push(value.to_string());
            members.values().filter(|member| member.is_string()).for_each(|member| gather(member, texts));
        }
        Value::Array(_) => texts.push(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
