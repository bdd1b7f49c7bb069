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
mod tests {
    use super::*;

    #[test]
    fn hours_of_a_week_begin_on_monday() {
        // 2026-11-23 is a Monday.
        let monday = 1_795_392_000_000;
        assert_eq!(Season::HourOfWeek.hour(monday), 0);
        assert_eq!(Season::HourOfWeek.hour(monday - 1), 167);
        assert_eq!(Season::HourOfDay.hour(monday + 5 * HOUR_MS), 5);
        assert_eq!(Season::HourOfWeek.hour(monday + 29 * HOUR_MS), 29);
        assert_eq!(Season::None.hour(monday + 29 * HOUR_MS), 0);
    }

    #[test]
    fn an_hour_that_is_busy_every_day_is_no_surprise() {
        let mut seasonal = Seasonal::default();
        for day in 0..30 {
            for hour in 0..24_i64 {
                let at = (day * 24 + hour) * HOUR_MS;
                let value = if hour == 9 { 100.0 } else { 10.0 };
                seasonal.add(Season::HourOfDay.hour(at), value, &Course::default());
            }
        }
        let (nine, ten) = (seasonal.at(9, 0.0), seasonal.at(10, 0.0));
        assert!((nine.mean - 100.0).abs() < 1e-9 && (ten.mean - 10.0).abs() < 1e-9, "{nine:?} {ten:?}");
        assert_eq!(seasonal.hours.len(), 24);
        // An hour that never was is told by all of them.
        assert_eq!(Seasonal { hours: Vec::new(), ..seasonal.clone() }.at(9, 3.0), seasonal.all);
    }
}
