//! What a correlation measures, and the state that it needs for one group when events come in the order of their times.
//!
//! Each state is exact and bounded: what it forgets cannot change what is measured from then on.

pub(crate) mod cell;
mod kept;
pub(crate) mod learned;
pub(crate) mod near;
pub(crate) mod news;
pub(crate) mod rising;

use super::absent::Waiting;
use crate::behaviour::{Absent, Baseline, Behaviour, FirstSeen, NearDuplicate, Trend};
use crate::expr::Expr;
use crate::model::Order;
use crate::schedule::Schedule;
use learned::Learned;
use near::Near;
use news::News;
use rising::Rising;
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
    /// How long a group matters after its newest match.
    pub(crate) kept_ms: i64,
    /// So much later than events themselves its matches may come: something waited.
    pub(crate) delay_ms: i64,
    /// It holds only then.
    pub(crate) schedule: Option<Schedule>,
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
    Baseline(Baseline),
    FirstSeen(FirstSeen),
    Rising(Trend),
    Near(NearDuplicate),
    Absent(Absent),
}

impl From<&Behaviour> for What {
    fn from(behaviour: &Behaviour) -> Self {
        match behaviour.clone() {
            Behaviour::Baseline(baseline) => Self::Baseline(baseline),
            Behaviour::FirstSeen(first) => Self::FirstSeen(first),
            Behaviour::Trend(trend) => Self::Rising(trend),
            Behaviour::Absent(absent) => Self::Absent(absent),
            Behaviour::NearDuplicate(near) => Self::Near(near),
        }
    }
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
    Learned(Box<Learned>),
    News(Box<News>),
    Rising(Box<Rising>),
    Near(Near),
    Waiting(Box<Waiting>),
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
    /// With the newest event of the moment at the end.
    pub(crate) entries: VecDeque<(i64, i128, u64, u64)>,
    pub(crate) total: i128,
    pub(crate) count: u64,
}

/// Numbers in the order of their times and of their sizes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranked {
    pub(crate) entries: VecDeque<(i64, f64, u64)>,
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
    /// How much later than its events a match of it may be told.
    pub(crate) fn told_after_ms(&self) -> i64 {
        match &self.what {
            What::Absent(absent) => self.delay_ms.saturating_add(absent.within_ms),
            _ => self.delay_ms,
        }
    }

    /// What has to be measured, in words.
    pub(crate) fn wanted(&self, state: &State, at: i64) -> String {
        let wanted = self.wanted_of(state, at);
        match &self.schedule {
            Some(schedule) => format!("{wanted}, {}", schedule.wanted()),
            None => wanted,
        }
    }

    fn wanted_of(&self, state: &State, at: i64) -> String {
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
            What::Baseline(baseline) => match state {
                State::Learned(learned) => learned.wanted(baseline, at),
                _ => String::new(),
            },
            What::FirstSeen(first) => match state {
                State::News(news) => news.wanted(first, at),
                _ => String::new(),
            },
            What::Rising(trend) => match state {
                State::Rising(rising) => rising.wanted(trend),
                _ => String::new(),
            },
            What::Near(near) => {
                format!("{} that differ in {} of 64 bits at most", near.count, near.distance)
            }
            What::Absent(absent) => format!("no match of `{}`; so many still wait for one", absent.rule),
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
            What::Baseline(_) => State::Learned(Box::default()),
            What::FirstSeen(_) => State::News(Box::default()),
            What::Rising(_) => State::Rising(Box::default()),
            What::Near(_) => State::Near(Near::default()),
            What::Absent(_) => State::Waiting(Box::default()),
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
            (State::Learned(learned), What::Baseline(baseline)) => {
                learned.apply(baseline, item);
                false
            }
            (State::News(news), What::FirstSeen(first)) => news.apply(first, item),
            (State::Rising(rising), What::Rising(trend)) => {
                rising.apply(trend, item);
                false
            }
            (State::Near(near), What::Near(wanted)) => near.apply(wanted, item),
            // Of another gauge, or one that waits and measures nothing.
            _ => false,
        }
    }

    /// What a state says at the moment of the newest match.
    pub(crate) fn read(&self, state: &State, at: i64) -> Reading {
        let mut reading = self.measured(state, at);
        reading.holds = reading.holds && self.schedule.as_ref().is_none_or(|schedule| schedule.holds(at));
        reading
    }

    fn measured(&self, state: &State, at: i64) -> Reading {
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
                let since = ranked.entries.front().map_or(at, |(first, ..)| *first);
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
            _ => self.behaves(state, at),
        }
    }

    fn behaves(&self, state: &State, at: i64) -> Reading {
        match (state, &self.what) {
            (State::Learned(learned), What::Baseline(baseline)) => learned.read(baseline, at),
            (State::News(news), What::FirstSeen(first)) => news.read(first, at),
            (State::Rising(rising), What::Rising(trend)) => rising.read(trend, at),
            (State::Near(near), What::Near(wanted)) => near.read(wanted, at),
            (State::Waiting(waiting), _) => {
                Reading { holds: false, value: number(waiting.waits.len()), expected: None, since: at }
            }
            _ => Reading { holds: false, value: 0.0, expected: None, since: at },
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
            State::Sum(sum) => sum.entries.iter().rev().map(|(.., event)| *event).take(EVIDENCE_MAX).collect(),
            State::Ranked(ranked) => ranked.entries.iter().rev().map(|(.., event)| *event).take(EVIDENCE_MAX).collect(),
            State::Temporal(last) => last.iter().filter(|(at, _)| *at >= from).map(|(_, event)| *event).collect(),
            State::Ordered(ordered) => {
                ordered.last.iter().filter(|(at, _)| *at >= from).map(|(_, event)| *event).collect()
            }
            State::Near(near) => match &self.what {
                What::Near(wanted) => near.evidence(wanted),
                _ => Vec::new(),
            },
            _ => Vec::new(),
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

/// The number that an item carries.
fn bits(value: u128) -> f64 {
    u64::try_from(value).map_or(0.0, f64::from_bits)
}

/// A number as an item carries it.
pub(crate) fn carried(number: f64) -> u128 {
    // The two zeros are one number.
    u128::from((number + 0.0).to_bits())
}
