//! Which parts of a text are shown as code: fences, and spans between back quotes.

use std::ops::Range;

/// A span of code ends within so many bytes.
const SPAN_BYTES_MAX: usize = 1_024;

/// Ranges of code in a text, ascending. A span that has no end is none; a fence that has no end reaches to the end of
/// the text, as readers have it.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut fence: Option<(usize, u8, usize)> = None;
    let (mut next, mut prose) = (0, 0);
    let bytes = text.as_bytes();
    // Only lines with one of the two signs can be fences.
    while let Some(sign) = bytes.get(next..).and_then(|rest| memchr::memchr2(b'`', b'~', rest)).map(|sign| next + sign)
    {
        let at = bytes.get(next..sign).and_then(|head| memchr::memrchr(b'\n', head)).map_or(next, |at| next + at + 1);
        let end = bytes.get(sign..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(text.len(), |at| sign + at + 1);
        let mark = text.get(at..end).and_then(fence_of);
        match (fence, mark) {
            (None, Some((sign, length, _))) => {
                spans(text, prose..at, &mut ranges);
                fence = Some((at, sign, length));
            }
            (Some((begin, sign, length)), Some((other, longer, is_bare)))
                if sign == other && longer >= length && is_bare =>
            {
                ranges.push(begin..end);
                fence = None;
                prose = end;
            }
            _ => {}
        }
        next = end;
    }
    match fence {
        Some((begin, ..)) => ranges.push(begin..text.len()),
        None => spans(text, prose..text.len(), &mut ranges),
    }
    ranges
}

/// The sign and length of the fence that a line is, and whether nothing follows it.
fn fence_of(line: &str) -> Option<(u8, usize, bool)> {
    let line = line.trim_start_matches([' ', '\t', '>', '-', '*']);
    let sign = *line.as_bytes().first().filter(|sign| matches!(sign, b'`' | b'~'))?;
    let length = line.bytes().take_while(|byte| *byte == sign).count();
    let rest = line.get(length..).unwrap_or_default();
    // What has back quotes behind the fence is a span.
    (length >= 3 && !(sign == b'`' && rest.contains('`'))).then(|| (sign, length, rest.trim().is_empty()))
}

/// Spans of code in prose.
fn spans(text: &str, prose: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes().get(..prose.end).unwrap_or_default();
    let run = |at: usize| bytes.get(at..).unwrap_or_default().iter().take_while(|byte| **byte == b'`').count();
    let mut at = prose.start;
    while let Some(found) = memchr::memchr(b'`', bytes.get(at..).unwrap_or_default()) {
        let begin = at + found;
        let length = run(begin);
        let limit = bytes.len().min(begin + length + SPAN_BYTES_MAX);
        let mut next = begin + length;
        let mut close = None;
        while let Some(other) = bytes.get(next..limit).and_then(|rest| memchr::memchr2(b'`', b'\n', rest)) {
            let there = next + other;
            match (bytes.get(there), bytes.get(there + 1)) {
                // A paragraph ends.
                (Some(b'\n'), Some(b'\n')) => break,
                (Some(b'\n'), _) => next = there + 1,
                _ => {
                    let closing = run(there);
                    next = there + closing;
                    if closing == length {
                        close = Some(next);
                        break;
                    }
                }
            }
        }
        if let Some(end) = close {
            ranges.push(begin..end);
        }
        at = close.unwrap_or(begin + length);
    }
}

/// Whether a place lies in one of the ranges.
pub(super) fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.start <= at);
    next.checked_sub(1).and_then(|before| ranges.get(before)).is_some_and(|range| at < range.end)
}

/// Where a span of code begins that the last line of a text leaves open.
pub(super) fn open_span(text: &str) -> Option<usize> {
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    let mut closed = Vec::new();
    spans(text, line..text.len(), &mut closed);
    let mut marks = memchr::memchr_iter(b'`', text.as_bytes()).skip_while(|at| *at < line);
    marks.find(|at| !holds(&closed, *at))
}
