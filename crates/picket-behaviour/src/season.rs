//! What is usual at this hour.

use crate::moving::{Course, Moving};

const HOUR_MS: i64 = 3_600_000;

/// After what time a series repeats itself. Hours are of UTC: what is usual is learned, so the zone does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Season {
    /// It does not.
    #[default]
    None,
    /// Every day.
    HourOfDay,
    /// Every week.
    HourOfWeek,
}

impl Season {
    /// The hour in its season.
    pub fn hour(self, at_ms: i64) -> u8 {
        let hours = at_ms.div_euclid(HOUR_MS);
        let hour = match self {
            Self::None => 0,
            Self::HourOfDay => hours.rem_euclid(24),
            // The epoch began on a Thursday.
            Self::HourOfWeek => (hours + 72).rem_euclid(168),
        };
        u8::try_from(hour).unwrap_or(0)
    }
}

/// A moving mean for each hour of a season that something happened in, and one over all hours.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seasonal {
    /// Over all hours.
    pub all: Moving,
    /// In order of their hours; only those that had a value.
    pub hours: Vec<(u8, Moving)>,
}

impl Seasonal {
    /// Takes the value of an hour in.
    pub fn add(&mut self, hour: u8, value: f64, course: &Course) {
        self.all.add(value, course);
        let place = self.hours.partition_point(|(other, _)| *other < hour);
        match self.hours.get_mut(place).filter(|(other, _)| *other == hour) {
            Some((_, moving)) => moving.add(value, course),
            None => {
                let mut moving = Moving::default();
                moving.add(value, course);
                self.hours.insert(place, (hour, moving));
            }
        }
    }

    /// What is usual at an hour: its own values, and as many as `lean` of all hours, while it has few.
    pub fn at(&self, hour: u8, lean: f64) -> Moving {
        let place = self.hours.partition_point(|(other, _)| *other < hour);
        match self.hours.get(place).filter(|(other, _)| *other == hour) {
            Some((_, moving)) => moving.leaning_on(&self.all, lean),
            None => self.all,
        }
    }
}

#[cfg(test)]
mod tests;
