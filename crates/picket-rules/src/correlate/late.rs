//! What came too late for the state: whom it concerns, and what it changes, found by a second look at the events
//! themselves.

use super::gauge::What;
use super::keys::{Origin, named, parts};
use super::plan::{DEPTH_MAX, Input};
use super::{Correlator, Outcome, Settings, Told};
use crate::ruleset::{Rules, Scratch};
use std::collections::BTreeMap;

/// A group that an event concerns which came too late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Place in [`Rules::correlations`], of one that is told.
    pub correlation: usize,
    /// Fields of the group with their values.
    pub group: Vec<(String, String)>,
    /// The moment of the event, in milliseconds since the Unix epoch.
    pub at: i64,
}

/// An event of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// What rules see of it, as JSON.
    pub text: String,
    /// Its caller's name for it.
    pub number: u64,
    /// Whether it came too late.
    pub is_late: bool,
}

impl What {
    /// Whether its state is that of so many last matches, and not learned from all that ever came.
    fn is_of_window(&self) -> bool {
        match self {
            Self::Count(_)
            | Self::Distinct(_)
            | Self::Sum
            | Self::Average
            | Self::Percentile(_)
            | Self::Temporal(..)
            | Self::Ordered(_)
            | Self::Absent(_) => true,
            Self::Baseline(_) | Self::FirstSeen(_) | Self::Rising(_) | Self::Near(_) => false,
        }
    }
}

/// Adds the groups that a match concerns, of the correlation that it feeds and of those that wait for that one. Not of what
/// is learned from all events that ever came: no look at a window can say what it would have said.
pub(super) fn concerned(
    rules: &Rules,
    (input, at): (&Input, i64),
    origin: Origin<'_>,
    depth: usize,
    found: &mut Vec<Late>,
) {
    if !rules.plan.gauges.get(input.to).is_some_and(|gauge| gauge.what.is_of_window()) {
        return;
    }
    let mut key = String::new();
    if depth > DEPTH_MAX || !input.group.iter().all(|from| origin.part(from, &mut key)) {
        return;
    }
    if rules.is_correlation_told(input.to) {
        found.push(Late { correlation: input.to, group: named(rules, input.to, &key), at });
    }
    let parts = parts(&key);
    for input in rules.plan.of_correlations.get(input.to).into_iter().flatten() {
        concerned(rules, (input, at), Origin::Group(&parts), depth + 1, found);
    }
}

impl Rules {
    /// How long before, and after, a moment events matter to what a correlation says of it, in milliseconds.
    pub fn reach_ms(&self, correlation: usize) -> i64 {
        self.reach(correlation, 0)
    }

    /// Whether a name by which a correlation groups is that of a member of events, and no alias.
    pub fn is_a_field(&self, correlation: usize, name: &str) -> bool {
        let chain = self.correlations.get(correlation);
        chain.is_some_and(|correlation| !correlation.aliases.iter().any(|alias| alias.name == name))
            && self.feeding(correlation).all(|other| self.is_a_field(other, name))
    }

    /// Correlations that feed one.
    fn feeding(&self, correlation: usize) -> impl Iterator<Item = usize> {
        let feeds = move |inputs: &Vec<Input>| inputs.iter().any(|input| input.to == correlation);
        self.plan.of_correlations.iter().enumerate().filter(move |(_, inputs)| feeds(inputs)).map(|(other, _)| other)
    }

    fn reach(&self, correlation: usize, depth: usize) -> i64 {
        let Some(gauge) = self.plan.gauges.get(correlation).filter(|_| depth <= DEPTH_MAX) else { return 0 };
        let before = self.feeding(correlation).map(|other| self.reach(other, depth + 1)).max().unwrap_or(0);
        let own = gauge.span_ms.max(gauge.kept_ms).saturating_add(gauge.delay_ms);
        own.saturating_add(before)
    }

    /// What the late ones among some events change for a group: what it says with them and did not say without them, and
    /// what it says no more. The events are those of the group, in any order, from [`Rules::reach_ms`] before the first late
    /// one to as long after the last; `until` is the moment up to which they are complete.
    pub fn look_again(
        &self,
        correlation: usize,
        group: &[(String, String)],
        events: &[Past],
        until: i64,
    ) -> Vec<Outcome> {
        let mut scratch = self.scratch();
        let mut ordered: Vec<(i64, &Past)> = Vec::new();
        for past in events {
            let at = self.find(&past.text, &mut scratch).is_ok().then(|| self.time(&past.text, &scratch)).flatten();
            ordered.extend(at.map(|at| (at, past)));
        }
        ordered.sort_by_key(|(at, past)| (*at, past.number));
        let without = self.said((correlation, group), &ordered, |past| !past.is_late, (until, &mut scratch));
        let mut with = self.said((correlation, group), &ordered, |_| true, (until, &mut scratch));
        let gone = without.keys().filter(|at| !with.contains_key(at)).copied().collect::<Vec<i64>>();
        with.retain(|at, _| !without.contains_key(at));
        with.extend(gone.into_iter().map(|at| (at, Told::TakenBack)));
        let outcome = |(at, told)| Outcome { correlation, group: group.to_vec(), at, told: amended(told) };
        with.into_iter().map(outcome).collect()
    }

    /// What a group says over events in the order of their times, by moment.
    fn said(
        &self,
        (correlation, group): (usize, &[(String, String)]),
        events: &[(i64, &Past)],
        counts: impl Fn(&Past) -> bool,
        (until, scratch): (i64, &mut Scratch),
    ) -> BTreeMap<i64, Told> {
        let mut said = BTreeMap::new();
        let mut take = |outcomes: &[Outcome]| {
            for outcome in outcomes.iter().filter(|one| one.correlation == correlation && one.group == group) {
                match &outcome.told {
                    told @ Told::Holds { .. } => drop(said.insert(outcome.at, told.clone())),
                    Told::TakenBack => drop(said.remove(&outcome.at)),
                    Told::Evicted => {}
                }
            }
        };
        let settings = Settings { lateness_ms: 0, ..Settings::default() };
        let mut correlator: Correlator = self.correlator(settings);
        for (_, past) in events.iter().filter(|(_, past)| counts(past)) {
            if self.find(&past.text, scratch).is_ok() {
                take(correlator.observe(self, &past.text, past.number, None, scratch));
            }
        }
        take(correlator.advance(self, until));
        said
    }
}

fn amended(told: Told) -> Told {
    match told {
        Told::Holds { value, expected, since, events, .. } => {
            Told::Holds { value, expected, since, events, amended: true }
        }
        told => told,
    }
}
