//! Many patterns over one text: one automaton finds their literals, and a pattern is tried only around its own.
//!
//! Windows of one pattern that touch are one window, and windows never go back, so that a pattern looks at no byte
//! twice, whatever the text.

use super::literal::{self, LITERAL_BYTES_MAX, REACH_BYTES};
use super::shape;
use super::word;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input as Look};
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_syntax::hir::Hir;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Bytes of all literals up to which their automaton is a table, which is faster and larger.
const TABLE_BYTES_MAX: usize = 48 * 1_024;
/// The largest compiled pattern, and what it may keep while it runs.
const COMPILED_BYTES_MAX: usize = 256 * 1_024;
const RUNNING_BYTES_MAX: usize = 512 * 1_024;
/// Literals this rare in ordinary text, in a thousand bytes, need no better ones.
const RARE: f64 = 0.5;

/// One pattern of a rule.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// The rule's number.
    pub(super) rule: usize,
    /// Which of its entries it comes from.
    pub(super) entry: usize,
    /// The most bytes of a match, where there is a most.
    pub(super) longest: Option<usize>,
    literals: Vec<Vec<u8>>,
    before: usize,
    after: usize,
    /// No word may go on at its ends.
    is_whole: bool,
    how: How,
    /// What it matches, to know what may still become a match.
    pub(super) tree: Hir,
}

#[derive(Debug, Clone)]
enum How {
    /// The very text.
    Word {
        text: String,
        is_exact: bool,
    },
    Regex(Regex),
}

impl Pattern {
    /// A keyword. In the text itself, case counts where `is_exact`.
    pub(super) fn keyword(
        rule: usize,
        entry: usize,
        text: &str,
        is_exact: bool,
        is_whole: bool,
    ) -> Result<Self, String> {
        if !is_exact && !text.is_ascii() {
            // Letters beyond ASCII have case too, which is the business of regular expressions.
            let hir = shape::parse(&regex_syntax::escape(text), true)?;
            return Ok(Self { is_whole, ..Self::one(rule, entry, &hir)? });
        }
        let lower = text.to_ascii_lowercase();
        let literal = lower.as_bytes().get(..lower.len().min(LITERAL_BYTES_MAX)).unwrap_or_default().to_vec();
        let tree = shape::parse(&regex_syntax::escape(text), !is_exact)?;
        Ok(Self {
            rule,
            entry,
            longest: Some(text.len()),
            literals: vec![literal],
            before: 0,
            after: text.len(),
            is_whole,
            how: How::Word { text: text.to_owned(), is_exact },
            tree,
        })
    }

    /// The patterns of a regular expression: several where its alternatives have better literals apart.
    pub(super) fn regex(rule: usize, entry: usize, hir: &Hir) -> Result<Vec<Self>, String> {
        let is_rare = |hir: &Hir| literal::required(&shape::lowered(hir)).is_some_and(|found| found.expected <= RARE);
        let ways = if is_rare(hir) { Vec::new() } else { shape::ways(hir) };
        if ways.len() > 1 && ways.len() <= 64 && ways.iter().all(is_rare) {
            return ways.iter().map(|way| Self::one(rule, entry, way)).collect();
        }
        Ok(vec![Self::one(rule, entry, hir)?])
    }

    fn one(rule: usize, entry: usize, hir: &Hir) -> Result<Self, String> {
        if hir.properties().minimum_len().is_none_or(|least| least == 0) {
            return Err("matches where nothing stands; let it ask for at least one character".to_owned());
        }
        let config = Regex::config()
            .nfa_size_limit(Some(COMPILED_BYTES_MAX))
            .onepass(false)
            .hybrid_cache_capacity(RUNNING_BYTES_MAX);
        let regex = Regex::builder().configure(config).build_from_hir(hir).map_err(|_error| {
            format!("compiles to more than {COMPILED_BYTES_MAX} bytes; write shorter repeats or smaller classes")
        })?;
        let required = literal::required(&shape::lowered(hir));
        let (literals, before, after) =
            required.map_or((Vec::new(), 0, 0), |required| (required.literals, required.before, required.after));
        let longest = hir.properties().maximum_len();
        let (is_whole, how, tree) = (false, How::Regex(regex), hir.clone());
        Ok(Self { rule, entry, longest, literals, before, after, is_whole, how, tree })
    }

    /// Whether it is a word whose case does not count.
    pub(super) fn is_any_case_word(&self) -> bool {
        matches!(self.how, How::Word { is_exact: false, .. })
    }

    /// Whether it is looked for everywhere, for want of a literal.
    pub(super) fn is_loose(&self) -> bool {
        self.literals.is_empty()
    }
}

/// Patterns that are looked for together.
#[derive(Debug, Default)]
pub(super) struct Engine {
    patterns: Vec<Pattern>,
    literals: Option<AhoCorasick>,
    /// The patterns of each literal.
    owners: Vec<Vec<usize>>,
    loose: Vec<usize>,
}

