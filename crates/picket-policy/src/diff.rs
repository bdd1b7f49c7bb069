//! What changes between two policies, in words.

use crate::compile::{Check, Policy};
use crate::kind::{Kind, Per};
use crate::oversight::{Bands, HumanOversight};
use picket_content::Settings;
use picket_content::safety::Category;
use picket_stdx::Glob;
use picket_stdx::duration;

/// One sentence for each change.
pub fn diff(old: &Policy, new: &Policy) -> Vec<String> {
    let mut changes = Vec::new();
    let find = |checks: &'_ [Check], name: &str| checks.iter().position(|check| check.name == name);
    for check in &new.checks {
        match find(&old.checks, &check.name).and_then(|at| old.checks.get(at)) {
            None => changes.push(format!("{} is added: {}", check.name, describe(check))),
            Some(before) if describe(before) != describe(check) => {
                changes.push(format!("{} changes from {} to {}", check.name, describe(before), describe(check)));
            }
            Some(_) => {}
        }
    }
    for check in &old.checks {
        if find(&new.checks, &check.name).is_none() {
            changes.push(format!("{} is removed", check.name));
        }
    }
    let (before, after) = (oversight(&old.oversight), oversight(&new.oversight));
    if before != after {
        changes.push(format!("human-oversight changes from {before} to {after}"));
    }
    let order = |policy: &Policy| policy.checks.iter().map(|check| check.name.clone()).collect::<Vec<_>>();
    if changes.is_empty() && order(old) != order(new) {
        changes.push("the order of the chain changes".to_owned());
    }
    changes
}

fn describe(check: &Check) -> String {
    let mode = if check.enforce { "enforce" } else { "monitor" };
    let mut parts = match &check.kind {
        Kind::Content { action, entities, threshold, settings, .. } => {
            let mut parts = vec![format!("action {action}")];
            parts.extend((!entities.is_empty()).then(|| format!("entities {}", entities.join(", "))));
            parts.extend(threshold.map(|threshold| format!("threshold {threshold}")));
            if let Settings::Canaries(canaries) = settings {
                // Their number only: who reads differences need not know them.
                parts.extend((!canaries.is_empty()).then(|| format!("{} canaries", canaries.len())));
            }
            if let Settings::Safety(thresholds) = settings {
                let counts =
                    |category: &Category| Some(format!("{} {}", category.as_str(), thresholds.get(*category)?));
                parts.push(format!(
                    "categories {}",
                    Category::ALL.iter().filter_map(counts).collect::<Vec<_>>().join(", ")
                ));
            }
            if let Settings::Topics(topics) = settings {
                let (allow, deny) = topics.names();
                parts.extend((!allow.is_empty()).then(|| format!("allow topics {}", allow.join(", "))));
                parts.extend((!deny.is_empty()).then(|| format!("deny topics {}", deny.join(", "))));
            }
            if let Settings::Exfiltration(limits) = settings {
                parts.extend(
                    (!limits.allow_hosts.is_empty()).then(|| format!("allow hosts {}", limits.allow_hosts.join(", "))),
                );
                parts.push(format!("at most {} rows and {} entities", limits.max_rows, limits.max_entities));
            }
            parts
        }
        Kind::Model { allow, deny, action } | Kind::Tool { allow, deny, action } => {
            let mut parts = vec![format!("action {action}")];
            parts.extend(names("allow", allow));
            parts.extend(names("deny", deny));
            parts
        }
        Kind::Rate { per, requests, tokens, cost, window } => {
            let limits = [(requests, "requests"), (tokens, "tokens"), (cost, "US dollars")];
            let limits = limits.into_iter().filter_map(|(limit, unit)| Some(format!("{} {unit}", (*limit)?)));
            let whose = match per {
                Per::Key => "key",
                Per::User => "user",
                Per::Team => "team",
                Per::Address => "address",
            };
            let limits: Vec<String> = limits.collect();
            vec![format!("{} in {} for each {whose}", limits.join(", "), duration::display(*window))]
        }
        Kind::Duplicate { limits, action } => {
            let window = duration::display(limits.window);
            vec![
                format!("action {action}"),
                format!("{} times in {window} by {} callers or more", limits.count, limits.users),
            ]
        }
        Kind::Custom(custom) => custom.describe(),
        Kind::Remote(remote) => remote.describe(),
        Kind::Human | Kind::Audit => Vec::new(),
    };
    let is_banded = check.bands.is_some() && !check.is_explicit && check.kind.has_scores();
    parts.extend(is_banded.then(|| "unless the band says otherwise".to_owned()));
    parts.extend(check.lane.as_ref().map(crate::kind::Lane::describe));
    parts.extend(check.unsure.as_ref().map(crate::kind::Unsure::describe));
    parts.push(format!("mode {mode}"));
    let unscanned = check.on_unscanned.map_or("note", picket_event::Action::as_str);
    parts.push(format!("{} on failure, {unscanned} of what cannot be scanned", check.on_error));
    parts.push(check.when.to_string());
    parts.join("; ")
}

fn names(word: &str, globs: &[Glob]) -> Option<String> {
    let names: Vec<String> = globs.iter().map(Glob::to_string).collect();
    (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
}

fn oversight(oversight: &HumanOversight) -> String {
    let waits = if oversight.require_review { "a request waits for review" } else { "a request passes" };
    let priority = oversight.priority.map_or_else(String::new, |priority| format!(", at least {priority}"));
    let bands = if oversight.bands == Bands::default() { String::new() } else { format!(", {}", oversight.bands) };
    format!("{waits}{priority}, ends after {}{bands}", duration::display(oversight.expires))
}
