use super::*;
use aho_corasick::AhoCorasick;
use proptest::prelude::*;

/// Words of one or two bytes, of other scripts, and such as are parts of each other.
const WORDS: &[&str] = &[
    "ur",
    "you",
    "your",
    "kill",
    "kill you",
    "killing",
    "ill",
    "ass",
    "i'm",
    "18년",
    "년",
    "놈",
    "개새끼",
    "жид",
    "ид",
    "größe",
    "öde",
    "hate speech",
    "speech",
];

fn words() -> Vec<String> {
    WORDS.iter().map(|word| (*word).to_owned()).collect()
}

/// Words that have a letter of a script without spaces may stand anywhere; of the others, some may have an ending.
fn manner(number: usize) -> Manner {
    let is_free = WORDS[number].contains(['년', '놈', '개']);
    Manner { is_free, is_open: is_free || ["kill", "ass", "ur"].contains(&WORDS[number]) }
}

fn found(text: &str) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    Finder::new(&words(), manner).find(text, |start, end, number| found.push((start, end, number)));
    found
}

/// What an automaton finds that looks everywhere.
fn expected(text: &str) -> Vec<(usize, usize, usize)> {
    let automaton = AhoCorasick::new(WORDS).unwrap();
    automaton.find_overlapping_iter(text).map(|m| (m.start(), m.end(), m.pattern().as_usize())).collect()
}

/// Without what stands otherwise than it may.
fn standing(text: &str, mut places: Vec<(usize, usize, usize)>) -> Vec<(usize, usize, usize)> {
    let goes_on = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    places.retain(|(start, end, number)| {
        let Manner { is_free, is_open } = manner(*number);
        is_free || !(goes_on(text[..*start].chars().next_back()) || (!is_open && goes_on(text[*end..].chars().next())))
    });
    places
}

#[test]
fn words_are_told_by_their_ends_and_the_longer_ones_first() {
    let numbers: Vec<&str> = found("kill your hate speech 2018년 ur").iter().map(|(.., at)| WORDS[*at]).collect();
    assert_eq!(numbers, ["kill", "kill you", "your", "hate speech", "speech", "18년", "년", "ur"]);
    assert_eq!(found("skill bass"), []);
    assert_eq!(found("killer").len(), 1, "a word that may have an ending");
}

proptest! {
    #[test]
    fn the_finder_finds_what_an_automaton_finds(
        pieces in proptest::collection::vec(
            prop_oneof![
                3 => proptest::sample::select(WORDS).prop_map(str::to_owned),
                1 => "[a-z ]{1,3}",
                1 => "[ ,.'1ö년ж\u{0}]{1,2}",
            ],
            0..12,
        ),
    ) {
        let text = pieces.concat();
        prop_assert_eq!(standing(&text, found(&text)), standing(&text, expected(&text)));
    }
}
