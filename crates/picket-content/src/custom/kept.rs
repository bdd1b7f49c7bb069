//! Regular expressions, compiled: at once where there are few, and where there are many, when they are needed first.
//!
//! Of thousands of patterns a text has the literals of a few. Those are compiled and kept, up to a number of bytes for
//! the whole process; what was not needed for the longest time goes first.

use super::look::{self, Looks};
use super::shape;
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_syntax::hir::Hir;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The largest compiled pattern, and what it may keep while it runs.
pub(super) const COMPILED_BYTES_MAX: usize = 256 * 1_024;
const RUNNING_BYTES_MAX: usize = 512 * 1_024;
/// What one of many may keep while it runs.
const RUNNING_BYTES_OF_MANY: usize = 128 * 1_024;
/// Bytes of all patterns that are compiled when they are needed.
const KEPT_BYTES_MAX: usize = 48 * 1_024 * 1_024;
/// What a pattern keeps while it runs, as far as can be told beforehand.
const RUNNING_BYTES_USUAL: usize = 24 * 1_024;

static SHELF: LazyLock<Mutex<Shelf>> = LazyLock::new(Mutex::default);
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A pattern as it is written, and what is made of it.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    number: u64,
    pattern: Arc<str>,
    spelling: Spelling,
    /// Which of its ways, where each is a pattern of its own.
    way: Option<usize>,
}

/// The text over which a pattern is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// The text itself.
    Plain,
    /// The folded text.
    Folded,
}

/// A pattern that may be searched for.
#[derive(Debug, Clone)]
pub(super) enum Search {
    /// Compiled.
    Ready(Arc<Compiled>),
    /// To be compiled.
    Kept(Recipe),
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Compiled {
    regex: Regex,
    looks: Option<Looks>,
}

impl Recipe {
    /// A pattern, whole.
    pub(super) fn new(pattern: &str, spelling: Spelling) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { number, pattern: pattern.into(), spelling, way: None }
    }

    /// One of its ways.
    pub(super) fn way(&self, way: usize) -> Self {
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed), way: Some(way), ..self.clone() }
    }

    /// What it matches, with stand-ins for what it has of look-around.
    fn tree(&self) -> Result<(Hir, Vec<look::Written>), String> {
        let is_folded = self.spelling == Spelling::Folded;
        let (pattern, looks) = look::apart(&self.pattern)?;
        let tree = shape::with_stand_ins(&pattern, is_folded)?;
        Ok((if is_folded { shape::lowered(&tree) } else { tree }, looks))
    }

    /// What it matches, without look-around, of which `true` says that there is some.
    pub(super) fn plain(&self) -> Result<(Hir, bool), String> {
        let (tree, looks) = self.tree()?;
        let plain = shape::without_stand_ins(&tree);
        let plain = self.way.map_or_else(|| Some(plain.clone()), |way| shape::ways(&plain).into_iter().nth(way));
        Ok((plain.ok_or_else(|| "has no such way".to_owned())?, !looks.is_empty()))
    }

    fn compiled(&self, running_bytes: usize) -> Result<Compiled, String> {
        let (plain, has_looks) = self.plain()?;
        let config = Regex::config()
            .nfa_size_limit(Some(COMPILED_BYTES_MAX))
            .onepass(false)
            .hybrid_cache_capacity(running_bytes);
        let regex = Regex::builder().configure(config).build_from_hir(&plain).map_err(|_error| too_large())?;
        let looks = if has_looks {
            let (tree, looks) = self.tree()?;
            Some(Looks::new(&tree, &looks, COMPILED_BYTES_MAX)?)
        } else {
            None
        };
        Ok(Compiled { regex, looks })
    }

    /// Whether it compiles, without keeping anything of it.
    fn check(&self, tree: &Hir, has_looks: bool) -> Result<(), String> {
        if has_looks {
            return self.compiled(RUNNING_BYTES_OF_MANY).map(drop);
        }
        let config =
            thompson::Config::new().nfa_size_limit(Some(COMPILED_BYTES_MAX)).which_captures(WhichCaptures::Implicit);
        let nfa: Result<NFA, _> = thompson::Compiler::new().configure(config).build_from_hir(tree);
        nfa.map(drop).map_err(|_error| too_large())
    }
}

