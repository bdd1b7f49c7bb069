//! Word boundaries that an automaton decides from one byte.
//!
//! A boundary by Unicode's words makes the engine leave its automaton at the first byte that is not ASCII, and become a
//! hundred times slower for the whole text. So `\b` asks only whether an ASCII word goes on there. The difference is on
//! the safe side: what stands directly beside a letter of another script is found too.

/// A pattern with every `\b` made the beginning or the end of a word, which is told by what follows it.
pub fn ascii_boundaries(pattern: &str) -> String {
    let mut pieces = pattern.split(r"\b");
    let mut result = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let begins = piece.starts_with("(?:")
            || (piece.starts_with('[') && !piece.starts_with("[^"))
            || piece.starts_with(|first: char| first.is_alphanumeric());
        result.push_str(if begins { r"(?-u:\b{start-half})" } else { r"(?-u:\b{end-half})" });
        result.push_str(piece);
    }
    result
}
