//! What each check is asked about a labelled text, and how texts are grouped.

use crate::entities::has_format;
use crate::rows::Row;
use picket_content::{Check, Context};
use picket_event::{Phase, Role};
use std::fmt;

/// What the labels mean for one check. A label that stands in neither list is not judged: such texts may or may not
/// hold what the check looks for, and nobody has said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    check: &'static str,
    positive: &'static [&'static str],
    negative: &'static [&'static str],
    context: Context,
    /// Whether entities are compared, and how their kinds are.
    pub(crate) entities: Kinds,
}

/// What a place must share with another one to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// No places are compared.
    Ignored,
    /// Place and kind.
    Compared,
    /// The place alone: every product names secrets in its own way.
    Any,
}

const INPUT: Context = Context { role: Role::User, phase: Phase::Input };
const OUTPUT: Context = Context { role: Role::Assistant, phase: Phase::Output };

const QUESTIONS: &[Question] = &[
    Question {
        check: "prompt-injection",
        positive: &["injection"],
        negative: &["benign", "harmful", "pii", "secret", "toxic"],
        context: INPUT,
        entities: Kinds::Ignored,
    },
    Question {
        check: "pii",
        positive: &["pii"],
        negative: &["benign", "harmful", "toxic"],
        context: INPUT,
        entities: Kinds::Compared,
    },
    Question {
        check: "secret",
        positive: &["secret"],
        negative: &["benign", "harmful", "toxic", "pii"],
        context: INPUT,
        entities: Kinds::Any,
    },
    Question {
        check: "exfil",
        positive: &["exfil"],
        negative: &["benign", "harmful", "toxic", "pii", "secret"],
        context: OUTPUT,
        entities: Kinds::Ignored,
    },
    Question {
        check: "safety",
        positive: &["harmful", "toxic"],
        negative: &["benign", "pii", "secret"],
        context: INPUT,
        entities: Kinds::Ignored,
    },
];

/// Of a check that this tool does not know yet: what it flags is counted, and nothing is right or wrong.
const UNKNOWN: Question =
    Question { check: "", positive: &[], negative: &[], context: INPUT, entities: Kinds::Ignored };

impl Question {
    /// The question of a check, by its name or a name that begins like it.
    pub(crate) fn of(check: &str) -> Self {
        let known = QUESTIONS.iter().find(|question| check.starts_with(question.check));
        known.copied().unwrap_or(UNKNOWN)
    }

    /// Where the text stands when the check is asked about it.
    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    /// The label of texts whose places are compared.
    pub(crate) fn label_of_places(&self) -> &'static str {
        self.positive.first().copied().unwrap_or_default()
    }

    /// Whether the check should find something in a text; none if the text is not judged.
    ///
    /// Texts whose only places are names and the like are not judged: no pattern is made for those.
    pub(crate) fn answer(&self, row: &Row) -> Option<bool> {
        let places = row.entities.as_deref().filter(|_| self.entities == Kinds::Compared).unwrap_or_default();
        if !places.is_empty() && !places.iter().any(|place| has_format(&place.kind)) {
            return None;
        }
        let of = |labels: &[&str]| labels.contains(&row.label.as_str());
        if of(self.positive) { Some(true) } else { of(self.negative).then_some(false) }
    }
}

/// Longer English texts are documents. In bytes.
const PROMPT_BYTES_MAX: usize = 2_000;

/// Texts that need thresholds of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stratum {
    ShortPrompt,
    Document,
    NonEnglish,
}

impl Stratum {
    /// By the language that the corpus names, and the length.
    pub(crate) fn of(row: &Row) -> Self {
        match row.lang.as_str() {
            "en" if row.text.len() <= PROMPT_BYTES_MAX => Self::ShortPrompt,
            "en" => Self::Document,
            _ => Self::NonEnglish,
        }
    }
}

impl fmt::Display for Stratum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ShortPrompt => "short prompt",
            Self::Document => "document",
            Self::NonEnglish => "non-English",
        })
    }
}

/// Whether a check needs nothing but a text: no system prompt to compare it with, no topics of an operator.
fn judges_alone(check: Check) -> bool {
    !matches!(check, Check::PromptLeak | Check::Topic)
}

/// Every check that needs nothing but a text, or those named.
pub(crate) fn checks(names: &[String]) -> Result<Vec<Check>, String> {
    if names.is_empty() {
        return Ok(Check::ALL.iter().copied().filter(|check| judges_alone(*check)).collect());
    }
    names.iter().map(|name| name.parse().map_err(|error| format!("{error}"))).collect()
}

#[cfg(test)]
mod tests;
