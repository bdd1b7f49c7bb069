//! The guard of streams: what it lets out does not depend on how a text is cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_content::stream::{Guard, HELD_BYTES_MAX, Mode, Patterns};
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

/// What gets out, and whether the stream was ended.
fn released(patterns: &Arc<Patterns>, text: &str, size: usize) -> (String, bool) {
    let mut guard = Guard::new(Arc::clone(patterns));
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for piece in characters.chunks(size.min(characters.len().max(1))) {
        let piece: String = piece.iter().collect();
        let step = guard.push(1, &piece);
        out.push_str(&step.release);
        if step.end {
            return (out, true);
        }
    }
    let step = guard.finish(1);
    out.push_str(&step.release);
    (out, step.end)
}
