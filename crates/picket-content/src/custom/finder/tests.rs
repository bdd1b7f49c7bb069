use super::*;
use proptest::prelude::*;

fn literals(words: &[String]) -> Vec<Box<[u8]>> {
    let mut words: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    words.sort();
    words.dedup();
    words.into_iter().map(|word| word.into_bytes().into_boxed_slice()).collect()
}

/// One literal at a time, at each place.
fn naive(literals: &[Box<[u8]>], text: &str, range: Range<usize>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for start in range {
        for (number, literal) in literals.iter().enumerate() {
            let here = text.as_bytes().get(start..start + literal.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(literal)) {
                found.push((number, start));
            }
        }
    }
    found.sort_unstable();
    found
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[abAB]{1,9}", "[a-d ]{4,12}", "(abc|bcd|Key_|é@`){1,4}", "[a-z]{7,32}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn grams_find_what_comparing_everything_everywhere_finds(
        words in proptest::collection::vec(word(), 1..60),
        least in 1_usize..9,
        text in proptest::collection::vec(word(), 0..40),
        cut in 0_usize..80,
    ) {
        let words: Vec<String> = words.into_iter().filter(|word| word.len() >= least && word.len() <= 32).collect();
        let literals = literals(&words);
        let text = text.concat() + &words.iter().take(9).map(String::as_str).collect::<String>();
        let finder = Finder::new(literals.clone()).unwrap();
        let cut = text.floor_char_boundary(cut.min(text.len()));
        for range in [0..cut, cut..text.len()] {
            let mut found = Vec::new();
            finder.find(&text, range.clone(), &mut found);
            prop_assert!(found.is_sorted_by_key(|(_, start)| *start));
            found.sort_unstable();
            prop_assert_eq!(found, naive(&literals, &text, range), "{:?} in {:?}", words, text);
        }
    }
}

#[test]
fn literals_that_have_all_their_bytes_in_common_are_found_too() {
    let words: Vec<String> = (0..200).map(|number| "a".repeat(4 + number % 29)).collect();
    let literals = literals(&words);
    let finder = Finder::new(literals.clone()).unwrap();
    let text = "a".repeat(90);
    let mut found = Vec::new();
    finder.find(&text, 0..text.len(), &mut found);
    found.sort_unstable();
    assert_eq!(found, naive(&literals, &text, 0..text.len()));
}
