//! More, or less, than is usual: the window that ends now against what windows were like.
//!
//! The window moves on in twelfths, so that nothing hides at its borders. What is usual is learned of whole windows that
//! do not overlap, aligned to the clock, each clipped before it counts: an attack does not become usual in a day.

use super::cell::{BINS, Cell};
use super::{Item, Reading};
use crate::behaviour::{Baseline, Measure};
use picket_behaviour::{Course, Moving, Seasonal, drift, tail};
use std::collections::VecDeque;

/// Parts of a window.
const PARTS: i64 = 12;
/// Windows without a match that are learned as such; after a longer silence everything is learned anew.
pub(crate) const SILENT_MAX: i64 = 2_048;
/// Windows of all hours that an hour leans on while it has few.
const LEAN: f64 = 3.0;
/// So many times the index that is to be expected of two samples of one distribution happens by chance: rare values, and
/// what is usual was learned of few, too.
const BY_CHANCE: f64 = 3.0;
/// How fast a distribution follows.
const FOLLOWS: f64 = 0.1;

/// What windows were like, and the present one in parts.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Learned {
    pub(crate) parts: VecDeque<(i64, Cell)>,
    pub(crate) usual: Seasonal,
    /// Shares of the bins.
    pub(crate) bins: Vec<f64>,
    /// The first window, of which a part may be missing.
    pub(crate) first: Option<i64>,
}

impl Learned {
    pub(crate) fn apply(&mut self, baseline: &Baseline, item: &Item) {
        let part = item.at.div_euclid(baseline.window_ms / PARTS);
        let window = part.div_euclid(PARTS);
        self.first.get_or_insert(window);
        if let Some(last) = self.parts.back().map(|(part, _)| part.div_euclid(PARTS))
            && last < window
        {
            self.close(baseline, last, window);
        }
        match self.parts.back_mut().filter(|(last, _)| *last == part) {
            Some((_, cell)) => cell.add(&baseline.measure, item.value),
            None => {
                let mut cell = Cell::default();
                cell.add(&baseline.measure, item.value);
                self.parts.push_back((part, cell));
            }
        }
        while self.parts.front().is_some_and(|(first, _)| *first <= part - PARTS) {
            self.parts.pop_front();
        }
    }

    /// Learns the last window, and those without a match before the next one.
    fn close(&mut self, baseline: &Baseline, last: i64, next: i64) {
        if next - last > SILENT_MAX {
            *self = Self { first: Some(next), ..Self::default() };
            return;
        }
        let of_last = self.parts.iter().filter(|(part, _)| part.div_euclid(PARTS) == last);
        let cell = of_last.fold(Cell::default(), |mut sum, (_, cell)| {
            sum.merge(cell);
            sum
        });
        if self.first.is_some_and(|first| first < last) {
            self.learn(baseline, last, &cell);
        }
        if baseline.measure.counts_nothing() {
            (last + 1..next).for_each(|window| self.learn(baseline, window, &Cell::default()));
        }
    }

    fn learn(&mut self, baseline: &Baseline, window: i64, cell: &Cell) {
        let is_of_few = !baseline.measure.counts_nothing() && cell.matches() < baseline.at_least.min(2.0);
        if is_of_few {
            return;
        }
        let hour = baseline.season.hour(window.saturating_mul(baseline.window_ms));
        if let Some(bins) = cell.bins() {
            let all: f64 = bins.iter().sum();
            if self.bins.is_empty() {
                self.bins = bins.iter().map(|bin| bin / all).collect();
            } else {
                self.bins.iter_mut().zip(&bins).for_each(|(usual, bin)| *usual += FOLLOWS * (bin / all - *usual));
            }
            self.usual.all.count += 1;
        } else if let Some(value) = cell.value(&baseline.measure) {
            self.usual.add(hour, value, &course(&baseline.measure));
        }
    }

