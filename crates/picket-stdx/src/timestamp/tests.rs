use super::*;

#[test]
fn displays_and_parses_rfc_3339_with_milliseconds() {
    let at: Timestamp = "2026-06-01T10:13:20.5Z".parse().unwrap();
    assert_eq!(at.to_string(), "2026-06-01T10:13:20.500Z");
    assert_eq!(at.to_rfc3339_micros(), "2026-06-01T10:13:20.500000Z");
    assert_eq!("2026-06-01T12:13:20.500+02:00".parse::<Timestamp>().unwrap(), at);
    assert_eq!(at.start_of_day().to_string(), "2026-06-01T00:00:00.000Z");
}

#[test]
fn refuses_what_is_no_time() {
    for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-06-01"] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
}
