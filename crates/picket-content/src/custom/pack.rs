//! Packs: rules that others wrote, in the form of a customer's, for the late lane.
//!
//! A pack is a folder in `packs/` with one file for each of its categories, each a list of rules as a policy has them,
//! one a line. What its rules cost in false alarms was measured (`cargo xt eval atr`): those that cost much are listed in
//! `noisy.txt`, and are off unless somebody names them.

use super::{Spec, Views};
use serde_json::Value;
use std::collections::HashMap;

/// Rules that others wrote.
#[derive(Debug)]
pub struct Pack {
    /// Its name in policies.
    pub name: &'static str,
    /// What it was made of, with its version and licence.
    pub source: &'static str,
    categories: &'static [(&'static str, &'static str)],
    noisy: &'static str,
}

/// A rule of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// Its category.
    pub category: &'static str,
    /// The rule.
    pub spec: Spec,
    /// What it is called.
    pub title: String,
    /// Where it is one of the noisy: how many of a thousand harmless texts it finds something in.
    pub noise: Option<f32>,
}

/// The packs that this version has.
pub static PACKS: &[Pack] = &[Pack {
    name: "atr",
    source: include_str!("../../packs/atr/source.txt").trim_ascii(),
    categories: &[
        ("agent-manipulation", include_str!("../../packs/atr/agent-manipulation.yaml")),
        ("context-exfiltration", include_str!("../../packs/atr/context-exfiltration.yaml")),
        ("data-poisoning", include_str!("../../packs/atr/data-poisoning.yaml")),
        ("excessive-autonomy", include_str!("../../packs/atr/excessive-autonomy.yaml")),
        ("model-abuse", include_str!("../../packs/atr/model-abuse.yaml")),
        ("model-security", include_str!("../../packs/atr/model-security.yaml")),
        ("privilege-escalation", include_str!("../../packs/atr/privilege-escalation.yaml")),
        ("prompt-injection", include_str!("../../packs/atr/prompt-injection.yaml")),
        ("skill-compromise", include_str!("../../packs/atr/skill-compromise.yaml")),
        ("tool-poisoning", include_str!("../../packs/atr/tool-poisoning.yaml")),
    ],
    noisy: include_str!("../../packs/atr/noisy.txt"),
}];

impl Pack {
    /// The pack of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PACKS.iter().find(|pack| pack.name == name)
    }

    /// Its categories, in the order of their names.
    pub fn categories(&self) -> impl Iterator<Item = &'static str> {
        self.categories.iter().map(|(category, _)| *category)
    }

    /// All of its rules. They are read when somebody asks, so that nobody else pays for them.
    ///
    /// # Errors
    /// Where a file of it is broken, which a test of this crate forbids.
    pub fn rules(&self) -> Result<Vec<Packed>, String> {
        let noisy = noisy(self.noisy)?;
        let mut all = Vec::new();
        for (category, text) in self.categories {
            let rules = rules(text).map_err(|error| format!("pack {}, {category}: {error}", self.name))?;
            all.extend(rules.into_iter().map(|(spec, title)| {
                let noise = noisy.get(spec.id.as_str()).copied();
                Packed { category, spec, title, noise }
            }));
        }
        Ok(all)
    }
}

/// The rules of a file with their titles.
///
/// # Errors
/// Names the line that is none.
pub fn rules(text: &str) -> Result<Vec<(Spec, String)>, String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| is_content(line));
    lines.map(|(number, line)| rule(line).ok_or_else(|| format!("line {number} is no rule"))).collect()
}

fn is_content(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

fn rule(line: &str) -> Option<(Spec, String)> {
    let rule: Value = serde_json::from_str(line.strip_prefix("- ")?).ok()?;
    let text = |name: &str| Some(rule.get(name)?.as_str()?.to_owned());
    let texts = |name: &str| {
        let list = rule.get(name)?.as_array()?;
        list.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
    };
    let views = texts("views")?;
    let has = |view: &str| views.iter().any(|known| known == view);
    #[expect(clippy::cast_possible_truncation, reason = "a score needs no more precision")]
    let score = rule.get("score")?.as_f64()? as f32;
    let spec = Spec {
        regexes: texts("regexes")?,
        views: Views { text: has("text"), folded: has("folded"), decoded: has("decoded") },
        score,
        ..Spec::new(text("id")?)
    };
    Some((spec, text("message")?))
}

/// Names and noise of a list of noisy rules.
fn noisy<'a>(text: &'a str) -> Result<HashMap<&'a str, f32>, String> {
    let lines = text.lines().filter(|line| is_content(line));
    let entry = |line: &'a str| {
        let (id, noise) = line.split_once(' ')?;
        Some((id, noise.trim().parse().ok()?))
    };
    lines.map(|line| entry(line).ok_or_else(|| format!("`{line}` is no noisy rule"))).collect()
}

#[cfg(test)]
mod tests;
