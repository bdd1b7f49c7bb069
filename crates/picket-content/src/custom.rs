//! Rules that a customer writes: keywords and regular expressions, over the text and over what it says when it is read
//! as a person reads it, or decoded.
//!
//! However many rules there are, a text is looked at once for the literals that their matches must have; a pattern is
//! tried only around its own. Rules that would make that slow are refused when they are compiled, with what to write
//! instead. The cost is counted in bytes, not in time, so that a document that was accepted once always is.

mod build;
mod cost;
mod engine;
mod finder;
mod kept;
mod literal;
mod live;
mod look;
mod name;
pub mod pack;
mod shape;
mod word;

use crate::injection::decoded;
use aho_corasick::AhoCorasick;
use engine::Engine;
use live::Live;
use picket_event::{Phase, Role};
use picket_text::{Check, Context, Hit, Hits, Report, disjoint};
use picket_text::{Origins, fold};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

/// Rules of one check.
pub const RULES_MAX: usize = 4_096;
/// Entries of one rule: keywords, regular expressions, words nearby.
pub const ENTRIES_MAX: usize = 1_024;
/// The longest entry but for regular expressions.
pub const ENTRY_BYTES_MAX: usize = 1_024;
/// The longest regular expression.
pub const REGEX_BYTES_MAX: usize = 4_096;
/// The furthest that a word nearby may be.
pub const NEAR_BYTES_MAX: usize = 4_096;

/// A rule, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its name: small letters, digits, `-`, `_` and `.`; what events and redacted texts show.
    pub id: String,
    /// Texts to look for.
    pub keywords: Vec<String>,
    /// Regular expressions to look for.
    pub regexes: Vec<String>,
    /// What is looked at.
    pub views: Views,
    /// Whether `A` and `a` differ in keywords; in regular expressions they do unless it says `(?i)`.
    pub case_sensitive: bool,
    /// Whether a keyword must not be a part of a longer word.
    pub whole_words: bool,
    /// Counts only near one of these words.
    pub near: Option<Near>,
    /// Does not count near one of these words.
    pub unless: Option<Near>,
    /// Counts only on requests, or on answers.
    pub phase: Option<Phase>,
    /// Counts only in the words of these; empty means everybody.
    pub roles: Vec<Role>,
    /// How sure one match makes, above 0 and up to 1. Rules that match in the same text add up.
    pub score: f32,
}

impl Spec {
    /// A rule that looks for nothing yet: for everybody, in the text as it stands and as a reader sees it, words as a whole,
    /// and sure.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            keywords: Vec::new(),
            regexes: Vec::new(),
            views: Views { text: true, folded: true, decoded: false },
            case_sensitive: false,
            whole_words: true,
            near: None,
            unless: None,
            phase: None,
            roles: Vec::new(),
            score: 1.0,
        }
    }
}

/// When rules are asked, which says what they may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// While somebody waits.
    #[default]
    Inline,
    /// When the text is out.
    Late,
}

/// Which spellings of a text a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Views {
    /// The text as it stands.
    pub text: bool,
    /// As a reader sees it: compatibility forms, look-alikes, invisible characters, case, runs of white space.
    pub folded: bool,
    /// What base64, hexadecimal, escapes and the like in it say.
    pub decoded: bool,
}

/// Words around a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// The words, in any case.
    pub words: Vec<String>,
    /// How many bytes away they may be.
    pub within: usize,
}

/// Which part of a rule a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The rule.
    Whole,
    /// Its name.
    Id,
    /// A keyword, by its number.
    Keyword(usize),
    /// A regular expression, by its number.
    Regex(usize),
    /// Words nearby.
    Near,
    /// Words that forbid.
    Unless,
}

/// Why a rule is refused, and what to write instead. It repeats nothing of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule's number.
    pub rule: usize,
    /// Which part of it.
    pub part: Part,
    /// What is wrong, and the remedy.
    pub message: String,
}

/// Rules, compiled.
#[derive(Default)]
pub struct Rules {
    rules: Vec<Rule>,
    numbers: HashMap<&'static str, usize>,
    /// Over the text; over texts of ASCII, of which the folded text says the rest; over the folded text.
    plain: Engine,
    ascii: Engine,
    folded: Engine,
    decodes: bool,
    /// What is exact on streams: its patterns, and what may still become a match of them.
    streamed: Engine,
    live: Option<Live>,
    /// Who and where some rule concerns.
    concerned: HashSet<(Option<Phase>, Option<Role>)>,
}

