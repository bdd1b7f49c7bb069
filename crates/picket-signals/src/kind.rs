//! The types of signals, and what each must say so that rules can go by it.

use crate::signal::{Misfit, Signal};
use picket_event::{Attribute, EventType};

/// What a signal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalType {
    /// Somebody signed in somewhere, or tried.
    Login,
    /// An address, name or hash is known to be bad.
    ThreatIntel,
    /// A credential is in wrong hands, or was changed.
    Credential,
    /// Somebody came or went.
    Badge,
    /// A request or approval in a ticket system.
    Ticket,
    /// A judge has an opinion of a request or answer.
    Judge,
    /// Numbers that were measured elsewhere.
    Metric,
    /// Anything else.
    Custom,
}

/// An attribute that a type needs, and the words that it may have; none are any.
struct Needs {
    name: &'static str,
    words: &'static [&'static str],
}

const fn needs(name: &'static str, words: &'static [&'static str]) -> Needs {
    Needs { name, words }
}

impl SignalType {
    /// Every type.
    pub const ALL: &[Self] = &[
        Self::Login,
        Self::ThreatIntel,
        Self::Credential,
        Self::Badge,
        Self::Ticket,
        Self::Judge,
        Self::Metric,
        Self::Custom,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::ThreatIntel => "threat_intel",
            Self::Credential => "credential",
            Self::Badge => "badge",
            Self::Ticket => "ticket",
            Self::Judge => "judge",
            Self::Metric => "metric",
            Self::Custom => "custom",
        }
    }

    /// The type of its events.
    pub const fn event_type(self) -> EventType {
        EventType::of(match self {
            Self::Login => "external.login",
            Self::ThreatIntel => "external.threat_intel",
            Self::Credential => "external.credential",
            Self::Badge => "external.badge",
            Self::Ticket => "external.ticket",
            Self::Judge => "external.judge",
            Self::Metric => "external.metric",
            Self::Custom => "external.custom",
        })
    }

    /// The type that a word names; `-` and `_` are equal.
    pub fn of(word: &str) -> Option<Self> {
        let folded = word.replace('-', "_");
        Self::ALL.iter().find(|kind| kind.as_str() == folded).copied()
    }

    const fn attributes(self) -> &'static [Needs] {
        const LOGIN: &[Needs] = &[needs("result", &["success", "failure"])];
        const INTEL: &[Needs] = &[needs("indicator", &[]), needs("verdict", &["malicious", "suspicious", "benign"])];
        const CREDENTIAL: &[Needs] = &[needs("status", &["compromised", "leaked", "phished", "rotated"])];
        const BADGE: &[Needs] = &[needs("direction", &["in", "out"])];
        const TICKET: &[Needs] = &[needs("ticket", &[]), needs("status", &["open", "approved", "rejected", "closed"])];
        match self {
            Self::Login => LOGIN,
            Self::ThreatIntel => INTEL,
            Self::Credential => CREDENTIAL,
            Self::Badge => BADGE,
            Self::Ticket => TICKET,
            Self::Judge | Self::Metric | Self::Custom => &[],
        }
    }

    /// Whether a signal says what one of its type must.
    pub(crate) fn check(self, signal: &Signal) -> Result<(), Misfit> {
        let event = signal.event();
        for Needs { name, words } in self.attributes() {
            let member = format!("attributes.{name}");
            match event.attributes.get(*name) {
                None => return Err(Misfit::new(&member, format!("a {} needs it{}", self.as_str(), one_of(words)))),
                Some(Attribute::Text(word)) if words.is_empty() || words.contains(&word.as_str()) => {}
                Some(_) => return Err(Misfit::new(&member, format!("expected a text{}", one_of(words)))),
            }
        }
        let has_user = event.user.is_some();
        let missing = match self {
            Self::Login | Self::Badge if !has_user => Some(("user", "whose it is")),
            Self::Credential if !has_user && event.key_id.is_none() => {
                Some(("user", "whose it is, or `key_id` for a gateway key"))
            }
            Self::Judge if event.judge_score.is_none() && event.judge_verdict.is_none() => {
                Some(("judge_verdict", "what the judge says, or `judge_score`"))
            }
            Self::Metric if event.metrics.is_empty() => Some(("metrics", "what was measured, as names and numbers")),
            _ => None,
        };
        missing
            .map_or(Ok(()), |(member, what)| Err(Misfit::new(member, format!("a {} needs it: {what}", self.as_str()))))
    }
}

fn one_of(words: &[&str]) -> String {
    if words.is_empty() { String::new() } else { format!(": one of {}", words.join(", ")) }
}
