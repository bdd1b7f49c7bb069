use super::*;
use proptest::prelude::*;

const WORDS: &[&str] = &["st", "street", "rue", "allée", "praça", "straße", "ул", "улица", "οδός", "no.", "#", "č."];
static LIST: List = List::new(WORDS);

/// What a list means: one of its words, whatever the case of the letters.
fn is_one(word: &str) -> bool {
    if word.is_ascii() {
        return WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    }
    word.len() <= 24 && WORDS.contains(&word.to_lowercase().as_str())
}

#[test]
fn a_list_has_its_words_in_small_letters_and_capitals() {
    for word in WORDS {
        assert!(LIST.has(word) && LIST.has(&word.to_uppercase().replace("SS", "ß")), "{word}");
        assert!(!LIST.has(&format!("{word}x")) && !LIST.has(&format!("x{word}")), "{word}");
    }
    assert!(!LIST.has(""));
}

proptest! {
    #[test]
    fn a_list_has_what_a_search_from_word_to_word_finds(
        word in prop_oneof!["[a-zA-Z.#ſK]{0,7}", "\\PC{0,9}", proptest::sample::select(WORDS).prop_map(str::to_uppercase)],
    ) {
        prop_assert_eq!(LIST.has(&word), is_one(&word));
    }
}
