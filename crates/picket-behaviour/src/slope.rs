//! Whether values rise, and how steeply.

use crate::number::length;
use crate::tail;

/// Values up to which the probability is counted out rather than approximated.
const COUNTED_OUT: usize = 10;

/// The median of the slopes between all pairs of values (Theil and Sen): a few outliers do not matter. Per step.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut slopes = Vec::with_capacity(values.len() * values.len() / 2);
    for (at, one) in values.iter().enumerate() {
        for (apart, other) in values.iter().skip(at + 1).enumerate() {
            slopes.push((other - one) / length(apart + 1));
        }
    }
    let middle = slopes.len() / 2;
    let is_even = slopes.len().is_multiple_of(2);
    if slopes.is_empty() {
        return None;
    }
    let (below, upper, _) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    let lower = if is_even { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { upper };
    Some(f64::midpoint(lower, upper))
}

/// How likely values rise like these, or more, by chance (Mann and Kendall, one-sided).
pub fn rises(values: &[f64]) -> f64 {
    let mut score = 0_i64;
    let mut ties: Vec<f64> = Vec::new();
    for (at, one) in values.iter().enumerate() {
        for other in values.iter().skip(at + 1) {
            score += i64::from(other > one) - i64::from(other < one);
        }
        ties.push(*one);
    }
    let count = values.len();
    if count < 2 {
        return 1.0;
    }
    ties.sort_by(f64::total_cmp);
    let heaps: Vec<usize> = ties.chunk_by(|one, other| one.total_cmp(other).is_eq()).map(<[f64]>::len).collect();
    let has_ties = heaps.iter().any(|heap| *heap > 1);
    if !has_ties && count <= COUNTED_OUT {
        return counted_out(count, score);
    }
    let of = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let variance = (of(length(count)) - heaps.iter().map(|heap| of(length(*heap))).sum::<f64>()) / 18.0;
    if variance <= 0.0 {
        return 1.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "scores are at most the square of a small count")]
    let score = score as f64;
    // A score is a whole number: half a step belongs to each side.
    tail::normal((score - score.signum()) / variance.sqrt())
}

/// The share of all orders of different values that have this score or more.
fn counted_out(count: usize, score: i64) -> f64 {
    // By the number of pairs that fall: the next value can stand before any number of those that are there.
    let mut orders = vec![1.0_f64];
    for value in 1..count {
        let mut next = vec![0.0; orders.len() + value];
        for (pairs, many) in orders.iter().enumerate() {
            next.iter_mut().skip(pairs).take(value + 1).for_each(|sum| *sum += many);
        }
        orders = next;
    }
    let pairs = i64::try_from(count * (count - 1) / 2).unwrap_or(i64::MAX);
    let falling_most = usize::try_from((pairs - score) / 2).unwrap_or(0);
    orders.iter().take(falling_most + 1).sum::<f64>() / orders.iter().sum::<f64>()
}

#[cfg(test)]
mod tests;
