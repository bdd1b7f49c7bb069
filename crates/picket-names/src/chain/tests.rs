//! The most likely tags, and how likely they are, against all that there are.

use super::*;
use proptest::prelude::*;

fn chain(seed: &[f32]) -> Chain {
    let mut steps = [[0.0; TAGS]; TAGS];
    for (step, value) in steps.as_flattened_mut().iter_mut().zip(seed.iter().cycle()) {
        *step = *value;
    }
    Chain::new(steps)
}

/// Every sequence of tags that may be, with its score.
fn sequences(chain: &Chain, scores: &[[f32; TAGS]]) -> Vec<(Vec<usize>, f64)> {
    let mut all = vec![(Vec::new(), 0.0)];
    for score in scores {
        let mut next = Vec::new();
        for (tags, sum) in &all {
            let last = tags.last().copied().unwrap_or(0);
            for tag in (0..TAGS).filter(|tag| Tag(last).may_precede(Tag(*tag))) {
                let more: Vec<usize> = tags.iter().copied().chain([tag]).collect();
                next.push((more, sum + f64::from(chain.steps()[last][tag]) + f64::from(score[tag])));
            }
        }
        all = next;
    }
    all
}

fn numbers(count: usize) -> impl Strategy<Value = Vec<f32>> {
    proptest::collection::vec(-3.0_f32..3.0, count)
}

#[test]
fn insides_stand_behind_their_kind_alone() {
    for from in 0..TAGS {
        for kind in Kind::ALL {
            assert!(Tag(from).may_precede(Tag::first(kind)) && Tag(from).may_precede(Tag::NOTHING));
            let is_own = Tag(from) == Tag::first(kind) || Tag(from) == Tag::more(kind);
            assert_eq!(Tag(from).may_precede(Tag::more(kind)), is_own, "{from} {kind:?}");
            assert_eq!((Tag::first(kind).kind(), Tag::more(kind).kind()), (Some((kind, true)), Some((kind, false))));
        }
    }
    assert_eq!(Tag::NOTHING.kind(), None);
}

#[test]
fn calibration_keeps_the_order_and_stays_between_nothing_and_certain() {
    let calibration = Calibration { slope: 0.7, offset: 0.4 };
    let values = [0.0, 0.1, 0.5, 0.9, 1.0].map(|probability| calibration.of(probability));
    assert!(values.is_sorted() && values.iter().all(|value| (0.0..=1.0).contains(value)), "{values:?}");
    assert!((Calibration { slope: 1.0, offset: 0.0 }.of(0.3) - 0.3).abs() < 1e-4);
}

proptest! {
    #[test]
    fn the_path_is_the_best_one_and_places_are_as_likely_as_counting_says(
        seed in numbers(TAGS * TAGS),
        scores in proptest::collection::vec(numbers(TAGS), 1..5),
    ) {
        let chain = chain(&seed);
        let scores: Vec<[f32; TAGS]> = scores.iter().map(|row| std::array::from_fn(|at| row[at])).collect();
        let mut path = Path::default();
        chain.decode(&scores, &mut path);
        let all = sequences(&chain, &scores);
        let best = all.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        let found: Vec<usize> = path.tags.iter().map(|tag| tag.0).collect();
        let value = all.iter().find(|(tags, _)| *tags == found).unwrap().1;
        prop_assert!((value - best.1).abs() < 1e-3, "{value} {}", best.1);
        chain.weigh(&scores, &mut path);
        let total: f64 = all.iter().map(|(_, score)| score.exp()).sum();
        let share = |holds: &dyn Fn(&[usize]) -> bool| {
            all.iter().filter(|(tags, _)| holds(tags)).map(|(_, score)| score.exp()).sum::<f64>() / total
        };
        for at in 0..scores.len() {
            for (tag, found) in Chain::shares(&path, at).into_iter().enumerate() {
                let counted = share(&|tags| tags[at] == tag);
                prop_assert!((f64::from(found) - counted).abs() < 1e-3, "{found} {counted}");
            }
        }
        for from in 0..scores.len() {
            for to in from + 1..=scores.len() {
                let kind = Kind::ALL[(from + to) % Kind::ALL.len()];
                let counted = share(&|tags| {
                    tags[from] == Tag::first(kind).0
                        && tags[from + 1..to].iter().all(|tag| *tag == Tag::more(kind).0)
                        && tags.get(to).is_none_or(|tag| *tag != Tag::more(kind).0)
                });
                let found = f64::from(chain.probability(&path, (from, to), kind));
                prop_assert!((found - counted).abs() < 1e-3, "{found} {counted}");
            }
        }
    }
}