    /// What is usual at a moment.
    fn usual(&self, baseline: &Baseline, at: i64) -> Moving {
        self.usual.at(baseline.season.hour(at), LEAN)
    }

    pub(crate) fn read(&self, baseline: &Baseline, at: i64) -> Reading {
        let cell = self.parts.iter().fold(Cell::default(), |mut sum, (_, cell)| {
            sum.merge(cell);
            sum
        });
        let since = at.saturating_sub(baseline.window_ms);
        let is_known = self.usual.all.count >= baseline.min_history;
        if let Some(bins) = cell.bins() {
            let value = drift::stability(&self.bins, &bins).unwrap_or(0.0);
            // A distribution of few is far from any by chance: one value in each bin is as much as the number of bins.
            let by_chance = BY_CHANCE * super::number(BINS) / cell.matches().max(1.0);
            let holds = is_known && cell.matches() >= baseline.at_least && value > baseline.ratio.max(by_chance);
            return Reading { holds, value, expected: is_known.then_some(0.0), since };
        }
        let Some(value) = cell.value(&baseline.measure) else {
            return Reading { holds: false, value: 0.0, expected: None, since };
        };
        let usual = self.usual(baseline, at);
        let limit = baseline.ratio * usual.mean;
        let is_beyond = if baseline.ratio > 1.0 { value > limit } else { value < limit };
        let size = if baseline.measure.counts_nothing() { value } else { cell.matches() };
        // The last is what costs.
        let is_unlikely = || baseline.p.is_none_or(|p| self.chance(baseline, &usual, value, &cell) <= p);
        let holds = is_known && size >= baseline.at_least && is_beyond && is_unlikely();
        Reading { holds, value, expected: is_known.then_some(usual.mean), since }
    }

    /// How likely as much, or as little, is by chance.
    fn chance(&self, baseline: &Baseline, usual: &Moving, value: f64, cell: &Cell) -> f64 {
        let away = value - usual.mean;
        let away = if baseline.ratio > 1.0 { away } else { -away };
        match baseline.measure {
            Measure::Count | Measure::Distinct(_) => tail::heaped(value.floor(), usual.mean, usual.variance),
            Measure::Share(_) if baseline.ratio > 1.0 => {
                // What never happened in so many windows may yet happen once in twice as many.
                let least = 0.5 / (cell.matches() * super::number(usize::try_from(usual.count).unwrap_or(usize::MAX)));
                tail::of_tries((value * cell.matches()).round(), cell.matches(), usual.mean.max(least))
            }
            _ => tail::normal(away / usual.deviation(&course(&baseline.measure))),
        }
    }

    /// What is wanted, in words, with how much is known.
    pub(crate) fn wanted(&self, baseline: &Baseline, at: i64) -> String {
        let words = baseline.measure.words();
        let (known, history) = (self.usual.all.count, baseline.min_history);
        if known < history {
            return format!(
                "{words}, of which {known} windows are known, and {history} have to be before anything is said"
            );
        }
        let least = if baseline.measure.counts_nothing() {
            format!("at least {}", baseline.at_least)
        } else {
            format!("of at least {} matches", baseline.at_least)
        };
        if matches!(baseline.measure, Measure::Shift(_)) {
            return format!("{words} above {}, {least}", baseline.ratio);
        }
        let usual = self.usual(baseline, at);
        let side = if baseline.ratio > 1.0 { "above" } else { "below" };
        let limit = baseline.ratio * usual.mean;
        let chance = baseline.p.map(|p| format!(", no likelier than {p} by chance")).unwrap_or_default();
        format!("{words} {side} {limit:.3} ({} times the usual {:.3}), {least}{chance}", baseline.ratio, usual.mean)
    }
}

fn course(measure: &Measure) -> Course {
    let is_count = matches!(measure, Measure::Count | Measure::Distinct(_));
    Course { weight: 0.05, clip: 3.0, floor: if is_count { 0.5 } else { 1e-6 }, is_count }
}
