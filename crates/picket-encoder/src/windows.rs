//! Where a long text is looked at.

use std::ops::Range;

/// Pieces that the network sees at once, with the marks at both ends.
pub const WINDOW: usize = 256;
/// Pieces of a text in a window.
pub(crate) const INNER: usize = WINDOW - 2;
/// From the beginning of a window to that of the next: an order that one cuts stands whole in the other.
const STRIDE: usize = 190;
/// Windows of one text; further ones are passed over, evenly.
pub const WINDOWS_MAX: usize = 32;
/// Pieces of a text that are looked at at all.
pub const TOKENS_MAX: usize = 32_768;

/// The windows that cover so many pieces.
pub(crate) fn needed(tokens: usize) -> usize {
    if tokens <= INNER { 1 } else { 1 + (tokens - INNER).div_ceil(STRIDE) }
}

/// The windows of a text: all, or as many as may be, the first and the last among them.
pub(crate) fn windows(tokens: usize) -> impl Iterator<Item = Range<usize>> {
    let needed = needed(tokens);
    let taken = needed.min(WINDOWS_MAX);
    (0..taken).map(move |at| {
        let at = if taken < 2 { 0 } else { at * (needed - 1) / (taken - 1) };
        // The last window is as long as the others.
        let start = (at * STRIDE).min(tokens.saturating_sub(INNER));
        start..tokens.min(start + INNER)
    })
}

#[cfg(test)]
mod tests;
