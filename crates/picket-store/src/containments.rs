//! Containment: what somebody may not do for a while, or only under eyes. Durable as rows; the data plane asks a snapshot
//! in memory that follows each commit.

mod index;
mod rows;

pub use index::{Containments, InForce, Never, Whom, network};
pub use rows::{Change, active_since, change, create, ended, forget_user, get, list, of_cause, of_target};

use picket_stdx::Timestamp;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What is done with the requests of those whom it concerns, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// They pass, so many in a time.
    Throttle,
    /// Whatever a check finds in them is refused, where it is otherwise only flagged, masked or watched.
    Strict,
    /// They wait for a person.
    Review,
    /// They are refused.
    Block,
}

impl Effect {
    /// Every effect.
    pub const ALL: &[Self] = &[Self::Throttle, Self::Strict, Self::Review, Self::Block];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Strict => "strict",
            Self::Review => "review",
            Self::Block => "block",
        }
    }
}

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// A user whose identity is verified.
    User,
    /// A gateway key.
    Key,
    /// An address or a network.
    Address,
    /// An application.
    Application,
    /// An agent, by the id that its requests give.
    Agent,
    /// A session, by the id that its requests give.
    Session,
}

impl TargetKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::User, Self::Key, Self::Address, Self::Application, Self::Agent, Self::Session];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "key",
            Self::Address => "address",
            Self::Application => "application",
            Self::Agent => "agent",
            Self::Session => "session",
        }
    }
}

/// Where a containment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It waits for a second person.
    Proposed,
    /// It is in force until it ends.
    Active,
    /// Somebody ended it.
    Undone,
    /// Its time is over.
    Expired,
    /// The second person refused, or nobody came in time.
    Refused,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Proposed, Self::Active, Self::Undone, Self::Expired, Self::Refused];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Undone => "undone",
            Self::Expired => "expired",
            Self::Refused => "refused",
        }
    }
}

/// A word that is none of those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {}", .0.join(", "))]
pub struct UnknownWord(&'static [&'static str]);

macro_rules! words {
    ($($type:ident: $words:expr;)+) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().find(|known| known.as_str() == word).copied().ok_or(UnknownWord(&$words))
            }
        }
    )+};
}

words! {
    Effect: ["throttle", "strict", "review", "block"];
    TargetKind: ["user", "key", "address", "application", "agent", "session"];
    State: ["proposed", "active", "undone", "expired", "refused"];
}

/// A containment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Containment {
    /// `cnt_…`.
    pub id: String,
    /// What is done.
    pub effect: Effect,
    /// What the target is.
    pub kind: TargetKind,
    /// Whom it concerns: a name, an id, an address or a network.
    pub target: String,
    /// Only requests for these models, with `*`.
    pub model: Option<String>,
    /// Only requests of this feature.
    pub feature: Option<String>,
    /// Only requests of this user, key or address: ids of agents and sessions are their callers' own words.
    pub sender: Option<(TargetKind, String)>,
    /// How many requests pass in how long, of a throttle.
    pub rate: Option<(u32, Duration)>,
    /// Whether it only counts whom it would concern.
    pub is_dry: bool,
    /// Why.
    pub reason: String,
    /// The rule or the finding that asked for it.
    pub cause: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Who wanted it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// How long it lasts once it is in force.
    pub lasts: Duration,
    /// When it ends; of one that waits, when it is refused.
    pub ends_at: Timestamp,
    /// Who was last to change it: approved, refused or undid it.
    pub changed_by: Option<String>,
    /// When.
    pub changed_at: Option<Timestamp>,
    /// Why.
    pub change_reason: Option<String>,
}

#[cfg(test)]
mod tests;
