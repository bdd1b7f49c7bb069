//! Slow change, against sums that are written out.

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn it_is_the_largest_sum_over_any_end_of_the_values(values in prop::collection::vec(-3.0_f64..3.0, 0..50), slack in 0.0_f64..1.0) {
        let mut cusum = Cusum::default();
        values.iter().for_each(|value| { cusum.add(*value, slack); });
        let ends = (0..=values.len()).map(|from| values[from..].iter().map(|value| value - slack).sum::<f64>());
        prop_assert!((cusum.sum - ends.fold(0.0, f64::max)).abs() < 1e-9);
    }
}
