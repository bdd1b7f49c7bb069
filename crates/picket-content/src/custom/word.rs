//! Whether something stands as a word of its own.

use std::ops::Range;

/// Whether no word goes on at either end. Scripts that put no space between words have no such ends.
pub(super) fn is_whole(text: &str, range: Range<usize>) -> bool {
    let inside = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let after = text.get(range.end..).and_then(|after| after.chars().next());
    let joins = |a: Option<char>, b: Option<char>| a.zip(b).is_some_and(|(a, b)| is_of_word(a) && is_of_word(b));
    !joins(before, inside.chars().next()) && !joins(inside.chars().next_back(), after)
}

fn is_of_word(character: char) -> bool {
    character == '_' || (character.is_alphanumeric() && !is_without_spaces(character))
}

/// Scripts that put no space between words, or hang endings on them.
fn is_without_spaces(character: char) -> bool {
    matches!(character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
