//! Parts of times.

use super::*;

#[test]
fn parts_of_a_time_are_those_of_the_calendar() {
    for (text, minute, hour, day, week, month, year) in [
        ("2026-11-27T20:35:34Z", 35, 20, 27, 48, 11, 2026),
        ("2026-11-27T20:35:34+02:00", 35, 18, 27, 48, 11, 2026),
        ("2026-11-27 20:35:34", 35, 20, 27, 48, 11, 2026),
        ("2024-02-29T00:00:00.5Z", 0, 0, 29, 9, 2, 2024),
        ("2027-01-01T00:00:00Z", 0, 0, 1, 53, 1, 2027),
        ("2024-12-30T23:59:59Z", 59, 23, 30, 1, 12, 2024),
        ("1969-12-31T23:59:59Z", 59, 23, 31, 1, 12, 1969),
    ] {
        let ms = moment(text).unwrap();
        let parts = TimePart::WORDS.iter().map(|(_, part)| part.of(ms)).collect::<Vec<_>>();
        assert_eq!(parts, [minute, hour, day, week, month, year], "{text}");
    }
    assert_eq!([moment("yesterday"), moment("2026-11-27"), moment("12:00"), moment("")], [None; 4]);
}

#[test]
fn a_number_is_seconds_or_milliseconds() {
    assert_eq!(moment_of_number(1_700_000_000.0), Some(1_700_000_000_000));
    assert_eq!(moment_of_number(1_700_000_000_123.0), Some(1_700_000_000_123));
    assert_eq!([moment_of_number(f64::NAN), moment_of_number(1e300)], [None; 2]);
}
