use super::*;
use proptest::prelude::*;

#[test]
fn small_numbers_are_exact() {
    let mut tally = Tally::default();
    assert_eq!(tally.percentile(50), None);
    (1..=100).for_each(|number| tally.add(number));
    assert_eq!((tally.percentile(50), tally.percentile(95), tally.percentile(100)), (Some(50), Some(95), Some(100)));
}

proptest! {
    #[test]
    fn percentiles_are_at_most_one_percent_above_the_true_ones(mut numbers in proptest::collection::vec(prop_oneof![0..1_000_u64, any::<u64>()], 1..200), percent in 1..=100_u64) {
        let mut tally = Tally::default();
        numbers.iter().for_each(|number| tally.add(*number));
        numbers.sort_unstable();
        let rank = (numbers.len() as u64 * percent).div_ceil(100).max(1);
        let exact = numbers[usize::try_from(rank).unwrap() - 1];
        let found = tally.percentile(percent).unwrap();
        prop_assert!(found >= exact && found - exact <= exact / 100, "{found} for {exact}");
    }
}
