//! A series of numbers that leaves its course: for what is measured of a whole workspace, a model, a queue.
//!
//! Each value is held against what is usual at its hour. After something was told it is quiet for a while: an incident is one
//! finding, not one for each value.

use crate::moving::Course;
use crate::season::{Season, Seasonal};
use crate::tail;

/// Values before anything is said.
const WARM: u64 = 30;
/// Values of all hours that an hour leans on while it has few.
const LEAN: f64 = 3.0;

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// What was to be expected.
    pub expected: f64,
    /// How likely a value so far away, on either side, is by chance.
    pub tail: f64,
    /// It is unusual, and nothing was told shortly before.
    pub is_told: bool,
}

/// What a series was like so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    season: Season,
    usual: Seasonal,
    /// What is unlikely enough.
    tail: f64,
    /// How long it is quiet after something was told.
    quiet_ms: i64,
    quiet_until: i64,
}

impl Series {
    /// A series that repeats itself after a season. Less likely values than `tail` are told, once in `quiet_ms`.
    pub fn new(season: Season, tail: f64, quiet_ms: i64) -> Self {
        Self { season, usual: Seasonal::default(), tail, quiet_ms, quiet_until: i64::MIN }
    }

    /// Takes a value in.
    pub fn add(&mut self, at_ms: i64, value: f64) -> Point {
        let hour = self.season.hour(at_ms);
        let course = Course { weight: 0.02, clip: 4.0, floor: 1e-9, is_count: false };
        let usual = self.usual.at(hour, LEAN);
        let tail = 2.0 * tail::normal((value - usual.mean).abs() / usual.deviation(&course));
        let is_unusual = self.usual.all.count >= WARM && tail <= self.tail;
        let is_told = is_unusual && at_ms >= self.quiet_until;
        if is_told {
            self.quiet_until = at_ms.saturating_add(self.quiet_ms);
        }
        self.usual.add(hour, value, &course);
        Point { expected: usual.mean, tail, is_told }
    }
}

#[cfg(test)]
mod tests;
