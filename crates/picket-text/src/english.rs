//! What tells English from other languages.

/// Whether the words of a text in lower case are English: a tenth of them are those that it cannot do without. Of fewer
/// than five words nobody can tell, and they pass.
pub fn has_english_words(text: &str) -> bool {
    let (mut words, mut english) = (0, 0);
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()) {
        words += 1;
        english += usize::from(is_english_word(word));
    }
    words < 5 || english * 10 >= words
}

/// Whether a word is one of the short ones that English cannot do without.
fn is_english_word(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "of"
            | "to"
            | "and"
            | "a"
            | "in"
            | "is"
            | "you"
            | "that"
            | "it"
            | "for"
            | "on"
            | "with"
            | "as"
            | "are"
            | "this"
            | "be"
            | "your"
            | "or"
            | "have"
            | "from"
            | "what"
            | "i"
            | "my"
            | "me"
            | "how"
            | "can"
            | "not"
            | "all"
            | "do"
            | "an"
            | "by"
            | "if"
            | "at"
            | "was"
            | "will"
    )
}
