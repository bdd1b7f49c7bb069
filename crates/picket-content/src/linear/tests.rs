use super::*;
use proptest::prelude::*;

fn small() -> Model {
    let weights = (0..TABLE).map(|at| i8::try_from(at % 7).unwrap() - 3).collect();
    let levels = [0.0, 0.5, 1.0, 1.5, 2.0];
    let rarity = Rarity { model: levels, whole: levels, contrast: levels, rules: levels, both: levels };
    Model::new(weights, 0.05, -0.5, [rarity; Stratum::COUNT])
}

#[test]
fn a_model_survives_its_file_and_nothing_else_is_one() {
    let bytes = small().to_bytes();
    let read = Model::from_bytes(&bytes).unwrap();
    assert_eq!((read.weights, read.scale, read.bias, read.rarity), (small().weights, 0.05, -0.5, small().rarity));
    for damaged in [&bytes[1..], &bytes[..bytes.len() - 1], b"".as_slice(), b"picket linear 1\n".as_slice()] {
        assert!(Model::from_bytes(damaged).is_none());
    }
    let mut infinite = bytes.clone();
    infinite[MAGIC.len()..MAGIC.len() + 4].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(Model::from_bytes(&infinite).is_none());
}

#[test]
fn the_models_that_ship_can_be_read() {
    assert!(SHIPPED.injection.is_some() && SHIPPED.safety.is_some());
}

#[test]
fn evidence_grows_with_both_scores_and_ends_at_a_bound() {
    let (model, stratum) = (small(), Stratum::of("hello"));
    let best = |score| Best { score, whole: score, start: 0, end: 0 };
    let mut before = (-1.0, -1.0);
    for step in 0_u8..60 {
        let score = f32::from(step) / 10.0 - 1.0;
        let (alone, helped) = (model.evidence(stratum, best(score), 0.0), model.evidence(stratum, best(0.7), score));
        assert!(alone >= before.0 && helped >= before.1, "{score}");
        before = (alone, helped);
    }
    assert!(before.0 < 6.0);
}

#[test]
fn english_is_told_from_other_languages() {
    for (text, is_english) in [
        ("please write a short poem about the sea for my daughter", true),
        ("bitte schreibe mir ein kurzes gedicht ueber das meer", false),
        ("escribe un poema corto sobre el mar para mi hija", false),
        ("напиши короткое стихотворение о море", false),
        ("写一首关于大海的短诗", false),
        ("hello", true),
    ] {
        assert_eq!(super::is_english(text), is_english, "{text}");
    }
}

proptest! {
    /// Windows are differences of prefix sums; each must be what the window scores by itself, but for features that
    /// reach over its edge.
    #[test]
    fn prefix_sums_are_the_sums_of_features(view in "[a-z漢é0-9 ,.]{0,400}") {
        let model = small();
        let mut slots = Vec::new();
        features(&view, |slot| slots.push(slot));
        prop_assert!(slots.iter().all(|slot| *slot < TABLE));
        let ends = model.ends(&view);
        let sum: f32 = slots.iter().map(|slot| f32::from(model.weights[*slot])).sum();
        prop_assert!((ends.last().map_or(0.0, |end| end.sum) - sum).abs() < 0.5);
        prop_assert_eq!(ends.last().map_or(0, |end| end.count as usize), slots.len());
        prop_assert!(ends.is_sorted_by(|a, b| a.at < b.at));
        let best = model.best(&view);
        prop_assert!(best.score >= model.bias && view.get(best.start..best.end).is_some());
    }

    /// Two models in one walk, with words remembered from other texts, say what each says alone.
    #[test]
    fn a_walk_for_two_says_what_each_says(views in prop::collection::vec("[a-z漢é ,.]{0,90}", 1..5)) {
        let models = ["injection", "safety"].map(|name| {
            let file = format!("{}/models/{name}.bin", env!("CARGO_MANIFEST_DIR"));
            Model::from_bytes(&std::fs::read(file).unwrap()).unwrap()
        });
        for view in views {
            let ends = SHIPPED.ends(&view);
            for (number, model) in models.iter().enumerate() {
                let own: Vec<End> = ends.iter().map(|ends| ends.of(number)).collect();
                prop_assert_eq!(own, model.ends(&view));
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(view in any::<String>()) {
        let best = small().best(&view);
        prop_assert!(best.score.is_finite() && view.get(best.start..best.end).is_some());
    }
}
