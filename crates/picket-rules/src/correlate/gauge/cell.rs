//! What is measured of the matches of one stretch of time.

use super::{STEPS, bits, number, steps};
use crate::behaviour::Measure;
use picket_behaviour::Distinct;

/// Bins of a distribution.
pub(crate) const BINS: usize = 16;

/// Matches of a stretch of time, added up so that their order does not matter.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Cell {
    pub(crate) count: u64,
    pub(crate) sum: i128,
    pub(crate) sketch: Option<Box<Sketch>>,
}

/// What a number cannot hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sketch {
    Distinct(Distinct),
    Bins([u32; BINS]),
}

impl Cell {
    pub(crate) fn add(&mut self, measure: &Measure, value: u128) {
        self.count += 1;
        match measure {
            Measure::Count => {}
            Measure::Sum(_) | Measure::Avg(_) | Measure::Share(_) => self.sum += steps(bits(value)),
            Measure::Distinct(_) => {
                let sketch = self.sketch.get_or_insert_with(|| Box::new(Sketch::Distinct(Distinct::default())));
                if let Sketch::Distinct(distinct) = &mut **sketch {
                    distinct.add(folded(value));
                }
            }
            Measure::Shift(_) => {
                let sketch = self.sketch.get_or_insert_with(|| Box::new(Sketch::Bins([0; BINS])));
                let place = usize::try_from(value).unwrap_or(0) % BINS;
                if let Sketch::Bins(bins) = &mut **sketch
                    && let Some(bin) = bins.get_mut(place)
                {
                    *bin = bin.saturating_add(1);
                }
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        match (self.sketch.as_deref_mut(), other.sketch.as_deref()) {
            (Some(Sketch::Distinct(one)), Some(Sketch::Distinct(other))) => one.merge(other),
            (Some(Sketch::Bins(one)), Some(Sketch::Bins(other))) => {
                one.iter_mut().zip(other).for_each(|(one, other)| *one = one.saturating_add(*other));
            }
            (None, Some(other)) => self.sketch = Some(Box::new(other.clone())),
            _ => {}
        }
    }

    /// What it comes to; none where it is of nothing. Of a shift there is no number, but [`Self::bins`].
    pub(crate) fn value(&self, measure: &Measure) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "far below what makes a difference")]
        let (count, sum) = (self.count as f64, self.sum as f64 / STEPS);
        match measure {
            Measure::Count => Some(count),
            Measure::Sum(_) => Some(sum),
            Measure::Avg(_) | Measure::Share(_) => (self.count > 0).then(|| sum / count),
            Measure::Distinct(_) => match self.sketch.as_deref() {
                Some(Sketch::Distinct(distinct)) => Some(distinct.count()),
                _ => Some(0.0),
            },
            Measure::Shift(_) => None,
        }
    }

    /// How often each bin was met.
    pub(crate) fn bins(&self) -> Option<Vec<f64>> {
        match self.sketch.as_deref() {
            Some(Sketch::Bins(bins)) => Some(bins.iter().map(|bin| f64::from(*bin)).collect()),
            _ => None,
        }
    }

    pub(crate) fn matches(&self) -> f64 {
        usize::try_from(self.count).map_or(f64::MAX, number)
    }
}

/// The bin of a number: of scores and shares, from 0 to 1, a fifteenth; of others by magnitude, each twice as wide as the
/// one before.
pub(crate) fn magnitude(number: f64) -> u128 {
    let most = super::number(BINS - 1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 15")]
    let bin = match number {
        0.0..=1.0 => (number * most).round() as u128,
        _ => (number.max(0.0) + 1.0).log2().floor().clamp(0.0, most) as u128,
    };
    bin
}

/// Half of a fingerprint tells values apart as well.
pub(crate) fn folded(value: u128) -> u64 {
    u64::try_from(value & u128::from(u64::MAX)).unwrap_or(0)
}
