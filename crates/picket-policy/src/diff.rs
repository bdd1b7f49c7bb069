//! What changes between two policies, in words.

use crate::compile::{Check, Policy};

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
    if old.oversight != new.oversight {
        changes.push(format!("human-oversight changes from {:?} to {:?}", old.oversight, new.oversight));
    }
    let order = |policy: &Policy| policy.checks.iter().map(|check| check.name.clone()).collect::<Vec<_>>();
    if changes.is_empty() && order(old) != order(new) {
        changes.push("the order of the chain changes".to_owned());
    }
    changes
}

fn describe(check: &Check) -> String {
    let mode = if check.enforce { "enforce" } else { "monitor" };
    format!("{:?} in mode {mode}, for {:?}", check.kind, check.when)
}
