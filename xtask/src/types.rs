//! Types of events: each name in the sources of the product stands in the one table of them, and each of the table is used.

use crate::tenants::{Source, is_product, literals};
use std::collections::BTreeSet;

/// The table.
const TABLE: &str = "crates/picket-event/src/types.rs";
/// Types whose name has one word.
const SINGLE: &[&str] = &["request", "tool_call"];

/// Names that look like a type and are something else, with what they are.
const ALLOWED: &[(&str, &str)] = &[
    ("webhook.test", "a message to a webhook"),
    ("policy.yaml", "a file"),
    ("destination.yaml", "a file"),
    ("user.name", "a field of ECS and OpenTelemetry"),
    ("gateway.listen", "a setting"),
    ("gateway.tls", "a setting"),
    ("gateway.threads", "a setting"),
    ("retention.bodies", "a setting"),
    ("retention.entries", "a setting"),
    ("retention.exports", "a setting"),
];

/// What is wrong with the sources of the product.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    let table = sources.iter().find(|(name, _)| name == TABLE).map_or("", |(_, text)| text.as_str());
    let known: BTreeSet<String> =
        literals::of(table).into_iter().map(|found| found.text).filter(|name| is_type(name)).collect();
    if known.len() < SINGLE.len() + 1 {
        return vec![format!("{TABLE}: the table of types is not read as it is written")];
    }
    let mut problems = Vec::new();
    let (mut used, mut allowed) = (BTreeSet::new(), BTreeSet::new());
    for (name, text) in sources.iter().filter(|(name, _)| is_product(name) && name != TABLE) {
        for found in unknown(text, &known, &mut used) {
            match ALLOWED.iter().find(|(word, _what)| *word == found.text) {
                Some(entry) => drop(allowed.insert(entry)),
                None => problems
                    .push(format!("{name}:{}: `{}` is no type of events that {TABLE} has", found.line, found.text)),
            }
        }
    }
    problems.extend(known.difference(&used).map(|name| format!("{TABLE}: `{name}` is written and read nowhere")));
    let stale = ALLOWED.iter().filter(|entry| !allowed.contains(entry));
    problems.extend(
        stale.map(|(word, what)| format!("xtask/src/types.rs: `{word}` ({what}) is allowed and stands nowhere")),
    );
    problems
}

/// Names of a source that are meant as types and are none; those that are, are `used`.
fn unknown(text: &str, known: &BTreeSet<String>, used: &mut BTreeSet<String>) -> Vec<literals::Literal> {
    let lines: Vec<&str> = text.lines().collect();
    // A function that makes a type of a name which it was given: every name in its file may be one.
    let hands_on = text.match_indices("EventType::of(").any(|(at, call)| !text[at + call.len()..].starts_with('"'));
    let mut found = Vec::new();
    for literal in literals::of(text) {
        if known.contains(&literal.text) {
            used.insert(literal.text);
            continue;
        }
        let line = lines.get(literal.line.saturating_sub(1)).copied().unwrap_or_default();
        let is_made = line.contains(&format!("EventType::of(\"{}\")", literal.text));
        let is_of_family = || {
            let family = literal.text.split('.').next().unwrap_or_default();
            known.iter().any(|name| name.split_once('.').is_some_and(|(of, _)| of == family))
        };
        // A job of the store has a name, too.
        let is_job = || line.contains("Lane::") || line.contains(".act");
        if is_made || is_dotted(&literal.text) && !is_job() && (hands_on || is_of_family()) {
            found.push(literal);
        }
    }
    found
}

fn is_type(name: &str) -> bool {
    SINGLE.contains(&name) || is_dotted(name)
}

/// Lower-case words, joined by one dot.
fn is_dotted(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    name.split_once('.').is_some_and(|(family, act)| word(family) && word(act))
}

#[cfg(test)]
mod tests;
