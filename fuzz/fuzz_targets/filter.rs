//! The filter grammar: the normal form of a filter is a filter, and means the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_query::Query;
use picket_stdx::Timestamp;

fuzz_target!(|text: &str| {
    let Ok(query) = Query::parse(text) else { return };
    let normal = query.to_string();
    let again = Query::parse(&normal).unwrap_or_else(|error| panic!("`{normal}`: {error}"));
    assert_eq!(again, query, "`{normal}`");
    assert_eq!(again.to_string(), normal);
    query.explain();
    let fixed = query.at(Timestamp::from_millis(1_700_000_000_000));
    // A range from a date to so long ago may be empty by then, which no filter says.
    if let Ok(read) = Query::parse(&fixed.to_string()) {
        assert_eq!(read, fixed);
    }
});
