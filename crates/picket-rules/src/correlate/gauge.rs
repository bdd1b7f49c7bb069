//! What a correlation measures, and the state that it needs for one group when events come in the order of their times.
//!
//! Each state is exact and bounded: what it forgets cannot change what is measured from then on.

use crate::expr::Expr;
use crate::model::Order;
use std::collections::{HashMap, VecDeque};

/// Values of a group that sums and averages remember, by millisecond.
const SUMS_MAX: usize = 65_536;
/// Values of a group that percentiles remember.
const RANKED_MAX: usize = 16_384;
/// Different values from which on they are found by a table.
const SCANNED_MAX: usize = 32;
/// Numbers are added up in steps of this size, so that a sum does not depend on the order of what it is of.
const STEPS: f64 = 1e9;
/// The largest number that is added up.
pub(crate) const NUMBER_MAX: f64 = 1e15;
/// Events that are told as evidence.
const EVIDENCE_MAX: usize = 32;

/// What a correlation measures.
#[derive(Debug, Clone)]
pub(crate) struct Gauge {
    pub(crate) what: What,
    pub(crate) span_ms: i64,
    pub(crate) bounds: Vec<(Order, f64)>,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    /// Counts that are larger than this need not be told apart.
    Count(usize),
    /// The same of different values.
    Distinct(usize),
    Sum,
    Average,
    Percentile(f64),
    /// Of so many rules, by their places.
    Temporal(usize, Expr),
    Ordered(usize),
}

/// A match of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Item {
    /// Milliseconds since the Unix epoch.
    pub(crate) at: i64,
    /// Which rule of the correlation.
    pub(crate) part: usize,
    /// A fingerprint of its values, or the bits of a number.
    pub(crate) value: u128,
    /// The event, as its caller numbers it.
    pub(crate) event: u64,
}

/// What was measured at a time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) holds: bool,
    pub(crate) value: f64,
    /// What was to be expected, where that was learned.
    pub(crate) expected: Option<f64>,
    /// The oldest moment that counts.
    pub(crate) since: i64,
}

/// What a group remembers.
#[derive(Debug, Clone)]
pub(crate) enum State {
    Count(VecDeque<(i64, u64)>),
    Distinct(Distinct),
    Sum(Sum),
    Ranked(Ranked),
    /// The last moment and event of each rule.
    Temporal(Box<[(i64, u64)]>),
    Ordered(Ordered),
}

/// Different values in the order in which they were seen last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distinct {
    /// Of those in the table only the newest counts.
    pub(crate) order: VecDeque<(i64, u128, u64)>,
    /// When a value was seen last, once there are many.
    pub(crate) last: Option<HashMap<u128, (i64, u64)>>,
}

/// Numbers by moment, and what they are together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sum {
    pub(crate) entries: VecDeque<(i64, i128, u64)>,
    pub(crate) total: i128,
    pub(crate) count: u64,
}

/// Numbers in the order of their times and of their sizes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranked {
    pub(crate) entries: VecDeque<(i64, f64)>,
    pub(crate) sorted: Vec<f64>,
}

/// For each rule, the latest moment at which a chain began that ends in it.
#[derive(Debug, Clone)]
pub(crate) struct Ordered {
    pub(crate) begins: Box<[i64]>,
    pub(crate) last: Box<[(i64, u64)]>,
    /// The rules that matched at the newest moment, whose order among each other is not known.
    pub(crate) now: i64,
    pub(crate) at_once: u64,
}

const NEVER: i64 = i64::MIN;

impl Gauge {
    /// What has to be measured, in words.
    pub(crate) fn wanted(&self) -> String {
        let bounds: Vec<String> =
            self.bounds.iter().map(|(order, bound)| format!("{} {bound}", order.as_str())).collect();
        match &self.what {
            What::Count(_) => format!("matches {}", bounds.join(" and ")),
            What::Distinct(_) => format!("different values {}", bounds.join(" and ")),
            What::Sum => format!("sum {}", bounds.join(" and ")),
            What::Average => format!("average {}", bounds.join(" and ")),
            What::Percentile(rank) => format!("percentile {rank} {}", bounds.join(" and ")),
            What::Temporal(rules, _) => format!("what the condition says of {rules} rules"),
            What::Ordered(rules) => format!("{rules} rules in order"),
        }
    }

    pub(crate) fn state(&self) -> State {
        match &self.what {
            What::Count(_) => State::Count(VecDeque::new()),
            What::Distinct(_) => State::Distinct(Distinct::default()),
            What::Sum | What::Average => State::Sum(Sum::default()),
            What::Percentile(_) => State::Ranked(Ranked::default()),
            What::Temporal(rules, _) => State::Temporal(vec![(NEVER, 0); *rules].into()),
            What::Ordered(rules) => State::Ordered(Ordered {
                begins: vec![NEVER; *rules].into(),
                last: vec![(NEVER, 0); *rules].into(),
                now: NEVER,
                at_once: 0,
            }),
        }
    }

