//! Where words, signs and stretches begin and end.

use super::*;
use proptest::prelude::*;

fn all(text: &str) -> Vec<Vec<&str>> {
    let (mut segments, mut segment, mut all) = (Segments::of(text), Segment::default(), Vec::new());
    while segments.next_into(&mut segment).is_some() {
        all.push(segment.tokens.iter().map(|token| &text[token.start..token.end]).collect());
    }
    all
}

#[test]
fn a_text_is_words_numbers_and_signs() {
    for (text, tokens) in [
        ("Dear Ana,", vec!["Dear", "Ana", ","]),
        ("O'Brien-Smith's", vec!["O", "'", "Brien", "-", "Smith", "'", "s"]),
        ("12 High St.\nLeeds", vec!["12", "High", "St", ".", "\n", "Leeds"]),
        ("Zoë Müller\u{200b}", vec!["Zoë", "Müller"]),
        ("我叫王伟", vec!["我", "叫", "王", "伟"]),
        ("김철수 님", vec!["김", "철", "수", "님"]),
        ("a\tb", vec!["a", "\t", "b"]),
        ("x1y", vec!["x", "1", "y"]),
        ("Ιωάννα محمد", vec!["Ιωάννα", "محمد"]),
    ] {
        assert_eq!(all(text), [tokens], "{text}");
    }
    for text in ["", " ", "\u{feff}\r "] {
        assert_eq!(all(text), Vec::<Vec<&str>>::new(), "{text:?}");
    }
}

#[test]
fn an_empty_line_ends_a_stretch_and_so_does_a_sentence_in_a_long_one() {
    assert_eq!(all("a b\n\n\nc"), [vec!["a", "b", "\n", "\n"], vec!["c"]]);
    let long = "one two three four five. ".repeat(12);
    let stretches = all(&long);
    assert!(stretches.len() > 1 && stretches.iter().all(|stretch| stretch.last() == Some(&".")), "{stretches:?}");
    let endless = "word ".repeat(1000);
    assert!(all(&endless).iter().all(|stretch| stretch.len() <= SEGMENT_TOKENS_MAX));
    assert_eq!(all(&endless).len(), 1000_usize.div_ceil(SEGMENT_TOKENS_MAX));
    assert_eq!(all(&"\n".repeat(10_000)).concat().len(), 2, "empty lines say nothing more");
}

proptest! {
    #[test]
    fn every_letter_and_digit_is_in_one_token(text in any::<String>()) {
        let mut at = 0;
        let (mut segments, mut segment) = (Segments::of(&text), Segment::default());
        while let Some(range) = segments.next_into(&mut segment) {
            prop_assert!(range.start >= at && segment.tokens.len() <= SEGMENT_TOKENS_MAX + 2);
            for token in &segment.tokens {
                let between = text.get(at..token.start);
                prop_assert!(between.is_some_and(|between| !between.contains(char::is_alphanumeric)), "{between:?}");
                prop_assert!(text.get(token.start..token.end).is_some_and(|written| !written.is_empty()));
                at = token.end;
            }
            at = at.max(range.end);
        }
        prop_assert!(text.get(at..).is_some_and(|rest| !rest.contains(char::is_alphanumeric)));
    }
}
