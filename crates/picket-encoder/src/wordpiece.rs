//! Pieces of words, as the base's vocabulary has them: lower case, without accents, the longest piece that fits first.
//!
//! The rules are those of BERT's uncased tokenizer, since the word vectors were learned with them; a test compares with a
//! table that the reference made.

use crate::bundle::LoadError;
use crate::unicode::{FORMATS, MARKS, PUNCTUATION, holds};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// Bytes of a text that are read; what follows is cut off.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;
/// A longer word is unknown: no piece is looked for in it.
const WORD_CHARACTERS_MAX: usize = 100;
/// Pieces of a vocabulary.
const PIECES_MAX: usize = 1 << 20;

/// A vocabulary, ready to take words apart.
#[derive(Debug, Clone)]
pub struct WordPieces {
    /// Pieces that begin a word, and, under another map, pieces that go on.
    begins: HashMap<Box<str>, i32>,
    goes_on: HashMap<Box<str>, i32>,
    /// Characters of the longest piece.
    longest: usize,
    unknown: i32,
    pub(crate) first: i32,
    pub(crate) last: i32,
}

impl WordPieces {
    /// Reads a vocabulary: a piece a line, whose number is that of its line; `##` before pieces that go on.
    pub fn read(vocabulary: &str) -> Result<Self, LoadError> {
        let (mut begins, mut goes_on, mut longest) = (HashMap::new(), HashMap::new(), 0);
        for (number, piece) in (0..).zip(vocabulary.lines()) {
            if begins.len() + goes_on.len() >= PIECES_MAX {
                return Err(LoadError::part("vocabulary", "it has more than a million pieces"));
            }
            let (map, piece) = match piece.strip_prefix("##").filter(|piece| !piece.is_empty()) {
                Some(piece) => (&mut goes_on, piece),
                None => (&mut begins, piece),
            };
            longest = longest.max(piece.chars().count());
            map.insert(Box::from(piece), number);
        }
        let special = |name: &str| {
            begins.get(name).copied().ok_or_else(|| LoadError::part("vocabulary", format!("it lacks {name}")))
        };
        let (unknown, first, last) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        Ok(Self { begins, goes_on, longest, unknown, first, last })
    }

    /// The numbers of a text's pieces, at most so many, without marks at the ends.
    pub fn pieces(&self, text: &str, most: usize) -> Vec<i32> {
        let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default();
        let mut pieces = Vec::new();
        let mut word = Word::default();
        for character in normal(text) {
            if pieces.len() >= most {
                break;
            }
            match character {
                ' ' => word.end(self, &mut pieces),
                character if is_punctuation(character) || is_ideograph(character) => {
                    word.end(self, &mut pieces);
                    word.push(character);
                    word.end(self, &mut pieces);
                }
                character => word.push(character),
            }
        }
        word.end(self, &mut pieces);
        pieces.truncate(most);
        pieces
    }

    /// The pieces of one word; one that cannot be taken apart is unknown as a whole.
    fn take_apart(&self, word: &str, pieces: &mut Vec<i32>) {
        let before = pieces.len();
        let mut rest = word;
        while !rest.is_empty() {
            let map = if rest.len() == word.len() { &self.begins } else { &self.goes_on };
            let ends = rest.char_indices().map(|(at, character)| at + character.len_utf8()).take(self.longest);
            let ends: Vec<usize> = ends.collect();
            let found = ends.iter().rev().find_map(|end| {
                let (piece, rest) = rest.split_at_checked(*end)?;
                Some((*map.get(piece)?, rest))
            });
            match found {
                Some((piece, after)) => {
                    pieces.push(piece);
                    rest = after;
                }
                None => {
                    pieces.truncate(before);
                    pieces.push(self.unknown);
                    return;
                }
            }
        }
    }
}

/// A word while it is read.
#[derive(Default)]
struct Word {
    text: String,
    characters: usize,
}

impl Word {
    fn push(&mut self, character: char) {
        self.characters += 1;
        // What no piece is looked for in need not be kept.
        if self.characters <= WORD_CHARACTERS_MAX {
            self.text.push(character);
        }
    }

    fn end(&mut self, words: &WordPieces, pieces: &mut Vec<i32>) {
        match self.characters {
            0 => return,
            1..=WORD_CHARACTERS_MAX => words.take_apart(&self.text, pieces),
            _ => pieces.push(words.unknown),
        }
        self.text.clear();
        self.characters = 0;
    }
}

/// A text in lower case, without accents and without what has no look; every kind of space is a space.
fn normal(text: &str) -> impl Iterator<Item = char> {
    let seen = text.chars().filter_map(|character| match character {
        '\t' | '\n' | '\r' => Some(' '),
        '\0' | '\u{fffd}' => None,
        character if character.is_control() || holds(FORMATS, character) => None,
        character if character.is_whitespace() => Some(' '),
        character => Some(character),
    });
    seen.nfd().filter(|character| !holds(MARKS, *character)).flat_map(char::to_lowercase)
}

fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation() || (!character.is_ascii() && holds(PUNCTUATION, character))
}

/// A character of a script without spaces is a word.
const fn is_ideograph(character: char) -> bool {
    matches!(character,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b73f}'
        | '\u{2b740}'..='\u{2b81f}' | '\u{2b820}'..='\u{2ceaf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests;
