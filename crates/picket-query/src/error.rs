//! Why a filter cannot be read, and where.

/// Characters that a caret picture shows on each side of the place.
const PICTURE_SIDE: usize = 60;

/// A filter cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct QueryError {
    /// First code point of the offending place, from 1.
    pub column: usize,
    /// Code points of it, at least 1.
    pub length: usize,
    /// What is wrong, and what to do.
    pub message: String,
    /// The name or word that was probably meant.
    pub suggestion: Option<String>,
}

impl QueryError {
    /// An error about `length` code points from the `at`-th on, counted from 0.
    pub(crate) fn new(at: usize, length: usize, message: impl Into<String>) -> Self {
        Self { column: at + 1, length: length.max(1), message: message.into(), suggestion: None }
    }

    pub(crate) fn suggesting(self, suggestion: Option<String>) -> Self {
        Self { suggestion, ..self }
    }

    /// The part of the filter around the place, with a line of carets below it.
    pub fn caret(&self, text: &str) -> String {
        let at = self.column.saturating_sub(1);
        let first = at.saturating_sub(PICTURE_SIDE);
        let shown = text.chars().skip(first).take(2 * PICTURE_SIDE);
        let line: String = shown.map(|c| if c.is_control() { ' ' } else { c }).collect();
        let carets = self.length.min(PICTURE_SIDE);
        format!("{line}\n{}{}", " ".repeat(at - first), "^".repeat(carets))
    }
}
