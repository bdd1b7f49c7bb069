//! What is wrong with rules: place, cause and remedy, all at once.

use picket_yaml::{Key, Node, Problems};
use std::fmt;
use std::sync::Arc;

/// A place in a file of rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Name of the file.
    pub source: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// Something to correct, or to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub message: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.place.source, self.place.line, self.place.column, self.message)
    }
}

/// What was found while rules were read.
#[derive(Debug, Clone, Default)]
pub struct Issues {
    /// What keeps a rule from being used.
    pub errors: Vec<Issue>,
    /// What is allowed, and probably not meant.
    pub warnings: Vec<Issue>,
}

impl Issues {
    /// In the order of their places.
    pub fn sort(&mut self) {
        self.errors.sort();
        self.errors.dedup();
        self.warnings.sort();
        self.warnings.dedup();
    }
}

/// The issues of one file.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) source: Arc<str>,
    pub(crate) issues: &'a mut Issues,
}

impl Report<'_> {
    pub(crate) fn place(&self, node: &Node) -> Place {
        Place { source: Arc::clone(&self.source), line: node.line, column: node.column }
    }

    pub(crate) fn place_of_key(&self, key: &Key) -> Place {
        Place { source: Arc::clone(&self.source), line: key.line, column: key.column }
    }

    pub(crate) fn error(&mut self, place: Place, message: impl Into<String>) {
        self.issues.errors.push(Issue { place, message: message.into() });
    }

    pub(crate) fn at(&mut self, node: &Node, message: impl Into<String>) {
        self.error(self.place(node), message);
    }

    pub(crate) fn at_key(&mut self, key: &Key, message: impl Into<String>) {
        self.error(self.place_of_key(key), message);
    }

    pub(crate) fn warn(&mut self, place: Place, message: impl Into<String>) {
        self.issues.warnings.push(Issue { place, message: message.into() });
    }

    /// Takes over what a getter of a node had to say.
    pub(crate) fn take(&mut self, problems: Problems) {
        for problem in problems.list {
            let place = Place { source: Arc::clone(&self.source), line: problem.line, column: problem.column };
            self.error(place, problem.message);
        }
    }

    /// Reads from a node with one of its getters.
    pub(crate) fn with<T>(&mut self, read: impl FnOnce(&mut Problems) -> T) -> T {
        let mut problems = Problems::new(&self.source);
        let value = read(&mut problems);
        self.take(problems);
        value
    }
}

/// A word of a rule, as it is shown in a message.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().filter(|character| !character.is_control()).take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
