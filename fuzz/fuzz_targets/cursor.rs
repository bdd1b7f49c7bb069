//! Cursors of lists: what is read is written the same way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_search::Cursor;

fuzz_target!(|text: &str| {
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text.to_lowercase());
        assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
    }
});
