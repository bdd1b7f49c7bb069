//! Correlations with everything looked up: which rules feed them, where their groups and values come from, and in which
//! order they are fed.

use super::gauge::learned::SILENT_MAX;
use super::gauge::{Gauge, What};
use crate::build::Builder;
use crate::data::Data;
use crate::expr::Expr;
use crate::fields::Slot;
use crate::model::{About, Condition, Correlation, Kind, Order, Rule, Them};
use std::collections::HashMap;

/// Levels of correlations over correlations.
pub(crate) const DEPTH_MAX: usize = 8;

/// Where a part of a group's key, or a value, comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum From {
    /// A field of the event.
    Slot(Slot),
    /// A part of the key of the correlation that matched.
    Key(usize),
    /// Whether the event matches a rule, as 1 or 0.
    Rule(usize),
}

/// A rule or correlation that feeds a correlation.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// Which correlation is fed.
    pub(crate) to: usize,
    /// As which of its rules.
    pub(crate) part: usize,
    pub(crate) group: Vec<From>,
    /// The number of this group among all: those of one number have the same key.
    pub(crate) shape: usize,
    pub(crate) values: Vec<From>,
    /// The number of these values among all, likewise.
    pub(crate) brings: usize,
}

/// All correlations, ready for events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) gauges: Vec<Gauge>,
    /// By rule.
    pub(crate) of_rules: Vec<Vec<Input>>,
    /// By correlation.
    pub(crate) of_correlations: Vec<Vec<Input>>,
    /// Whether matches of a rule, and of a correlation, are told.
    pub(crate) rule_is_told: Vec<bool>,
    pub(crate) correlation_is_told: Vec<bool>,
    pub(crate) time: Vec<Slot>,
    pub(crate) source: Slot,
    /// Some rules match at some hours only.
    pub(crate) has_schedules: bool,
}

/// What a reference means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Rule(usize),
    Correlation(usize),
}

pub(super) struct Names<'a> {
    pub(super) correlations: &'a [Correlation],
    targets: HashMap<&'a str, Target>,
}

impl<'a> Names<'a> {
    pub(super) fn new(rules: &'a [Rule], correlations: &'a [Correlation]) -> Self {
        // What only feeds a behaviour has one name, which no document can have.
        let of = |about: &'a About, feeds: &'a Option<String>, target: Target| {
            let names = about.id.iter().chain(&about.name).filter(|_| feeds.is_none());
            names.chain(feeds).map(move |name| (name.as_str(), target))
        };
        let others = correlations.iter().enumerate();
        let others = others.flat_map(|(at, other)| of(&other.about, &other.feeds, Target::Correlation(at)));
        let rules = rules.iter().enumerate().flat_map(|(at, rule)| of(&rule.about, &rule.feeds, Target::Rule(at)));
        Self { correlations, targets: others.chain(rules).collect() }
    }

    pub(super) fn find(&self, reference: &str) -> Option<Target> {
        self.targets.get(reference).copied()
    }

    /// A part of the key of a correlation.
    fn key(&self, correlation: usize, name: &str) -> From {
        let fields = self.correlations.get(correlation).map(|correlation| correlation.group_by.as_slice());
        let place = fields.and_then(|fields| fields.iter().position(|other| other == name));
        // That it is there was looked at before.
        From::Key(place.unwrap_or(usize::MAX))
    }
}

/// What a name is called in the events of a rule.
pub(crate) fn field<'a>(correlation: &'a Correlation, name: &'a str, reference: &str) -> &'a str {
    let alias = correlation.aliases.iter().find(|alias| alias.name == name);
    let field = alias.and_then(|alias| alias.fields.iter().find(|(rule, _)| rule == reference));
    field.map_or(name, |(_, field)| field)
}

impl Plan {
    /// Of correlations that are sound.
    pub(crate) fn new(rules: &[Rule], correlations: &[Correlation], data: &Data, builder: &mut Builder) -> Self {
        let mut plan = Self {
            gauges: correlations.iter().map(gauge).collect(),
            of_rules: vec![Vec::new(); rules.len()],
            of_correlations: vec![Vec::new(); correlations.len()],
            rule_is_told: vec![true; rules.len()],
            correlation_is_told: vec![true; correlations.len()],
            time: Vec::new(),
            source: 0,
            has_schedules: false,
        };
        let names = Names::new(rules, correlations);
        let (mut shapes, mut brought): (HashMap<Vec<From>, usize>, HashMap<Vec<From>, usize>) = Default::default();
        for (to, correlation) in correlations.iter().enumerate() {
            for (part, reference) in correlation.rules.iter().enumerate() {
                let Some(target) = names.find(reference) else { continue };
                let mut from = |name: &String| match target {
                    Target::Rule(rule) => {
                        builder.names = rules.get(rule).map(|rule| data.names(&rule.logsource)).unwrap_or_default();
                        From::Slot(builder.slot(field(correlation, name, reference)))
                    }
                    Target::Correlation(child) => names.key(child, field(correlation, name, reference)),
                };
                let group: Vec<From> = correlation.group_by.iter().map(&mut from).collect();
                let mut values: Vec<From> = correlation.kind.fields().iter().map(&mut from).collect();
                if let Some(Target::Rule(rule)) = correlation.kind.share_of().and_then(|share| names.find(share)) {
                    values.push(From::Rule(rule));
                }
                let inputs = match target {
                    Target::Rule(rule) => plan.of_rules.get_mut(rule),
                    Target::Correlation(child) => plan.of_correlations.get_mut(child),
                };
                let next = shapes.len();
                let shape = *shapes.entry(group.clone()).or_insert(next);
                let next = brought.len();
                let brings = *brought.entry(values.clone()).or_insert(next);
                if let Some(inputs) = inputs {
                    inputs.push(Input { to, part, group, shape, values, brings });
                }
            }
        }
        plan.silence(&names);
        plan.delay(&names);
        builder.names.clear();
        plan.has_schedules = rules.iter().any(|rule| rule.about.extension.schedule.is_some());
        if !correlations.is_empty() || plan.has_schedules {
            plan.time = data.time.iter().map(|name| builder.fields.add(name)).collect();
            plan.source = builder.fields.add(&data.source);
        }
        plan
    }

