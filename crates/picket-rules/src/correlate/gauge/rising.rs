//! Values that rise from one stretch of time to the next.

use super::cell::Cell;
use super::{Item, Reading};
use crate::behaviour::Trend;
use picket_behaviour::{Cusum, slope};
use std::collections::VecDeque;

/// Stretches of time that have to be known.
const KNOWN_MIN: usize = 5;
/// What lies so little above what was before is nothing, in standard deviations.
const SLACK: f64 = 0.5;

/// The last stretches of time that had matches.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Rising {
    pub(crate) cells: VecDeque<(i64, Cell)>,
    /// The first that is known, if it is among the last.
    pub(crate) first: Option<i64>,
}

impl Rising {
    pub(crate) fn apply(&mut self, trend: &Trend, item: &Item) {
        let bucket = item.at.div_euclid(trend.bucket_ms);
        self.first.get_or_insert(bucket);
        match self.cells.back_mut().filter(|(last, _)| *last == bucket) {
            Some((_, cell)) => cell.add(&trend.measure, item.value),
            None => {
                let mut cell = Cell::default();
                cell.add(&trend.measure, item.value);
                self.cells.push_back((bucket, cell));
            }
        }
        let oldest = bucket - i64::try_from(trend.buckets).unwrap_or(i64::MAX) + 1;
        while self.cells.front().is_some_and(|(first, _)| *first < oldest) {
            self.cells.pop_front();
        }
        self.first = self.first.map(|first| first.max(oldest));
    }

    /// The values of all stretches, up to the newest.
    fn values(&self, trend: &Trend) -> Vec<f64> {
        let (Some(first), Some((last, _))) = (self.first, self.cells.back()) else { return Vec::new() };
        let mut cells = self.cells.iter().peekable();
        let of = |bucket: i64| {
            let cell = cells.next_if(|(other, _)| *other == bucket).map(|(_, cell)| cell);
            match cell {
                Some(cell) => cell.value(&trend.measure),
                None => trend.measure.counts_nothing().then_some(0.0),
            }
        };
        (first..=*last).filter_map(of).collect()
    }

    pub(crate) fn read(&self, trend: &Trend, at: i64) -> Reading {
        let since = self.first.map_or(at, |first| first.saturating_mul(trend.bucket_ms));
        let values = self.values(trend);
        let newest = values.last().copied().unwrap_or(0.0);
        let rise = slope::median(&values).unwrap_or(0.0);
        let may_rise = values.len() >= KNOWN_MIN && newest >= trend.at_least && rise > 0.0 && rise >= trend.slope;
        let holds =
            may_rise && slope::rises(&values) <= trend.p && trend.cusum.is_none_or(|wanted| cusum(&values) >= wanted);
        Reading { holds, value: rise, expected: None, since }
    }

    pub(crate) fn wanted(&self, trend: &Trend) -> String {
        let values = self.values(trend);
        let known = values.len();
        if known < KNOWN_MIN {
            return format!(
                "{}, of which {known} stretches of time are known, and {KNOWN_MIN} have to be",
                trend.measure.words()
            );
        }
        let chance = slope::rises(&values);
        let sum = trend.cusum.map(|wanted| format!("; a sum of {wanted} deviations, and it is {:.1}", cusum(&values)));
        format!(
            "{} that rises by at least {} each time, by chance with {} at most, and it is {chance:.4} over {known}{}",
            trend.measure.words(),
            trend.slope,
            trend.p,
            sum.unwrap_or_default()
        )
    }
}

/// What lies above the first third, added up, in standard deviations of counts.
fn cusum(values: &[f64]) -> f64 {
    let third = (values.len() / 3).max(1);
    let mean = values.iter().take(third).sum::<f64>() / super::number(third);
    let deviation = mean.abs().sqrt().max(1.0);
    let mut sum = Cusum::default();
    values.iter().skip(third).fold(0.0, |most, value| sum.add((value - mean) / deviation, SLACK).max(most))
}
