//! How likely it is that so much, or more, happens by chance.

use crate::moving::Moving;

/// Terms of a series or of a continued fraction.
const TERMS_MAX: usize = 2_000;
const TINY: f64 = 1e-300;
const PRECISE: f64 = 1e-15;
/// From such a mean on counts are nearly normal.
const MANY: f64 = 50.0;

/// At least `count` events where `mean` are usual, if they happen one by one (Poisson).
pub fn poisson(count: f64, mean: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    lower_gamma(count, mean)
}

/// The same where they come in heaps: the variance is larger than the mean (negative binomial).
pub fn heaped(count: f64, mean: f64, variance: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    if mean <= 0.0 || variance <= mean * 1.000_001 {
        return poisson(count, mean);
    }
    let share = mean / variance;
    incomplete_beta(1.0 - share, count, mean * share / (1.0 - share))
}

/// The same where it is asked often. Of many, the square root is nearly normal, and costs less the more there are.
pub fn heaped_roughly(count: f64, mean: f64, variance: f64) -> f64 {
    if mean < MANY {
        return heaped(count, mean, variance);
    }
    let heaps = (variance / mean).max(1.0);
    // Half a step belongs to each side of a whole number.
    normal(2.0 * ((count - 0.5).max(0.0).sqrt() - mean.sqrt()) / heaps.sqrt())
}

/// At least `count` of `tries`, each of which happens with a probability of `share` (binomial).
pub fn of_tries(count: f64, tries: f64, share: f64) -> f64 {
    if count <= 0.0 || share >= 1.0 {
        return 1.0;
    }
    if share <= 0.0 || count > tries {
        return 0.0;
    }
    incomplete_beta(share, count, tries - count + 1.0)
}

/// A value so many standard deviations above the mean, or more (normal).
pub fn normal(deviations: f64) -> f64 {
    let half = 0.5 * upper_gamma(0.5, deviations * deviations / 2.0);
    if deviations >= 0.0 { half } else { 1.0 - half }
}

/// A value as large as this where others are usual: counts by their own distribution, anything else by the normal one.
pub fn above(value: f64, usual: &Moving, deviation: f64, is_count: bool) -> f64 {
    if is_count {
        heaped(value, usual.mean, usual.variance)
    } else {
        normal((value - usual.mean) / deviation.max(TINY))
    }
}

/// The logarithm of the gamma function, by Lanczos.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const FACTORS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let (mut sum, mut place) = (0.999_999_999_999_809_9, 1.0);
    for factor in FACTORS {
        sum += factor / (x + place);
        place += 1.0;
    }
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

fn lower_gamma(shape: f64, x: f64) -> f64 {
    if x < shape + 1.0 { lower_series(shape, x) } else { 1.0 - upper_fraction(shape, x) }
}

/// How likely a gamma-distributed value of that shape is as large as this, or larger.
pub(crate) fn upper_gamma(shape: f64, x: f64) -> f64 {
    if x < shape + 1.0 { 1.0 - lower_series(shape, x) } else { upper_fraction(shape, x) }
}

fn lower_series(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (mut term, mut place) = (1.0 / shape, shape);
    let mut sum = term;
    for _ in 0..TERMS_MAX {
        place += 1.0;
        term *= x / place;
        sum += term;
        if term < sum * PRECISE {
            break;
        }
    }
    (sum * (shape * x.ln() - x - ln_gamma(shape)).exp()).clamp(0.0, 1.0)
}

/// By the continued fraction, after Lentz.
fn upper_fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    let mut place = 0.0;
    for _ in 0..TERMS_MAX {
        place += 1.0;
        let a = -place * (place - shape);
        b += 2.0;
        d = away_from_zero(a * d + b).recip();
        c = away_from_zero(b + a / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < PRECISE {
            break;
        }
    }
    ((shape * x.ln() - x - ln_gamma(shape)).exp() * fraction).clamp(0.0, 1.0)
}

/// The regularised incomplete beta function.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    let value = if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    };
    value.clamp(0.0, 1.0)
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let mut c = 1.0;
    let mut d = away_from_zero(1.0 - (a + b) * x / (a + 1.0)).recip();
    let mut fraction = d;
    let mut m = 0.0;
    for _ in 0..TERMS_MAX {
        m += 1.0;
        let twice = 2.0 * m;
        let even = m * (b - m) * x / ((a + twice - 1.0) * (a + twice));
        d = away_from_zero(1.0 + even * d).recip();
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + twice) * (a + twice + 1.0));
        d = away_from_zero(1.0 + odd * d).recip();
        c = away_from_zero(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < PRECISE {
            break;
        }
    }
    fraction
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

#[cfg(test)]
mod tests;
