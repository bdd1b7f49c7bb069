//! A text as a reader sees it, however it is spelled: folded, with a map back to the original.

use unicode_normalization::UnicodeNormalization as _;

/// A folded text.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) text: String,
    /// For each byte of `text`, the byte of the original that it comes from; one more for the end.
    origin: Vec<u32>,
}

impl View {
    /// Folds a text: compatibility forms, case, look-alikes; invisible characters are dropped, white space becomes one
    /// space.
    pub(crate) fn of(original: &str) -> Self {
        let mut view =
            Self { text: String::with_capacity(original.len()), origin: Vec::with_capacity(original.len() + 1) };
        for (at, character) in original.char_indices() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            if character.is_ascii() {
                view.push(character.to_ascii_lowercase(), at);
            } else if !is_invisible(character) {
                for folded in std::iter::once(character).nfkc().flat_map(char::to_lowercase) {
                    view.push(look_alike(folded), at);
                }
            } else if let Some(hidden) = tag_letter(character) {
                view.push(hidden.to_ascii_lowercase(), at);
            }
        }
        view.origin.push(u32::try_from(original.len()).unwrap_or(u32::MAX));
        view
    }

    fn push(&mut self, character: char, at: u32) {
        let folded = if character.is_whitespace() || character.is_control() { ' ' } else { character };
        if folded == ' ' && self.text.ends_with(' ') {
            return;
        }
        self.text.push(folded);
        self.origin.resize(self.text.len(), at);
    }

    /// The byte of the original behind a byte of the view.
    pub(crate) fn original(&self, at: usize) -> usize {
        self.origin.get(at).or(self.origin.last()).copied().and_then(|at| usize::try_from(at).ok()).unwrap_or(0)
    }
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
pub(crate) fn look_alike(character: char) -> char {
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

/// A pattern in the spelling that views have.
pub(crate) fn folded(pattern: &str) -> String {
    pattern.chars().map(look_alike).collect()
}
