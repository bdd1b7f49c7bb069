//! What is measured of requests, and of hours.

use crate::moving::{Course, Moving};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Tokens of a prompt.
    TokensIn,
    /// Tokens of an answer.
    TokensOut,
    /// Cost of a request.
    Cost,
    /// How long an answer took.
    Latency,
    /// Requests in an hour.
    Requests,
    /// Requests that were refused in an hour.
    Blocked,
    /// Requests with sensitive data in an hour.
    Sensitive,
    /// Tokens of prompts and answers in an hour.
    Tokens,
    /// Cost of an hour.
    Spent,
}

/// How many metrics there are.
pub const METRICS: usize = 9;
/// Costs are followed in ten-thousandths, so that proportions of small ones show.
pub(super) const COST_UNITS: f64 = 10_000.0;

impl Metric {
    /// Every metric.
    pub const ALL: [Self; METRICS] = [
        Self::TokensIn,
        Self::TokensOut,
        Self::Cost,
        Self::Latency,
        Self::Requests,
        Self::Blocked,
        Self::Sensitive,
        Self::Tokens,
        Self::Spent,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokensIn => "tokens_in",
            Self::TokensOut => "tokens_out",
            Self::Cost => "cost",
            Self::Latency => "latency_ms",
            Self::Requests => "requests_per_hour",
            Self::Blocked => "blocked_per_hour",
            Self::Sensitive => "sensitive_per_hour",
            Self::Tokens => "tokens_per_hour",
            Self::Spent => "cost_per_hour",
        }
    }

    /// What a number of it is, for people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::TokensIn => "tokens in a prompt",
            Self::TokensOut => "tokens in an answer",
            Self::Cost => "USD for a request",
            Self::Latency => "ms for an answer",
            Self::Requests => "requests in an hour",
            Self::Blocked => "refused requests in an hour",
            Self::Sensitive => "requests with sensitive data in an hour",
            Self::Tokens => "tokens in an hour",
            Self::Spent => "USD in an hour",
        }
    }

    pub(super) const fn place(self) -> usize {
        self as usize
    }

    /// Sizes and costs are compared by their proportion, counts as they are.
    pub(super) const fn is_count(self) -> bool {
        matches!(self, Self::Requests | Self::Blocked | Self::Sensitive)
    }

    /// How it is followed: counts, and logarithms of sizes.
    pub(super) fn course(self) -> Course {
        Course { weight: 0.02, clip: 3.0, floor: if self.is_count() { 0.5 } else { 0.2 }, is_count: self.is_count() }
    }

    /// The standard deviation of what is usual, as it is followed; no smaller one than is believed.
    pub fn deviation(self, usual: &Moving) -> f64 {
        usual.deviation(&self.course())
    }

    /// A value as it is followed.
    pub(super) fn followed(self, value: f64) -> f64 {
        match self {
            Self::Requests | Self::Blocked | Self::Sensitive => value,
            Self::Cost | Self::Spent => (value * COST_UNITS).ln_1p(),
            _ => value.ln_1p(),
        }
    }

    /// The value that is followed so.
    pub fn value(self, followed: f64) -> f64 {
        match self {
            Self::Requests | Self::Blocked | Self::Sensitive => followed,
            Self::Cost | Self::Spent => followed.exp_m1() / COST_UNITS,
            _ => followed.exp_m1(),
        }
    }
}
