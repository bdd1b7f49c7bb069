//! Many patterns over one text: their literals are found together, and a pattern is tried only around its own.
//!
//! Windows of one pattern that touch are one window, and windows never go back, so that a pattern looks at no byte
//! twice, whatever the text. Where a pattern must have something of a second set of literals too, a window without any is
//! not looked at.

use super::finder::Finder;
use super::kept::{Recipe, Search, Spelling};
use super::literal::{self, LITERAL_BYTES_MAX, REACH_BYTES};
use super::shape;
use super::word;
use regex_automata::util::pool::Pool;
use regex_syntax::hir::Hir;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Bytes of a text in which literals are found before patterns are tried.
const BLOCK_BYTES: usize = 8 * 1_024;
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
    /// Of these a match has one too, where there are any.
    also: Vec<Vec<u8>>,
    before: usize,
    after: usize,
    /// No word may go on at its ends.
    is_whole: bool,
    how: How,
    /// What it matches, to know what may still become a match.
    pub(super) tree: Option<Hir>,
}

#[derive(Debug, Clone)]
enum How {
    /// The very text.
    Word {
        text: String,
        is_exact: bool,
    },
    Regex(Search),
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
            let recipe = Recipe::new(&format!("(?i){}", regex_syntax::escape(text)), Spelling::Plain);
            let tree = recipe.plain()?.0;
            return Ok(Self { is_whole, ..Self::one(rule, entry, &recipe, &tree, false, false)? });
        }
        let lower = text.to_ascii_lowercase();
        let literal = lower.as_bytes().get(..lower.len().min(LITERAL_BYTES_MAX)).unwrap_or_default().to_vec();
        let tree = shape::parse(&regex_syntax::escape(text), !is_exact)?;
        Ok(Self {
            rule,
            entry,
            longest: Some(text.len()),
            literals: vec![literal],
            also: Vec::new(),
            before: 0,
            after: text.len(),
            is_whole,
            how: How::Word { text: text.to_owned(), is_exact },
            tree: Some(tree),
        })
    }

    /// The patterns of a regular expression: several where its alternatives have better literals apart.
    pub(super) fn regex(rule: usize, entry: usize, recipe: &Recipe, is_one_of_many: bool) -> Result<Vec<Self>, String> {
        let (tree, has_looks) = recipe.plain()?;
        let is_rare =
            |hir: &Hir| literal::required(&shape::lowered(hir)).is_some_and(|(found, _)| found.expected <= RARE);
        let ways = if has_looks || is_rare(&tree) { Vec::new() } else { shape::ways(&tree) };
        if ways.len() > 1 && ways.len() <= 64 && ways.iter().all(is_rare) {
            let one = |(way, tree)| Self::one(rule, entry, &recipe.way(way), tree, false, is_one_of_many);
            return ways.iter().enumerate().map(one).collect();
        }
        Ok(vec![Self::one(rule, entry, recipe, &tree, has_looks, is_one_of_many)?])
    }

    fn one(
        rule: usize,
        entry: usize,
        recipe: &Recipe,
        tree: &Hir,
        has_looks: bool,
        is_one_of_many: bool,
    ) -> Result<Self, String> {
        if tree.properties().minimum_len().is_none_or(|least| least == 0) {
            return Err("matches where nothing stands; let it ask for at least one character".to_owned());
        }
        let (literals, also, before, after) = match literal::required(&shape::lowered(tree)) {
            Some((required, also)) => (required.literals, also, required.before, required.after),
            None => (Vec::new(), Vec::new(), 0, 0),
        };
        // What stands around a match may come late, or never.
        let longest = tree.properties().maximum_len().filter(|_| !has_looks);
        let how = How::Regex(Search::new(recipe, tree, has_looks, is_one_of_many)?);
        let tree = longest.map(|_| tree.clone());
        Ok(Self { rule, entry, longest, literals, also, before, after, is_whole: false, how, tree })
    }

    /// Whether it is a word whose case does not count.
    pub(super) fn is_any_case_word(&self) -> bool {
        matches!(self.how, How::Word { is_exact: false, .. })
    }

    /// The pattern without what only streams need.
    pub(super) fn bare(self) -> Self {
        Self { tree: None, ..self }
    }

    /// Whether it is looked for everywhere, for want of a literal.
    pub(super) fn is_loose(&self) -> bool {
        self.literals.is_empty()
    }
}

