//! The review queue: entries, what people do with them, and what was decided of others like them.
//!
//! Every change goes through [`take`] or [`resolve()`]: it counts the version up and says who made it, so that whoever
//! comes second learns who was first.

mod measures;
mod precedent;
mod resolve;
mod rows;
mod steps;

pub use measures::{Measured, Waiting, measured, waiting};
pub use precedent::{Group, Precedent, groups, precedent};
pub use resolve::{Resolve, Resolved, Vote, expire, resolve};
pub use rows::{Filter, Owner, create, forget_user, get, list, pending};
pub use steps::{Step, Taken, take, wake};

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

/// An entry of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Escalation {
    /// `esc_…`.
    pub id: String,
    /// What was found.
    pub kind: String,
    /// Place in the alert taxonomy.
    pub category: Option<String>,
    /// What others like it share: what was found, and by which checks.
    pub likeness: String,
    /// When the event happened that caused it.
    pub created_at: Timestamp,
    /// When it entered the queue.
    pub queued_at: Option<Timestamp>,
    /// How bad it is.
    pub severity: String,
    /// 1 low to 4 critical.
    pub priority: u8,
    /// `pending`, `resolved` or `expired`.
    pub status: String,
    /// `new`, `claimed`, `in_review` or `snoozed`; of no meaning once it is no longer pending.
    pub stage: String,
    /// The event that caused it.
    pub event_id: String,
    /// The user.
    pub user: Option<String>,
    /// The team that shall decide it.
    pub routed_to: Option<String>,
    /// When a person must have looked.
    pub due_at: Option<Timestamp>,
    /// When it expires by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody first took it up.
    pub touched_at: Option<Timestamp>,
    /// Until when it is out of sight.
    pub snoozed_until: Option<Timestamp>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// Who changed it last.
    pub changed_by: Option<String>,
    /// When.
    pub changed_at: Option<Timestamp>,
    /// What the first of two said, where it takes two.
    pub vote: Option<Vote>,
    /// The decision.
    pub resolution: Option<String>,
    /// Whether it was a real attack.
    pub verdict: Option<String>,
    /// Remarks, oldest first.
    pub notes: Vec<Note>,
    /// When it was decided.
    pub resolved_at: Option<Timestamp>,
    /// Who decided.
    pub resolved_by: Option<String>,
    /// The incident that it was handed on to.
    pub incident: Option<String>,
    /// Counts changes.
    pub version: u64,
}

/// A change was not made.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// There is no such escalation in the workspace.
    #[error("there is no escalation with this id")]
    NotFound,
    /// Somebody was first.
    #[error("{}", taken(.0))]
    Conflict(Box<Escalation>),
    /// The same person cannot be the second of two.
    #[error("{by} approved it first, and it takes two people; somebody else has to approve it")]
    SamePerson {
        /// Who.
        by: String,
    },
    /// Somebody would decide what he asked for himself.
    #[error("{user} asked for this; somebody else has to decide it")]
    OwnRequest {
        /// Who.
        user: String,
    },
    /// It would end before it came back.
    #[error("it expires at {0}, before that; snooze it for less, or decide it")]
    Expires(Timestamp),
    /// It has as many notes as it may have.
    #[error("it has {0} notes already, which is as many as it may have")]
    Notes(usize),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
}

fn taken(escalation: &Escalation) -> String {
    if let (Some(by), Some(at)) = (&escalation.resolved_by, escalation.resolved_at) {
        return format!("{by} resolved it first, at {at}: {}", escalation.resolution.as_deref().unwrap_or("?"));
    }
    if escalation.status == "expired" {
        return "it has expired".to_owned();
    }
    match (&escalation.assignee, &escalation.changed_by, escalation.changed_at) {
        (Some(assignee), Some(by), Some(at)) if assignee == by => format!("{by} has it, since {at}"),
        (Some(assignee), Some(by), Some(at)) => format!("{assignee} has it; {by} changed it last, at {at}"),
        (None, Some(by), Some(at)) => {
            format!("{by} changed it first, at {at}; its version is {} now", escalation.version)
        }
        _ => format!("it was changed in the meantime; its version is {} now", escalation.version),
    }
}
