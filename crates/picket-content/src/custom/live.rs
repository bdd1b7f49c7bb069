//! What at the end of a text may still become a match.
//!
//! A text that arrives in pieces is released up to the first place from which some pattern could go on: an automaton of
//! all patterns is run from each place of what is held, and mostly dies at its first byte.

use super::engine::Pattern;
use super::literal::REACH_BYTES;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind};
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// The largest automaton of all patterns, and what each thread may keep of its states.
const COMPILED_BYTES_MAX: usize = 32 * 1_024 * 1_024;
const STATES_BYTES_MAX: usize = 4 * 1_024 * 1_024;

type MakeCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// Tells where what may still become a match begins.
pub(super) struct Live {
    automaton: DFA,
    caches: Pool<Cache, MakeCache>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

impl Live {
    /// The automaton of patterns; `None` without patterns.
    pub(super) fn new(patterns: &[Pattern]) -> Result<Option<Self>, String> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let trees: Vec<_> = patterns.iter().filter_map(|pattern| pattern.tree.as_ref()).collect();
        let limits =
            thompson::Config::new().nfa_size_limit(Some(COMPILED_BYTES_MAX)).which_captures(WhichCaptures::None);
        let too_large = "is too large for streams together with the others; take rules apart with `phase: input`, or write shorter repeats";
        let nfa = thompson::Compiler::new().configure(limits).build_many_from_hir(&trees);
        let nfa = nfa.map_err(|_error| too_large.to_owned())?;
        let config =
            DFA::config().match_kind(MatchKind::All).cache_capacity(STATES_BYTES_MAX).skip_cache_capacity_check(true);
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa).map_err(|_error| too_large.to_owned())?;
        let for_caches = automaton.clone();
        let make: MakeCache = Box::new(move || for_caches.create_cache());
        Ok(Some(Self { automaton, caches: Pool::new(make) }))
    }

    /// Where in `window` what may still become a match begins, from `held` on; its end where nothing may.
    pub(super) fn start(&self, window: &str, held: usize) -> usize {
        let from = window.ceil_char_boundary(held.max(window.len().saturating_sub(REACH_BYTES)));
        let mut cache = self.caches.get();
        let places = window.get(from..).unwrap_or_default().char_indices().map(|(at, _)| from + at);
        places.into_iter().find(|at| self.is_alive(&mut cache, window, *at)).unwrap_or(window.len())
    }

    /// Whether some pattern could go on that begins here. What cannot be told could.
    fn is_alive(&self, cache: &mut Cache, window: &str, at: usize) -> bool {
        let input = Input::new(window).range(at..).anchored(Anchored::Yes);
        let Ok(mut state) = self.automaton.start_state_forward(cache, &input) else { return true };
        for byte in window.as_bytes().get(at..).unwrap_or_default() {
            match self.automaton.next_state(cache, state, *byte) {
                Ok(next) if next.is_dead() => return false,
                Ok(next) if next.is_quit() => return true,
                Ok(next) => state = next,
                Err(_) => return true,
            }
        }
        // A match shows one byte late, and may be all that the state says.
        let goes_on = |next: Result<LazyStateID, _>| next.map_or(true, |next: LazyStateID| !next.is_dead());
        !state.is_match() || (0..=u8::MAX).any(|byte| goes_on(self.automaton.next_state(cache, state, byte)))
    }
}
