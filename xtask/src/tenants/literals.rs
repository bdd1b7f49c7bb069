//! The string literals of a Rust source.

/// One of them, as it is at run time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// The line that it begins on.
    pub(crate) line: usize,
    /// Its text.
    pub(crate) text: String,
}

/// All string literals of a source, raw and byte strings too; comments and characters are skipped.
pub(crate) fn of(source: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let (mut rest, mut line, mut is_in_word) = (source, 1, false);
    while let Some(first) = rest.chars().next() {
        let (length, literal) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), None)
        } else if rest.starts_with("/*") {
            (comment(rest), None)
        } else if first == '"' {
            plain(rest)
        } else if let Some(raw) = raw(rest).filter(|_raw| !is_in_word) {
            raw
        } else if first == '\'' {
            (character(rest), None)
        } else {
            (first.len_utf8(), None)
        };
        found.extend(literal.map(|text| Literal { line, text }));
        let (passed, after) = rest.split_at(length.min(rest.len()));
        line += passed.matches('\n').count();
        is_in_word = first.is_alphanumeric() || first == '_';
        rest = after;
    }
    found
}

/// The bytes of a comment, which may hold others.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A literal with escapes: its bytes, and its text.
fn plain(rest: &str) -> (usize, Option<String>) {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (at + 1, Some(text)),
            '\\' => match characters.next() {
                // The line goes on with the next word.
                Some((_, '\n')) => while characters.next_if(|(_, next)| next.is_whitespace()).is_some() {},
                Some((_, 'n' | 'r' | 't')) => text.push(' '),
                Some((_, other)) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    (rest.len(), Some(text))
}

/// A raw literal, if one begins here: its bytes, and its text.
fn raw(rest: &str) -> Option<(usize, Option<String>)> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
    let text = after.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = text.find(&end)?;
    let before = rest.len() - text.len();
    Some((before + length + end.len(), text.get(..length).map(str::to_owned)))
}

/// The bytes of a character, or of the sign that begins a lifetime.
fn character(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            characters.next();
            characters.find(|(_, character)| *character == '\'').map_or(1, |(at, _)| at + 1)
        }
        Some(_) => characters.next().filter(|(_, character)| *character == '\'').map_or(1, |(at, _)| at + 1),
        None => 1,
    }
}
