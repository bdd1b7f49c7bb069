//! Tests that stand in rules, run.

use crate::correlate::{Correlator, Settings, Told};
use crate::model::{About, Example};
use crate::ruleset::Rules;
use std::collections::BTreeSet;

/// Events of a test that are tried in every order.
const PERMUTED_MAX: usize = 6;
/// Orders that are tried of more events, and of very many.
const SHUFFLES: usize = 200;
const SHUFFLES_MIN: usize = 4;
/// What all those orders may cost: an event that is late is held against those behind it.
const SHUFFLED_MAX: usize = 400_000;

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// Id, name or title of the rule.
    pub rule: String,
    /// Name of the test.
    pub name: String,
    /// What was otherwise than expected.
    pub difference: Option<String>,
}

/// Whose test it is.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Rule(usize),
    Correlation(usize),
}

impl Rules {
    /// Runs the tests of all rules and correlations.
    pub fn test(&self) -> Vec<TestResult> {
        let rules = self.rules.iter().enumerate().map(|(at, rule)| (Owner::Rule(at), &rule.about));
        let correlations =
            self.correlations.iter().enumerate().map(|(at, correlation)| (Owner::Correlation(at), &correlation.about));
        let all = rules.chain(correlations);
        all.flat_map(|(owner, about)| about.tests.iter().map(move |test| self.run(owner, about, test))).collect()
    }

    fn run(&self, owner: Owner, about: &About, test: &Example) -> TestResult {
        let expected: BTreeSet<usize> = test.matches.iter().copied().collect();
        let orders = if test.any_order { orders(test.events.len()) } else { vec![(0..test.events.len()).collect()] };
        let difference = orders.iter().find_map(|order| {
            let found = match self.matching(owner, test, order) {
                Ok(found) => found,
                Err(cause) => return Some(cause),
            };
            if found == expected {
                return None;
            }
            let order: Vec<usize> = order.iter().map(|number| number + 1).collect();
            let came = if order.is_sorted() { String::new() } else { format!(" when they come as {order:?}") };
            Some(format!("expected matches at {expected:?}, and there are {found:?}{came}"))
        });
        TestResult { rule: about.key().to_owned(), name: test.name.clone(), difference }
    }

    /// Numbers of the events that match when they come in an order.
    fn matching(&self, owner: Owner, test: &Example, order: &[usize]) -> Result<BTreeSet<usize>, String> {
        // Whatever the order, nothing of a test is too late.
        let mut correlator = Correlator::of_all(self, Settings { lateness_ms: i64::MAX / 4, ..Settings::default() });
        let mut scratch = self.scratch();
        let (mut numbers, mut moments, mut times) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for number in order.iter().copied() {
            let Some(event) = test.events.get(number) else { continue };
            let found = self.find(event, &mut scratch).map_err(|error| format!("event {}: {error}", number + 1))?;
            match owner {
                Owner::Rule(rule) if found.contains(&rule) => drop(numbers.insert(number + 1)),
                _ => {}
            }
            times.push((self.time(event, &scratch), number + 1));
            let event_number = u64::try_from(number + 1).unwrap_or(u64::MAX);
            for outcome in correlator.observe(self, event, event_number, None, &scratch) {
                if !matches!(owner, Owner::Correlation(at) if at == outcome.correlation) {
                    continue;
                }
                match outcome.told {
                    Told::Holds { .. } => drop(moments.insert(outcome.at)),
                    Told::TakenBack => drop(moments.remove(&outcome.at)),
                    Told::Evicted => return Err("the test has more groups than are remembered".to_owned()),
                }
            }
        }
        // Nothing more comes: what waited has waited in vain.
        for outcome in correlator.advance(self, i64::MAX / 4) {
            if matches!((owner, &outcome.told), (Owner::Correlation(at), Told::Holds { .. }) if at == outcome.correlation)
            {
                moments.insert(outcome.at);
            }
        }
        for moment in moments {
            let of_moment = times.iter().filter(|(at, _)| *at == Some(moment)).map(|(_, number)| *number);
            numbers.extend(of_moment.max());
        }
        Ok(numbers)
    }
}

/// All orders of a few, some of many; the given one first.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let first: Vec<usize> = (0..count).collect();
    if count <= PERMUTED_MAX {
        let mut orders = vec![Vec::new()];
        for number in 0..count {
            orders = orders
                .iter()
                .flat_map(|order: &Vec<usize>| {
                    (0..=order.len()).rev().map(move |at| {
                        let mut longer = order.clone();
                        longer.insert(at, number);
                        longer
                    })
                })
                .collect();
        }
        return orders;
    }
    let mut seed = 1_u64;
    let mut orders = vec![first.clone(), first.iter().rev().copied().collect()];
    for _ in 0..(SHUFFLED_MAX / (count * count)).clamp(SHUFFLES_MIN, SHUFFLES) {
        let mut order = first.clone();
        for at in (1..count).rev() {
            // Knuth's multiplier; the same orders in every run.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = usize::try_from((seed >> 33) % (u64::try_from(at).unwrap_or(0) + 1)).unwrap_or(0);
            order.swap(at, other);
        }
        orders.push(order);
    }
    orders
}
