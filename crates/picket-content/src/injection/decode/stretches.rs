//! Stretches of a long text, so that what is hidden anywhere in it is looked for at a cost that grows with its length only.

use super::is_code;
use std::ops::Range;

/// Texts up to this length are one stretch.
const WHOLE: usize = 64 * 1_024;
/// The length of a stretch of a longer one.
const LENGTH: usize = 16 * 1_024;
/// What a stretch has of the one before, so that no order of usual length is cut. A multiple of four, as codes want it.
const OVERLAP: usize = 512;

/// The stretches of a text, from its beginning to its end.
pub(super) fn stretches(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        if text.len() <= WHOLE || text.len() - start <= LENGTH {
            next = None;
            return Some(start..text.len());
        }
        let (end, after) = cut(text, start, start + LENGTH);
        next = Some(after);
        Some(start..end)
    })
}

/// Where a stretch ends that should end about there, and where the next begins. Inside a run of code both are a multiple of
/// four signs from its beginning: elsewhere its letters would mean other bytes.
fn cut(text: &str, start: usize, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes().get(start..at).unwrap_or_default();
    let code = bytes.iter().rev().take_while(|byte| is_code(**byte)).count();
    if code > OVERLAP {
        let end = at - code % 4;
        return (end, end - OVERLAP);
    }
    let end = text.floor_char_boundary(at);
    (end, text.floor_char_boundary(end - OVERLAP))
}

#[cfg(test)]
mod tests;
