//! The words before a candidate that name it.

use super::rule::Rule;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use std::borrow::Cow;

/// Bytes before a candidate in which words count.
pub(super) const CONTEXT_BYTES: usize = 64;
/// Words so short stand alone; longer ones may be the beginning of a compound.
const SHORT_CHARS: usize = 4;

/// Which words name which rule.
#[derive(Debug)]
pub(super) struct Words {
    automaton: AhoCorasick,
    /// Of each word: itself, and the rules that it names.
    words: Vec<(&'static str, Vec<usize>)>,
}

/// What is said before a candidate: rules, and how far before it their words end.
#[derive(Debug, Default)]
pub(super) struct Said(Vec<(usize, usize)>);

impl Said {
    /// Whether there is no word of any rule.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How near the nearest word of a rule is.
    pub(super) fn near(&self, rule: usize) -> Option<usize> {
        self.0.iter().filter(|(named, _)| *named == rule).map(|(_, distance)| *distance).min()
    }
}

impl Words {
    pub(super) fn new(rules: &[&'static Rule], more: &[&'static [&'static str]]) -> Self {
        let mut words: Vec<(&'static str, Vec<usize>)> = Vec::new();
        let lists = rules.iter().map(|rule| rule.words).chain(more.iter().copied());
        for (rule, list) in lists.enumerate() {
            for word in list {
                match words.iter_mut().find(|(known, _)| known == word) {
                    Some((_, rules)) => rules.push(rule),
                    None => words.push((word, vec![rule])),
                }
            }
        }
        Self { automaton: automaton(words.iter().map(|(word, _)| *word)), words }
    }

    /// Whether a text has any of the words.
    pub(super) fn any(&self, text: &str) -> bool {
        let small = small(text);
        self.automaton.find_overlapping_iter(&*small).any(|found| {
            let word = self.words.get(found.pattern().as_usize()).map_or("", |(word, _)| word);
            stands(&small, word, found.start(), found.end())
        })
    }

    /// What the text before a place says.
    pub(super) fn said(&self, text: &str, place: usize) -> Said {
        let from = text.ceil_char_boundary(place.saturating_sub(CONTEXT_BYTES));
        let before = small(text.get(from..place).unwrap_or_default());
        let mut said = Said::default();
        for found in self.automaton.find_overlapping_iter(&*before) {
            let Some((word, rules)) = self.words.get(found.pattern().as_usize()) else { continue };
            if stands(&before, word, found.start(), found.end()) {
                said.0.extend(rules.iter().map(|rule| (*rule, before.len() - found.end())));
            }
        }
        said
    }
}

#[expect(clippy::expect_used, reason = "the words are constants, and every test builds the automaton")]
fn automaton<'a>(words: impl Iterator<Item = &'a str>) -> AhoCorasick {
    AhoCorasickBuilder::new()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(words)
        .expect("the words fit in an automaton")
}

/// Small letters where the automaton does not take capitals for them.
fn small(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Whether a word stands by itself, or begins a compound if it is long. Scripts without spaces have no such limits.
fn stands(text: &str, word: &str, start: usize, end: usize) -> bool {
    if word.chars().any(|c| u32::from(c) > 0x0e00) {
        return true;
    }
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let is_open = word.chars().count() <= SHORT_CHARS && after.is_some_and(char::is_alphabetic);
    !(inside(before) || is_open)
}
