use super::*;
use crate::fold;
use proptest::prelude::*;

/// The origin of each byte and of the end, character by character.
fn plainly(original: &str) -> Vec<usize> {
    let mut origins = Vec::new();
    each_folded(original, |character, at| origins.resize(origins.len() + character.len_utf8(), at));
    origins.push(original.len());
    origins
}

proptest! {
    #[test]
    fn every_byte_of_a_folded_text_comes_from_a_character_of_the_original(text in "([a-z \t\n\u{1}]{0,30}|\\PC{0,80})") {
        let (folded, origins) = (fold(&text), Origins::of(&text));
        let all: Vec<usize> = (0..=folded.len()).map(|at| origins.original(at)).collect();
        prop_assert_eq!(&all, &plainly(&text));
        prop_assert!(all.iter().all(|at| text.is_char_boundary(*at)) && all.is_sorted());
        prop_assert_eq!(origins.original(folded.len() + 7), text.len());
    }
}
