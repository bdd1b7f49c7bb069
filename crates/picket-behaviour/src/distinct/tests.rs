//! Counts of what differs, against sets.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

proptest! {
    #[test]
    fn it_is_near_the_true_count_and_blind_to_order_and_repeats(values in prop::collection::vec(0_u64..5_000, 0..4_000)) {
        let mut one = Distinct::default();
        values.iter().for_each(|value| one.add(*value));
        let truth = length(values.iter().collect::<HashSet<_>>().len());
        prop_assert!((one.count() - truth).abs() <= truth * 0.5 + 2.0, "{} {truth}", one.count());
        let mut other = Distinct::default();
        values.iter().rev().chain(&values).for_each(|value| other.add(*value));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn two_together_are_what_all_values_give(one in prop::collection::vec(any::<u64>(), 0..200), other in prop::collection::vec(any::<u64>(), 0..200)) {
        let of = |values: &[u64]| {
            let mut distinct = Distinct::default();
            values.iter().for_each(|value| distinct.add(*value));
            distinct
        };
        let mut merged = of(&one);
        merged.merge(&of(&other));
        prop_assert_eq!(merged, of(&[one, other].concat()));
    }
}

#[test]
fn it_is_off_by_an_eighth_on_average() {
    let mut errors = Vec::new();
    for seed in 0..200_u64 {
        let mut distinct = Distinct::default();
        (0..10_000).for_each(|value| distinct.add(mixed(seed << 32 | value)));
        errors.push((distinct.count() / 10_000.0 - 1.0).powi(2));
    }
    let off = (errors.iter().sum::<f64>() / 200.0).sqrt();
    assert!(off < 0.16, "{off}");
}