fn too_large() -> String {
    format!("compiles to more than {COMPILED_BYTES_MAX} bytes; write shorter repeats or smaller classes")
}

impl Search {
    /// A pattern, compiled now, or found to compile. `tree` is what it matches without look-around.
    pub(super) fn new(recipe: &Recipe, tree: &Hir, has_looks: bool, is_one_of_many: bool) -> Result<Self, String> {
        if is_one_of_many {
            recipe.check(tree, has_looks)?;
            return Ok(Self::Kept(recipe.clone()));
        }
        recipe.compiled(RUNNING_BYTES_MAX).map(|compiled| Self::Ready(Arc::new(compiled)))
    }

    /// Calls `take` with every match within a window.
    pub(super) fn each(&self, text: &str, window: Range<usize>, take: &mut impl FnMut(Range<usize>)) {
        match self {
            Self::Ready(compiled) => compiled.each(text, window, take),
            Self::Kept(recipe) => {
                if let Some(compiled) = kept(recipe) {
                    compiled.each(text, window, take);
                }
            }
        }
    }
}

impl Compiled {
    fn each(&self, text: &str, window: Range<usize>, take: &mut impl FnMut(Range<usize>)) {
        let input = regex_automata::Input::new(text).range(window.clone());
        match &self.looks {
            None => self.regex.find_iter(input).for_each(|found| take(found.range())),
            Some(looks) if self.regex.is_match(input) => looks.each(text, window, take),
            Some(_) => {}
        }
    }

    fn memory(&self) -> usize {
        self.regex.memory_usage() + self.looks.as_ref().map_or(0, Looks::memory) + RUNNING_BYTES_USUAL
    }
}

/// The patterns that were needed.
#[derive(Debug, Default)]
struct Shelf {
    compiled: HashMap<u64, Kept>,
    bytes: usize,
    now: u64,
}

#[derive(Debug)]
struct Kept {
    compiled: Arc<Compiled>,
    bytes: usize,
    used_at: u64,
}

/// The pattern of a recipe, which was found to compile.
fn kept(recipe: &Recipe) -> Option<Arc<Compiled>> {
    if let Some(known) = SHELF.lock().unwrap_or_else(PoisonError::into_inner).get(recipe.number) {
        return Some(known);
    }
    let compiled = Arc::new(recipe.compiled(RUNNING_BYTES_OF_MANY).ok()?);
    SHELF.lock().unwrap_or_else(PoisonError::into_inner).put(recipe.number, &compiled);
    Some(compiled)
}

impl Shelf {
    fn get(&mut self, number: u64) -> Option<Arc<Compiled>> {
        self.now += 1;
        let kept = self.compiled.get_mut(&number)?;
        kept.used_at = self.now;
        Some(Arc::clone(&kept.compiled))
    }

    fn put(&mut self, number: u64, compiled: &Arc<Compiled>) {
        let (bytes, compiled, used_at) = (compiled.memory(), Arc::clone(compiled), self.now);
        self.bytes += bytes;
        if let Some(twice) = self.compiled.insert(number, Kept { compiled, bytes, used_at }) {
            self.bytes -= twice.bytes;
        }
        if self.bytes > KEPT_BYTES_MAX {
            self.clear_a_quarter();
        }
    }

    fn clear_a_quarter(&mut self) {
        let mut by_use: Vec<(u64, u64)> = self.compiled.iter().map(|(number, kept)| (kept.used_at, *number)).collect();
        by_use.sort_unstable();
        for (_, number) in by_use {
            if self.bytes <= KEPT_BYTES_MAX / 4 * 3 {
                return;
            }
            self.bytes -= self.compiled.remove(&number).map_or(0, |kept| kept.bytes);
        }
    }
}
