//! One automaton over every beginning, name and service, and what to try where one of them stands.

use super::names;
use super::rules::{self, How, Rule};
use super::shape::{Part, Shape};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::collections::BTreeMap;

/// What to try where a text of the automaton stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    /// A shape of a rule, by the beginning of its anchor, which is case-sensitive.
    Shape(&'static Rule, usize, &'static str),
    /// The word of a service whose keys have no beginning of their own, by the beginning of it.
    Near(&'static Rule, usize, &'static str),
    /// A name that secrets have.
    Name,
    /// A name that needs no second look.
    Word,
    /// The rest of a JSON web token.
    Jwt,
    /// What a key block may begin with.
    Block,
    /// `://`.
    Address,
    /// `Authorization`.
    Authorization,
    /// `-u` or `--user`.
    User,
    /// `IDENTIFIED`.
    Identified,
    /// The port in a line of `.pgpass`.
    Port,
}

/// The automaton and the shapes.
pub(super) struct Index {
    automaton: AhoCorasick,
    entries: Vec<Vec<Entry>>,
    /// Shapes by the number in the entry.
    shapes: Vec<Vec<Shape>>,
}

/// Bytes of a beginning or a word that are searched for; the rest is only compared, which keeps the automaton small.
const SEARCHED_BYTES: usize = 5;
/// A beginning of so many bytes tells enough of what follows it.
const WIDE_BYTES_MIN: usize = 4;

/// Beginnings that are no service's.
const OTHERS: &[(&str, Entry)] = &[
    ("eyJ", Entry::Jwt),
    ("----", Entry::Block),
    ("putty-user-key-file-", Entry::Block),
    ("://", Entry::Address),
    ("authorization", Entry::Authorization),
    ("-u ", Entry::User),
    ("--user ", Entry::User),
    ("--user=", Entry::User),
    ("identified ", Entry::Identified),
    (":5432:", Entry::Port),
    (":*:", Entry::Port),
];

impl Index {
    #[expect(clippy::expect_used, reason = "the patterns are constants, and every test builds them")]
    pub(super) fn new() -> Self {
        let mut by_text: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let mut add = |text: &str, entry| by_text.entry(text.to_ascii_lowercase()).or_default().push(entry);
        let mut shapes: Vec<Vec<Shape>> = Vec::new();
        for rule in rules::all() {
            let compiled = rule.shapes.iter().map(|shape| Shape::of(shape));
            if let How::Near(words) = rule.how {
                words.iter().for_each(|word| add(searched(word), Entry::Near(rule, shapes.len(), word)));
                shapes.push(compiled.map(Shape::widened).collect());
                continue;
            }
            for shape in compiled {
                let anchor = shape.anchor().unwrap_or_default();
                add(searched(anchor), Entry::Shape(rule, shapes.len(), searched(anchor)));
                shapes.push(vec![if anchor.len() >= WIDE_BYTES_MIN { shape.widened() } else { shape }]);
            }
        }
        names::NAMES.iter().for_each(|name| add(name, Entry::Name));
        names::WORDS.iter().for_each(|word| add(word, Entry::Word));
        OTHERS.iter().for_each(|(text, entry)| add(text, *entry));
        let (texts, entries): (Vec<String>, Vec<Vec<Entry>>) = by_text.into_iter().unzip();
        let mut builder = AhoCorasick::builder();
        let builder = builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
        Self { automaton: builder.build(texts).expect("the texts are literals"), entries, shapes }
    }

    /// Every text of the automaton between two places: where it begins and ends, and what to try there.
    pub(super) fn find<'a>(
        &'a self,
        text: &'a str,
        (from, to): (usize, usize),
    ) -> impl Iterator<Item = (usize, usize, &'a [Entry])> + 'a {
        let place = text.get(from..to).unwrap_or_default();
        self.automaton.find_overlapping_iter(place).map(move |found| {
            let entries = self.entries.get(found.pattern().as_usize()).map(Vec::as_slice).unwrap_or_default();
            (from + found.start(), from + found.end(), entries)
        })
    }

    /// The shapes of an entry.
    pub(super) fn shapes(&self, number: usize) -> &[Shape] {
        self.shapes.get(number).map(Vec::as_slice).unwrap_or_default()
    }

    /// Bytes that the automaton takes.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.automaton.memory_usage()
    }
}

fn searched(text: &'static str) -> &'static str {
    text.get(..SEARCHED_BYTES).unwrap_or(text)
}

/// How many bytes of what fits a shape come before its first run.
pub(super) fn head_bytes(shape: &Shape) -> usize {
    match shape.parts.first() {
        Some(Part::Text(text)) => text.len(),
        _ => 0,
    }
}
