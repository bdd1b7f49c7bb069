//! Look-around: what must or must not stand before or behind a place, without being a part of the match.
//!
//! Automata over bytes have none. So each look-around becomes an empty group, the pattern without them finds where
//! something may be, and there a simulation of its automaton is run that asks the question of each group at the places
//! where it stands. It takes the automaton's states times the text, and never goes back.

use super::literal::REACH_BYTES;
use super::shape;
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{self, NFA, State, WhichCaptures};
use regex_automata::util::primitives::{PatternID, StateID};
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Hir, HirKind};
use std::ops::Range;

/// Look-arounds of one pattern, and inside each other.
const LOOKS_MAX: usize = 16;
const NESTED_MAX: usize = 3;
/// The most bytes that look-behind may ask for.
const BEHIND_BYTES_MAX: usize = 1_024;
/// How the groups are called that stand for look-arounds.
const NAME: &str = "picket_look_";

/// One look-around as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    is_behind: bool,
    is_negative: bool,
    pattern: String,
}

/// A pattern whose look-arounds are empty groups, and these.
pub(super) fn apart(pattern: &str) -> Result<(String, Vec<Written>), String> {
    let (mut rest, mut looks, mut classes, mut at) = (String::new(), Vec::new(), 0_usize, 0);
    while let Some(tail) = pattern.get(at..).filter(|tail| !tail.is_empty()) {
        let kind = [("(?=", false, false), ("(?!", false, true), ("(?<=", true, false), ("(?<!", true, true)];
        let kind = kind.into_iter().find(|(open, ..)| classes == 0 && tail.starts_with(open));
        let Some((open, is_behind, is_negative)) = kind else {
            let taken = token(tail, &mut classes);
            rest.push_str(tail.get(..taken).unwrap_or_default());
            at += taken;
            continue;
        };
        let Some(length) = closed(tail) else { return Err(format!("the look-around at byte {at} has no end")) };
        if looks.len() == LOOKS_MAX {
            return Err(format!("has more than {LOOKS_MAX} look-arounds; write several patterns"));
        }
        rest.extend(["(?P<", NAME, &looks.len().to_string(), ">)"]);
        let inside = tail.get(open.len()..length - 1).unwrap_or_default();
        looks.push(Written { is_behind, is_negative, pattern: format!("{}{inside}", flags(pattern)) });
        at += length;
    }
    Ok((rest, looks))
}

/// Bytes of the next character or escape, keeping count of the classes that are open.
fn token(tail: &str, classes: &mut usize) -> usize {
    let mut characters = tail.chars();
    let first = characters.next();
    match first {
        Some('\\') => return 1 + characters.next().map_or(0, char::len_utf8),
        Some('[') => {
            let is_first = *classes == 0 || !tail.starts_with("[:");
            *classes += usize::from(is_first);
            // A bracket that closes is a member where it stands first.
            let members = tail.get(1..).unwrap_or_default();
            let head = usize::from(members.starts_with('^'));
            if is_first && members.get(head..).is_some_and(|members| members.starts_with(']')) {
                return 2 + head;
            }
        }
        Some(']') => *classes = classes.saturating_sub(1),
        _ => {}
    }
    first.map_or(1, char::len_utf8)
}

/// The length of the group with which a text begins.
fn closed(tail: &str) -> Option<usize> {
    let (mut depth, mut classes, mut at) = (0_usize, 0, 0);
    while let Some(rest) = tail.get(at..).filter(|rest| !rest.is_empty()) {
        let is_outside = classes == 0;
        let taken = token(rest, &mut classes);
        if is_outside {
            depth += usize::from(rest.starts_with('('));
            depth = if rest.starts_with(')') { depth.checked_sub(1)? } else { depth };
        }
        at += taken;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The flags with which a pattern begins, which hold in its look-arounds too.
fn flags(pattern: &str) -> &str {
    let is_flags = |inside: &&str| inside.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let inside = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')')).map(|(inside, _)| inside);
    inside.filter(is_flags).and_then(|inside| pattern.get(..inside.len() + 3)).unwrap_or_default()
}

/// Whether a tree is a group that stands for a look-around.
pub(super) fn is_stand_in(hir: &HirKind) -> bool {
    matches!(hir, HirKind::Capture(capture) if capture.name.as_ref().is_some_and(|name| name.starts_with(NAME)))
}

/// A pattern with its look-arounds.
#[derive(Debug)]
pub(super) struct Looks {
    nfa: NFA,
    /// By group, which of the questions it asks.
    groups: Vec<Option<usize>>,
    asked: Vec<Asked>,
}

