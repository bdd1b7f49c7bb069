use super::*;

#[test]
fn every_word_of_the_lexicon_is_found_where_it_stands() {
    let lexicon = &*LEXICON;
    assert!(lexicon.patterns.len() > 1_000);
    for (number, pattern) in lexicon.patterns.iter().enumerate() {
        for text in [pattern.clone(), format!("“{pattern}…"), format!("say {pattern}, ur")] {
            let mut is_found = false;
            lexicon.finder.find(&text, |start, end, found| {
                is_found |= found == number && text.get(start..end) == Some(pattern);
            });
            assert!(is_found, "{text}");
        }
        for ending in ["s", "ß", "1"] {
            let text = format!("{pattern}{ending}");
            let mut is_found = false;
            lexicon.finder.find(&text, |_, _, found| is_found |= found == number);
            let is_open = lexicon.terms[number].iter().any(|term| term.any_ending || !term.bounded);
            assert!(is_found || !is_open, "{text}");
        }
    }
}
