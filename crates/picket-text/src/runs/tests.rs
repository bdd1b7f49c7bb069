use super::*;
use proptest::prelude::*;

fn stands(character: char) -> Stands {
    match character {
        '漢' | '。' => Stands::Alone,
        _ if is_letter(character) => Stands::Inside,
        _ => Stands::Outside,
    }
}

/// Runs, character by character.
fn plainly(text: &str) -> Vec<Range<usize>> {
    let (mut runs, mut open) = (Vec::new(), None);
    for (at, character) in text.char_indices() {
        let how = match character {
            '\'' | '\0' => Stands::Inside,
            _ if character.is_ascii() && !character.is_ascii_alphanumeric() => Stands::Outside,
            _ => stands(character),
        };
        if how != Stands::Inside {
            runs.extend(open.take().map(|begin| begin..at));
        }
        match how {
            Stands::Outside => {}
            Stands::Inside => _ = open.get_or_insert(at),
            Stands::Alone => runs.push(at..at + character.len_utf8()),
        }
    }
    runs.extend(open.map(|begin| begin..text.len()));
    runs
}

#[test]
fn letters_are_those_of_the_standard_library() {
    for character in '\u{0}'..=char::MAX {
        assert_eq!(is_letter(character), character.is_alphanumeric(), "{character:?}");
    }
}

proptest! {
    #[test]
    fn runs_are_those_that_reading_each_character_finds(text in "([a-c]{1,9}|[ '\0.é漢。😀ы]|\\PC){0,80}") {
        let mut runs = Vec::new();
        each_run(&text, |byte| byte == b'\'' || byte == 0, stands, |run| runs.push(run));
        prop_assert_eq!(runs, plainly(&text));
    }
}