/// A match of a pattern, by the pattern's number in its engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) pattern: usize,
    pub(super) range: Range<usize>,
}

impl Engine {
    /// Compiles patterns.
    pub(super) fn new(patterns: Vec<Pattern>) -> Result<Self, String> {
        let mut numbers: HashMap<&[u8], usize> = HashMap::new();
        let (mut literals, mut owners): (Vec<&[u8]>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        for (number, pattern) in patterns.iter().enumerate() {
            for literal in &pattern.literals {
                let at = *numbers.entry(literal).or_insert_with(|| {
                    literals.push(literal);
                    owners.push(Vec::new());
                    literals.len() - 1
                });
                if let Some(owners) = owners.get_mut(at) {
                    owners.push(number);
                }
            }
        }
        let bytes: usize = literals.iter().map(|literal| literal.len()).sum();
        let kind = (bytes <= TABLE_BYTES_MAX).then_some(AhoCorasickKind::DFA);
        let automaton = (!literals.is_empty())
            .then(|| AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(&literals))
            .transpose()
            .map_err(|_error| "has more words than an automaton holds; write fewer".to_owned())?;
        let loose = (0..patterns.len()).filter(|at| patterns.get(*at).is_some_and(Pattern::is_loose)).collect();
        Ok(Self { literals: automaton, owners, loose, patterns })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Calls `take` with every match that begins at `from` or later; what stands before is only looked back at.
    pub(super) fn scan(&self, text: &str, from: usize, take: &mut impl FnMut(Match)) {
        // Both kinds of finds end here, one at a time.
        let take = RefCell::new(take);
        let found = |number: usize, range: Range<usize>, is_whole: bool| {
            if !is_whole || word::is_whole(text, range.clone()) {
                (take.borrow_mut())(Match { pattern: number, range });
            }
        };
        let search = &mut |number: usize, window: Range<usize>| {
            let Some(Pattern { how: How::Regex(regex), is_whole, .. }) = self.patterns.get(number) else { return };
            for place in regex.find_iter(Input::new(text).range(window)) {
                found(number, place.range(), *is_whole);
            }
        };
        let compare = &mut |number: usize, start: usize| {
            let Some(Pattern { how: How::Word { text: word, is_exact }, is_whole, .. }) = self.patterns.get(number)
            else {
                return;
            };
            let range = start..start + word.len();
            let same = |text: &str| if *is_exact { text == word } else { text.eq_ignore_ascii_case(word) };
            if text.get(range.clone()).is_some_and(same) {
                found(number, range, *is_whole);
            }
        };
        self.each_window(text, from, search, compare);
    }

    /// Bytes of a text that each pattern looks at, as far as it looks at any.
    pub(super) fn looked_at(&self, text: &str) -> BTreeMap<usize, usize> {
        let mut looked: BTreeMap<usize, usize> = BTreeMap::new();
        let mut windows: Vec<(usize, usize)> = Vec::new();
        let mut words: Vec<(usize, usize)> = Vec::new();
        self.each_window(text, 0, &mut |number, window| windows.push((number, window.len())), &mut |number, _| {
            words.push((number, LITERAL_BYTES_MAX))
        });
        for (number, bytes) in windows.into_iter().chain(words) {
            *looked.entry(number).or_default() += bytes;
        }
        looked
    }

    /// Calls `search` with the windows of regular expressions, and `compare` with the places where a word may stand.
    fn each_window(
        &self,
        text: &str,
        from: usize,
        search: &mut impl FnMut(usize, Range<usize>),
        compare: &mut impl FnMut(usize, usize),
    ) {
        for number in &self.loose {
            search(*number, from..text.len());
        }
        let Some(literals) = &self.literals else { return };
        let mut open: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        // A literal that begins before `from` belongs to no match that begins later, but for what reaches back to it.
        for found in literals.find_overlapping_iter(Look::new(text).range(from..)) {
            for number in self.owners.get(found.pattern().as_usize()).into_iter().flatten() {
                let Some(pattern) = self.patterns.get(*number) else { continue };
                if matches!(pattern.how, How::Word { .. }) {
                    compare(*number, found.start());
                    continue;
                }
                let start = text.floor_char_boundary(found.start().saturating_sub(pattern.before).max(from));
                let end = text.ceil_char_boundary((found.start() + pattern.after.max(1)).min(text.len()));
                match open.get_mut(number) {
                    Some(window) if start <= window.end => window.end = window.end.max(end),
                    Some(window) => search(*number, std::mem::replace(window, start..end)),
                    None => {
                        open.insert(*number, start..end);
                    }
                }
            }
        }
        open.into_iter().for_each(|(number, window)| search(number, window));
    }
}

/// Whether a match of so many bytes may be held back whole while a text arrives.
pub(super) fn is_bounded(longest: Option<usize>) -> bool {
    longest.is_some_and(|longest| longest <= REACH_BYTES)
}
