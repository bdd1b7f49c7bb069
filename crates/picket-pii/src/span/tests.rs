use super::*;
use crate::rule::{fit, length};
use crate::rules;
use proptest::prelude::*;

/// A text of a shape; `draws` says which digits, letters and separators.
fn shaped(shape: &str, draws: &[u8]) -> String {
    let gap = ["", " ", "-", "."][usize::from(draws[0] % 4)];
    let sign = |(at, sign): (usize, char)| {
        let draw = draws[at % draws.len()];
        let (digit, letter) = (char::from(b'0' + draw % 10), char::from(b'A' + draw % 26));
        match sign {
            '9' => digit.to_string(),
            'A' => letter.to_string(),
            'X' => (if draw < 128 { digit } else { letter }).to_string(),
            ' ' => gap.to_owned(),
            '_' => " ".to_owned(),
            other => other.to_string(),
        }
    };
    shape.chars().enumerate().map(sign).collect()
}

fn shapes() -> Vec<&'static str> {
    rules::all().flat_map(|rule| rule.shapes.split('|')).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn what_has_a_shape_has_its_outline(
        shape in proptest::sample::select(shapes()),
        draws in proptest::collection::vec(any::<u8>(), 1..24),
        is_small: bool,
        tail in "|[ ,.;:]{1,2}[A-Za-z0-9 ]{0,9}",
    ) {
        let text = shaped(shape, &draws);
        let text = if is_small { text.to_lowercase() } else { text };
        prop_assert!(fit(shape.as_bytes(), text.as_bytes()).is_some(), "{} {}", shape, text);
        let span = Span::read(format!("{text}{tail}").as_bytes(), true);
        prop_assert!(span.lengths().any(|values| values == length(shape)), "{} {:?}", text, span);
        prop_assert!(Outline::of(shape).may_be(&span), "{} {:?}", text, span);
    }

    #[test]
    fn what_has_another_outline_has_not_the_shape(
        shape in proptest::sample::select(shapes()),
        text in "[A-Z0-9]{1,9}([ ./()+-][A-Z0-9]{1,9}){0,4}",
    ) {
        let span = Span::read(text.as_bytes(), true);
        let outline = Outline::of(shape);
        if span.lengths().any(|values| values == length(shape)) && !outline.may_be(&span) {
            prop_assert!(fit(shape.as_bytes(), text.as_bytes()).is_none(), "{} {}", shape, text);
        }
    }
}

#[test]
fn small_letters_end_a_span_that_is_not_alone() {
    let text = b"12 AB 34 of them";
    assert_eq!(Span::read(text, false).reach, 11);
    assert_eq!(Span::read(text, true).reach, text.len());
    assert_eq!(Span::read(text, false).lengths().collect::<Vec<_>>(), [2, 4, 6, 8]);
    assert!(Span::read(b"3rd", false).is_written_word(3));
    assert!(!Span::read(b"1234b", false).is_written_word(5));
}