/// Patterns that are looked for together.
#[derive(Default)]
pub(super) struct Engine {
    patterns: Vec<Pattern>,
    /// For each pattern: the set of its literals of which a window must have one.
    confirmed: Vec<Option<u32>>,
    literals: Finder,
    /// What each literal means.
    meanings: Vec<Meaning>,
    loose: Vec<usize>,
    scratch: Option<Pool<Scratch, MakeScratch>>,
}

type MakeScratch = Box<dyn Fn() -> Scratch + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// What it means that a literal stands somewhere.
#[derive(Debug, Default)]
struct Meaning {
    /// These patterns may match around it.
    opens: Vec<usize>,
    /// It is one of these sets.
    confirms: Vec<u32>,
}

/// What a scan needs while it runs; empty between scans.
#[derive(Debug)]
struct Scratch {
    /// For each pattern, the window that is open; none is empty.
    open: Vec<Range<usize>>,
    opened: Vec<usize>,
    /// For each set, where one of it began, in order.
    seen: Vec<Vec<usize>>,
    marked: Vec<u32>,
    found: Vec<(usize, usize)>,
}

/// A match of a pattern, by the pattern's number in its engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) pattern: usize,
    pub(super) range: Range<usize>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({})", self.patterns.len())
    }
}

impl Scratch {
    fn new(patterns: usize, sets: usize) -> Self {
        Self {
            open: vec![0..0; patterns],
            opened: Vec::new(),
            seen: vec![Vec::new(); sets],
            marked: Vec::new(),
            found: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for number in self.opened.drain(..) {
            self.open.iter_mut().skip(number).take(1).for_each(|window| *window = 0..0);
        }
        for set in self.marked.drain(..) {
            self.seen.iter_mut().skip(set as usize).take(1).for_each(Vec::clear);
        }
        self.found.clear();
    }

    fn mark(&mut self, set: u32, at: usize) {
        let Some(seen) = self.seen.get_mut(set as usize) else { return };
        if seen.is_empty() {
            self.marked.push(set);
        }
        // Neighbours tell no more than the first and the last of them.
        match seen.as_slice() {
            [.., before, last] if at - before < LITERAL_BYTES_MAX && last > before => {
                seen.iter_mut().next_back().into_iter().for_each(|last| *last = at);
            }
            _ => seen.push(at),
        }
    }

    fn has(&self, set: Option<u32>, window: &Range<usize>) -> bool {
        let Some(seen) = set.and_then(|set| self.seen.get(set as usize)) else { return true };
        let next = seen.partition_point(|at| *at < window.start);
        // Between two that are near each other, others may have been.
        let between = next.checked_sub(1).and_then(|at| seen.get(at)).zip(seen.get(next));
        seen.get(next).is_some_and(|at| *at < window.end)
            || between.is_some_and(|(before, after)| after - before < LITERAL_BYTES_MAX)
    }
}

impl Engine {
    /// Compiles patterns.
    pub(super) fn new(patterns: Vec<Pattern>) -> Result<Self, String> {
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let (mut literals, mut meanings): (Vec<Box<[u8]>>, Vec<Meaning>) = (Vec::new(), Vec::new());
        let mut meaning = |literal: &[u8], mean: &mut dyn FnMut(&mut Meaning)| {
            let at = *numbers.entry(literal.to_vec()).or_insert_with(|| {
                literals.push(literal.into());
                meanings.push(Meaning::default());
                literals.len() - 1
            });
            meanings.get_mut(at).into_iter().for_each(mean);
        };
        let mut sets: HashMap<Vec<Vec<u8>>, u32> = HashMap::new();
        let mut confirmed = Vec::with_capacity(patterns.len());
        for (number, pattern) in patterns.iter().enumerate() {
            for literal in &pattern.literals {
                meaning(literal, &mut |meaning| meaning.opens.push(number));
            }
            if pattern.also.is_empty() {
                confirmed.push(None);
                continue;
            }
            let fresh = u32::try_from(sets.len()).unwrap_or(u32::MAX);
            let set = *sets.entry(pattern.also.clone()).or_insert(fresh);
            confirmed.push(Some(set));
            if set == fresh {
                for literal in &pattern.also {
                    meaning(literal, &mut |meaning| meaning.confirms.push(set));
                }
            }
        }
        let loose = (0..patterns.len()).filter(|at| patterns.get(*at).is_some_and(Pattern::is_loose)).collect();
        let (all, sets) = (patterns.len(), sets.len());
        let scratch = (!literals.is_empty()).then(|| {
            let make: MakeScratch = Box::new(move || Scratch::new(all, sets));
            Pool::new(make)
        });
        Ok(Self { literals: Finder::new(literals)?, meanings, confirmed, loose, patterns, scratch })
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
            regex.each(text, window, &mut |place| found(number, place, *is_whole));
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
        let Some(scratch) = &self.scratch else { return };
        let mut scratch = scratch.get();
        let scratch = &mut *scratch;
        let mut begin = from;
        while begin < text.len() {
            let end = begin.saturating_add(BLOCK_BYTES).min(text.len());
            let mut found = std::mem::take(&mut scratch.found);
            found.clear();
            self.literals.find(text, begin..end, &mut found);
            for (literal, start) in &found {
                self.literal(text, from, *literal, *start, scratch, search, compare);
            }
            scratch.found = found;
            begin = end;
        }
        let opened = std::mem::take(&mut scratch.opened);
        for number in &opened {
            let window = scratch.open.get(*number).cloned().unwrap_or_default();
            self.close(*number, window, scratch, search);
        }
        scratch.opened = opened;
        scratch.clear();
    }