    /// Takes a match into a state, not older than any before. Whether something that counts was forgotten for want of room.
    pub(crate) fn apply(&self, state: &mut State, item: &Item) -> bool {
        let from = item.at.saturating_sub(self.span_ms);
        match (state, &self.what) {
            (State::Count(times), What::Count(most)) => {
                while times.front().is_some_and(|(at, _)| *at < from) || times.len() >= *most {
                    times.pop_front();
                }
                times.push_back((item.at, item.event));
                false
            }
            (State::Distinct(distinct), What::Distinct(most)) => {
                distinct.forget(from);
                distinct.add(item, *most);
                false
            }
            (State::Sum(sum), _) => {
                sum.forget(from);
                sum.add(item)
            }
            (State::Ranked(ranked), _) => {
                ranked.forget(from);
                ranked.add(item)
            }
            (State::Temporal(last), _) => {
                if let Some(last) = last.get_mut(item.part) {
                    *last = (item.at, item.event);
                }
                false
            }
            (State::Ordered(ordered), _) => {
                ordered.add(item);
                false
            }
            (State::Count(_) | State::Distinct(_), _) => false,
        }
    }

    /// What a state says at the moment of the newest match.
    pub(crate) fn read(&self, state: &State, at: i64) -> Reading {
        let from = at.saturating_sub(self.span_ms);
        match state {
            State::Count(times) => self.count(times.len(), times.front().map_or(at, |(first, _)| *first)),
            State::Distinct(distinct) => self.count(distinct.len(), distinct.first().unwrap_or(at)),
            State::Sum(sum) => {
                let since = sum.entries.front().map_or(at, |(first, ..)| *first);
                let is_average = matches!(self.what, What::Average);
                let count = if is_average { i128::from(sum.count) } else { 1 };
                let holds = self
                    .bounds
                    .iter()
                    .all(|(order, bound)| order.holds(sum.total, steps(*bound).saturating_mul(count)));
                #[expect(clippy::cast_precision_loss, reason = "for people")]
                let value = sum.total as f64 / STEPS / count.max(1) as f64;
                Reading { holds, value, expected: None, since }
            }
            State::Ranked(ranked) => {
                let rank = if let What::Percentile(rank) = self.what { rank } else { 50.0 };
                let value = ranked.at(rank);
                let since = ranked.entries.front().map_or(at, |(first, _)| *first);
                Reading {
                    holds: self.bounds.iter().all(|(order, bound)| order.holds(value, *bound)),
                    value,
                    expected: None,
                    since,
                }
            }
            State::Temporal(last) => {
                let is_there = |part: usize| last.get(part).is_some_and(|(at, _)| *at >= from);
                let holds =
                    if let What::Temporal(_, expr) = &self.what { expr.holds(&mut { is_there }) } else { false };
                let there = last.iter().filter(|(at, _)| *at >= from);
                let since = there.clone().map(|(at, _)| *at).min().unwrap_or(at);
                Reading { holds, value: number(there.count()), expected: None, since }
            }
            State::Ordered(ordered) => {
                let begin = ordered.begins.last().copied().unwrap_or(NEVER);
                let reached = ordered.begins.iter().take_while(|begin| **begin >= from).count();
                Reading { holds: begin >= from, value: number(reached), expected: None, since: begin.max(from) }
            }
        }
    }

    fn count(&self, count: usize, since: i64) -> Reading {
        let value = number(count);
        Reading {
            holds: self.bounds.iter().all(|(order, bound)| order.holds(value, *bound)),
            value,
            expected: None,
            since,
        }
    }

    /// Events that what was read rests on, as far as they are remembered.
    pub(crate) fn evidence(&self, state: &State, at: i64) -> Vec<u64> {
        let from = at.saturating_sub(self.span_ms);
        let mut events: Vec<u64> = match state {
            State::Count(times) => times.iter().rev().map(|(_, event)| *event).take(EVIDENCE_MAX).collect(),
            State::Distinct(distinct) => {
                distinct.order.iter().rev().map(|(.., event)| *event).take(EVIDENCE_MAX).collect()
            }
            State::Temporal(last) => last.iter().filter(|(at, _)| *at >= from).map(|(_, event)| *event).collect(),
            State::Ordered(ordered) => {
                ordered.last.iter().filter(|(at, _)| *at >= from).map(|(_, event)| *event).collect()
            }
            State::Sum(_) | State::Ranked(_) => Vec::new(),
        };
        events.sort_unstable();
        events.dedup();
        events
    }
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn steps(number: f64) -> i128 {
    #[expect(clippy::cast_possible_truncation, reason = "numbers are bounded where they come in")]
    let steps = (number * STEPS).round() as i128;
    steps
}

impl Distinct {
    fn len(&self) -> usize {
        self.last.as_ref().map_or(self.order.len(), HashMap::len)
    }

