//! What leaves a guarded stream.

use picket_content::stream::{Guard, Patterns};
use std::sync::Arc;

/// What gets out of a text in pieces of so many characters, and whether the stream was ended.
pub(crate) fn released(patterns: &Arc<Patterns>, text: &str, size: usize) -> (String, bool) {
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