    /// Takes a literal. They come in the order in which they begin.
    #[expect(clippy::too_many_arguments, reason = "they are the state of one scan")]
    fn literal(
        &self,
        text: &str,
        from: usize,
        literal: usize,
        at: usize,
        scratch: &mut Scratch,
        search: &mut impl FnMut(usize, Range<usize>),
        compare: &mut impl FnMut(usize, usize),
    ) {
        let Some(meaning) = self.meanings.get(literal) else { return };
        for set in &meaning.confirms {
            scratch.mark(*set, at);
        }
        for number in &meaning.opens {
            let Some(pattern) = self.patterns.get(*number) else { continue };
            if matches!(pattern.how, How::Word { .. }) {
                compare(*number, at);
                continue;
            }
            let start = text.floor_char_boundary(at.saturating_sub(pattern.before).max(from));
            let end = text.ceil_char_boundary((at + pattern.after.max(1)).min(text.len()));
            let Some(window) = scratch.open.get_mut(*number) else { continue };
            if window.start == window.end {
                *window = start..end;
                scratch.opened.push(*number);
            } else if start <= window.end {
                window.end = window.end.max(end);
            } else {
                let full = std::mem::replace(window, start..end);
                self.close(*number, full, scratch, search);
            }
        }
    }

    /// Looks at a window, unless it lacks what the pattern must have too.
    fn close(
        &self,
        number: usize,
        window: Range<usize>,
        scratch: &Scratch,
        search: &mut impl FnMut(usize, Range<usize>),
    ) {
        if scratch.has(self.confirmed.get(number).copied().flatten(), &window) {
            search(number, window);
        }
    }
}

/// Whether a match of so many bytes may be held back whole while a text arrives.
pub(super) fn is_bounded(longest: Option<usize>) -> bool {
    longest.is_some_and(|longest| longest <= REACH_BYTES)
}
