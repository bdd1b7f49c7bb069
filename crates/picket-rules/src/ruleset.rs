//! All rules together: who refers to whom, and the matcher that they become.

mod complete;
mod split;

use crate::build::Builder;
use crate::correlate::plan::{self, Plan};
use crate::data::Data;
use crate::event::EventError;
use crate::expr::Expr;
use crate::issue::{Issue, Issues, Place, shown};
use crate::matcher::{self, Matcher};
use crate::model::{About, Correlation, Document, Filter, Rule};
use crate::parse;
use std::collections::HashMap;

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

impl Rules {
    /// Reads files, each with its name. A document with mistakes is left out, and so is what refers to it.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, data: &Data) -> Loaded {
        Self::load_but(files, data, &[])
    }

    /// The same, and also leaves out what somebody could be woken by and that does not say why, or whose tests do not show
    /// that it holds, that it does not, and that it minds no order: rules that are shipped to others are read so.
    pub fn load_complete(files: &[(&str, &str)], data: &Data) -> Loaded {
        let loaded = Self::load(files.iter().copied(), data);
        let lacking = complete::lacking(&loaded.rules);
        if lacking.is_empty() {
            return loaded;
        }
        let places: Vec<Place> = lacking.iter().map(|issue| issue.place.clone()).collect();
        let mut loaded = Self::load_but(files.iter().copied(), data, &places);
        loaded.issues.errors.extend(lacking);
        loaded.issues.sort();
        loaded
    }

    fn load_but<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, data: &Data, but: &[Place]) -> Loaded {
        let mut issues = Issues::default();
        let (mut rules, mut filters, mut correlations) = (Vec::new(), Vec::new(), Vec::new());
        for (source, text) in files {
            for document in parse::parse(source, text, &mut issues) {
                if document.about().is_some_and(|about| but.contains(&about.place)) {
                    continue;
                }
                match document {
                    Document::Rule(mut rule) => {
                        correlations.extend(split::of_rule(&mut rule));
                        rules.push(rule);
                    }
                    Document::Filter(filter) => filters.push(filter),
                    Document::Correlation(mut correlation) => {
                        correlations.extend(split::of_correlation(&mut correlation));
                        correlations.push(correlation);
                    }
                }
            }
        }
        let abouts = rules.iter().filter(|rule| !rule.is_feed()).map(|rule| &rule.about);
        let others = correlations.iter().filter(|correlation| !correlation.is_feed());
        refuse_twins(abouts.chain(others.map(|rule| &rule.about)), &mut issues);
        let mut is_filled = |about: &mut About| split::fill_calendar(about, &data.placeholders, &mut issues);
        rules.retain_mut(|rule| is_filled(&mut rule.about));
        correlations.retain_mut(|correlation| is_filled(&mut correlation.about));
        let mut builder = Builder::new(&data.placeholders);
        let mut exprs = Vec::with_capacity(rules.len());
        rules.retain(|rule: &Rule| {
            let expr = compiled(rule, &filters, data, &mut builder);
            let problems = std::mem::take(&mut builder.problems);
            let is_right = problems.is_empty();
            issues.errors.extend(problems.into_iter().map(|(place, message)| Issue { place, message }));
            if is_right {
                exprs.push(expr);
            }
            is_right
        });
        orphans(&filters, &rules, &mut issues);
        plan::keep_sound(&rules, &mut correlations, &mut issues);
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

/// A rule with what filters and log sources add to it.
fn compiled(rule: &Rule, filters: &[Filter], data: &Data, builder: &mut Builder) -> Expr {
    builder.names = data.names(&rule.logsource);
    let mut parts = vec![builder.detection(&rule.detection)];
    for filter in filters.iter().filter(|filter| applies(filter, rule)) {
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
    for (name, place) in filters.iter().filter_map(|filter| filter.rules.as_ref()).flatten() {
        if !rules.iter().any(|rule| rule.about.is_called(name)) {
            let message = format!("the filter names `{}`, and no rule here is called so", shown(name));
            issues.warnings.push(Issue { place: place.clone(), message });
        }
    }
}
