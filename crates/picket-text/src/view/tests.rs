use super::*;
use proptest::prelude::*;

/// The folded text as it is defined, character by character.
fn by_characters(original: &str) -> String {
    let mut text = String::new();
    each_folded(original, |character, _| text.push(character));
    text
}

#[test]
fn characters_with_one_form_are_left_by_the_tables_too() {
    for character in (0..=0x0010_ffff).filter_map(char::from_u32).filter(|character| has_one_form(*character)) {
        let folded: String = std::iter::once(character).nfkc().flat_map(char::to_lowercase).map(look_alike).collect();
        assert_eq!(folded, character.to_string());
        assert!(!is_invisible(character) && !character.is_whitespace());
    }
}

#[test]
fn composed_letters_are_their_own_compatibility_form() {
    for character in (0..=0x0010_ffff).filter_map(char::from_u32).filter(|character| is_composed(*character)) {
        assert_eq!(std::iter::once(character).nfkc().collect::<String>(), character.to_string());
        assert!(!is_invisible(character));
    }
}

#[test]
fn white_space_of_any_length_and_kind_becomes_one_space() {
    assert_eq!(fold("  A\t\tB \n\u{c}\u{1}C\u{7f}  "), " a b c ");
    assert_eq!(fold("a  "), "a ");
    assert_eq!(fold("Ü\u{a0} \u{3000}x"), "ü x");
}

proptest! {
    #[test]
    fn ascii_is_folded_as_its_characters_are(text in "[ -~\t\n\r\u{0}-\u{1f}\u{7f}]{0,200}") {
        prop_assert_eq!(fold(&text), by_characters(&text));
    }

    #[test]
    fn all_else_is_folded_as_its_characters_are(text in "([a-zA-Z .\n]{0,20}|[éÀ’“ßЖا漢한ﬁ\u{200b}\u{a0}\u{2028}\u{e0041}]|\\PC){0,40}") {
        prop_assert_eq!(fold(&text), by_characters(&text));
    }
}

#[test]
fn every_character_is_folded_as_the_tables_say() {
    for character in '\u{0}'..=char::MAX {
        let text = format!("é{character}x");
        assert_eq!(fold(&text), by_characters(&text), "{character:?}");
    }
}
