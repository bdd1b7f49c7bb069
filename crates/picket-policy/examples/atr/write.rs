//! The rules as files of custom rules.

use crate::{Failure, Taken};
use picket_content::{Check, Context, Detectors};
use picket_event::{Phase, Role};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

pub(crate) fn all(version: &str, rules: &[Taken], folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder.join("cases"))?;
    let mut categories: BTreeMap<&str, Vec<&Taken>> = BTreeMap::new();
    for rule in rules {
        categories.entry(&rule.rule.category).or_default().push(rule);
    }
    for (category, rules) in &categories {
        let taken: Vec<&Taken> = rules.iter().copied().filter(|rule| rule.is_whole()).collect();
        std::fs::write(folder.join(format!("{category}.yaml")), rules_of(version, category, &taken)?)?;
        std::fs::write(folder.join("cases").join(format!("{category}.yaml")), cases_of(version, &taken)?)?;
    }
    std::fs::write(folder.join("left-out.md"), left_out(version, rules)?)?;
    Ok(())
}

fn head(version: &str) -> String {
    format!(
        "# From the npm package agent-threat-rules {version}, (c) 2026 ATR Contributors, MIT licence (LICENSE beside this file).\n\
         # Written by `cargo xt atr import`; change it there.\n"
    )
}

fn rules_of(version: &str, category: &str, rules: &[&Taken]) -> Result<String, Failure> {
    let mut text = head(version);
    writeln!(text, "# {category}: {} rules\nrules:", rules.len())?;
    for Taken { rule, is_late, .. } in rules {
        writeln!(text, "  - id: {}", rule.id)?;
        writeln!(text, "    message: {}", quoted(&rule.title)?)?;
        writeln!(text, "    severity: {}", rule.severity)?;
        let references: Vec<String> = rule.references.iter().map(|id| quoted(id)).collect::<Result<_, _>>()?;
        writeln!(text, "    references: [{}]", references.join(", "))?;
        if *is_late {
            writeln!(text, "    lane: late")?;
        }
        writeln!(text, "    views: [text]\n    regexes:")?;
        for regex in &rule.regexes {
            writeln!(text, "      - {}", quoted(regex)?)?;
        }
    }
    Ok(text)
}

/// The cases, but for those that have what looks like a credential.
fn cases_of(version: &str, rules: &[&Taken]) -> Result<String, Failure> {
    let mut text = head(version);
    writeln!(text, "# What each rule must and must not find. Texts with what looks like a credential are left out.")?;
    for Taken { rule, .. } in rules {
        writeln!(text, "{}:", rule.id)?;
        for (name, cases) in [("match", &rule.matching), ("no_match", &rule.other)] {
            let kept: Vec<&String> = cases.iter().filter(|case| !has_credential(case)).collect();
            writeln!(text, "  {name}:{}", if kept.is_empty() { " []" } else { "" })?;
            for case in kept {
                writeln!(text, "    - {}", quoted(case)?)?;
            }
        }
    }
    Ok(text)
}

fn has_credential(text: &str) -> bool {
    let context = Context { role: Role::Document, phase: Phase::Input };
    !Detectors.scan(Check::Secret, text, &context).hits.is_empty()
}

/// A text in one line, in single quotes where that says it, so that patterns stay readable.
fn quoted(text: &str) -> Result<String, Failure> {
    let is_plain = !text.chars().any(|character| character.is_control() || ('\u{80}'..='\u{a0}').contains(&character) || matches!(character, '\u{ad}' | '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}'));
    if is_plain {
        return Ok(format!("'{}'", text.replace('\'', "''")));
    }
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' | '\u{a1}'..='\u{1fff}' | '\u{3000}'..='\u{fdff}' if character != '\u{ad}' => out.push(character),
            other => write!(out, "\\U{:08x}", u32::from(other))?,
        }
    }
    out.push('"');
    Ok(out)
}

fn left_out(version: &str, rules: &[Taken]) -> Result<String, Failure> {
    let mut text = format!(
        "# What was not taken from agent-threat-rules {version}\n\nWritten by `cargo xt atr import`.\n\n## Rules\n\n"
    );
    for Taken { rule, .. } in rules.iter().filter(|rule| !rule.is_whole()) {
        let reason = rule.refused.unwrap_or("no pattern of it could be taken (below)");
        writeln!(text, "* `{}` ({}) {reason}", rule.id, rule.category)?;
    }
    writeln!(text, "\n## Patterns of rules\n")?;
    for Taken { rule, .. } in rules.iter().filter(|rule| rule.rule.refused.is_none()) {
        for (_, reason) in &rule.lost {
            writeln!(text, "* `{}`: {reason}", rule.id)?;
        }
    }
    let late = rules.iter().filter(|rule| rule.is_whole() && rule.is_late).count();
    let taken = rules.iter().filter(|rule| rule.is_whole()).count();
    writeln!(
        text,
        "\n{taken} of {} rules were taken; {late} of them are too costly to be asked while somebody waits (`lane: late`).",
        rules.len()
    )?;
    Ok(text)
}
