//! Durations and times as people write them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_query::time::Span;
use picket_stdx::{Timestamp, duration};

fuzz_target!(|text: &str| {
    if let Ok(read) = duration::parse(text) {
        let shown = duration::display(read);
        assert_eq!(duration::parse(&shown), Ok(read), "{shown}");
    }
    if let Ok(read) = text.parse::<Timestamp>() {
        let shown = read.to_string();
        let again: Timestamp = shown.parse().unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!((again.to_string(), again.as_millis()), (shown, read.as_millis()));
        let exact: Timestamp = read.to_rfc3339_micros().parse().expect("the form of the log is a time");
        assert_eq!(exact, read);
    }
    if let Ok(span) = Span::parse(text) {
        let now = Timestamp::from_millis(1_700_000_000_000);
        span.from.at(now);
        span.until.at(now);
    }
});
