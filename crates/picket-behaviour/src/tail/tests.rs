use super::*;
use proptest::prelude::*;

/// One less the sum of what is below, each by multiplication.
fn poisson_by_sum(count: u32, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for k in 0..count {
        below += term;
        term *= mean / f64::from(k + 1);
    }
    1.0 - below
}

fn binomial_by_sum(count: u32, tries: u32, share: f64) -> f64 {
    let choose = |k: u32| (0..k).map(|i| f64::from(tries - i) / f64::from(i + 1)).product::<f64>();
    let term = |k: u32| choose(k) * share.powi(k.cast_signed()) * (1.0 - share).powi((tries - k).cast_signed());
    (count..=tries).map(term).sum()
}

proptest! {
    #[test]
    fn a_poisson_tail_is_what_summing_it_gives(count in 0_u32..60, mean in 0.01_f64..40.0) {
        let (found, summed) = (poisson(f64::from(count), mean), poisson_by_sum(count, mean));
        prop_assert!((found - summed).abs() < 1e-10, "{found} {summed}");
    }

    #[test]
    fn a_binomial_tail_is_what_summing_it_gives(tries in 1_u32..40, of in 0.0_f64..1.0, share in 0.01_f64..0.99) {
        let count = (0..=tries).rev().find(|count| f64::from(*count) <= of * f64::from(tries)).unwrap();
        let (found, summed) = (of_tries(f64::from(count), f64::from(tries), share), binomial_by_sum(count, tries, share));
        prop_assert!((found - summed).abs() < 1e-10, "{found} {summed}");
    }

    #[test]
    fn a_heaped_tail_is_what_summing_it_gives(count in 0_u32..40, mean in 0.1_f64..15.0, more in 0.1_f64..20.0) {
        // The probabilities of a negative binomial distribution, each from the one before.
        let share = mean / (mean + more);
        let size = mean * share / (1.0 - share);
        let mut term = share.powf(size);
        let mut below = 0.0;
        for k in 0..count {
            below += term;
            term *= (f64::from(k) + size) / f64::from(k + 1) * (1.0 - share);
        }
        let found = heaped(f64::from(count), mean, mean + more);
        prop_assert!((found - (1.0 - below)).abs() < 1e-9, "{found} {}", 1.0 - below);
    }

    #[test]
    fn more_is_never_likelier(count in 0_u32..500, mean in 0.01_f64..300.0, more in 0.0_f64..500.0) {
        let of = |count: u32| heaped(f64::from(count), mean, mean + more);
        prop_assert!(of(count + 1) <= of(count) + 1e-12);
        prop_assert!((0.0..=1.0).contains(&of(count)));
    }
}

#[test]
fn a_normal_tail_has_the_figures_of_the_tables() {
    for (deviations, tail) in [
        (0.0, 0.5),
        (1.0, 0.158_655_253_931_457),
        (1.96, 0.024_997_895_148_22),
        (3.0, 0.001_349_898_031_63),
        (-1.0, 0.841_344_746_068_543),
    ] {
        assert!((normal(deviations) - tail).abs() < 1e-12, "{deviations}: {}", normal(deviations));
    }
    // Far out, where one less something would be nothing.
    assert!((normal(10.0) / 7.619_853_024_160_5e-24 - 1.0).abs() < 1e-9, "{}", normal(10.0));
}

#[test]
fn of_many_a_rough_tail_is_of_the_same_size_as_an_exact_one() {
    for mean in [50.0, 400.0, 10_000.0] {
        for heaps in [1.0, 3.0] {
            for deviations in [0.0, 1.0, 3.0, 5.0] {
                let count = f64::round(mean + deviations * f64::sqrt(mean * heaps));
                let (rough, exact) = (heaped_roughly(count, mean, mean * heaps), heaped(count, mean, mean * heaps));
                let away = (rough.log10() - exact.log10()).abs();
                assert!(away < 0.2 + 0.15 * deviations, "{count} of {mean}: {rough:e} {exact:e}");
            }
        }
    }
    assert!(heaped_roughly(1e6, 1e3, 1e3) < 1e-30);
}
