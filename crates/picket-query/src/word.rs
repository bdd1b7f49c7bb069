//! Words: which one was probably meant.

/// Characters of a text that are compared.
const COMPARED: usize = 64;

/// The nearest of these words, if it is near enough to have been meant.
pub fn nearest(text: &str, words: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let text: String = text.chars().take(COMPARED).collect();
    let near = words.map(|word| (strsim::levenshtein(&text, word), word)).min();
    near.filter(|(distance, word)| *distance <= 1 + word.len() / 4).map(|(_, word)| word)
}