    /// What waits for an absence is late for those that are fed by it.
    fn delay(&mut self, names: &Names<'_>) {
        // Chains are short, and have no circles.
        for _ in 0..=DEPTH_MAX {
            for (at, correlation) in names.correlations.iter().enumerate() {
                let of = |reference: &String| match names.find(reference) {
                    Some(Target::Correlation(child)) => self.gauges.get(child).map(Gauge::told_after_ms),
                    _ => None,
                };
                let delay_ms = correlation.rules.iter().filter_map(of).max().unwrap_or(0);
                if let Some(gauge) = self.gauges.get_mut(at) {
                    gauge.delay_ms = delay_ms;
                }
            }
        }
    }

    /// What correlations refer to is not told by itself, unless one of them wants it to be.
    fn silence(&mut self, names: &Names<'_>) {
        let wanting = |wants: bool| names.correlations.iter().filter(move |correlation| correlation.generate == wants);
        for (told, correlations) in [(false, wanting(false).collect::<Vec<_>>()), (true, wanting(true).collect())] {
            // A rule whose share is measured is a part of what measures it.
            let references = correlations
                .into_iter()
                .flat_map(|other| other.rules.iter().map(String::as_str).chain(other.kind.share_of()));
            for reference in references {
                let place = match names.find(reference) {
                    Some(Target::Rule(rule)) => self.rule_is_told.get_mut(rule),
                    Some(Target::Correlation(other)) => self.correlation_is_told.get_mut(other),
                    None => None,
                };
                place.into_iter().for_each(|place| *place = told);
            }
        }
    }
}

fn gauge(correlation: &Correlation) -> Gauge {
    let rules = correlation.rules.len();
    let what = match &correlation.kind {
        Kind::EventCount => What::Count(most(&correlation.bounds)),
        Kind::ValueCount(_) => What::Distinct(most(&correlation.bounds)),
        Kind::ValueSum(_) => What::Sum,
        Kind::ValueAvg(_) => What::Average,
        Kind::ValuePercentile(_, rank) => What::Percentile(*rank),
        Kind::Temporal(None) => What::Temporal(rules, Expr::And((0..rules).map(Expr::Leaf).collect())),
        Kind::Temporal(Some(condition)) => What::Temporal(rules, expr(condition, &correlation.rules)),
        Kind::TemporalOrdered => What::Ordered(rules),
        Kind::Behaviour(behaviour) => What::from(behaviour),
    };
    let kept_ms = match &what {
        What::Baseline(baseline) => baseline.window_ms.saturating_mul(SILENT_MAX),
        What::FirstSeen(first) => first.expire_ms.max(first.learn_ms),
        _ => correlation.span_ms,
    };
    // The schedule of a behaviour is one of what feeds it.
    let schedule = match correlation.kind {
        Kind::Behaviour(_) => None,
        _ => correlation.about.extension.schedule.clone(),
    };
    let (span_ms, bounds) = (correlation.span_ms, correlation.bounds.clone());
    Gauge { what, span_ms, bounds, kept_ms, delay_ms: 0, schedule }
}

/// The count from which on all counts are alike.
fn most(bounds: &[(Order, f64)]) -> usize {
    let from = bounds.iter().map(|(order, bound)| match order {
        Order::Gte | Order::Lt => *bound,
        Order::Gt | Order::Lte | Order::Eq | Order::Neq => *bound + 1.0,
    });
    let most = from.fold(1.0, f64::max);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounds of counts are small and not negative"
    )]
    let most = most.ceil() as usize;
    most
}

/// A condition over rules as one over their places.
fn expr(condition: &Condition, rules: &[String]) -> Expr {
    let of = |parts: &[Condition]| parts.iter().map(|part| expr(part, rules)).collect::<Vec<_>>();
    match condition {
        Condition::Name(name) => rules.iter().position(|rule| rule == name).map_or(Expr::NEVER, Expr::Leaf),
        Condition::And(parts) => Expr::and(of(parts)),
        Condition::Or(parts) => Expr::or(of(parts)),
        Condition::Not(inner) => expr(inner, rules).not(),
        Condition::Of(count, them) => {
            let is_meant = |name: &String| matches!(them, Them::All) || them.has(name);
            let parts: Vec<Expr> =
                rules.iter().enumerate().filter(|(_, name)| is_meant(name)).map(|(at, _)| Expr::Leaf(at)).collect();
            Expr::some(count.unwrap_or(parts.len()), parts)
        }
    }
}
