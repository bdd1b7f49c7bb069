//! Regular expressions, compiled: at once where there are few, and where there are many, when they are needed first.
//!
//! Of thousands of patterns a text has the literals of a few. Those are compiled and kept, up to a number of bytes for
//! the whole process; what was not needed for the longest time goes first. A pattern that counts far is compiled without
//! counting at first, which is small and fast; as it is written it is compiled when the other has found something.

use super::look::{self, Looks};
use super::shape;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_syntax::hir::Hir;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The largest compiled pattern, and what it may keep while it runs.
pub(super) const COMPILED_BYTES_MAX: usize = 256 * 1_024;
const RUNNING_BYTES_MAX: usize = 512 * 1_024;
/// What one of many may take, as far as its tree tells; few are compiled at a time.
const MANY_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// What the tree cannot tell exactly has some room.
const COMPILED_OF_MANY_MAX: usize = 8 * MANY_BYTES_MAX;
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

    /// Compiles it, as it is written, for one of few.
    fn compiled(&self) -> Result<Compiled, String> {
        let (plain, has_looks) = self.plain()?;
        let regex = regex(&plain, Some(COMPILED_BYTES_MAX), RUNNING_BYTES_MAX)?;
        Ok(Compiled { looks: self.looks(has_looks, COMPILED_BYTES_MAX)?, regex })
    }

    fn looks(&self, has_looks: bool, bytes_max: usize) -> Result<Option<Looks>, String> {
        if !has_looks {
            return Ok(None);
        }
        let (tree, looks) = self.tree()?;
        Looks::new(&tree, &looks, bytes_max).map(Some)
    }

    /// Compiles a stage of it, for one of many, which was found to be small enough.
    fn staged(&self, stage: Stage) -> Result<Compiled, String> {
        let (plain, has_looks) = self.plain()?;
        let (plain, has_looks) = match stage {
            Stage::Loose => (shape::uncounted(&plain), false),
            Stage::Exact => (plain, has_looks),
        };
        let looks = self.looks(has_looks, COMPILED_OF_MANY_MAX)?;
        Ok(Compiled { regex: regex(&plain, None, RUNNING_BYTES_OF_MANY)?, looks })
    }

    /// Whether it would compile, without keeping anything of it.
    fn check(&self, tree: &Hir, has_looks: bool) -> Result<(), String> {
        if shape::bytes(tree) > MANY_BYTES_MAX {
            return Err(too_large());
        }
        if has_looks { look::check(&self.tree()?.1, MANY_BYTES_MAX, 0) } else { Ok(()) }
    }
}

/// How closely a pattern is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// Without counting: what is not found so is not found at all.
    Loose,
    /// As it is written.
    Exact,
}

fn regex(tree: &Hir, bytes_max: Option<usize>, running_bytes: usize) -> Result<Regex, String> {
    let config = Regex::config().nfa_size_limit(bytes_max).onepass(false).hybrid_cache_capacity(running_bytes);
    Regex::builder().configure(config).build_from_hir(tree).map_err(|_error| too_large())
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
        recipe.compiled().map(|compiled| Self::Ready(Arc::new(compiled)))
    }

    /// Calls `take` with every match within a window.
    pub(super) fn each(&self, text: &str, window: Range<usize>, take: &mut impl FnMut(Range<usize>)) {
        match self {
            Self::Ready(compiled) => compiled.each(text, window, take),
            Self::Kept(recipe) => {
                let input = Input::new(text).range(window.clone());
                let may_be = kept(recipe, Stage::Loose).is_some_and(|loose| loose.regex.is_match(input));
                if may_be && let Some(compiled) = kept(recipe, Stage::Exact) {
                    compiled.each(text, window, take);
                }
            }
        }
    }
}

impl Compiled {
    fn each(&self, text: &str, window: Range<usize>, take: &mut impl FnMut(Range<usize>)) {
        let input = Input::new(text).range(window.clone());
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
    compiled: HashMap<(u64, Stage), Kept>,
    bytes: usize,
    now: u64,
}

#[derive(Debug)]
struct Kept {
    compiled: Arc<Compiled>,
    bytes: usize,
    used_at: u64,
}

/// A stage of a pattern, which was found to compile.
fn kept(recipe: &Recipe, stage: Stage) -> Option<Arc<Compiled>> {
    let key = (recipe.number, stage);
    if let Some(known) = SHELF.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
        return Some(known);
    }
    let compiled = Arc::new(recipe.staged(stage).ok()?);
    SHELF.lock().unwrap_or_else(PoisonError::into_inner).put(key, &compiled);
    Some(compiled)
}

impl Shelf {
    fn get(&mut self, key: (u64, Stage)) -> Option<Arc<Compiled>> {
        self.now += 1;
        let kept = self.compiled.get_mut(&key)?;
        kept.used_at = self.now;
        Some(Arc::clone(&kept.compiled))
    }

    fn put(&mut self, key: (u64, Stage), compiled: &Arc<Compiled>) {
        let (bytes, compiled, used_at) = (compiled.memory(), Arc::clone(compiled), self.now);
        self.bytes += bytes;
        if let Some(twice) = self.compiled.insert(key, Kept { compiled, bytes, used_at }) {
            self.bytes -= twice.bytes;
        }
        if self.bytes > KEPT_BYTES_MAX {
            self.clear_a_quarter();
        }
    }

    fn clear_a_quarter(&mut self) {
        let mut by_use: Vec<(u64, (u64, Stage))> =
            self.compiled.iter().map(|(key, kept)| (kept.used_at, *key)).collect();
        by_use.sort_unstable_by_key(|(used_at, _)| *used_at);
        for (_, key) in by_use {
            if self.bytes <= KEPT_BYTES_MAX / 4 * 3 {
                return;
            }
            self.bytes -= self.compiled.remove(&key).map_or(0, |kept| kept.bytes);
        }
    }
}
