//! What the rules of a pack find of their own cases, and in texts of others.

use super::Package;
use picket_content::Context;
use picket_content::custom::Rules;
use picket_content::custom::pack::Packed;
use picket_event::{Phase, Role};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const CONTEXT: Context = Context { role: Role::User, phase: Phase::Input };
/// The score from which on a category counts.
const THRESHOLD: f32 = 0.5;
/// Noisy is what finds something in so many of a thousand harmless texts, unless it does in many times as many attacks.
const NOISY_PER_THOUSAND: f64 = 1.0;
const TIMES: f64 = 10.0;

/// How cases of one kind went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many went as their authors say.
    pub right: usize,
    /// How many there are.
    pub of: usize,
}

impl Tally {
    /// The share that went right, in hundredths.
    pub fn percent(self) -> f64 {
        percent(self.right, self.of)
    }

    fn add(&mut self, is_right: bool) {
        self.of += 1;
        self.right += usize::from(is_right);
    }
}

/// Own cases of a category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnCases {
    /// Those in which the rule is to find something.
    pub positives: Tally,
    /// Those in which it is not.
    pub negatives: Tally,
}

/// Own cases, and which went wrong.
#[derive(Debug, Default)]
pub struct Tried {
    /// By category.
    pub categories: BTreeMap<String, OwnCases>,
    /// How many cases went wrong, by the rule's id and by whether it was to find something.
    pub wrong: BTreeMap<(String, bool), usize>,
}

impl Tried {
    /// All categories together.
    pub fn all(&self) -> OwnCases {
        let sum = |of: fn(&OwnCases) -> Tally| {
            let all = self.categories.values().map(of);
            all.fold(Tally::default(), |sum, one| Tally { right: sum.right + one.right, of: sum.of + one.of })
        };
        OwnCases { positives: sum(|own| own.positives), negatives: sum(|own| own.negatives) }
    }
}

/// Tries each rule of a package with its own cases. A rule that is not among `rules` finds nothing.
pub fn tried(package: &Package, rules: &Rules) -> Tried {
    let mut tried = Tried::default();
    for rule in &package.rules {
        let id = rule.id.to_ascii_lowercase();
        let own = tried.categories.entry(rule.category.clone()).or_default();
        for case in &rule.cases {
            let finds = |text: &String| rules.scan(text, &CONTEXT).hits.iter().any(|hit| hit.kind == id);
            let is_right = case.texts.iter().any(finds) == case.is_positive;
            let tally = if case.is_positive { &mut own.positives } else { &mut own.negatives };
            tally.add(is_right);
            if !is_right {
                *tried.wrong.entry((rule.id.clone(), case.is_positive)).or_default() += 1;
            }
        }
    }
    tried
}

/// What rules find in texts of one kind.
#[derive(Debug, Default)]
pub struct Found {
    /// How many texts there were.
    pub texts: usize,
    /// By rule, in how many texts it found something.
    pub by_rule: BTreeMap<String, usize>,
    /// By category, how many texts count when it is on as it is delivered.
    pub usual: BTreeMap<&'static str, usize>,
    /// The same with its noisy rules.
    pub noisy: BTreeMap<&'static str, usize>,
    /// How many texts count when all categories are on as they are delivered, by source.
    pub sources: BTreeMap<String, Tally>,
}

/// Looks for rules of a pack in texts.
#[derive(Debug)]
pub struct Rater<'a> {
    rules: &'a Rules,
    packed: HashMap<&'a str, &'a Packed>,
}

impl<'a> Rater<'a> {
    /// Looks for `packed`, of which `rules` were compiled.
    pub fn new(rules: &'a Rules, packed: &'a [Packed]) -> Self {
        Self { rules, packed: packed.iter().map(|packed| (packed.spec.id.as_str(), packed)).collect() }
    }

    /// Looks at a text, and notes what is found in it.
    pub fn look(&self, text: &str, source: &str, found: &mut Found) {
        let hits = self.rules.scan(text, &CONTEXT).hits;
        let ids: BTreeSet<&str> = hits.iter().map(|hit| hit.kind).collect();
        found.texts += 1;
        let (mut usual, mut noisy): (BTreeMap<&str, f32>, BTreeMap<&str, f32>) = (BTreeMap::new(), BTreeMap::new());
        let mut doubt = 1.0;
        for packed in ids.iter().filter_map(|id| self.packed.get(id)) {
            *found.by_rule.entry(packed.spec.id.clone()).or_default() += 1;
            // Rules that match in the same text speak for each other.
            let rest = 1.0 - packed.spec.score;
            *noisy.entry(packed.category).or_insert(1.0) *= rest;
            if packed.noise.is_none() {
                *usual.entry(packed.category).or_insert(1.0) *= rest;
                doubt *= rest;
            }
        }
        let count = |doubts: BTreeMap<&'static str, f32>, into: &mut BTreeMap<&'static str, usize>| {
            for (category, _) in doubts.into_iter().filter(|(_, doubt)| 1.0 - doubt >= THRESHOLD) {
                *into.entry(category).or_default() += 1;
            }
        };
        count(usual, &mut found.usual);
        count(noisy, &mut found.noisy);
        found.sources.entry(source.to_owned()).or_default().add(1.0 - doubt >= THRESHOLD);
    }
}

impl Found {
    /// In how many of a thousand texts a rule finds something.
    fn per_thousand(&self, id: &str) -> f64 {
        percent(self.by_rule.get(id).copied().unwrap_or(0), self.texts) * 10.0
    }
}

/// A rule that finds something in harmless texts: its id, and in how many of a thousand of them and of attacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Loud<'a> {
    /// The rule.
    pub id: &'a str,
    /// Of a thousand harmless texts.
    pub harmless: f64,
    /// Of a thousand attacks.
    pub attacks: f64,
}

impl Loud<'_> {
    /// Whether it tells attacks from harmless texts too badly to be on unless somebody names it.
    pub fn is_noisy(&self) -> bool {
        self.attacks < TIMES * self.harmless
    }
}

/// The rules that find something in so many harmless texts that somebody should look, the loudest first.
pub fn loud<'a>(harmless: &'a Found, attacks: &Found) -> Vec<Loud<'a>> {
    let one = |id: &'a String| Loud { id, harmless: harmless.per_thousand(id), attacks: attacks.per_thousand(id) };
    let mut all: Vec<Loud<'_>> = harmless.by_rule.keys().map(one).collect();
    all.retain(|loud| loud.harmless >= NOISY_PER_THOUSAND);
    all.sort_by(|a, b| b.harmless.total_cmp(&a.harmless).then(a.id.cmp(b.id)));
    all
}

/// A share in hundredths.
pub fn percent(part: usize, of: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of texts are small")]
    let share = part as f64 / of.max(1) as f64;
    share * 100.0
}
