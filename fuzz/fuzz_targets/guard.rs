//! The guard of streams: what it lets out does not depend on how a text is cut.

#![no_main]

#[path = "../released.rs"]
mod released;

use libfuzzer_sys::fuzz_target;
use picket_content::stream::{HELD_BYTES_MAX, Mode, Patterns};
use released::released;
use std::sync::Arc;

fuzz_target!(|data: (u8, &str)| {
    let (choice, text) = data;
    // Beyond this, a word that does not end is let out or suppressed by what it began with.
    if text.len() >= HELD_BYTES_MAX {
        return;
    }
    let mode = |bits: u8| match bits & 3 {
        0 => Mode::Watch,
        1 | 2 => Mode::Redact,
        _ => Mode::Block,
    };
    let pii = vec![(mode(choice), Vec::new())];
    let patterns = Arc::new(Patterns { pii, secret: Some(mode(choice >> 2)), custom: Vec::new() });
    let whole = released(&patterns, text, usize::MAX);
    for size in [1, 2, 3, 7, 31] {
        assert_eq!(released(&patterns, text, size), whole, "pieces of {size}");
    }
});
