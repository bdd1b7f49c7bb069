//! What a ticket says: about a finding or an incident, in words of ours, without anything of a prompt.

use picket_event::{Category, Severity};
use picket_stdx::{Timestamp, escape};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What is done with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// There shall be one.
    Open,
    /// What it is about has changed.
    Update,
    /// Somebody works on it.
    Acknowledge,
    /// It is done.
    Resolve,
}

impl Act {
    /// Every act.
    pub const ALL: &[Self] = &[Self::Open, Self::Update, Self::Acknowledge, Self::Resolve];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Update => "update",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
        }
    }

    /// What it makes of the thing, in a sentence.
    pub const fn past(self) -> &'static str {
        match self {
            Self::Open => "opened",
            Self::Update => "changed",
            Self::Acknowledge => "acknowledged",
            Self::Resolve => "resolved",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of open, update, acknowledge, resolve")]
pub struct UnknownAct;

impl FromStr for Act {
    type Err = UnknownAct;

    fn from_str(word: &str) -> Result<Self, UnknownAct> {
        Self::ALL.iter().find(|act| act.as_str() == word).copied().ok_or(UnknownAct)
    }
}

/// What a ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `fnd_…` or `inc_…`: there is one ticket for it in each place.
    pub subject: String,
    /// `Finding`, `Incident` or `Test`.
    pub noun: &'static str,
    /// What it is about.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Place in the alert taxonomy.
    pub category: Option<Category>,
    /// Where it stands, such as `acknowledged`.
    pub status: String,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// Why, in plain words.
    pub reason: String,
    /// What else there is to say, by name.
    pub facts: Vec<(&'static str, String)>,
    /// Where it is shown, if the operator said where the console is.
    pub link: Option<String>,
    /// When it was found.
    pub at: Timestamp,
    /// The workspace.
    pub workspace: String,
    /// What number its message has in the ticket: it names the message, however often it is sent.
    pub number: u64,
}

impl Notice {
    /// What stands for the thing in other systems: letters, digits, `-` and `_`, less than 100 of them.
    pub fn key(&self) -> String {
        key_of(&self.subject)
    }

    /// One line that says it all, at most so many characters.
    pub fn headline(&self, chars_max: usize) -> String {
        clamp(&format!("[{}] {}", self.severity, plain(&self.title)), chars_max)
    }

    /// Everything by name, in the order in which it is shown; harmless, and in bounds.
    pub fn table(&self) -> Vec<(&'static str, String)> {
        const VALUE_CHARS_MAX: usize = 512;
        let category = self.category.map(|category| category.as_str().replace('_', " "));
        let mut rows = vec![("Severity", self.severity.to_string())];
        rows.extend(category.map(|category| ("Category", category)));
        rows.push(("Status", self.status.clone()));
        if !self.owners.is_empty() {
            rows.push(("Owner", self.owners.join(", ")));
        }
        rows.extend(self.facts.iter().cloned());
        rows.push((self.noun, self.subject.clone()));
        rows.push(("Found", self.at.to_string()));
        rows.into_iter().map(|(name, value)| (name, clamp(&plain(&value), VALUE_CHARS_MAX))).collect()
    }

    /// The same as text, at most so many characters.
    pub fn text(&self, chars_max: usize) -> String {
        let mut text = format!("{}\n", plain(&self.reason));
        for (name, value) in self.table() {
            text.push('\n');
            text.push_str(name);
            text.push_str(": ");
            text.push_str(&value);
        }
        if let Some(link) = &self.link {
            text.push_str("\n\n");
            text.push_str(link);
        }
        clamp(&text, chars_max)
    }

    /// What an act says to people.
    pub fn said(&self, act: Act) -> String {
        format!("{} {}: {}", self.noun, act.past(), clamp(&plain(&self.reason), 1_000))
    }
}

/// What stands for a finding or an incident in other systems.
pub(crate) fn key_of(subject: &str) -> String {
    let safe = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let subject: String = subject.chars().filter(|character| safe(*character)).take(64).collect();
    format!("picket-{subject}")
}

/// A text that is one line and hides nothing.
pub(crate) fn plain(text: &str) -> String {
    escape::terminal(text).into_owned()
}

/// The beginning of a text, at most so many characters; that something is missing is visible.
pub(crate) fn clamp(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}
