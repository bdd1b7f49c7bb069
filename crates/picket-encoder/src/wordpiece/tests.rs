use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

/// The base's own vocabulary is as large as a chapter of a book, so that tests of its own rules use a small one.
const SMALL: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\n,\n!\nstrasse\na\n##a\n日\n本\nuber\n##ber\n";
static WORDS: LazyLock<WordPieces> = LazyLock::new(|| WordPieces::read(SMALL).expect("it is a vocabulary"));

fn pieces(text: &str) -> Vec<&'static str> {
    let all: Vec<&str> = SMALL.lines().collect();
    let number = |id: i32| all[usize::try_from(id).expect("ids are lines")];
    WORDS.pieces(text, 1_000).into_iter().map(number).collect()
}

#[test]
fn words_are_taken_apart_longest_piece_first() {
    for (text, expected) in [
        ("unaffable", &["un", "##aff", "##able"][..]),
        ("UNAFFABLE, un!", &["un", "##aff", "##able", ",", "un", "!"]),
        ("Über  \t über", &["uber", "uber"]),
        ("u\u{200b}n\0 u\u{ad}n", &["un", "un"]),
        ("日本a", &["日", "本", "a"]),
        ("unx", &["[UNK]"]),
        ("", &[]),
        ("aaaa", &["a", "##a", "##a", "##a"]),
    ] {
        assert_eq!(pieces(text), expected, "{text:?}");
    }
}

#[test]
fn a_word_without_end_is_one_unknown_piece() {
    assert_eq!(pieces(&"a".repeat(100)).len(), 100);
    assert_eq!(pieces(&"a".repeat(101)), ["[UNK]"]);
    assert_eq!(pieces(&"a".repeat(1_000_000)), ["[UNK]"]);
}

#[test]
fn a_vocabulary_without_its_marks_is_refused() {
    for missing in ["[UNK]", "[CLS]", "[SEP]"] {
        let error = WordPieces::read(&SMALL.replace(missing, "x")).expect_err("a mark is missing").to_string();
        assert!(error.contains("vocabulary") && error.contains(missing), "{error}");
    }
}

proptest! {
    #[test]
    fn every_text_gives_few_pieces_that_are_in_the_vocabulary(text in "\\PC{0,300}", most in 0_usize..50) {
        let ids = WORDS.pieces(&text, most);
        prop_assert!(ids.len() <= most);
        prop_assert!(ids.iter().all(|id| (0..16).contains(id)));
    }

    #[test]
    fn spaces_and_case_change_nothing(words in prop::collection::vec("[a-z,!]{1,9}", 0..9)) {
        let plain = WORDS.pieces(&words.join(" "), 1_000);
        prop_assert_eq!(&WORDS.pieces(&words.join(" \n\t "), 1_000), &plain);
        prop_assert_eq!(&WORDS.pieces(&words.join(" ").to_uppercase(), 1_000), &plain);
    }

    #[test]
    fn a_longer_text_begins_like_a_shorter_one(text in "[a-z 日]{0,200}", more in "[a-z ]{0,50}") {
        let short = WORDS.pieces(&text, 1_000);
        let long = WORDS.pieces(&format!("{text} {more}"), 1_000);
        prop_assert_eq!(long.get(..short.len()), Some(&short[..]));
    }
}
