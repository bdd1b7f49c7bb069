//! What scores are worth: rates of true positives at rates of false positives, area under the curve, and how far both
//! could be off by chance.

use picket_eval::draws::Draws;

/// Rates of false positives that are asked about.
pub(crate) const RATES: [f64; 3] = [0.01, 0.005, 0.001];
/// Resamples behind an interval.
const RESAMPLES: usize = 200;

/// A figure, and the interval in which 95 % of the figures of resampled texts are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// How well scores tell positives from negatives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Roc {
    pub(crate) positives: usize,
    pub(crate) negatives: usize,
    /// The chance that a positive scores above a negative; ties count half.
    pub(crate) auc: Estimate,
    /// The share of positives above the threshold of each of [`RATES`]; none where the negatives are too few to tell
    /// that rate from zero.
    pub(crate) found: [Option<Estimate>; RATES.len()],
    /// What a score must exceed for each of [`RATES`].
    pub(crate) thresholds: [f64; RATES.len()],
}

/// Scores of one value: how many positives and negatives have it.
struct Step {
    score: f64,
    positives: usize,
    negatives: usize,
}

impl Roc {
    /// None without positives or without negatives.
    pub(crate) fn of(positives: &[f64], negatives: &[f64], seed: u64) -> Option<Self> {
        if positives.is_empty() || negatives.is_empty() {
            return None;
        }
        let steps = steps(positives, negatives);
        let observed = measure(steps.iter().map(|step| (step.positives, step.negatives)));
        let mut draws = Draws::new(seed);
        let resampled: Vec<Figures> = (0..RESAMPLES)
            .map(|_| {
                let positives = resample(&steps, positives.len(), |step| step.positives, &mut draws);
                let negatives = resample(&steps, negatives.len(), |step| step.negatives, &mut draws);
                measure(positives.into_iter().zip(negatives))
            })
            .collect();
        let estimate = |of: &dyn Fn(&Figures) -> f64| interval(of(&observed), resampled.iter().map(of).collect());
        let mut found = [None; RATES.len()];
        let mut thresholds = [f64::INFINITY; RATES.len()];
        for (at, ((rate, found), limit)) in RATES.iter().zip(&mut found).zip(&mut thresholds).enumerate() {
            let at_rate = |figures: &Figures| figures.found.get(at).copied().unwrap_or_default();
            *found = (share(1, negatives.len()) <= *rate).then(|| estimate(&at_rate));
            *limit = threshold(&steps, negatives.len(), *rate);
        }
        let auc = estimate(&|figures: &Figures| figures.auc);
        Some(Self { positives: positives.len(), negatives: negatives.len(), auc, found, thresholds })
    }
}

/// All scores, highest first.
fn steps(positives: &[f64], negatives: &[f64]) -> Vec<Step> {
    let mut all: Vec<(f64, bool)> = positives.iter().map(|score| (*score, true)).collect();
    all.extend(negatives.iter().map(|score| (*score, false)));
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps: Vec<Step> = Vec::new();
    for (score, positive) in all {
        if steps.last().is_none_or(|step| step.score.total_cmp(&score).is_ne()) {
            steps.push(Step { score, positives: 0, negatives: 0 });
        }
        if let Some(step) = steps.last_mut() {
            step.positives += usize::from(positive);
            step.negatives += usize::from(!positive);
        }
    }
    steps
}

/// Draws `size` texts with replacement; how many fell on each step.
fn resample(steps: &[Step], size: usize, count: impl Fn(&Step) -> usize, draws: &mut Draws) -> Vec<usize> {
    let owners: Vec<usize> =
        steps.iter().enumerate().flat_map(|(at, step)| std::iter::repeat_n(at, count(step))).collect();
    let mut drawn = vec![0; steps.len()];
    for _ in 0..size {
        if let Some(count) = owners.get(draws.below(owners.len())).and_then(|at| drawn.get_mut(*at)) {
            *count += 1;
        }
    }
    drawn
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Figures {
    auc: f64,
    found: [f64; RATES.len()],
}

/// The figures of counts of positives and negatives by score, highest first.
fn measure(counts: impl Iterator<Item = (usize, usize)> + Clone) -> Figures {
    let (all_positives, all_negatives) =
        counts.clone().fold((0, 0), |(positives, negatives), (p, n)| (positives + p, negatives + n));
    let (mut positives, mut negatives, mut twice_area) = (0, 0, 0);
    let mut found = [0.0; RATES.len()];
    for (p, n) in counts {
        twice_area += n * (2 * positives + p);
        (positives, negatives) = (positives + p, negatives + n);
        for (found, rate) in found.iter_mut().zip(RATES) {
            if share(negatives, all_negatives) <= rate {
                *found = share(positives, all_positives);
            }
        }
    }
    Figures { auc: share(twice_area, 2 * all_positives * all_negatives), found }
}

/// The highest score at which more negatives than `rate` would count.
fn threshold(steps: &[Step], all: usize, rate: f64) -> f64 {
    let mut negatives = 0;
    for step in steps {
        negatives += step.negatives;
        if share(negatives, all) > rate {
            return step.score;
        }
    }
    f64::NEG_INFINITY
}

fn interval(value: f64, mut resampled: Vec<f64>) -> Estimate {
    resampled.sort_by(f64::total_cmp);
    let at = |permille: usize| resampled.get(resampled.len() * permille / 1_000).copied().unwrap_or(value);
    Estimate { value, low: at(25), high: at(975) }
}

/// A share of all; zero of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of texts are far below 2^52")]
pub(crate) fn share(count: usize, of: usize) -> f64 {
    count as f64 / of.max(1) as f64
}

/// A share of counted texts with Wilson's 95 % interval.
#[expect(clippy::cast_precision_loss, reason = "counts of texts are far below 2^52")]
pub(crate) fn proportion(count: usize, of: usize) -> Estimate {
    const Z: f64 = 1.96;
    let (value, n) = (share(count, of), of.max(1) as f64);
    let middle = (value + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt();
    Estimate { value, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

#[cfg(test)]
mod tests;
