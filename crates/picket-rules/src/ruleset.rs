//! All rules together: who refers to whom, and the matcher that they become.

mod complete;
mod split;

use crate::build::Builder;
use crate::correlate::plan::Plan;
use crate::correlate::sound;
use crate::data::Data;
use crate::doubts;
use crate::event::EventError;
use crate::expr::Expr;
use crate::issue::{Issue, Issues, Place, shown};
use crate::matcher::{self, Matcher};
use crate::model::{About, Correlation, Document, Filter, Rule};
use crate::parse;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Rules that are ready for events. They are never changed, and may be shared between threads.
#[derive(Debug, Clone)]
pub struct Rules {
    pub(crate) rules: Vec<Rule>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) correlations: Vec<Correlation>,
    pub(crate) matcher: Matcher,
    pub(crate) data: Data,
    pub(crate) plan: Plan,
}

/// Rules that were right, and what was wrong with the others.
#[derive(Debug)]
pub struct Loaded {
    /// What can be used.
    pub rules: Rules,
    /// What was found.
    pub issues: Issues,
}

/// Buffers for one event after another, of one thread.
#[derive(Debug)]
pub struct Scratch(pub(crate) matcher::Scratch);

impl Scratch {
    /// The rules that the event matches which was read into them last, as [`Rules::find`] said.
    pub fn matched(&self) -> &[usize] {
        &self.0.matched
    }
}

impl Rules {
    /// Reads files, each with its name. A document with mistakes is left out, and so is what refers to it.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, data: &Data) -> Loaded {
        Self::load_but(files, data, &BTreeSet::new(), &|| true)
    }

    /// The same for as long as `goes_on` says so, which is asked before each document and each rule; nothing if it did not
    /// up to the end.
    pub fn load_while<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        data: &Data,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Loaded> {
        let loaded = Self::load_but(files, data, &BTreeSet::new(), goes_on);
        goes_on().then_some(loaded)
    }

    /// The same, and also leaves out what somebody could be woken by and that does not say why, or whose tests do not show
    /// that it holds, that it does not, and that it minds no order: rules that are shipped to others are read so.
    pub fn load_complete(files: &[(&str, &str)], data: &Data) -> Loaded {
        let loaded = Self::load(files.iter().copied(), data);
        let lacking = complete::lacking(&loaded.rules);
        if lacking.is_empty() {
            return loaded;
        }
        let places: BTreeSet<Place> = lacking.iter().map(|issue| issue.place.clone()).collect();
        let mut loaded = Self::load_but(files.iter().copied(), data, &places, &|| true);
        loaded.issues.errors.extend(lacking);
        loaded.issues.sort();
        loaded
    }

    fn load_but<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        data: &Data,
        but: &BTreeSet<Place>,
        goes_on: &dyn Fn() -> bool,
    ) -> Loaded {
        let mut issues = Issues::default();
        let Read { mut rules, filters, mut correlations } = Read::of(files, but, goes_on, &mut issues);
        let abouts = rules.iter().filter(|rule| !rule.is_feed()).map(|rule| &rule.about);
        let others = correlations.iter().filter(|correlation| !correlation.is_feed());
        refuse_twins(abouts.chain(others.map(|rule| &rule.about)), &mut issues);
        let mut is_filled = |about: &mut About| split::fill_calendar(about, &data.placeholders, &mut issues);
        rules.retain_mut(|rule| is_filled(&mut rule.about));
        correlations.retain_mut(|correlation| is_filled(&mut correlation.about));
        let mut builder = Builder::new(&data.placeholders);
        let mut exprs = Vec::with_capacity(rules.len());
        let by_name = Filters::new(&filters);
        rules.retain(|rule: &Rule| {
            if !goes_on() {
                return false;
            }
            let expr = compiled(rule, &by_name, data, &mut builder);
            let problems = std::mem::take(&mut builder.problems);
            let is_right = problems.is_empty();
            issues.errors.extend(problems.into_iter().map(|(place, message)| Issue { place, message }));
            if is_right {
                exprs.push(expr);
            }
            is_right
        });
        orphans(&filters, &rules, &mut issues);
        sound::keep_sound(&rules, &mut correlations, &mut issues);
        let plan = Plan::new(&rules, &correlations, data, &mut builder);
        let matcher = Matcher::new(builder, exprs).unwrap_or_else(|message| {
            issues.errors.push(Issue { place: Place::default(), message });
            Matcher::nothing()
        });
        for rule in matcher.always() {
            if let Some(Rule { about, .. }) = rules.get(*rule) {
                let message = "every event is held against this rule, since it asks only for what is not there; name a field and a value that it needs";
                issues.warnings.push(Issue { place: about.place.clone(), message: message.to_owned() });
            }
        }
        doubts::warn(&rules, &correlations, data, &mut issues);
        issues.sort();
        Loaded { rules: Self { rules, filters, correlations, matcher, data: data.clone(), plan }, issues }
    }

    /// The rules about single events. [`Rules::find`] tells places in this list.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules about several events.
    pub fn correlations(&self) -> &[Correlation] {
        &self.correlations
    }

    /// Buffers for a thread.
    pub fn scratch(&self) -> Scratch {
        Scratch(self.matcher.scratch())
    }

    /// The rules that an event, a JSON object, matches, in order of their places. The buffers have to be of these rules.
    pub fn find<'a>(&self, event: &str, scratch: &'a mut Scratch) -> Result<&'a [usize], EventError> {
        self.matcher.find(event, &mut scratch.0)?;
        if self.plan.has_schedules && !scratch.0.matched.is_empty() {
            // What has no time is at no hour.
            let at = self.time(event, scratch);
            let holds = |rule: &Rule| match &rule.about.extension.schedule {
                Some(schedule) => at.is_some_and(|at| schedule.holds(at)),
                None => true,
            };
            scratch.0.matched.retain(|rule| self.rules.get(*rule).is_some_and(holds));
        }
        Ok(&scratch.0.matched)
    }
}

