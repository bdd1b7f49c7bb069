use super::*;
use aho_corasick::AhoCorasick;
use proptest::prelude::*;

const TEXTS: &[(&str, Sign)] = &[
    ("](", Sign::Inline),
    ("]:", Sign::Definition),
    ("://", Sign::Url),
    ("<", Sign::Tag),
    ("\u{ff1c}", Sign::HiddenTag),
    ("&lt;", Sign::HiddenTag),
    ("&#60;", Sign::HiddenTag),
    ("&#x3c;", Sign::HiddenTag),
    ("%3c", Sign::HiddenTag),
    ("\\x3c", Sign::HiddenTag),
    ("\\u003c", Sign::HiddenTag),
    ("url(", Sign::Style),
    ("\u{1b}", Sign::Escape),
    ("\u{9b}", Sign::Escape),
    ("\u{9d}", Sign::Escape),
];

proptest! {
    #[test]
    fn signs_are_what_an_automaton_finds_of_their_texts(
        pieces in proptest::collection::vec(
            prop_oneof![
                3 => proptest::sample::select(TEXTS).prop_map(|(text, _)| text.to_owned()),
                1 => proptest::sample::select(TEXTS).prop_map(|(text, _)| text.to_uppercase()),
                1 => "[]u/:(&%\\\\3clLt#; ]{1,3}",
                1 => "[a-z é\u{9c}\u{ff0c}中]{0,40}",
            ],
            0..12,
        ),
    ) {
        let text = pieces.concat();
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(TEXTS.iter().map(|(text, _)| text));
        let automaton = automaton.unwrap();
        let expected: Vec<(Range<usize>, Sign)> =
            automaton.find_iter(&text).map(|found| (found.range(), TEXTS[found.pattern().as_usize()].1)).collect();
        let mut found = Vec::new();
        each(&text, |range, sign| found.push((range, sign)));
        prop_assert_eq!(found, expected);
    }
}
