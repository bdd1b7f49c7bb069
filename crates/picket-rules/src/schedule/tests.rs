use super::*;

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn schedule(hours: &[(u16, u16)], is_outside: bool) -> Schedule {
    Schedule {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        days: [true, true, true, true, true, false, false],
        hours: hours.to_vec(),
        calendar: vec![Free::parse("12-25").unwrap(), Free::parse("2026-11-27").unwrap()],
        calendars: Vec::new(),
        is_outside,
    }
}

#[test]
fn hours_are_those_of_the_wall_in_winter_and_in_summer() {
    let office = schedule(&[(8 * 60, 18 * 60)], false);
    for (at, holds) in [
        ("2026-11-26T07:00:00Z", true),
        ("2026-11-26T06:59:59Z", false),
        ("2026-11-26T16:59:59Z", true),
        ("2026-11-26T17:00:00Z", false),
        ("2026-07-01T06:00:00Z", true),
        ("2026-07-01T16:00:00Z", false),
        ("2026-11-28T10:00:00Z", false),
        ("2026-11-27T10:00:00Z", false),
        ("2025-12-25T10:00:00Z", false),
    ] {
        assert_eq!(office.holds(ms(at)), holds, "{at}");
        assert_eq!(schedule(&[(8 * 60, 18 * 60)], true).holds(ms(at)), !holds, "{at}");
    }
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let night = schedule(&[(22 * 60, 6 * 60)], false);
    // Friday's night is free with its day, Thursday's is not.
    for (at, holds) in [
        ("2026-11-26T22:00:00Z", true),
        ("2026-11-27T03:00:00Z", true),
        ("2026-11-27T22:00:00Z", false),
        ("2026-11-28T03:00:00Z", false),
        ("2026-11-30T03:00:00Z", false),
        ("2026-12-01T03:00:00Z", true),
        ("2026-11-26T12:00:00Z", false),
    ] {
        assert_eq!(night.holds(ms(at)), holds, "{at}");
    }
    // The clock goes back at 01:00 UTC on the 25th of October 2026: an hour comes twice, and both are night.
    let sunday = Schedule { days: [true; 7], ..schedule(&[(2 * 60, 3 * 60)], false) };
    for (at, holds) in [("2026-10-25T00:30:00Z", true), ("2026-10-25T01:30:00Z", true), ("2026-10-25T02:30:00Z", false)]
    {
        assert_eq!(sunday.holds(ms(at)), holds, "{at}");
    }
}

#[test]
fn times_and_days_are_read_as_people_write_them() {
    assert_eq!((minute("08:30"), minute("24:00"), minute("8:05")), (Some(510), Some(1_440), Some(485)));
    for text in ["24:01", "8", "08:60", "-1:00", "008:00", "08:+5", ""] {
        assert_eq!(minute(text), None, "{text}");
    }
    assert_eq!((weekday("Mon"), weekday("sunday"), weekday("m")), (Some(0), Some(6), None));
    assert_eq!(Free::parse("02-29"), Some(Free::EachYear(2, 29)));
    for text in ["02-30", "2026-02-30", "x", "2-3"] {
        assert_eq!(Free::parse(text), None, "{text}");
    }
}
