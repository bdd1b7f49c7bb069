//! The review queue: escalated events become entries of the queue, people work on them and decide them.
//!
//! **Invariants:** an entry of the queue, its event and the consumer's cursor are one transaction; so are a step or a
//! decision and its events; there is one decision for each escalation, and whoever comes second learns who was first.

mod act;
mod consumer;
mod decide;
mod exceptions;
mod incidents;
mod measures;
mod routing;
mod triage;
mod trial;

pub use act::{Act, ReviewError, Reviewer};
pub use consumer::Escalator;
pub use decide::Decide;
pub use exceptions::{
    EXCEPTION_LIFE, EXCEPTION_LIFE_MAX, EXCEPTIONS_MAX, NewException, is_exceptable, is_for_everybody, proposed,
};
pub use incidents::{IncidentError, VERDICTS};
pub use measures::{Measures, Times, Verdicts};
pub use routing::{Route, Routing};
pub use triage::{PATHS, Path, paths_of};
pub use trial::TEST;

use picket_db::Db;
use picket_event::{Severity, Workspace};
use picket_log::EventLog;
use std::sync::Arc;
use std::time::Duration;

/// The queue of a workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Database.
    pub db: Db,
    /// The workspace's log.
    pub log: EventLog,
    /// The workspace.
    pub workspace: Workspace,
    /// Who decides what.
    pub routing: Arc<Routing>,
}

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

#[cfg(test)]
mod tests;
