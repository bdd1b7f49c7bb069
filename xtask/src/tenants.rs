//! Every statement that touches a table of several workspaces says whose rows it means, and no text becomes a workspace by
//! itself. The compiler sees to it that a query is given a workspace; this sees to it that the query uses it.

pub(crate) mod literals;
mod sql;

use std::collections::{BTreeMap, BTreeSet};

/// What a table or statement needs no workspace for.
struct Allowed {
    /// The file, from the root of the repository.
    file: &'static str,
    /// What the statement holds.
    part: &'static str,
    /// Why: for whoever reads this list, and in the message of an entry that is no longer needed.
    why: &'static str,
}

const ALLOWED: &[Allowed] = &[
    Allowed {
        file: "crates/picket-store/src/credentials.rs",
        part: "SELECT id, workspace, kind",
        why: "a token says of which workspace its caller is, so that it is looked up among all",
    },
    Allowed {
        file: "crates/picket-store/src/credentials.rs",
        part: "UPDATE credential SET last_used_at",
        why: "counters of all credentials that this process has in memory become durable together",
    },
    Allowed {
        file: "crates/picket-identity/src/callers.rs",
        part: "coalesce(max(rowid), 0) FROM caller",
        why: "a bound on rows of the file, whoever they are of",
    },
];

/// Tables whose rows are named by something that only their workspace has.
const ALLOWED_TABLES: &[(&str, &str)] =
    &[("log", "a row is named by the id of an open log, which is handed out for a workspace; opening reads all")];

/// Files of the product that may make a workspace, and how.
const MAKERS: &[(&str, &str)] = &[
    ("crates/picket-event/src/workspace.rs", "where it is defined"),
    ("crates/picket-store/src/credentials.rs", "rows of the store"),
    ("crates/picket-log/src/open.rs", "rows of the store"),
    ("crates/picket-server/src/open.rs", "what the store says it is, or a new one"),
    ("crates/picket-server/src/config/beside.rs", "what the operator names"),
];

/// A source file: its path from the root of the repository, and its text.
pub(crate) type Source = (String, String);

/// What is wrong with the sources of the product.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    let product = || sources.iter().filter(|(name, _)| is_product(name));
    let literals: Vec<(&str, Vec<literals::Literal>)> =
        product().map(|(name, text)| (name.as_str(), literals::of(text))).collect();
    let mut tables = BTreeSet::new();
    for literal in literals.iter().flat_map(|(_, literals)| literals) {
        tables.extend(sql::tables_with_workspace(&literal.text));
    }
    if tables.is_empty() {
        return vec!["no table has a column `workspace`: the schema is not read as it is written".to_owned()];
    }
    tables.retain(|table| ALLOWED_TABLES.iter().all(|(allowed, _why)| allowed != table));
    let mut problems = Vec::new();
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, literals) in &literals {
        for literal in literals {
            let Some(cause) = sql::problem(&literal.text, &tables) else { continue };
            let allowed = ALLOWED.iter().find(|allowed| allowed.file == *name && literal.text.contains(allowed.part));
            match allowed {
                Some(allowed) => *used.entry(allowed.part).or_default() += 1,
                None => problems.push(format!("{name}:{}: {cause}", literal.line)),
            }
        }
    }
    let stale = ALLOWED.iter().filter(|allowed| used.get(allowed.part) != Some(&1));
    problems.extend(stale.map(|Allowed { file, part, why }| {
        format!(
            "{file}: `{part}` is allowed once without a workspace ({why}), and stands there another number of times"
        )
    }));
    problems.extend(product().flat_map(|(name, text)| makers(name, text)));
    problems
}

pub(crate) fn is_product(name: &str) -> bool {
    let is_test = name.ends_with("tests.rs") || name.contains("/tests/") || name.contains("/examples/");
    name.starts_with("crates/") && !is_test && !name.starts_with("crates/picket-testkit/")
}

/// Places where a text becomes a workspace that shall not.
fn makers(name: &str, text: &str) -> Vec<String> {
    if MAKERS.iter().any(|(file, _why)| *file == name) {
        return Vec::new();
    }
    // What travels is text; were it a workspace, a request could name one.
    let words: &[&str] = if name.starts_with("crates/picket-api-types/") {
        &["Workspace"]
    } else {
        &["Workspace::parse", "Workspace::random", "Workspace::deserialize"]
    };
    let found = text.lines().enumerate().filter_map(|(at, line)| {
        let word = words.iter().find(|word| line.contains(**word))?;
        Some(format!(
            "{name}:{}: `{word}` must not stand here: take the workspace of the caller or of the store",
            at + 1
        ))
    });
    found.collect()
}

#[cfg(test)]
mod tests;
