//! A text in stretches of words, numbers and signs.
//!
//! A stretch ends at an empty line, behind a sentence if it is long enough, and at the latest after
//! [`SEGMENT_TOKENS_MAX`] of them. Nothing is read across its ends, so that a long text is the sum of its stretches.

use std::ops::Range;

/// The most words, numbers and signs of a stretch.
pub const SEGMENT_TOKENS_MAX: usize = 160;
/// From so many on, the end of a sentence ends a stretch.
const SENTENCES_TOKENS: usize = 24;
/// A longer run of letters is no word.
const WORD_BYTES_MAX: usize = 48;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Letters.
    Word,
    /// A letter of a script that is written without spaces, by itself.
    Letter,
    /// Digits.
    Number,
    /// Anything else but white space, by itself; the end of a line and a tabulator too.
    Sign,
    /// Letters or digits without end.
    Long,
}

/// A word, number or sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub class: Class,
    /// Whether nothing stands between it and the one before.
    pub is_glued: bool,
}

/// A stretch of a text.
#[derive(Debug, Default)]
pub struct Segment {
    /// Its tokens.
    pub tokens: Vec<Token>,
}

/// The stretches of a text.
#[derive(Debug)]
pub struct Segments<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Segments<'a> {
    /// Those of a text.
    pub const fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Reads the next stretch into `segment`; what it covers of the text, or nothing at the end.
    pub fn next_into(&mut self, segment: &mut Segment) -> Option<Range<usize>> {
        segment.tokens.clear();
        let from = self.at;
        let mut lines = 0;
        let mut is_sentence = false;
        while let Some((token, gap)) = token(self.text, self.at) {
            let is_line = is_line(self.text, &token);
            // Behind the end of a sentence comes a space, or the line's end, which belongs to what it ends.
            let is_apart = gap > 0 || lines > 0;
            let count = segment.tokens.len();
            let is_full = count >= SEGMENT_TOKENS_MAX || is_sentence && is_apart && count >= SENTENCES_TOKENS;
            if count > 0 && !is_line && (lines > 1 || is_full) {
                break;
            }
            lines = if is_line { lines + 1 } else { 0 };
            is_sentence = is_sentence_end(self.text, &token);
            self.at = token.end;
            let is_glued = gap == 0 && count > 0;
            // More than two ends of lines say no more than two do.
            if lines <= 2 {
                segment.tokens.push(Token { is_glued, ..token });
            }
        }
        if segment.tokens.is_empty() {
            self.at = self.text.len();
            return None;
        }
        Some(from..self.at)
    }
}

fn is_line(text: &str, token: &Token) -> bool {
    token.class == Class::Sign && text.as_bytes().get(token.start) == Some(&b'\n')
}

fn is_sentence_end(text: &str, token: &Token) -> bool {
    token.class == Class::Sign
        && matches!(text.get(token.start..token.end), Some("." | "!" | "?" | "\n" | "。" | "！" | "？" | "؟"))
}

/// The token at a place or behind it, and how much white space is before it.
fn token(text: &str, from: usize) -> Option<(Token, usize)> {
    let rest = text.get(from..)?;
    let mut chars = rest.char_indices();
    let (skipped, first) = chars.find(|(_, c)| matches!(c, '\n' | '\t') || !is_space(*c))?;
    let start = from + skipped;
    let class = class_of(first);
    let more = match class {
        Class::Word => run(rest, skipped, |c| matches!(class_of(c), Class::Word)),
        Class::Number => run(rest, skipped, |c| matches!(class_of(c), Class::Number)),
        _ => first.len_utf8(),
    };
    let class = if more > WORD_BYTES_MAX { Class::Long } else { class };
    Some((Token { start, end: start + more, class, is_glued: false }, skipped))
}

fn run(text: &str, from: usize, belongs: impl Fn(char) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    // Most texts are ASCII, whose letters are bytes.
    let mut length = 0;
    for c in rest.chars() {
        if !belongs(c) {
            break;
        }
        length += c.len_utf8();
    }
    length
}

fn is_space(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_whitespace() || c.is_ascii_control() } else { c.is_whitespace() || is_unseen(c) }
}

/// Characters that no reader sees.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

fn class_of(c: char) -> Class {
    if c.is_ascii() {
        return match c {
            'a'..='z' | 'A'..='Z' => Class::Word,
            '0'..='9' => Class::Number,
            _ => Class::Sign,
        };
    }
    match u32::from(c) {
        // Kana, ideographs, syllables of Korean, and their further planes.
        0x3005..=0x3007 | 0x3041..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x20000..=0x3ffff => {
            if c.is_alphabetic() {
                Class::Letter
            } else {
                Class::Sign
            }
        }
        // Marks that belong to the letter before them.
        0x0300..=0x036f | 0x064b..=0x065f | 0x0670 | 0x093c..=0x094d | 0x0e31..=0x0e4e => Class::Word,
        _ if c.is_alphabetic() => Class::Word,
        _ if c.is_numeric() => Class::Number,
        _ => Class::Sign,
    }
}

#[cfg(test)]
mod tests;
