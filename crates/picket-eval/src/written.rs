//! Sets that were written for this: harmless texts with the words of attacks, and attacks in other spellings.
//!
//! Neither is used for training, and no rule may be written after them: they are to tell what rules and model make of
//! texts that they have not seen.

use crate::Outcome;
use crate::report::{estimate_json, percent};
use crate::roc::{Estimate, proportion};
use crate::views::VIEWS;
use picket_content::{Check, Context, Detectors};
use picket_event::{Phase, Role};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const TRIGGERS: &str = include_str!("../testdata/triggers.txt");
const ATTACKS: &str = include_str!("../testdata/attacks.txt");

/// At most so many harmless texts may be flagged.
const WANTED: f64 = 0.03;

/// How many texts of a set are flagged.
#[derive(Debug)]
pub(crate) struct Share {
    /// `triggers` or `attacks`.
    pub(crate) set: &'static str,
    /// By what they are told apart: `language` or `view`.
    pub(crate) by: &'static str,
    pub(crate) name: String,
    pub(crate) flagged: usize,
    pub(crate) of: usize,
    pub(crate) share: Estimate,
}

/// Asks about both sets.
pub(crate) fn measure() -> Outcome<Vec<Share>> {
    let triggers = sentences(TRIGGERS).map_err(|line| format!("triggers.txt:{line}: no language and text"))?;
    let attacks = sentences(ATTACKS).map_err(|line| format!("attacks.txt:{line}: no language and text"))?;
    let mut shares = Vec::new();
    for (set, sentences) in [("triggers", &triggers), ("attacks", &attacks)] {
        let mut by_language: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (language, text) in sentences {
            by_language.entry("all").or_default().push(text);
            by_language.entry(language).or_default().push(text);
        }
        for (language, texts) in by_language {
            shares.push(share(set, "language", language, texts.into_iter().map(str::to_owned)));
        }
        for (name, view) in VIEWS {
            // What a view leaves as it is would be counted as if it had been seen through.
            let is_other = |text: &String, plain: &str| *name == "plain" || text != plain;
            let texts = sentences.iter().map(|(_, plain)| (view(plain), *plain));
            let texts = texts.filter(|(text, plain)| is_other(text, plain)).map(|(text, _)| text);
            shares.push(share(set, "view", name, texts));
        }
    }
    Ok(shares)
}

/// The lines of a set as language and text; the number of the first bad one.
fn sentences(lines: &str) -> Result<Vec<(&str, &str)>, usize> {
    let lines = (1..).zip(lines.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| line.split_once('\t').ok_or(number)).collect()
}

fn share(set: &'static str, by: &'static str, name: &str, texts: impl Iterator<Item = String>) -> Share {
    let context = Context { role: Role::User, phase: Phase::Input };
    let (mut flagged, mut of) = (0, 0);
    for text in texts {
        let report = Detectors.scan(Check::PromptInjection, &text, &context);
        flagged += usize::from(report.score >= Detectors.threshold(Check::PromptInjection));
        of += 1;
    }
    Share { set, by, name: name.to_owned(), flagged, of, share: proportion(flagged, of) }
}

/// For programs.
pub(crate) fn json(share: &Share) -> Value {
    let Share { set, by, name, flagged, of, share } = share;
    json!({"set": set, "by": by, "name": name, "flagged": flagged, "of": of, "share": estimate_json(share)})
}

/// For people.
pub(crate) fn tables(shares: &[Share]) -> String {
    let mut out = String::new();
    let mut heading = ("", "");
    for share in shares {
        let Share { set, by, name, flagged, of, share } = share;
        if heading != (set, by) {
            heading = (set, by);
            let what = match *set {
                "triggers" => "harmless texts with words of attacks",
                _ => "attacks that were kept from training",
            };
            writeln!(out, "\n## flagged, of {what}, by {by}").unwrap_or_default();
        }
        let is_goal = *set == "triggers" && name == "all";
        let goal = match is_goal {
            true if share.value > WANTED => format!("  MISSED: at most {:.0} % wanted", WANTED * 100.0),
            true => format!("  reached: at most {:.0} % wanted", WANTED * 100.0),
            false => String::new(),
        };
        writeln!(out, "{name:12} {flagged:4} of {of:4} {:>22}{goal}", percent(share, true)).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests;
