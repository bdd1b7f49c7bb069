//! What can be looked for, and what is found.

use crate::{injection, pii, secret};
use picket_event::{Phase, Role};
use std::fmt;
use std::str::FromStr;

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Prompt injection, jailbreak, prompt extraction.
    PromptInjection,
    /// Personal data.
    Pii,
    /// Credentials.
    Secret,
}

/// A name is none of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of prompt-injection, pii, secret")]
pub struct UnknownCheckError(String);

impl Check {
    /// Every check.
    pub const ALL: &[Self] = &[Self::PromptInjection, Self::Pii, Self::Secret];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PromptInjection => "prompt-injection",
            Self::Pii => "pii",
            Self::Secret => "secret",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Check {
    type Err = UnknownCheckError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().replace('_', "-").as_str() {
            "prompt-injection" | "injection" => Ok(Self::PromptInjection),
            "pii" | "pii-detector" => Ok(Self::Pii),
            "secret" | "secret-detector" | "secrets" => Ok(Self::Secret),
            _ => Err(UnknownCheckError(text.chars().take(64).collect())),
        }
    }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Whose words it is.
    pub role: Role,
    /// On the request or on the answer.
    pub phase: Phase,
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What it is, such as `EMAIL` or `instruction_override`.
    pub kind: &'static str,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How sure the detector is, 0 to 1.
    pub score: f32,
    /// The rule that found it.
    pub detector: &'static str,
}

/// What a check found in a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// 0 to 1; at or above the threshold it counts.
    pub score: f32,
    /// What it is in the vocabulary of events.
    pub kind: Option<&'static str>,
    /// Where, ascending and without overlap, at most 256.
    pub hits: Vec<Hit>,
}

/// Most hits that are reported for one text.
pub(crate) const HITS_MAX: usize = 256;

/// The detectors, compiled once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detectors;

impl Detectors {
    /// Looks for one thing in a text.
    pub fn scan(&self, check: Check, text: &str, context: &Context) -> Report {
        match check {
            Check::PromptInjection => injection::scan(text, *context),
            Check::Pii => report("pii", pii::scan(text)),
            Check::Secret => report("secret", secret::scan(text)),
        }
    }

    /// The score from which on a finding counts.
    pub fn threshold(&self, check: Check) -> f32 {
        match check {
            Check::PromptInjection => 0.6,
            Check::Pii | Check::Secret => 0.5,
        }
    }
}

fn report(kind: &'static str, hits: Vec<Hit>) -> Report {
    let hits = disjoint(hits);
    let score = hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
    Report { score, kind: (!hits.is_empty()).then_some(kind), hits }
}

/// Hits in order; where two overlap, the surer one, then the longer one.
pub(crate) fn disjoint(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then((b.end - b.start).cmp(&(a.end - a.start))).then(a.start.cmp(&b.start))
    });
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        if kept.len() < HITS_MAX && kept.iter().all(|other| hit.end <= other.start || other.end <= hit.start) {
            kept.push(hit);
        }
    }
    kept.sort_by_key(|hit| hit.start);
    kept
}
