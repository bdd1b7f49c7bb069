//! Regular expressions, compiled: at once where there are few, and where there are many, when they are needed first.
//!
//! Of thousands of patterns a text has the literals of a few. Those are compiled and kept, up to a number of bytes for
//! the whole process. Of each there is a sketch at first, which counts no further than a few and says only whether
//! something may be there; as it is written a pattern is compiled when its sketch has found something. A sketch is small,
//! what it keeps while it runs is larger and soon made anew, so that the latter goes first when there is no room.

use super::look::{self, Looks};
use super::shape;
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_syntax::hir::Hir;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::panic::{RefUnwindSafe, UnwindSafe};
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
const RUNNING_BYTES_OF_MANY: usize = 64 * 1_024;
/// Bytes of all patterns that are compiled when they are needed. The sketches of the largest pack take a third of it.
const KEPT_BYTES_MAX: usize = 80 * 1_024 * 1_024;
/// What a pattern keeps while it runs, as far as can be told beforehand.
const RUNNING_BYTES_USUAL: usize = 28 * 1_024;

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

    /// Compiles it, as it is written, for one of many, which was found to be small enough.
    fn exact(&self) -> Result<Compiled, String> {
        let (plain, has_looks) = self.plain()?;
        let looks = self.looks(has_looks, COMPILED_OF_MANY_MAX)?;
        Ok(Compiled { regex: regex(&plain, None, RUNNING_BYTES_OF_MANY)?, looks })
    }

    /// An automaton that says whether it may be there, for one of many.
    fn sketch(&self) -> Result<DFA, String> {
        let tree = shape::uncounted(&self.plain()?.0);
        let config = thompson::Config::new().which_captures(WhichCaptures::None);
        let nfa = thompson::Compiler::new().configure(config).build_from_hir(&tree).map_err(|_error| too_large())?;
        let config = DFA::config().cache_capacity(RUNNING_BYTES_OF_MANY).skip_cache_capacity_check(true);
        DFA::builder().configure(config).build_from_nfa(nfa).map_err(|_error| too_large())
    }

    /// Whether it would compile, without keeping anything of it.
    fn check(&self, tree: &Hir, has_looks: bool) -> Result<(), String> {
        if shape::bytes(tree) > MANY_BYTES_MAX {
            return Err(too_large());
        }
        if has_looks { look::check(&self.tree()?.1, MANY_BYTES_MAX, 0) } else { Ok(()) }
    }
}

/// What is kept of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Stage {
    /// Its automaton without counting: what is not found so is not found at all.
    Sketch,
    /// What the sketch keeps while it runs.
    Running,
    /// The pattern as it is written.
    Exact,
}

#[derive(Clone)]
enum Made {
    Sketch(Arc<DFA>),
    Running(Arc<Pool<Cache, MakeCache>>),
    Exact(Arc<Compiled>),
}

type MakeCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Made({} bytes)", self.memory())
    }
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
                if may_be_in(recipe, input)
                    && let Some(Made::Exact(compiled)) = kept(recipe, Stage::Exact, || recipe.exact().map(Made::exact))
                {
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
        self.regex.memory_usage() + self.looks.as_ref().map_or(0, Looks::memory)
    }
}

/// Whether a pattern may be there. Where its sketch cannot tell, it may.
fn may_be_in(recipe: &Recipe, input: Input<'_>) -> bool {
    let sketch = kept(recipe, Stage::Sketch, || recipe.sketch().map(|sketch| Made::Sketch(Arc::new(sketch))));
    let Some(Made::Sketch(sketch)) = sketch else { return true };
    let Some(Made::Running(running)) = kept(recipe, Stage::Running, || Ok(Made::running(&sketch))) else { return true };
    let found = sketch.try_search_fwd(&mut running.get(), &input.earliest(true));
    !matches!(found, Ok(None))
}

impl Made {
    fn exact(compiled: Compiled) -> Self {
        Self::Exact(Arc::new(compiled))
    }

    fn running(sketch: &Arc<DFA>) -> Self {
        let sketch = Arc::clone(sketch);
        let make: MakeCache = Box::new(move || sketch.create_cache());
        Self::Running(Arc::new(Pool::new(make)))
    }

    fn memory(&self) -> usize {
        match self {
            Self::Sketch(sketch) => sketch.memory_usage() + sketch.get_nfa().memory_usage(),
            Self::Running(_) => RUNNING_BYTES_USUAL,
            Self::Exact(compiled) => compiled.memory() + RUNNING_BYTES_USUAL,
        }
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
    made: Made,
    bytes: usize,
    used_at: u64,
}

/// What is kept of a pattern, which was found to compile; it is made where nothing is.
fn kept(recipe: &Recipe, stage: Stage, make: impl FnOnce() -> Result<Made, String>) -> Option<Made> {
    let key = (recipe.number, stage);
    if let Some(known) = SHELF.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
        return Some(known);
    }
    let made = make().ok()?;
    SHELF.lock().unwrap_or_else(PoisonError::into_inner).put(key, made.clone());
    Some(made)
}

impl Shelf {
    fn get(&mut self, key: (u64, Stage)) -> Option<Made> {
        self.now += 1;
        let kept = self.compiled.get_mut(&key)?;
        kept.used_at = self.now;
        Some(kept.made.clone())
    }

    fn put(&mut self, key: (u64, Stage), made: Made) {
        let (bytes, used_at) = (made.memory(), self.now);
        self.bytes += bytes;
        if let Some(twice) = self.compiled.insert(key, Kept { made, bytes, used_at }) {
            self.bytes -= twice.bytes;
        }
        if self.bytes > KEPT_BYTES_MAX {
            self.clear_a_quarter();
        }
    }

    fn clear_a_quarter(&mut self) {
        let mut by_use: Vec<(bool, u64, (u64, Stage))> =
            self.compiled.iter().map(|(key, kept)| (key.1 == Stage::Sketch, kept.used_at, *key)).collect();
        by_use.sort_unstable();
        for (_, _, key) in by_use {
            if self.bytes <= KEPT_BYTES_MAX / 4 * 3 {
                return;
            }
            self.bytes -= self.compiled.remove(&key).map_or(0, |kept| kept.bytes);
        }
    }
}
