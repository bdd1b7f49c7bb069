//! What the README files of packs have in common.

use crate::search::Search;
use crate::text::cell;
use std::fmt::Write as _;

/// Searches beside what they answer to.
pub(crate) fn searches<'a>(all: impl Iterator<Item = &'a Search>, note: impl Fn(&Search) -> String) -> String {
    let mut text = "| name | severity | finds | answers to | over, every | |\n|---|---|---|---|---|---|\n".to_owned();
    for search in all {
        let answers = if search.answers.is_empty() {
            "the product's own rules".to_owned()
        } else {
            format!("`{}`", cell(search.answers))
        };
        writeln!(
            text,
            "| `{}` | {} | {} | {answers} | {}, {} | {} |",
            search.name,
            search.severity,
            cell(search.title),
            span(search.window),
            span(search.every),
            note(search),
        )
        .unwrap_or_default();
    }
    text
}

/// Minutes as people say them.
pub(crate) fn span(minutes: u32) -> String {
    match minutes {
        _ if minutes.is_multiple_of(1_440) => format!("{}d", minutes / 1_440),
        _ if minutes.is_multiple_of(60) => format!("{}h", minutes / 60),
        _ => format!("{minutes}m"),
    }
}
