//! Headers that join a request to others.

use super::*;

#[test]
fn a_trace_is_taken_from_a_traceparent_that_is_one() {
    let (trace_id, span_id) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    for right in [format!("00-{trace_id}-{span_id}-01"), format!("01-{trace_id}-{span_id}-00-later")] {
        assert_eq!(trace(&right), Some((trace_id, span_id)), "{right}");
    }
    for wrong in [
        String::new(),
        "00".to_owned(),
        format!("00-{trace_id}-{span_id}"),
        format!("00-{trace_id}-{span_id}-01-more"),
        format!("ff-{trace_id}-{span_id}-01"),
        format!("00-{trace_id}-{span_id}-1"),
        format!("00-{}-{span_id}-01", trace_id.to_uppercase()),
        format!("00-{}-{span_id}-01", "0".repeat(32)),
        format!("00-{trace_id}-{}-01", "0".repeat(16)),
        format!("00-{span_id}-{trace_id}-01"),
        "00-<script>-alert-01".to_owned(),
    ] {
        assert_eq!(trace(&wrong), None, "{wrong}");
    }
}