#[derive(Debug)]
struct Asked {
    is_behind: bool,
    is_negative: bool,
    regex: Regex,
    /// What it asks itself.
    looks: Option<Looks>,
}

impl Looks {
    /// The automaton of a tree with stand-ins, and what they stand for. `bytes_max` bounds each compiled part.
    pub(super) fn new(tree: &Hir, written: &[Written], bytes_max: usize) -> Result<Self, String> {
        Self::nested(tree, written, bytes_max, 0)
    }

    fn nested(tree: &Hir, written: &[Written], bytes_max: usize, depth: usize) -> Result<Self, String> {
        if depth >= NESTED_MAX {
            return Err(format!("has look-arounds nested more than {NESTED_MAX} deep; write them flat"));
        }
        let config = thompson::Config::new().nfa_size_limit(Some(bytes_max)).which_captures(WhichCaptures::All);
        let nfa = thompson::Compiler::new().configure(config).build_from_hir(tree);
        let nfa = nfa.map_err(|_error| too_large(bytes_max))?;
        let group = |name: &str| nfa.group_info().to_index(PatternID::ZERO, name);
        let mut groups = vec![None; nfa.group_info().all_group_len()];
        for number in 0..written.len() {
            let at = group(&format!("{NAME}{number}"));
            at.and_then(|at| groups.get_mut(at)).into_iter().for_each(|group| *group = Some(number));
        }
        let asked = written.iter().map(|look| Asked::new(look, bytes_max, depth)).collect::<Result<_, _>>()?;
        Ok(Self { nfa, groups, asked })
    }

    /// Bytes that it keeps.
    pub(super) fn memory(&self) -> usize {
        let asked =
            self.asked.iter().map(|asked| asked.regex.memory_usage() + asked.looks.as_ref().map_or(0, Self::memory));
        self.nfa.memory_usage() + asked.sum::<usize>()
    }

    /// Calls `take` with every match within a window.
    pub(super) fn each(&self, text: &str, window: Range<usize>, take: &mut impl FnMut(Range<usize>)) {
        let mut at = window.start;
        while let Some(found) = self.first(text, at..window.end, false) {
            at = text.ceil_char_boundary(found.end.max(found.start + 1));
            take(found);
            if at > window.end {
                return;
            }
        }
    }

    /// The first match, of which earlier alternatives come first. `is_anchored` asks for one that begins the window.
    fn first(&self, text: &str, window: Range<usize>, is_anchored: bool) -> Option<Range<usize>> {
        let seen = vec![0; self.nfa.states().len()];
        let answers = vec![(usize::MAX, false); self.asked.len()];
        let mut run = Run { looks: self, text, limit: window.end, seen, step: 1, answers };
        let (mut threads, mut next, mut found): (Vec<Thread>, Vec<Thread>, Option<Range<usize>>) =
            (Vec::new(), Vec::new(), None);
        for at in window.clone().chain(std::iter::once(window.end)) {
            let may_begin = found.is_none() && (!is_anchored || at == window.start) && text.is_char_boundary(at);
            if may_begin {
                run.follow(Thread { state: self.nfa.start_anchored(), start: at }, at, &mut threads);
            }
            if threads.is_empty() && (found.is_some() || is_anchored) {
                break;
            }
            run.step += 1;
            let byte = text.as_bytes().get(at).filter(|_| at < window.end);
            for thread in threads.drain(..) {
                if matches!(self.nfa.state(thread.state), State::Match { .. }) {
                    found = Some(thread.start..at);
                    break;
                }
                let reached = byte.and_then(|byte| self.reached(thread.state, *byte));
                if let Some(state) = reached {
                    run.follow(Thread { state, start: thread.start }, at + 1, &mut next);
                }
            }
            threads.clear();
            std::mem::swap(&mut threads, &mut next);
        }
        found
    }

