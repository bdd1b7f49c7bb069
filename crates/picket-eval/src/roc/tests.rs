use super::*;

/// Scores 0, 1, … of `count` texts.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn ramp(count: usize) -> Vec<f64> {
    (0..count).map(|at| at as f64).collect()
}

fn found(positives: &[f64], negatives: &[f64]) -> [Option<f64>; 3] {
    Roc::of(positives, negatives, 1).unwrap().found.map(|found| found.map(|estimate| estimate.value))
}

#[test]
fn nothing_can_be_said_without_both_sides() {
    assert_eq!(Roc::of(&[], &[1.0], 1), None);
    assert_eq!(Roc::of(&[1.0], &[], 1), None);
}

#[test]
fn the_area_is_the_chance_that_a_positive_scores_higher() {
    for (positives, negatives, area) in [
        (&[2.0, 3.0][..], &[0.0, 1.0][..], 1.0),
        (&[0.0, 1.0], &[2.0, 3.0], 0.0),
        (&[1.0, 1.0], &[1.0, 1.0], 0.5),
        (&[3.0, 1.0], &[2.0, 0.0], 0.75),
    ] {
        let roc = Roc::of(positives, negatives, 1).unwrap();
        assert!((roc.auc.value - area).abs() < 1e-9, "{positives:?} {negatives:?}: {}", roc.auc.value);
    }
}

#[test]
fn true_positives_are_counted_above_the_threshold_of_each_rate() {
    // Of a thousand negatives, ten score 990 and more: a positive must exceed 989 to count at 1 %.
    let rates = found(&[989.0, 989.5, 994.5, 998.5], &ramp(1_000));
    assert_eq!(rates, [Some(0.75), Some(0.5), Some(0.25)]);
    let roc = Roc::of(&[989.5], &ramp(1_000), 1).unwrap();
    assert_eq!(roc.thresholds.map(|limit| limit.to_string()), ["989", "994", "998"]);
}

#[test]
fn what_few_negatives_cannot_tell_is_not_told() {
    assert_eq!(found(&[1e9], &ramp(99)), [None, None, None]);
    assert_eq!(found(&[1e9], &ramp(100)), [Some(1.0), None, None]);
    assert_eq!(found(&[1e9], &ramp(999)), [Some(1.0), Some(1.0), None]);
}

#[test]
fn positives_that_tie_with_a_crowd_of_negatives_are_not_found() {
    assert_eq!(found(&[0.0; 50], &[0.0; 1_000]), [Some(0.0); 3]);
}

#[test]
fn an_interval_holds_its_figure_and_narrows_with_more_texts() {
    let width = |count: usize| {
        let positives: Vec<f64> = ramp(count).iter().map(|score| score * 1.5).collect();
        let roc = Roc::of(&positives, &ramp(count), 3).unwrap();
        assert!(roc.auc.low <= roc.auc.value && roc.auc.value <= roc.auc.high, "{roc:?}");
        roc.auc.high - roc.auc.low
    };
    assert!(width(4_000) < width(200) / 2.0);
}

#[test]
fn the_same_seed_gives_the_same_interval() {
    let of = |seed| Roc::of(&ramp(300), &ramp(200), seed).unwrap();
    assert_eq!(of(5), of(5));
    assert_ne!(of(5).auc.low.to_bits(), of(6).auc.low.to_bits());
}

#[test]
fn a_share_of_none_has_an_interval_above_zero() {
    let none = proportion(0, 100);
    assert!(none.value.abs() < 1e-9 && none.low.abs() < 1e-9 && (0.03..0.04).contains(&none.high), "{none:?}");
}
