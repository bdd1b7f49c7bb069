//! Hours of the day and of the week.

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
