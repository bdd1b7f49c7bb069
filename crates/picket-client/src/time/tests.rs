use super::*;

#[test]
fn a_span_that_ends_before_it_begins_is_refused() {
    let refused = |from, until| in_order(Some(from), ("until", Some(until))).is_err();
    for (from, until) in [
        ("2025-05-01", "2025-04-30"),
        ("2025-05-01T00:00:00Z", "2025-04-30"),
        ("2025-05-01T00:00:01Z", "2025-05-01T00:00:00Z"),
        ("1h", "2h"),
        ("now", "2025-05-01"),
    ] {
        assert!(refused(from, until), "{from} {until}");
    }
    for (from, until) in [
        ("2025-04-30", "2025-04-30"),
        ("2025-04-30T12:00:00Z", "2025-04-30"),
        ("2025-05-01T00:00:00Z", "2025-05-01T00:00:00Z"),
        ("2h", "1h"),
        ("1h", "1h"),
        ("2025-05-01", "now"),
    ] {
        assert!(!refused(from, until), "{from} {until}");
    }
    assert!(in_order(None, ("until", Some("2025-05-01"))).is_ok() && in_order(Some("now"), ("to", None)).is_ok());
}
