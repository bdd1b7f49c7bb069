//! Excerpts that show where something is without showing it, and spans in code points.

use std::ops::Range;

/// Characters around a span that an excerpt keeps.
const AROUND: usize = 40;

/// The text around `span`, with the span itself hidden but for its first and last two characters; all digits nearby are
/// hidden too.
pub fn mask(text: &str, span: Range<usize>) -> String {
    mask_beside(text, span, |_| false)
}

/// The same with whatever else is hidden, by its byte in the text: a finding's neighbours are findings, too.
pub fn mask_beside(text: &str, span: Range<usize>, is_hidden: impl Fn(usize) -> bool) -> String {
    let shown = |(at, c): (usize, char)| if is_hidden(at) { '*' } else { c };
    let before: Vec<char> =
        text.get(..span.start).unwrap_or_default().char_indices().rev().take(AROUND).map(shown).collect();
    let before: String = before.into_iter().rev().collect();
    let after = text.get(span.end..).unwrap_or_default().char_indices().take(AROUND);
    let after: String = after.map(|(at, c)| shown((span.end + at, c))).collect();
    let hidden: Vec<char> = text.get(span).unwrap_or_default().chars().collect();
    let shown = if hidden.len() >= 12 { 2 } else { 0 };
    let inside: String = hidden
        .iter()
        .enumerate()
        .map(|(at, c)| if at < shown || at + shown >= hidden.len() { *c } else { '*' })
        .take(64)
        .collect();
    let quiet = |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '*' } else { c }).collect::<String>();
    format!("{}{inside}{}", quiet(&before), quiet(&after))
}

/// Byte spans, ascending, as spans of code points.
pub fn code_points(text: &str, spans: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let (mut bytes, mut points) = (0, 0);
    let mut count_to = |at: usize| {
        if at < bytes {
            (bytes, points) = (0, 0);
        }
        points += text.get(bytes..at).map_or(0, |between| between.chars().count());
        bytes = at;
        points
    };
    spans.into_iter().map(|span| count_to(span.start)..count_to(span.end)).collect()
}
