//! What stands at a place, in groups of letters and digits, and which shapes it may have.
//!
//! Nearly all that is compared differs in where digits, letters and signs are. These are bits of one number each, so that
//! a shape is told from what stands there before a byte of it is read.

use super::codes::SPAN_BYTES;
use super::rule::VALUES_MAX;

/// Groups that are looked at.
const GROUPS_MAX: usize = 10;
/// With fewer digits, small letters are a word.
const WORD_DIGITS: u32 = 4;

/// What begins at a place.
#[derive(Debug)]
pub(super) struct Span {
    /// Which of its values are digits, and before which a sign stands, as bits.
    digits: u64,
    gaps: u64,
    /// Values before the first small letter.
    before_small: usize,
    /// Of each group, the values up to its end.
    groups: [usize; GROUPS_MAX],
    count: usize,
    /// How many bytes may belong to it. A group with small letters is the last, unless the text is alone.
    pub(super) reach: usize,
}

impl Span {
    /// Reads the groups at the beginning of a text that may be one identifier; `is_alone` if the text is nothing else.
    pub(super) fn read(bytes: &[u8], is_alone: bool) -> Self {
        let most = bytes.len().min(SPAN_BYTES);
        let mut span =
            Self { digits: 0, gaps: 0, before_small: usize::MAX, groups: [0; GROUPS_MAX], count: 0, reach: most };
        let (mut values, mut is_inside) = (0, false);
        for (at, byte) in bytes.iter().take(most).enumerate() {
            if byte.is_ascii_alphanumeric() {
                span.digits |= u64::from(byte.is_ascii_digit()) << values;
                if byte.is_ascii_lowercase() {
                    span.before_small = span.before_small.min(values);
                }
                span.gaps |= u64::from(!is_inside && values > 0) << values;
                (values, is_inside) = (values + 1, true);
                continue;
            }
            if is_inside && !span.close(values, at, is_alone) {
                return span;
            }
            if !is_inside || !matches!(byte, b' ' | b'-' | b'.' | b'/' | b'+' | b'(' | b')') {
                return span;
            }
            is_inside = false;
        }
        if is_inside {
            span.close(values, most, is_alone);
        }
        span
    }

    /// Ends a group; whether there may be more.
    fn close(&mut self, values: usize, at: usize, is_alone: bool) -> bool {
        if let Some(slot) = self.groups.get_mut(self.count) {
            *slot = values;
            self.count += 1;
        }
        let is_last = !is_alone && self.before_small != usize::MAX;
        if is_last {
            self.reach = at;
        }
        !is_last
    }

    /// How many values the span has up to the end of each of its groups.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.groups.into_iter().take(self.count).filter(|values| *values <= VALUES_MAX)
    }

    /// Whether small letters with a few digits among so many values are a word rather than a code.
    pub(super) fn is_written_word(&self, values: usize) -> bool {
        self.before_small < values && (self.digits & below(values)).count_ones() < WORD_DIGITS
    }
}

/// As many bits as there are values.
const fn below(values: usize) -> u64 {
    if values < 64 { (1 << values) - 1 } else { u64::MAX }
}

/// Where a shape has what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outline {
    digits: u64,
    letters: u64,
    /// Before which values a sign must stand, and before which it may.
    signs: u64,
    gaps: u64,
    values: usize,
}

impl Outline {
    /// The outline of a shape; see [`super::rule`].
    pub(super) fn of(shape: &str) -> Self {
        let mut outline = Self { digits: 0, letters: 0, signs: 0, gaps: 0, values: 0 };
        for sign in shape.bytes() {
            let bit = 1 << outline.values;
            match sign {
                b'0'..=b'9' => outline.digits |= bit,
                b'X' => {}
                b'A'..=b'Z' | b'a'..=b'z' => outline.letters |= bit,
                b' ' => outline.gaps |= bit,
                _ => outline.signs |= bit,
            }
            outline.values += usize::from(sign.is_ascii_alphanumeric());
        }
        // What stands behind the last value is seen when the shape is compared.
        outline.signs &= below(outline.values);
        outline
    }

    /// Whether the beginning of a span may have the shape.
    pub(super) fn may_be(&self, span: &Span) -> bool {
        let gaps = span.gaps & below(self.values);
        self.digits & !span.digits == 0
            && self.letters & span.digits == 0
            && gaps & !(self.signs | self.gaps) == 0
            && self.signs & !gaps == 0
    }
}

#[cfg(test)]
mod tests;