    fn first(&self) -> Option<i64> {
        self.order.front().map(|(at, ..)| *at)
    }

    /// Takes the front away; whether it counted.
    fn pop(&mut self) -> bool {
        let Some((at, value, event)) = self.order.pop_front() else { return false };
        let Some(last) = &mut self.last else { return true };
        if last.get(&value) == Some(&(at, event)) {
            last.remove(&value);
            return true;
        }
        false
    }

    fn forget(&mut self, from: i64) {
        while self.first().is_some_and(|at| at < from) {
            self.pop();
        }
    }

    fn add(&mut self, item: &Item, most: usize) {
        match &mut self.last {
            None => {
                if let Some(place) = self.order.iter().position(|(_, value, _)| *value == item.value) {
                    self.order.remove(place);
                }
            }
            Some(last) => drop(last.insert(item.value, (item.at, item.event))),
        }
        self.order.push_back((item.at, item.value, item.event));
        if self.last.is_none() && self.order.len() > SCANNED_MAX {
            self.last = Some(self.order.iter().map(|(at, value, event)| (*value, (*at, *event))).collect());
        }
        while self.len() > most && !self.order.is_empty() {
            self.pop();
        }
        // What was seen again stands further back too.
        if self.order.len() > self.len() * 2 + SCANNED_MAX
            && let Some(last) = &self.last
        {
            self.order.retain(|(at, value, event)| last.get(value) == Some(&(*at, *event)));
        }
        // The front has to be one that counts, since it is read as the oldest.
        while let (Some(last), Some((at, value, event))) = (&self.last, self.order.front()) {
            if last.get(value) == Some(&(*at, *event)) {
                break;
            }
            self.order.pop_front();
        }
    }
}

impl Sum {
    fn pop(&mut self) {
        if let Some((_, sum, count)) = self.entries.pop_front() {
            self.total -= sum;
            self.count -= count;
        }
    }

    fn forget(&mut self, from: i64) {
        while self.entries.front().is_some_and(|(at, ..)| *at < from) {
            self.pop();
        }
    }

    fn add(&mut self, item: &Item) -> bool {
        let value = steps(bits(item.value));
        self.total += value;
        self.count += 1;
        match self.entries.back_mut().filter(|(at, ..)| *at == item.at) {
            Some((_, sum, count)) => {
                *sum += value;
                *count += 1;
            }
            None => self.entries.push_back((item.at, value, 1)),
        }
        let is_full = self.entries.len() > SUMS_MAX;
        if is_full {
            self.pop();
        }
        is_full
    }
}

impl Ranked {
    fn pop(&mut self) {
        if let Some((_, value)) = self.entries.pop_front() {
            let place = self.sorted.partition_point(|other| other.total_cmp(&value).is_lt());
            if place < self.sorted.len() {
                self.sorted.remove(place);
            }
        }
    }

    fn forget(&mut self, from: i64) {
        while self.entries.front().is_some_and(|(at, _)| *at < from) {
            self.pop();
        }
    }

    fn add(&mut self, item: &Item) -> bool {
        let value = bits(item.value);
        let place = self.sorted.partition_point(|other| other.total_cmp(&value).is_lt());
        self.sorted.insert(place, value);
        self.entries.push_back((item.at, value));
        let is_full = self.entries.len() > RANKED_MAX;
        if is_full {
            self.pop();
        }
        is_full
    }

    /// The value at a rank from 0 to 100, between two values in proportion.
    pub(crate) fn at(&self, rank: f64) -> f64 {
        let place = rank / 100.0 * number(self.sorted.len().saturating_sub(1));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list of bounded length"
        )]
        let below = place.floor() as usize;
        let one = self.sorted.get(below).copied().unwrap_or_default();
        let other = self.sorted.get(below + 1).copied().unwrap_or(one);
        one + (other - one) * place.fract()
    }
}

impl Ordered {
    fn add(&mut self, item: &Item) {
        if item.at != self.now {
            (self.now, self.at_once) = (item.at, 0);
        }
        self.at_once |= 1_u64.checked_shl(u32::try_from(item.part).unwrap_or(u32::MAX)).unwrap_or(0);
        if let Some(last) = self.last.get_mut(item.part) {
            *last = (item.at, item.event);
        }
        // What happened at one moment may have happened in any order.
        let mut before = item.at;
        for (part, begin) in self.begins.iter_mut().enumerate() {
            if self.at_once >> part & 1 == 1 {
                *begin = (*begin).max(before);
            }
            before = *begin;
        }
    }
}

/// The number that an item carries.
fn bits(value: u128) -> f64 {
    u64::try_from(value).map_or(0.0, f64::from_bits)
}

/// A number as an item carries it.
pub(crate) fn carried(number: f64) -> u128 {
    // The two zeros are one number.
    u128::from((number + 0.0).to_bits())
}
