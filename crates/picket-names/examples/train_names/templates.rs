//! Sentences with places for names, and parts of sentences.

use crate::lists::{Part, is_of};
use std::collections::HashMap;

/// A template, taken apart.
#[derive(Debug, Clone)]
pub struct Template {
    pub line: String,
    /// Whether its words say what a name is.
    pub is_strong: bool,
    /// Whether it is data: one line each.
    pub is_data: bool,
}

const TEMPLATES: &[(&str, &str)] = &[
    ("en", include_str!("../../training/en.txt")),
    ("de", include_str!("../../training/de.txt")),
    ("fr", include_str!("../../training/fr.txt")),
    ("es", include_str!("../../training/es.txt")),
    ("it", include_str!("../../training/it.txt")),
    ("pt", include_str!("../../training/pt.txt")),
    ("nl", include_str!("../../training/nl.txt")),
    ("pl", include_str!("../../training/pl.txt")),
    ("tr", include_str!("../../training/tr.txt")),
    ("ru", include_str!("../../training/ru.txt")),
    ("zh", include_str!("../../training/zh.txt")),
    ("ja", include_str!("../../training/ja.txt")),
    ("ko", include_str!("../../training/ko.txt")),
    ("ar", include_str!("../../training/ar.txt")),
];
const NONE: &str = include_str!("../../training/none.txt");
const PHRASES: &str = include_str!("../../training/phrases.txt");

/// Templates of each language, of a part.
pub fn templates(part: Part) -> Vec<(&'static str, Vec<Template>)> {
    TEMPLATES.iter().map(|(language, text)| (*language, lines(text, part))).collect()
}

/// Sentences without names.
pub fn without_names(part: Part) -> Vec<Template> {
    lines(NONE, part)
}

fn lines(text: &str, part: Part) -> Vec<Template> {
    let lines = text.lines().filter(|line| !line.starts_with("# ") && !line.trim().is_empty());
    lines
        .filter(|line| is_of(part, line))
        .map(|line| {
            let text = line.strip_prefix('!').unwrap_or(line).replace("\\n", "\n").replace("\\t", "\t");
            let is_data = text.starts_with(['{', '[', '<', '|'])
                || text.contains("VALUES")
                || text.contains("};")
                || text.contains(",{");
            Template { line: text, is_strong: line.starts_with('!'), is_data }
        })
        .collect()
}

/// Parts of sentences by what they are.
pub fn phrases(part: Part) -> HashMap<String, Vec<String>> {
    let mut phrases: HashMap<String, Vec<String>> = HashMap::new();
    for (kind, phrase) in
        PHRASES.lines().filter_map(|line| line.split_once(": ")).filter(|(kind, _)| !kind.starts_with('#'))
    {
        if is_of(part, phrase) {
            phrases.entry(kind.to_owned()).or_default().push(phrase.to_owned());
        }
    }
    phrases
}
