//! Texts of rules: literals with wildcards, and how letters are compared.
//!
//! Sigma compares without regard to case unless `cased` says otherwise. Both sides are folded here, letter by letter, by
//! Unicode and not by ASCII alone, so that a text of any script is compared in the same way; the fold of a text is the fold
//! of its parts, so that a literal stands in a folded text wherever it stands in the text.

use memchr::memmem;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// These characters.
    Plain(String),
    /// `*`: any characters, line ends too, or none.
    Any,
    /// `?`: one character.
    One,
    /// What begins an argument of a command line: a hyphen, a slash or a dash.
    Dash,
}

/// What `windash` lets stand for each other.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Where a pattern has to stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum How {
    /// It is the text.
    Equals,
    /// Somewhere.
    Contains,
    /// At the beginning.
    Starts,
    /// At the end.
    Ends,
}

impl How {
    fn at_start(self) -> bool {
        matches!(self, Self::Equals | Self::Starts)
    }

    fn at_end(self) -> bool {
        matches!(self, Self::Equals | Self::Ends)
    }

    fn of(at_start: bool, at_end: bool) -> Self {
        match (at_start, at_end) {
            (true, true) => Self::Equals,
            (true, false) => Self::Starts,
            (false, true) => Self::Ends,
            (false, false) => Self::Contains,
        }
    }
}

/// A pattern in its normal form: wildcards at its ends have become the way in which it is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Pattern {
    pub(crate) how: How,
    pub(crate) parts: Vec<Part>,
}

impl Pattern {
    /// Reads `*` and `?`. A backslash takes the meaning of the wildcard or backslash behind it, and is itself elsewhere.
    pub(crate) fn parse(text: &str, how: How) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let special = match character {
                '\\' => {
                    plain.push(characters.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\'));
                    continue;
                }
                '*' => Part::Any,
                '?' => Part::One,
                other => {
                    plain.push(other);
                    continue;
                }
            };
            flush(&mut plain, &mut parts);
            if special != Part::Any || parts.last() != Some(&Part::Any) {
                parts.push(special);
            }
        }
        flush(&mut plain, &mut parts);
        Self::normal(parts, how)
    }

    /// A text without wildcards.
    pub(crate) fn literal(text: &str, how: How) -> Self {
        let parts = if text.is_empty() { Vec::new() } else { vec![Part::Plain(text.to_owned())] };
        Self::normal(parts, how)
    }

    fn normal(mut parts: Vec<Part>, how: How) -> Self {
        let (mut start, mut end) = (how.at_start(), how.at_end());
        if parts.first() == Some(&Part::Any) {
            parts.remove(0);
            start = false;
            // A lone `*` is any text.
            end = end && !parts.is_empty();
        }
        if parts.last() == Some(&Part::Any) {
            parts.pop();
            end = false;
        }
        Self { how: How::of(start, end), parts }
    }

    /// Every hyphen, and every slash that begins a word, becomes any of the five dashes.
    pub(crate) fn with_dashes(self) -> Self {
        let mut parts = Vec::new();
        for part in self.parts {
            let Part::Plain(text) = part else {
                parts.push(part);
                continue;
            };
            let mut plain = String::new();
            let mut before = None::<char>;
            let mut characters = text.chars().peekable();
            while let Some(character) = characters.next() {
                let begins_word = !before.is_some_and(is_word) && characters.peek().is_some_and(|next| is_word(*next));
                if character == '-' || (character == '/' && begins_word) {
                    flush(&mut plain, &mut parts);
                    parts.push(Part::Dash);
                } else {
                    plain.push(character);
                }
                before = Some(character);
            }
            flush(&mut plain, &mut parts);
        }
        Self { how: self.how, parts }
    }

    /// The text, if there is no wildcard in it.
    pub(crate) fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Plain(text)] => Some(text),
            _ => None,
        }
    }

    /// The same without regard to case.
    pub(crate) fn folded(mut self) -> Self {
        for part in &mut self.parts {
            if let Part::Plain(text) = part {
                *text = fold(text);
            }
        }
        self
    }

    /// Texts that stand in every text which this matches.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| if let Part::Plain(text) = part { Some(text.as_str()) } else { None })
    }

    /// Whether a text, folded if this is, is matched. Segments between `*` are looked for from the left, so that the
    /// effort is bounded by the product of the lengths.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut segments = self.parts.split(|part| *part == Part::Any).peekable();
        let (mut at, mut is_first) = (0, true);
        while let Some(segment) = segments.next() {
            let is_last = segments.peek().is_none();
            let anchored = is_first && self.how.at_start();
            let found = match (anchored, is_last && self.how.at_end()) {
                (true, true) => follow(segment, text, at).filter(|end| *end == text.len()),
                (true, false) => follow(segment, text, at),
                (false, true) => find_at_end(segment, text, at),
                (false, false) => find(segment, text, at),
            };
            let Some(end) = found else { return false };
            (at, is_first) = (end, false);
        }
        true
    }
}

/// Makes a part of what was read so far.
fn flush(plain: &mut String, parts: &mut Vec<Part>) {
    if !plain.is_empty() {
        parts.push(Part::Plain(std::mem::take(plain)));
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Where a segment ends that begins at a place.
fn follow(segment: &[Part], text: &str, at: usize) -> Option<usize> {
    let mut rest = text.get(at..)?;
    for part in segment {
        rest = match part {
            Part::Plain(plain) => rest.strip_prefix(plain.as_str())?,
            Part::One => {
                let mut characters = rest.chars();
                characters.next()?;
                characters.as_str()
            }
            Part::Dash => rest.strip_prefix(DASHES)?,
            Part::Any => rest,
        };
    }
    Some(text.len() - rest.len())
}

/// Where the first segment from a place on ends.
fn find(segment: &[Part], text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    match segment.first() {
        None => Some(from),
        Some(Part::Plain(plain)) => memmem::find_iter(rest.as_bytes(), plain.as_bytes())
            .find_map(|place| follow(segment, text, from + place))
            // Occurrences that overlap one that did not fit are no matches of `find_iter`.
            .or_else(|| if segment.len() > 1 { find_slowly(segment, text, from) } else { None }),
        Some(_) => find_slowly(segment, text, from),
    }
}

fn find_slowly(segment: &[Part], text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let places = rest.char_indices().map(|(place, _)| from + place).chain(std::iter::once(text.len()));
    places.into_iter().find_map(|place| follow(segment, text, place))
}

/// The end of the text, if a segment ends there that begins at a place or later.
fn find_at_end(segment: &[Part], text: &str, from: usize) -> Option<usize> {
    let mut rest = text.get(from..)?;
    for part in segment.iter().rev() {
        rest = match part {
            Part::Plain(plain) => rest.strip_suffix(plain.as_str())?,
            Part::One => {
                let mut characters = rest.chars();
                characters.next_back()?;
                characters.as_str()
            }
            Part::Dash => rest.strip_suffix(DASHES)?,
            Part::Any => rest,
        };
    }
    Some(text.len())
}

/// A text without regard to case.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Appends a text without regard to case.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let begin = folded.len();
        folded.push_str(text);
        if let Some(added) = folded.get_mut(begin..) {
            added.make_ascii_lowercase();
        }
        return;
    }
    for character in text.chars() {
        match character {
            // Forms of one letter that differ by place alone.
            '\u{3c2}' | '\u{3a3}' => folded.push('\u{3c3}'),
            '\u{17f}' => folded.push('s'),
            _ => folded.extend(character.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests;
