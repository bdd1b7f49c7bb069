use super::*;

#[test]
fn a_moment_is_shown_in_the_zone_that_was_asked_for_with_its_offset() {
    let summer: Timestamp = "2026-07-01T22:30:00.123Z".parse().unwrap();
    let winter: Timestamp = "2026-12-31T23:30:00Z".parse().unwrap();
    for (zone, at, expected) in [
        ("UTC", summer, "2026-07-01T22:30:00.123Z"),
        ("Europe/Berlin", summer, "2026-07-02T00:30:00.123+02:00"),
        ("Europe/Berlin", winter, "2027-01-01T00:30:00.000+01:00"),
        ("America/St_Johns", winter, "2026-12-31T20:00:00.000-03:30"),
        ("+05:45", winter, "2027-01-01T05:15:00.000+05:45"),
        ("-08:00", summer, "2026-07-01T14:30:00.123-08:00"),
    ] {
        let shown = zone.parse::<Zone>().unwrap().show(at);
        assert_eq!(shown, expected, "{zone}");
        assert_eq!(shown.parse::<Timestamp>().unwrap(), at, "it is the same moment");
    }
}

#[test]
fn what_is_no_zone_is_refused_with_what_to_write() {
    for text in ["", "Mars/Base", "+2", "+24:00", "+02:60", "+02-00", "+0a:00", "++2:00", "../../etc/passwd", "CEST+1"]
    {
        let error = text.parse::<Zone>().unwrap_err().to_string();
        assert!(error.contains("Europe/Berlin"), "{text}: {error}");
    }
}