/// The documents of all files.
#[derive(Debug, Default)]
struct Read {
    rules: Vec<Rule>,
    filters: Vec<Filter>,
    correlations: Vec<Correlation>,
}

impl Read {
    fn of<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        but: &BTreeSet<Place>,
        goes_on: &dyn Fn() -> bool,
        issues: &mut Issues,
    ) -> Self {
        let mut read = Self::default();
        for (source, text) in files {
            for document in parse::parse(source, text, goes_on, issues) {
                if document.about().is_some_and(|about| but.contains(&about.place)) {
                    continue;
                }
                match document {
                    Document::Rule(mut rule) => {
                        read.correlations.extend(split::of_rule(&mut rule));
                        read.rules.push(rule);
                    }
                    Document::Filter(filter) => read.filters.push(filter),
                    Document::Correlation(mut correlation) => {
                        read.correlations.extend(split::of_correlation(&mut correlation));
                        read.correlations.push(correlation);
                    }
                }
            }
        }
        read
    }
}

/// Filters by the rules that they name, so that each rule need not ask each of them.
struct Filters<'a> {
    all: &'a [Filter],
    by_name: HashMap<&'a str, Vec<usize>>,
    /// Those that name none.
    of_any: Vec<usize>,
}

impl<'a> Filters<'a> {
    fn new(all: &'a [Filter]) -> Self {
        let mut filters = Self { all, by_name: HashMap::new(), of_any: Vec::new() };
        for (at, filter) in all.iter().enumerate() {
            match &filter.rules {
                None => filters.of_any.push(at),
                Some(names) => {
                    for (name, _) in names {
                        filters.by_name.entry(name).or_default().push(at);
                    }
                }
            }
        }
        filters
    }

    /// Those of a rule, in their order.
    fn of(&self, rule: &Rule) -> impl Iterator<Item = &'a Filter> {
        let names = rule.about.id.iter().chain(&rule.about.name);
        let named = names.filter_map(|name| self.by_name.get(name.as_str())).flatten();
        let places: BTreeSet<usize> = named.chain(&self.of_any).copied().collect();
        let all = self.all;
        let found = places.into_iter().filter_map(|at| all.get(at)).filter(|filter| applies(filter, rule));
        found.collect::<Vec<_>>().into_iter()
    }
}

/// A rule with what filters and log sources add to it.
fn compiled(rule: &Rule, filters: &Filters<'_>, data: &Data, builder: &mut Builder) -> Expr {
    builder.names = data.names(&rule.logsource);
    let mut parts = vec![builder.detection(&rule.detection)];
    for filter in filters.of(rule) {
        parts.push(builder.detection(&filter.detection));
    }
    // What is said of the events themselves is said in their own names.
    builder.names.clear();
    parts.extend(
        data.of(&rule.logsource).filter_map(|source| source.holds.as_ref()).map(|holds| builder.selection(holds)),
    );
    Expr::and(parts)
}

pub(crate) fn applies(filter: &Filter, rule: &Rule) -> bool {
    let is_named = filter.rules.as_ref().is_none_or(|names| names.iter().any(|(name, _)| rule.about.is_called(name)));
    is_named && filter.logsource.is_within(&rule.logsource)
}

/// Two rules of one id or name: nobody could tell them apart.
fn refuse_twins<'a>(all: impl Iterator<Item = &'a About>, issues: &mut Issues) {
    let mut seen: HashMap<&str, &About> = HashMap::new();
    for about in all {
        for reference in about.id.iter().chain(&about.name) {
            if let Some(other) = seen.insert(reference, about)
                && !std::ptr::eq(other, about)
            {
                let (source, line) = (&other.place.source, other.place.line);
                let message = format!(
                    "`{}` is also the rule at {source}:{line}; give one of them another id or name",
                    shown(reference)
                );
                issues.errors.push(Issue { place: about.place.clone(), message });
            }
        }
    }
}

/// Warns of filters that find none of the rules that they name.
fn orphans(filters: &[Filter], rules: &[Rule], issues: &mut Issues) {
    let known = rules.iter().flat_map(|rule| rule.about.id.iter().chain(&rule.about.name));
    let known: HashSet<&str> = known.map(String::as_str).collect();
    for (name, place) in filters.iter().filter_map(|filter| filter.rules.as_ref()).flatten() {
        if !known.contains(name.as_str()) {
            let message = format!("the filter names `{}`, and no rule here is called so", shown(name));
            issues.warnings.push(Issue { place: place.clone(), message });
        }
    }
}
