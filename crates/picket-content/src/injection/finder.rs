//! Where rules fire on a folded text, in one pass over it and a few short looks.
//!
//! A rule such as `show … the system prompt` has gaps: a bounded number of characters of which only some are excluded.
//! An automaton has to count them from every word that may begin a rule, so that nearly each byte of a real text needs
//! states that no text needed before. So rules are taken apart: branches without alternatives, each of pieces with gaps
//! between them. One index finds the words that pieces begin with; a branch is tried where its first piece may
//! begin, once the word of its second piece has come within reach; a gap is then counted once, by counting.

mod split;

use super::rules::{RULES, Rule};
use memchr::memmem;
use picket_text::{Words, ascii_boundaries, folded};
use regex_automata::meta::{Cache, Regex};
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;
use split::{Branch, Gap};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::LazyLock;

/// Places of one rule that are told; what a text says oftener, it says.
const PLACES_MAX: usize = 8;
/// No rule is longer, and a branch waits no longer for its second piece.
const RULE_BYTES_MAX: usize = 1_024;
/// Beginnings of one branch that wait for its second piece at a time. More come only where one word is said over and over.
const WAITING_MAX: usize = 64;
/// What a piece begins with is worth looking for when it has so many bytes; to wait for `to`, or a full stop, is of no use.
const HEAD_BYTES_MIN: usize = 2;
const SECOND_BYTES_MIN: usize = 3;
/// Of more words that a first piece may begin with, fewer letters are told. A second piece that may begin with more is not
/// waited for but searched for, wherever it begins.
const HEADS_MAX: usize = 4_000;
const SECONDS_MAX: usize = 600;
/// What a later piece begins with in any case is worth looking for when it has so many bytes.
const NEEDS_BYTES_MIN: usize = 4;
/// Pieces that are tried behind one gap: more than the words of any that another gap follows find room in it, so that no
/// rule is led astray by them.
const TRIES_MAX: usize = 32;

/// A piece of a branch.
#[derive(Debug)]
struct Piece {
    regex: Regex,
    /// The number of the regex among those of all branches, by which its memory is kept.
    number: usize,
    /// Bytes that it has at most.
    length: usize,
}

/// One way to fire a rule.
#[derive(Debug)]
struct Path {
    rule: usize,
    head: Piece,
    rest: Vec<(Gap, Piece)>,
    /// Whether it waits for the beginning of its second piece.
    waits: bool,
    /// What must stand behind its beginning, if there is such a thing.
    needs: Option<memmem::Finder<'static>>,
}

/// What a word begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    Head(usize),
    Second(usize),
}

#[derive(Debug)]
struct Finder {
    paths: Vec<Path>,
    words: Words<Begins>,
    regexes: usize,
}

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

/// What searches leave for the next one, so that a short text does not pay for as much room as there are rules.
#[derive(Debug)]
struct Memory {
    /// What the regexes remember, by their numbers. A pool that threads share costs more than a search.
    caches: Vec<Option<Cache>>,
    /// Beginnings that wait, of each path, and which paths had some.
    waiting: Vec<Vec<usize>>,
    had: Vec<usize>,
}

thread_local! {
    static MEMORY: RefCell<Memory> =
        const { RefCell::new(Memory { caches: Vec::new(), waiting: Vec::new(), had: Vec::new() }) };
}

