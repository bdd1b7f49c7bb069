//! Hours of the week, in a time zone.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// When matches count: inside, or outside, of hours of some days, but not on days of a calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub(crate) zone: TimeZone,
    /// From Monday.
    pub(crate) days: [bool; 7],
    /// From one minute of the day to before another; one that ends before it begins ends on the next day.
    pub(crate) hours: Vec<(u16, u16)>,
    /// Days that are none of these.
    pub(crate) calendar: Vec<Free>,
    /// Names of placeholders whose values are such days too.
    pub(crate) calendars: Vec<String>,
    pub(crate) is_outside: bool,
}

/// A day of a calendar, of one year or of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Free {
    Day(Date),
    EachYear(i8, i8),
}

impl Free {
    /// `2026-12-25` or `12-25`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(date) = text.parse::<Date>() {
            return Some(Self::Day(date));
        }
        // A leap year, so that the 29th of February is a day.
        let date: Date = format!("2024-{text}").parse().ok().filter(|_| text.len() == 5)?;
        Some(Self::EachYear(date.month(), date.day()))
    }

    fn is(self, date: Date) -> bool {
        match self {
            Self::Day(day) => day == date,
            Self::EachYear(month, day) => (month, day) == (date.month(), date.day()),
        }
    }
}

/// A minute of the day: `08:30`, up to `24:00`.
pub(crate) fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        text.parse::<u16>().ok().filter(|_| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= DAY).then_some(all)
}

/// Where a day of the week stands, from Monday.
pub(crate) fn weekday(text: &str) -> Option<usize> {
    let folded = text.to_ascii_lowercase();
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    names.iter().position(|name| *name == folded || name.get(..3) == Some(folded.as_str()))
}

impl Schedule {
    /// Whether a moment counts, in milliseconds since the Unix epoch.
    pub fn holds(&self, at_ms: i64) -> bool {
        // What is outside of the calendar's range of years is at no hour.
        let Ok(at) = Timestamp::from_millisecond(at_ms) else { return false };
        let local = at.to_zoned(self.zone.clone());
        let minute = u16::try_from(local.hour()).unwrap_or(0) * 60 + u16::try_from(local.minute()).unwrap_or(0);
        let today = local.date();
        let yesterday = today.yesterday().unwrap_or(today);
        let is_inside = self.hours.iter().any(|(from, to)| {
            if from < to {
                (*from..*to).contains(&minute) && self.is_day(today)
            } else {
                (minute >= *from && self.is_day(today)) || (minute < *to && self.is_day(yesterday))
            }
        });
        is_inside != self.is_outside
    }

    fn is_day(&self, date: Date) -> bool {
        let weekday = usize::try_from(date.weekday().since(Weekday::Monday)).unwrap_or(0);
        self.days.get(weekday).copied().unwrap_or(false) && !self.calendar.iter().any(|free| free.is(date))
    }

    /// A moment as it stands on the wall there.
    pub(crate) fn show(&self, at_ms: i64) -> String {
        let Ok(at) = Timestamp::from_millisecond(at_ms) else { return String::new() };
        at.to_zoned(self.zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
    }

    /// In words.
    pub(crate) fn wanted(&self) -> String {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let days: Vec<&str> =
            names.iter().zip(self.days).filter(|(_, is_meant)| *is_meant).map(|(name, _)| *name).collect();
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let hours: Vec<String> = self.hours.iter().map(|(from, to)| format!("{}-{}", time(*from), time(*to))).collect();
        let side = if self.is_outside { "outside" } else { "inside" };
        let zone = self.zone.iana_name().unwrap_or("its zone");
        let free = if self.calendar.is_empty() { "" } else { ", not on days of the calendar" };
        format!("{side} of {} on {} in {zone}{free}", hours.join(" and "), days.join(", "))
    }
}

#[cfg(test)]
mod tests;
