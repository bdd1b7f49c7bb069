//! A series of numbers that leaves its course: for what is measured of a whole workspace, a model, a queue.
//!
//! Each value is held against what is usual at its hour. After something was told it is quiet for a while: an incident is one
//! finding, not one for each value.

use crate::bytes::{Reader, Writer};
use crate::moving::{Course, Moving};
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
    /// The smallest standard deviation that is believed.
    floor: f64,
}

impl Series {
    /// A series that repeats itself after a season. Less likely values than `tail` are told, once in `quiet_ms`.
    pub fn new(season: Season, tail: f64, quiet_ms: i64) -> Self {
        Self { season, usual: Seasonal::default(), tail, quiet_ms, quiet_until: i64::MIN, floor: 1e-9 }
    }

    /// The same with a smallest standard deviation that is believed.
    #[must_use]
    pub fn floor(self, floor: f64) -> Self {
        Self { floor, ..self }
    }

    /// Values so far.
    pub fn values(&self) -> u64 {
        self.usual.all.count
    }

    /// Writes what it was like so far.
    pub fn write(&self, out: &mut Writer) {
        out.signed(self.quiet_until);
        out.moving(&self.usual.all);
        out.number(u64::try_from(self.usual.hours.len()).unwrap_or(0));
        for (hour, moving) in &self.usual.hours {
            out.number(u64::from(*hour));
            out.moving(moving);
        }
    }

    /// Goes on where another was that looks at the same.
    pub fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        (self.quiet_until, self.usual.all) = (reader.signed()?, reader.moving()?);
        let count: usize = reader.fitting()?;
        self.usual.hours.clear();
        for _ in 0..count {
            let hour = (reader.fitting()?, reader.moving()?);
            // They stand in order, each once.
            if self.usual.hours.last().is_some_and(|(last, _)| *last >= hour.0) {
                return None;
            }
            self.usual.hours.push(hour);
        }
        Some(())
    }

    /// Takes a value in.
    pub fn add(&mut self, at_ms: i64, value: f64) -> Point {
        let hour = self.season.hour(at_ms);
        let course = Course { weight: 0.02, clip: 4.0, floor: self.floor, is_count: false };
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

impl Writer {
    pub(crate) fn moving(&mut self, moving: &Moving) {
        self.real(moving.mean);
        self.real(moving.variance);
        self.number(moving.count);
    }
}

impl Reader<'_> {
    pub(crate) fn moving(&mut self) -> Option<Moving> {
        Some(Moving { mean: self.real()?, variance: self.real()?, count: self.number()? })
    }
}

#[cfg(test)]
mod tests;