/// The rules that fire on a folded text, and where.
pub(super) fn find(view: &str) -> Vec<(&'static Rule, Range<usize>)> {
    MEMORY.with_borrow_mut(|memory| {
        let finder = &*FINDER;
        memory.caches.resize_with(finder.regexes, || None);
        memory.waiting.resize_with(finder.paths.len(), Vec::new);
        for number in memory.had.drain(..) {
            memory.waiting.get_mut(number).into_iter().for_each(Vec::clear);
        }
        let mut search = Search { finder, view, memory, done: Vec::new(), found: Vec::new() };
        // No rule counts more than three signs in a row: what begins inside of a line of them begins where the line does.
        finder.words.each(view, |at, begins| {
            for begins in begins {
                match *begins {
                    Begins::Head(number) => search.head(number, at),
                    Begins::Second(number) => search.second(number, at),
                }
            }
        });
        search.found
    })
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles them")]
impl Finder {
    fn new() -> Self {
        let (mut paths, mut words) = (Vec::new(), Vec::new());
        let mut regexes = 0;
        for (rule, source) in RULES.iter().enumerate() {
            let parsed = regex_syntax::parse(&pattern(source)).expect("the rule is a pattern");
            for Branch { head, rest } in split::branches(&parsed) {
                let number = paths.len();
                let heads = beginnings(&head, HEAD_BYTES_MIN, HEADS_MAX).expect("every rule begins with words");
                words.extend(heads.into_iter().map(|word| (word, Begins::Head(number))));
                let seconds = rest.first().and_then(|(_, second)| beginnings(second, SECOND_BYTES_MIN, SECONDS_MAX));
                let waits = seconds.is_some();
                let needs = rest.iter().rev().find_map(|(_, piece)| begins_in_any_case(piece));
                let needs = needs.map(|needs| memmem::Finder::new(&needs).into_owned());
                let seconds = seconds.into_iter().flatten().map(|word| word.trim_ascii_start().to_vec());
                words.extend(seconds.map(|word| (word, Begins::Second(number))));
                let mut piece = |hir: Hir| {
                    regexes += 1;
                    let length = hir.properties().maximum_len().unwrap_or(RULE_BYTES_MAX).min(RULE_BYTES_MAX);
                    let regex = Regex::builder().build_from_hir(&hir).expect("the piece is a pattern");
                    Piece { regex, number: regexes - 1, length }
                };
                let head = piece(head);
                let rest = rest.into_iter().map(|(gap, hir)| (gap, piece(hir))).collect();
                paths.push(Path { rule, head, rest, waits, needs });
            }
        }
        Self { paths, words: Words::new(words), regexes }
    }
}

/// A rule's pattern in the spelling that folded texts have.
pub(super) fn pattern(rule: &Rule) -> String {
    ascii_boundaries(&folded(rule.pattern))
}

/// What a piece begins with, if that is some words; none of them begins with another.
fn beginnings(piece: &Hir, least: usize, most: usize) -> Option<Vec<Vec<u8>>> {
    let sequence = Extractor::new().limit_total(most).extract(piece);
    let mut words: Vec<Vec<u8>> = sequence.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    words.sort();
    words.dedup_by(|longer, shorter| longer.starts_with(shorter));
    (!words.is_empty() && words.iter().all(|word| word.trim_ascii_start().len() >= least)).then_some(words)
}

/// What a piece begins with whatever it goes on with.
fn begins_in_any_case(piece: &Hir) -> Option<Vec<u8>> {
    let words = beginnings(piece, NEEDS_BYTES_MIN, SECONDS_MAX)?;
    let mut same = words.first()?.clone();
    for word in words {
        same.truncate(same.iter().zip(&word).take_while(|(a, b)| a == b).count());
    }
    (same.len() >= NEEDS_BYTES_MIN).then_some(same)
}

struct Search<'t> {
    finder: &'static Finder,
    view: &'t str,
    memory: &'t mut Memory,
    /// Up to where each rule has fired already, and how often; empty as long as none has.
    done: Vec<(usize, usize)>,
    found: Vec<(&'static Rule, Range<usize>)>,
}

impl Search<'_> {
    /// A first piece may begin.
    fn head(&mut self, number: usize, at: usize) {
        let Some(path) = self.finder.paths.get(number) else { return };
        if !path.waits {
            return self.try_at(path, at);
        }
        let Some(waiting) = self.memory.waiting.get_mut(number) else { return };
        if waiting.is_empty() {
            self.memory.had.push(number);
        }
        if waiting.len() == WAITING_MAX {
            waiting.retain(|start| start + RULE_BYTES_MAX >= at);
        }
        if waiting.len() == WAITING_MAX {
            waiting.remove(0);
        }
        waiting.push(at);
    }

    /// A second piece may begin: those that wait for it are tried.
    fn second(&mut self, number: usize, at: usize) {
        let Some(path) = self.finder.paths.get(number) else { return };
        let Some(waiting) = self.memory.waiting.get_mut(number).filter(|waiting| !waiting.is_empty()) else { return };
        // A piece may begin where the first one does.
        let starts: Vec<usize> = waiting.extract_if(.., |start| *start < at).collect();
        for start in starts.into_iter().filter(|start| start + RULE_BYTES_MAX >= at) {
            self.try_at(path, start);
        }
    }

    /// Tries a path where it may begin.
    fn try_at(&mut self, path: &Path, start: usize) {
        let (end, count) = self.done.get(path.rule).copied().unwrap_or_default();
        if start < end || count >= PLACES_MAX {
            return;
        }
        let to = self.view.ceil_char_boundary(self.view.len().min(start + RULE_BYTES_MAX));
        let within = self.view.as_bytes().get(start..to).unwrap_or_default();
        if path.needs.as_ref().is_some_and(|needs| needs.find(within).is_none()) {
            return;
        }
        let head = self.search(&path.head, start..to, Anchored::Yes);
        if let Some(end) = head.and_then(|head| self.rest(&path.rest, head.end, to)) {
            self.fire(path.rule, start..end);
        }
    }

    fn fire(&mut self, rule: usize, range: Range<usize>) {
        self.done.resize(RULES.len(), (0, 0));
        if let (Some(done), Some(rule)) = (self.done.get_mut(rule), RULES.get(rule)) {
            *done = (range.end, done.1 + 1);
            self.found.push((rule, range));
        }
    }

    /// The end of what follows a piece, if the rest of the path does.
    fn rest(&mut self, rest: &[(Gap, Piece)], from: usize, to: usize) -> Option<usize> {
        let Some(((gap, piece), rest)) = rest.split_first() else { return Some(from) };
        let last = gap.reach(self.view.get(from..to)?) + from;
        let end = self.view.ceil_char_boundary(to.min(last + piece.length));
        let mut at = from;
        for _ in 0..TRIES_MAX {
            let found = self.search(piece, at..end, Anchored::No)?;
            if found.start > last {
                return None;
            }
            if let Some(end) = self.rest(rest, found.end, to) {
                return Some(end);
            }
            at = self.view.ceil_char_boundary(found.start + 1);
        }
        None
    }

    fn search(&mut self, piece: &Piece, range: Range<usize>, anchored: Anchored) -> Option<Range<usize>> {
        let cache = self.memory.caches.get_mut(piece.number)?.get_or_insert_with(|| piece.regex.create_cache());
        let input = Input::new(self.view).range(range).anchored(anchored);
        piece.regex.search_with(cache, &input).map(|found| found.range())
    }
}

#[cfg(test)]
mod tests;
