//! What a word says about itself.

use super::*;
use crate::lexicon::Lexicon;
use crate::tokens::{Segment, Segments};

fn of(text: &str) -> Vec<[u64; FEATURES]> {
    let (mut segments, mut segment, mut all) = (Segments::of(text), Segment::default(), Vec::new());
    while segments.next_into(&mut segment).is_some() {
        let words: Vec<Word> =
            segment.tokens.iter().map(|token| Word::of(text, token, &Lexicon::default(), |_| 0)).collect();
        features(&words, |_, features| all.push(*features));
    }
    all
}

#[test]
fn features_are_apart_never_zero_and_of_a_word_and_its_neighbours() {
    let all = of("Name: Anna lives here, and Bob too");
    for features in &all {
        let mut apart = features.to_vec();
        apart.sort_unstable();
        apart.dedup();
        assert_eq!(apart.len(), FEATURES);
        assert!(features.iter().all(|feature| *feature != 0));
    }
    let shared = |a: &[u64; FEATURES], b: &[u64; FEATURES]| a.iter().zip(b).filter(|(a, b)| a == b).count();
    let [here, there] = ["said Anna there, and then", "said Anna there, but now"].map(of);
    assert_eq!(here[0], there[0], "three words ahead are not seen");
    let label = ["city: in old Anna", "name: in old Anna"].map(of);
    assert!(shared(&label[0][4], &label[1][4]) > 20);
    assert_eq!(of("").len(), 0);
}
