//! Slopes, against every pair.

use super::*;
use proptest::prelude::*;

/// All orders of a list.
fn orders(values: &[f64]) -> Vec<Vec<f64>> {
    if values.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in 0..values.len() {
        let mut rest = values.to_vec();
        let first = rest.remove(at);
        all.extend(orders(&rest).into_iter().map(|rest| [vec![first], rest].concat()));
    }
    all
}

fn score(values: &[f64]) -> i64 {
    let mut score = 0;
    for at in 0..values.len() {
        for other in at + 1..values.len() {
            score += i64::from(values[other] > values[at]) - i64::from(values[other] < values[at]);
        }
    }
    score
}

#[test]
fn the_chance_that_few_values_rise_is_that_of_all_their_orders() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let all = orders(&values);
    for order in all.iter().step_by(7) {
        let as_much = all.iter().filter(|other| score(other) >= score(order)).count();
        assert!((rises(order) - length(as_much) / length(all.len())).abs() < 1e-12, "{order:?}");
    }
    assert!((rises(&values) - 1.0 / 720.0).abs() < 1e-12);
}

proptest! {
    #[test]
    fn the_median_slope_of_a_line_is_its_slope(slope in -10.0_f64..10.0, count in 2_usize..30, outlier in -1e6_f64..1e6, at in 0_usize..30) {
        let mut values: Vec<f64> = (0..count).map(|at| slope * length(at)).collect();
        prop_assert!((median(&values).unwrap() - slope).abs() < 1e-9);
        if count > 8 {
            let at = at % count;
            values[at] = outlier;
            prop_assert!((median(&values).unwrap() - slope).abs() < 1e-6);
        }
    }

    #[test]
    fn reversed_values_fall_as_surely_as_they_rose(values in prop::collection::vec(0_u32..50, 2..40)) {
        let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
        let reversed: Vec<f64> = values.iter().rev().copied().collect();
        let (one, other) = (rises(&values), rises(&reversed));
        prop_assert!((0.0..=1.0).contains(&one));
        // What is not in both tails is the middle, which is in neither only by the correction.
        prop_assert!(one + other >= 1.0 - 1e-9, "{one} {other}");
        prop_assert!(score(&values) <= 0 || one <= 0.5 + 1e-9);
    }
}

#[test]
fn constant_values_and_single_ones_do_not_rise() {
    assert!((rises(&[3.0; 12]) - 1.0).abs() < 1e-12);
    assert!((rises(&[3.0]) - 1.0).abs() < 1e-12);
    assert_eq!((median(&[]), median(&[1.0])), (None, None));
    assert!(rises(&[1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 8.0, 9.0, 12.0, 14.0, 20.0]) < 1e-4);
}
