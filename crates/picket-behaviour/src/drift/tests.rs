//! Shares of distributions, against each other.

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn it_is_nothing_for_equal_shares_and_the_same_both_ways(bins in prop::collection::vec(1_u32..1_000, 1..12), other in prop::collection::vec(1_u32..1_000, 12), times in 1_u32..9) {
        let of = |bins: &[u32], times: u32| bins.iter().map(|bin| f64::from(*bin) * f64::from(times)).collect::<Vec<_>>();
        let (one, more) = (of(&bins, 1), of(&bins, times));
        prop_assert!(stability(&one, &more).unwrap().abs() < 1e-9);
        let other = of(&other[..bins.len()], 1);
        let (there, back) = (stability(&one, &other).unwrap(), stability(&other, &one).unwrap());
        prop_assert!((there - back).abs() < 1e-9 && there >= -1e-12);
    }
}

#[test]
fn it_has_the_figures_of_a_worked_example() {
    // (0.6-0.5) ln(0.6/0.5) + (0.4-0.5) ln(0.4/0.5)
    let index = stability(&[50.0, 50.0], &[60.0, 40.0]).unwrap();
    assert!((index - 0.040_546_510_810_816).abs() < 1e-12, "{index}");
    assert!(stability(&[90.0, 10.0], &[50.0, 50.0]).unwrap() > 0.25);
    assert!(stability(&[100.0], &[100.0, 5.0]).unwrap() > 0.1);
    assert_eq!(stability(&[], &[1.0]), None);
}
