//! Who the people are: what they do, when, and how much of it.

use crate::draws::Draws;

pub(crate) const MODELS: &[&str] = &["gpt-4o", "gpt-4o-mini", "claude-sonnet", "gemini-pro"];
const TEAMS: &[&str] = &["engineering", "finance", "legal", "marketing", "sales", "support"];
const APPLICATIONS: &[&str] = &["assistant", "ide", "search"];
const FEATURES: &[&str] = &["chat", "summary", "completion"];
const COUNTRIES: &[&str] = &["DE", "US", "FR", "PL", "IN"];

/// When somebody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shift {
    /// On weekdays, in the day.
    Office,
    /// On any day, also in the evening.
    Any,
    /// A program: all the time, by key and without a user's badge.
    Program,
}

/// Somebody who does not exist.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) team: &'static str,
    pub(crate) application: &'static str,
    pub(crate) feature: &'static str,
    pub(crate) model: &'static str,
    pub(crate) key: String,
    pub(crate) home: String,
    pub(crate) office: String,
    pub(crate) country: &'static str,
    pub(crate) agent: Option<String>,
    pub(crate) shift: Shift,
    /// Hour at which the day begins, UTC.
    pub(crate) begins: f64,
    /// Requests on a day of work, in the mean.
    pub(crate) rate: f64,
    /// Tokens of an answer, the median.
    pub(crate) answer: f64,
}

impl Person {
    pub(crate) fn new(seed: u64, number: u32) -> Self {
        let mut draws = Draws::new(seed, &format!("person {number}"));
        let shift = match draws.unit() {
            share if share < 0.92 => Shift::Office,
            share if share < 0.97 => Shift::Any,
            _ => Shift::Program,
        };
        let (name, rate) = match shift {
            Shift::Program => (format!("job-{number}@example.com"), draws.around(300.0, 0.4)),
            _ => (format!("user-{number}@example.com"), draws.around(18.0, 0.7).min(150.0)),
        };
        let [second, third] = [number / 250, number % 250].map(|part| part % 250 + 1);
        Self {
            number,
            name,
            team: draws.pick(TEAMS),
            application: draws.pick(APPLICATIONS),
            feature: draws.pick(FEATURES),
            model: draws.pick(MODELS),
            key: format!("key_{number:08}"),
            home: format!("198.18.{second}.{third}"),
            office: format!("10.1.{second}.{third}"),
            country: draws.pick(COUNTRIES),
            agent: (shift == Shift::Program && draws.chance(0.5)).then(|| format!("agent-{number}")),
            shift,
            begins: draws.between(7.2, 9.5),
            rate,
            answer: draws.around(350.0, 0.4),
        }
    }
}
