//! The review queue: escalated events become entries of the queue, people decide them.
//!
//! **Invariants:** an entry of the queue, its event and the consumer's cursor are one transaction; so are a decision
//! and its events; there is one decision for each escalation, and whoever comes second learns who was first.

mod consumer;
mod resolve;

pub use consumer::Escalator;
pub use resolve::{Decide, ReviewError, expire, resolve};

use picket_event::Severity;
use std::time::Duration;

/// When a person must have looked, by severity.
pub fn due_within(severity: Severity) -> Option<Duration> {
    match severity {
        Severity::Critical => Some(Duration::ZERO),
        Severity::High => Some(Duration::from_secs(3_600)),
        Severity::Medium => Some(Duration::from_secs(4 * 3_600)),
        Severity::Low | Severity::Info => None,
    }
}

/// How urgent a severity is: 1 to 4.
pub fn priority_of(severity: Severity) -> u8 {
    match severity {
        Severity::Info | Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

/// The word of a priority.
pub fn priority_word(priority: u8) -> &'static str {
    match priority {
        0 | 1 => "low",
        2 => "medium",
        3 => "high",
        _ => "critical",
    }
}
