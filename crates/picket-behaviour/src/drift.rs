//! Whether a distribution is still the one that it was.

/// The least share that a bin counts with: what never was before has a finite weight.
const SHARE_MIN: f64 = 1e-4;

/// The population stability index of two histograms with the same bins: below 0.1 nothing happened, from 0.25 on something
/// did. None if either is empty.
pub fn stability(before: &[f64], now: &[f64]) -> Option<f64> {
    let sum = |bins: &[f64]| Some(bins.iter().sum::<f64>()).filter(|sum| *sum > 0.0);
    let (all_before, all_now) = (sum(before)?, sum(now)?);
    let bins = before.len().max(now.len());
    let share = |bins: &[f64], at: usize, all: f64| (bins.get(at).copied().unwrap_or(0.0) / all).max(SHARE_MIN);
    let parts = (0..bins).map(|at| {
        let (one, other) = (share(before, at, all_before), share(now, at, all_now));
        (other - one) * (other / one).ln()
    });
    Some(parts.sum())
}

#[cfg(test)]
mod tests;
