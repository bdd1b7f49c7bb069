use super::*;
use proptest::prelude::*;

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where each word begins, by looking everywhere.
fn plainly(words: &[String], text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in 0..text.len() {
        let inside = at > 0 && is_letter(text.as_bytes()[at - 1]);
        for (number, word) in words.iter().enumerate().filter(|(_, word)| word.len() >= SHORT) {
            let known = &word.as_bytes()[..word.len().min(COMPARED)];
            let line = at.checked_sub(1).and_then(|before| text.as_bytes().get(before..at + 4)).unwrap_or_default();
            if matches!(line, [sign @ (b'<' | b'.' | b' ' | b'_'), rest @ ..] if rest.iter().all(|other| other == sign))
            {
                continue;
            }
            if text.as_bytes()[at..].starts_with(known) && !(inside && is_letter(known[0])) {
                found.push((at, number));
            }
        }
    }
    found
}

fn by_index(words: &[String], text: &str) -> Vec<(usize, usize)> {
    let index = Words::new(words.iter().enumerate().map(|(number, word)| (word.as_bytes().to_vec(), number)));
    let mut found = Vec::new();
    index.each(text, |at, owners| found.extend(owners.iter().map(|owner| (at, *owner))));
    assert!(found.is_sorted_by_key(|(at, _)| *at));
    found.sort_unstable();
    found
}

#[test]
fn a_word_is_found_where_it_begins_and_not_inside_another() {
    let words = ["act", "no rules", "<|", "правил", " now"].map(str::to_owned);
    let found = by_index(&words, "act now: fact, no rules <|react_act|> без правил");
    assert_eq!(found, plainly(&words, "act now: fact, no rules <|react_act|> без правил"));
    assert_eq!(found.iter().map(|(_, word)| *word).collect::<Vec<_>>(), [0, 4, 1, 2, 3]);
}

proptest! {
    #[test]
    fn an_index_finds_what_looking_everywhere_finds(
        words in prop::collection::vec("[ab_é< ]{1,12}", 0..40),
        text in "[ab_é< .]{0,120}",
    ) {
        prop_assert_eq!(by_index(&words, &text), plainly(&words, &text));
    }
}
