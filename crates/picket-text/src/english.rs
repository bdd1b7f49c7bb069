//! What tells English from other languages.

/// Whether a word, in lower case, is one of the short ones that English cannot do without.
pub fn is_english_word(word: &str) -> bool {
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
