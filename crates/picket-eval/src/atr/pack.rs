//! How a pack is written: one file for each category, one rule a line, in the form of the rules of a policy.

use super::{Package, Rule};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The file of a category. It is YAML, every line of which is JSON.
pub fn file_of(package: &Package, category: &str, rules: &[&Rule]) -> String {
    let mut text = format!(
        "# agent-threat-rules {}, {category}: {} rules. MIT License, see LICENSE beside this file.\n# Written by `cargo xt pack atr`; whoever changes it by hand loses that.\n",
        package.version,
        rules.len()
    );
    for rule in rules {
        let patterns: Vec<&str> = rule.patterns.iter().map(|(_, pattern)| pattern.as_str()).collect();
        let title: String = rule.title.chars().filter(|character| !character.is_control()).collect();
        // Nothing is written to a string in vain.
        writeln!(
            text,
            "- {{\"id\":{},\"score\":{},\"views\":[\"text\"],\"message\":{},\"regexes\":{}}}",
            json!(rule.id.to_ascii_lowercase()),
            score(&rule.severity),
            json!(title),
            json!(patterns)
        )
        .unwrap_or_default();
    }
    text
}

/// How much a rule says by itself. From 0.5 on it is enough.
fn score(severity: &str) -> f32 {
    match severity {
        "critical" => 0.9,
        "high" => 0.7,
        "medium" => 0.4,
        _ => 0.2,
    }
}

/// What the pack is, and what of the package is not in it.
pub fn readme(package: &Package) -> String {
    let conditions: usize = package.rules.iter().map(|rule| rule.patterns.len()).sum();
    let missing = package.missing();
    let in_part = package.left_out.iter().filter(|left| !missing.contains(&left.id.as_str())).count();
    let mut text = format!(
        "# The pack `atr`

The rules of [agent-threat-rules](https://www.npmjs.com/package/agent-threat-rules) {} (Agent Threat Rules, MIT: see `LICENSE`) as rules of Picket.
Written by `cargo xt pack atr FOLDER`, where FOLDER is what `npm pack agent-threat-rules@{}` and `tar` give. How to use it: `docs/reference/packs.md`.

{} rules with {conditions} regular expressions. Not in it: {} rules, and {in_part} conditions of rules that are.
A rule's score is its severity: critical 0.9, high 0.7, medium 0.4, low 0.2; its name is the id there in small letters.
Each rule looks at every text, whatever field its authors had in mind.

| Category | Rules |
|---|---|
",
        package.version,
        package.version,
        package.rules.len(),
        missing.len(),
    );
    for (category, rules) in package.by_category() {
        writeln!(text, "| `{category}` | {} |", rules.len()).unwrap_or_default();
    }
    text.push_str("\n## What is not in it, and why\n");
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for left in &package.left_out {
        let whole = if missing.contains(&left.id.as_str()) { "" } else { ", in part" };
        let place = left.condition.map(|number| format!(" ({}{whole})", number + 1)).unwrap_or_default();
        reasons.entry(&left.reason).or_default().push(format!("{}{place}", left.id));
    }
    for (reason, places) in reasons {
        writeln!(text, "* {reason}: {}.", places.join(", ")).unwrap_or_default();
    }
    text.push_str("\nNumbers in brackets are of conditions; \"in part\" means that others of the rule are here.\n");
    text
}
