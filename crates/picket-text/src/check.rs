//! What can be looked for, and what is found.

use picket_event::{Phase, Role};
use std::collections::BTreeMap;
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
    /// What would carry data out of an answer, or run in whoever shows it.
    Exfiltration,
    /// The system prompt of the request, in an answer; see the crate `picket-content`.
    PromptLeak,
    /// Unsafe content, by category.
    Safety,
    /// Topics that are not wanted.
    Topic,
    /// Rules of a customer, which are not known beforehand.
    Custom,
}

/// A name is none of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not one of prompt-injection, pii, secret, exfiltration-guard, prompt-leak, safety-filter, topic-filter"
)]
pub struct UnknownCheckError(String);

impl Check {
    /// Every check that needs no rules of a customer.
    pub const ALL: &[Self] = &[
        Self::PromptInjection,
        Self::Pii,
        Self::Secret,
        Self::Exfiltration,
        Self::PromptLeak,
        Self::Safety,
        Self::Topic,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PromptInjection => "prompt-injection",
            Self::Pii => "pii",
            Self::Secret => "secret",
            Self::Exfiltration => "exfiltration-guard",
            Self::PromptLeak => "prompt-leak",
            Self::Safety => "safety-filter",
            Self::Topic => "topic-filter",
            Self::Custom => "custom",
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
            "topic-filter" | "topic" => Ok(Self::Topic),
            "safety-filter" | "safety" | "toxicity" => Ok(Self::Safety),
            "prompt-leak" | "leak" => Ok(Self::PromptLeak),
            "exfiltration-guard" | "exfiltration" | "exfil" => Ok(Self::Exfiltration),
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
    /// Whose finding it is.
    pub check: Check,
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
    /// Where, ascending and without overlap: all of it. Beyond 8,192, those of a kind are joined.
    pub hits: Vec<Hit>,
}

/// Hits that are kept apart in one text; see [`Hits`].
pub const HITS_MAX: usize = 8_192;

/// What a scan finds, bounded. Beyond [`HITS_MAX`], the hits of a kind join to one that reaches from the first of them
/// to the last: a text that is full of them loses what stands between, but none of them gets out.
#[derive(Debug, Default)]
pub struct Hits {
    list: Vec<Hit>,
    joined: Vec<Hit>,
}

impl Hits {
    /// Takes a hit.
    pub fn add(&mut self, hit: Hit) {
        if self.list.len() < HITS_MAX {
            return self.list.push(hit);
        }
        match self.joined.iter_mut().find(|joined| joined.kind == hit.kind) {
            Some(joined) => {
                joined.start = joined.start.min(hit.start);
                joined.end = joined.end.max(hit.end);
                joined.score = joined.score.max(hit.score);
            }
            None => self.joined.push(hit),
        }
    }

    /// All of them.
    pub fn into_vec(mut self) -> Vec<Hit> {
        self.list.append(&mut self.joined);
        self.list
    }
}

/// Hits in order; where two overlap, the surer one, then the longer one.
pub fn disjoint(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then((b.end - b.start).cmp(&(a.end - a.start))).then(a.start.cmp(&b.start))
    });
    let mut kept: BTreeMap<usize, Hit> = BTreeMap::new();
    for hit in hits {
        // Those that are kept do not overlap, so that only the last one before the hit's end can touch it.
        let nearest = kept.range(..hit.end).next_back();
        if nearest.is_none_or(|(_, other)| other.end <= hit.start) {
            kept.insert(hit.start, hit);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests;