/// One rule, compiled.
#[derive(Debug)]
struct Rule {
    id: &'static str,
    views: Views,
    near: Option<Around>,
    unless: Option<Around>,
    phase: Option<Phase>,
    roles: Vec<Role>,
    score: f32,
    is_exact: bool,
}

#[derive(Debug)]
struct Around {
    words: AhoCorasick,
    within: usize,
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rules({})", self.rules.len())
    }
}

/// Rules are the same if they are one.
impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Rules {}

impl Rules {
    /// Compiles rules, or says all that is wrong with them. From `threshold` on, a score counts.
    pub fn compile(specs: &[Spec], threshold: f32) -> Result<Self, Vec<Refusal>> {
        Self::compile_for(Lane::Inline, specs, threshold)
    }

    /// Compiles rules for a lane, or says all that is wrong with them.
    pub fn compile_for(lane: Lane, specs: &[Spec], threshold: f32) -> Result<Self, Vec<Refusal>> {
        let mut building = build::Building::new(lane, specs.iter().map(|spec| spec.regexes.len()).sum());
        for (number, spec) in specs.iter().enumerate() {
            building.rule(number, spec, threshold);
        }
        building.finish(specs, lane)
    }

    /// Bytes of each thousand of ordinary text that each rule looks at.
    pub fn costs(&self) -> Vec<usize> {
        let mut costs = vec![0; self.rules.len()];
        for engine in [&self.plain, &self.folded] {
            for (number, looked) in cost::per_kib(engine) {
                let rule = engine.patterns().get(number).map(|pattern| pattern.rule);
                rule.and_then(|rule| costs.get_mut(rule)).into_iter().for_each(|cost| *cost += looked);
            }
        }
        costs
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The number of a rule by the kind of its hits.
    pub fn number(&self, kind: &str) -> Option<usize> {
        self.numbers.get(kind).copied()
    }

    /// Whether nothing of a match of this rule gets out of a stream. Others are judged when their text is out.
    pub fn is_exact_on_streams(&self, rule: usize) -> bool {
        self.rules.get(rule).is_some_and(|rule| rule.is_exact)
    }

    /// Looks for all rules in a text. The score is of all that match, each of which speaks for the others.
    pub fn scan(&self, text: &str, context: &Context) -> Report {
        if !self.concerns(context) {
            return Report::default();
        }
        report(self.found(text, context))
    }

    /// Looks for what a guard of streams has not seen to already, in a text that is out. The score is of all that match.
    pub fn scan_late(&self, text: &str, context: &Context) -> Report {
        if !self.concerns(context) {
            return Report::default();
        }
        let all = report(self.found(text, context));
        let mut seen = Vec::new();
        self.find_streamed(text, 0, &mut seen);
        let is_new = |hit: &Hit| {
            let overlaps = |other: &Hit| other.kind == hit.kind && other.start < hit.end && hit.start < other.end;
            !seen.iter().any(overlaps)
        };
        let hits: Vec<Hit> = all.hits.into_iter().filter(is_new).collect();
        Report { score: all.score, kind: all.kind.filter(|_| !hits.is_empty()), hits }
    }

    /// Whether some rule is judged when a text of a stream is out.
    pub fn is_late(&self) -> bool {
        let is_late = |rule: &Rule| !rule.is_exact || rule.views.folded || rule.views.decoded;
        self.rules.iter().any(|rule| is_late(rule) && rule.phase != Some(Phase::Input))
    }

    /// Where in a window what may still become a match begins; its end where nothing may. `held` on is not released.
    pub(crate) fn live(&self, window: &str, held: usize) -> usize {
        self.live.as_ref().map_or(window.len(), |live| live.start(window, held))
    }

    /// Adds what is exact on streams and begins at `from` or later.
    pub(crate) fn find_streamed(&self, text: &str, from: usize, hits: &mut Vec<Hit>) {
        let mut bounded = Hits::default();
        self.streamed.scan(text, from, &mut |found| {
            let rule = self.streamed.patterns().get(found.pattern).and_then(|pattern| self.rules.get(pattern.rule));
            if let Some(rule) = rule {
                bounded.add(rule.hit(found.range, "stream"));
            }
        });
        hits.extend(bounded.into_vec());
    }

    fn concerns(&self, context: &Context) -> bool {
        [Some(context.phase), None]
            .into_iter()
            .any(|phase| [Some(context.role), None].into_iter().any(|role| self.concerned.contains(&(phase, role))))
    }

    fn found(&self, text: &str, context: &Context) -> Vec<Hit> {
        let mut hits = Hits::default();
        let plain = if text.is_ascii() { &self.ascii } else { &self.plain };
        self.each(plain, text, context, &mut |rule, range| hits.add(rule.hit(range, "text")));
        if self.folded.is_empty() {
            return hits.into_vec();
        }
        let mut origins = None;
        self.each(&self.folded, &fold(text), context, &mut |rule, range| {
            if rule.views.folded {
                let origins = origins.get_or_insert_with(|| Origins::of(text));
                hits.add(rule.hit(origins.original(range.start)..origins.original(range.end), "folded text"));
            }
        });
        let hidden = if self.decodes { decoded(text) } else { Vec::new() };
        for hidden in hidden {
            self.each(&self.folded, &fold(&hidden.text), context, &mut |rule, _| {
                if rule.views.decoded {
                    hits.add(rule.hit(hidden.range.clone(), "decoded text"));
                }
            });
        }
        hits.into_vec()
    }

    /// Calls `take` with every match in a view that counts.
    fn each(&self, engine: &Engine, view: &str, context: &Context, take: &mut impl FnMut(&Rule, Range<usize>)) {
        engine.scan(view, 0, &mut |found| {
            let rule = engine.patterns().get(found.pattern).and_then(|pattern| self.rules.get(pattern.rule));
            if let Some(rule) = rule.filter(|rule| rule.concerns(context) && rule.counts(view, &found.range)) {
                take(rule, found.range);
            }
        });
    }
}

/// The report of hits, some of which may overlap. Hits of one rule that do are one.
fn report(hits: Vec<Hit>) -> Report {
    let mut scores: HashMap<&str, f32> = HashMap::new();
    for hit in &hits {
        scores.insert(hit.kind, hit.score);
    }
    let mut scores: Vec<f32> = scores.into_values().collect();
    scores.sort_by(f32::total_cmp);
    let score = 1.0 - scores.iter().map(|score| 1.0 - score).product::<f32>();
    Report { score, kind: (!hits.is_empty()).then_some("custom"), hits: apart(hits) }
}

/// Hits of each rule in order and without overlap; those of several rules may overlap, since each has its say.
fn apart(hits: Vec<Hit>) -> Vec<Hit> {
    let mut of_rules: HashMap<&'static str, Vec<Hit>> = HashMap::new();
    for hit in hits {
        of_rules.entry(hit.kind).or_default().push(hit);
    }
    let mut all: Vec<Hit> = of_rules.into_values().flat_map(disjoint).collect();
    all.sort_by(|a, b| (a.start, a.end, a.kind).cmp(&(b.start, b.end, b.kind)));
    all
}

impl Rule {
    fn concerns(&self, context: &Context) -> bool {
        self.phase.is_none_or(|phase| phase == context.phase)
            && (self.roles.is_empty() || self.roles.contains(&context.role))
    }

    fn counts(&self, text: &str, range: &Range<usize>) -> bool {
        self.near.as_ref().is_none_or(|near| near.is_at(text, range))
            && !self.unless.as_ref().is_some_and(|unless| unless.is_at(text, range))
    }

    fn hit(&self, range: Range<usize>, detector: &'static str) -> Hit {
        Hit { check: Check::Custom, kind: self.id, start: range.start, end: range.end, score: self.score, detector }
    }
}

impl Around {
    fn is_at(&self, text: &str, range: &Range<usize>) -> bool {
        let from = text.floor_char_boundary(range.start.saturating_sub(self.within));
        let to = text.ceil_char_boundary(range.end.saturating_add(self.within).min(text.len()));
        [from..range.start, range.end..to]
            .into_iter()
            .any(|side| text.get(side).is_some_and(|text| self.words.is_match(text)))
    }
}

#[cfg(test)]
mod tests;
