//! What tells English from other languages.

/// Short words that English cannot do without.
pub const ENGLISH_WORDS: &[&str] = &[
    "the", "of", "to", "and", "a", "in", "is", "you", "that", "it", "for", "on", "with", "as", "are", "this", "be",
    "your", "or", "have", "from", "what", "i", "my", "me", "how", "can", "not", "all", "do", "an", "by", "if", "at",
    "was", "will",
];
