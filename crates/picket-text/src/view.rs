//! A text as a reader sees it, however it is spelled: folded, with a way back to the original.

mod forms;
mod origins;

use forms::Forms;
use memchr::memmem;
pub use origins::Origins;
use unicode_normalization::UnicodeNormalization as _;

/// Folds a text: compatibility forms, case, look-alikes; invisible characters are dropped, white space becomes one
/// space.
pub fn fold(original: &str) -> String {
    if original.is_ascii() {
        return fold_ascii(original);
    }
    Forms::get().fold(original)
}

/// What most texts need, many bytes at a time: case first, then the rare runs of white space.
fn fold_ascii(original: &str) -> String {
    let folded: Vec<u8> = original
        .bytes()
        .map(|byte| if byte <= b' ' || byte == 0x7f { b' ' } else { byte.to_ascii_lowercase() })
        .collect();
    let mut rest = folded.as_slice();
    let run = memmem::Finder::new(b"  ");
    let Some(first) = run.find(rest) else { return String::from_utf8(folded).unwrap_or_default() };
    let mut text = Vec::with_capacity(rest.len());
    let mut next = Some(first);
    while let Some(at) = next {
        let (kept, tail) = rest.split_at_checked(at + 1).unwrap_or((rest, &[]));
        text.extend_from_slice(kept);
        rest = tail.trim_ascii_start();
        next = run.find(rest);
    }
    text.extend_from_slice(rest);
    String::from_utf8(text).unwrap_or_default()
}

/// Calls `take` with every character of the folded text and the byte of the original that it comes from.
fn each_folded(original: &str, mut take: impl FnMut(char, usize)) {
    let mut after_space = false;
    for (at, character) in original.char_indices() {
        each_form(character, |folded| {
            let is_space = is_space(folded);
            if !(is_space && after_space) {
                take(if is_space { ' ' } else { folded }, at);
            }
            after_space = is_space;
        });
    }
}

fn is_space(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

/// Calls `take` with every character that a character becomes.
fn each_form(character: char, mut take: impl FnMut(char)) {
    if character.is_ascii() {
        take(character.to_ascii_lowercase());
    } else if has_one_form(character) {
        take(character);
    } else if is_composed(character) {
        character.to_lowercase().map(look_alike).for_each(take);
    } else if !is_invisible(character) {
        std::iter::once(character).nfkc().flat_map(char::to_lowercase).map(look_alike).for_each(take);
    } else if let Some(hidden) = tag_letter(character) {
        take(hidden.to_ascii_lowercase());
    }
}

/// Characters that folding leaves as they are, without asking the tables: the bulk of Chinese, Japanese and Korean.
const fn has_one_form(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')
}

/// Letters that are their own compatibility form: the bulk of European languages.
fn is_composed(character: char) -> bool {
    matches!(character,
        '\u{c0}'..='\u{131}' | '\u{134}'..='\u{13e}' | '\u{141}'..='\u{148}' | '\u{14a}'..='\u{17e}' | '\u{388}'..='\u{38a}'
        | '\u{38e}'..='\u{3a1}' | '\u{3a3}'..='\u{3ce}' | '\u{400}'..='\u{482}' | '\u{48a}'..='\u{52f}')
}

fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The letter that a tag character hides.
fn tag_letter(character: char) -> Option<char> {
    let code = u32::from(character).checked_sub(0xe_0000)?;
    char::from_u32(code).filter(|letter| (' '..='~').contains(letter))
}

/// The Latin letter that a Cyrillic or Greek one imitates. Words of those scripts stay readable to their own patterns,
/// which are folded in the same way.
pub fn look_alike(character: char) -> char {
    match character {
        'а' | 'α' | 'ɑ' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'ο' | 'о' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        '\u{2018}' | '\u{2019}' | '`' | '´' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        other => other,
    }
}

/// A pattern in the spelling that folded texts have.
pub fn folded(pattern: &str) -> String {
    pattern.chars().map(look_alike).collect()
}

#[cfg(test)]
mod tests;
