//! A mean and a variance that follow what is usual, and that one outlier cannot pull away.

use crate::number::real;

/// How a moving mean follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// Weight of the newest value, once there are enough: 0 to 1.
    pub weight: f64,
    /// A value counts as no further away than so many standard deviations.
    pub clip: f64,
    /// The smallest standard deviation that is believed.
    pub floor: f64,
    /// Values are counts: their variance is believed to be no smaller than their mean.
    pub is_count: bool,
}

impl Default for Course {
    fn default() -> Self {
        Self { weight: 0.05, clip: 3.0, floor: 1e-9, is_count: false }
    }
}

/// Values before a value can be called far away.
const WARM: u64 = 8;

/// An exponentially weighted mean and variance; plain ones over the first values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moving {
    /// The mean.
    pub mean: f64,
    /// The variance.
    pub variance: f64,
    /// Values so far.
    pub count: u64,
}

impl Moving {
    /// Takes a value in.
    pub fn add(&mut self, value: f64, course: &Course) {
        self.count = self.count.saturating_add(1);
        let weight = course.weight.max(1.0 / real(self.count));
        let limit = if self.count > WARM { course.clip * self.deviation(course) } else { f64::INFINITY };
        let away = (value - self.mean).clamp(-limit, limit);
        self.mean += weight * away;
        self.variance = (1.0 - weight) * (self.variance + weight * away * away);
    }

    /// The standard deviation, but no smaller one than is believed: a series that was constant so far is not wrong about
    /// everything else.
    pub fn deviation(&self, course: &Course) -> f64 {
        let least = if course.is_count { self.mean.max(0.0) } else { 0.0 };
        self.variance.max(least).sqrt().max(course.floor)
    }

    /// This one with another behind it, which counts as so many values: few values lean on those of others.
    #[must_use]
    pub fn leaning_on(&self, other: &Self, values: f64) -> Self {
        if other.count == 0 {
            return *self;
        }
        let own = real(self.count);
        let all = own + values;
        if all <= 0.0 {
            return *self;
        }
        let mean = (own * self.mean + values * other.mean) / all;
        // The variance of a mixture: within both, and between them.
        let of = |moving: &Self| moving.variance + (moving.mean - mean) * (moving.mean - mean);
        let variance = (own * of(self) + values * of(other)) / all;
        Self { mean, variance, count: self.count.max(1) }
    }
}

#[cfg(test)]
mod tests;
