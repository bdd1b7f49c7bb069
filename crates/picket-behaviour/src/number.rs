//! Between whole numbers and others.

/// A count as a number; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// The same of a length.
pub(crate) fn length(count: usize) -> f64 {
    u64::try_from(count).map_or(f64::MAX, real)
}

/// A number in four bytes: seven digits are enough for what is usual.
#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough; what is too large becomes infinite")]
pub(crate) fn short(number: f64) -> f32 {
    number as f32
}
