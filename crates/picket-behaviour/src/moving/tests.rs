use super::*;
use proptest::prelude::*;

/// Every value counts alike, and nothing is clipped.
const PLAIN: Course = Course { weight: 0.0, clip: f64::INFINITY, floor: 0.0, is_count: false };

proptest! {
    #[test]
    fn without_weights_it_is_the_mean_and_variance_of_all_values(values in prop::collection::vec(-1e3_f64..1e3, 1..60)) {
        let mut moving = Moving::default();
        values.iter().for_each(|value| moving.add(*value, &PLAIN));
        let count = real(u64::try_from(values.len()).unwrap());
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        prop_assert!((moving.mean - mean).abs() < 1e-6);
        prop_assert!((moving.variance - variance).abs() < 1e-3, "{} {variance}", moving.variance);
    }

    #[test]
    fn with_weights_it_is_the_sum_of_all_values_with_weights_that_fall(values in prop::collection::vec(0_f64..100.0, 20..60)) {
        let course = Course { weight: 0.1, clip: f64::INFINITY, floor: 0.0, is_count: false };
        let mut moving = Moving::default();
        values.iter().for_each(|value| moving.add(*value, &course));
        let mut mean = 0.0;
        for (at, value) in values.iter().enumerate() {
            let weight = (0.1_f64).max(1.0 / real(u64::try_from(at + 1).unwrap()));
            mean = mean * (1.0 - weight) + weight * value;
        }
        prop_assert!((moving.mean - mean).abs() < 1e-9);
    }

    #[test]
    fn one_outlier_moves_it_by_no_more_than_its_limit(usual in 1_f64..100.0, outlier in 1e3_f64..1e12) {
        let course = Course::default();
        let mut moving = Moving::default();
        for at in 0..40 {
            moving.add(usual + f64::from(at % 3) - 1.0, &course);
        }
        let before = moving;
        moving.add(outlier, &course);
        let limit = course.weight * course.clip * before.deviation(&course);
        prop_assert!(moving.mean - before.mean <= limit * 1.000_001);
    }

    #[test]
    fn what_leans_on_others_lies_between_them(own in 0_f64..10.0, other in 0_f64..10.0, count in 0_u64..50) {
        let of = |mean: f64, count: u64| Moving { mean, variance: 1.0, count };
        let leaning = of(own, count).leaning_on(&of(other, 100), 10.0);
        prop_assert!(leaning.mean >= own.min(other) - 1e-9 && leaning.mean <= own.max(other) + 1e-9);
        prop_assert!(leaning.variance >= 1.0 - 1e-9);
    }
}

#[test]
fn what_stays_otherwise_is_followed_in_the_end() {
    let course = Course::default();
    for before in [0.0, 5.0] {
        let mut moving = Moving::default();
        for _ in 0..50 {
            moving.add(before, &course);
        }
        for _ in 0..2_000 {
            moving.add(50.0, &Course { floor: 1.0, ..course });
        }
        assert!((moving.mean - 50.0).abs() < 1.0, "{moving:?}");
    }
}