    fn reached(&self, state: StateID, byte: u8) -> Option<StateID> {
        match self.nfa.state(state) {
            State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
            State::Sparse(sparse) => sparse.matches_byte(byte),
            State::Dense(dense) => dense.matches_byte(byte),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Thread {
    state: StateID,
    start: usize,
}

/// One simulation.
struct Run<'a> {
    looks: &'a Looks,
    text: &'a str,
    /// The end of the window.
    limit: usize,
    /// The step in which each state was reached last.
    seen: Vec<u32>,
    step: u32,
    /// For each look-around, the last place at which it was asked, and the answer.
    answers: Vec<(usize, bool)>,
}

impl Run<'_> {
    fn ask(&mut self, question: usize, at: usize) -> bool {
        let (Some(answer), Some(asked)) = (self.answers.get_mut(question), self.looks.asked.get(question)) else {
            return false;
        };
        if answer.0 != at {
            *answer = (at, asked.holds(self.text, at));
        }
        answer.1
    }

    /// Adds the states that are reached without a byte, in the order of the alternatives.
    fn follow(&mut self, thread: Thread, at: usize, into: &mut Vec<Thread>) {
        let mut stack = vec![thread.state];
        while let Some(state) = stack.pop() {
            let Some(seen) = self.seen.get_mut(state.as_usize()) else { continue };
            if *seen == self.step {
                continue;
            }
            *seen = self.step;
            match self.looks.nfa.state(state) {
                State::Union { alternates } => stack.extend(alternates.iter().rev()),
                State::BinaryUnion { alt1, alt2 } => stack.extend([*alt2, *alt1]),
                State::Capture { next, group_index, slot, .. } => {
                    let question = self.looks.groups.get(group_index.as_usize()).copied().flatten();
                    let question = question.filter(|_| slot.as_usize().is_multiple_of(2));
                    if question.is_none_or(|question| self.ask(question, at)) {
                        stack.push(*next);
                    }
                }
                State::Look { look, next } => {
                    if self.looks.nfa.look_matcher().matches(*look, self.text.as_bytes(), at) {
                        stack.push(*next);
                    }
                }
                State::Fail => {}
                State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) | State::Match { .. } => {
                    if at <= self.limit {
                        into.push(Thread { state, start: thread.start });
                    }
                }
            }
        }
    }
}

/// Whether look-arounds could be compiled, without compiling them.
pub(super) fn check(written: &[Written], bytes_max: usize, depth: usize) -> Result<(), String> {
    if depth >= NESTED_MAX {
        return Err(format!("has look-arounds nested more than {NESTED_MAX} deep; write them flat"));
    }
    for look in written {
        let (tree, plain, looks) = look.read()?;
        if shape::bytes(&tree).max(shape::bytes(&plain)) > bytes_max {
            return Err(too_large(bytes_max));
        }
        if !looks.is_empty() {
            check(&looks, bytes_max, depth + 1)?;
        }
    }
    Ok(())
}

impl Written {
    /// Its tree, that without stand-ins, and what the stand-ins stand for.
    fn read(&self) -> Result<(Hir, Hir, Vec<Self>), String> {
        let (pattern, looks) = apart(&self.pattern)?;
        if self.is_behind && !looks.is_empty() {
            return Err("looks around inside a look-behind; write them beside each other".to_owned());
        }
        let tree = shape::with_stand_ins(&pattern, false)?;
        let plain = shape::without_stand_ins(&tree);
        if self.is_behind && plain.properties().maximum_len().is_none_or(|longest| longest > BEHIND_BYTES_MAX) {
            return Err(format!("looks more than {BEHIND_BYTES_MAX} bytes behind; write repeats that have an end"));
        }
        Ok((tree, plain, looks))
    }
}

impl Asked {
    fn new(written: &Written, bytes_max: usize, depth: usize) -> Result<Self, String> {
        let (tree, plain, looks) = written.read()?;
        let plain = if written.is_behind { shape::at_end(plain) } else { plain };
        let config = Regex::config().nfa_size_limit(Some(bytes_max)).onepass(false).hybrid_cache_capacity(bytes_max);
        let regex = Regex::builder().configure(config).build_from_hir(&plain).map_err(|_error| too_large(bytes_max))?;
        let looks = (!looks.is_empty()).then(|| Looks::nested(&tree, &looks, bytes_max, depth + 1)).transpose()?;
        Ok(Self { is_behind: written.is_behind, is_negative: written.is_negative, regex, looks })
    }

    fn holds(&self, text: &str, at: usize) -> bool {
        let is_there = if self.is_behind {
            let from = text.floor_char_boundary(at.saturating_sub(BEHIND_BYTES_MAX));
            let before = text.get(..at).unwrap_or_default();
            self.regex.is_match(Input::new(before).range(from..))
        } else {
            let limit = text.ceil_char_boundary((at + REACH_BYTES).min(text.len()));
            let may_be = self.regex.is_match(Input::new(text).range(at..limit).anchored(Anchored::Yes));
            may_be && self.looks.as_ref().is_none_or(|looks| looks.first(text, at..limit, true).is_some())
        };
        is_there != self.is_negative
    }
}

fn too_large(bytes_max: usize) -> String {
    format!("compiles to more than {bytes_max} bytes; write shorter repeats or smaller classes")
}

#[cfg(test)]
mod tests;
