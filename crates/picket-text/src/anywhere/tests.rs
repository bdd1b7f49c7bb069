use super::*;
use proptest::prelude::*;

/// Every text, by looking everywhere.
fn plainly(texts: &[String], text: &[u8], (from, to): (usize, usize)) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for at in from..to {
        for (number, one) in texts.iter().enumerate() {
            if text[at..to].get(..one.len()).is_some_and(|head| head.eq_ignore_ascii_case(one.as_bytes())) {
                found.push((at + one.len(), at, number));
            }
        }
    }
    found.sort_unstable();
    found
}

proptest! {
    #[test]
    fn texts_are_found_wherever_they_stand_between_two_places(
        texts in prop::collection::btree_set("[ab:é@`-]{1,12}", 0..40),
        text in "[abAB:é.@`-]{0,90}",
        cuts in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let texts: Vec<String> = texts.into_iter().collect();
        let (one, other) = (cuts.0.index(text.len() + 1), cuts.1.index(text.len() + 1));
        let place = (one.min(other), one.max(other));
        let anywhere = Anywhere::new(texts.iter().map(String::as_str));
        prop_assert_eq!(anywhere.find(text.as_bytes(), place), plainly(&texts, text.as_bytes(), place));
    }
}
