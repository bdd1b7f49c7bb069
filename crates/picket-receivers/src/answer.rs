//! What came of a request.

use picket_render::wire::cut;
use picket_stdx::escape::terminal;
use std::fmt;
use std::time::Duration;

/// Most bytes of what a receiver said that are kept.
const EXCERPT_BYTES_MAX: usize = 256;

/// What came of a request, for all of its events or for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All are stored, or as much of it as the protocol of the receiver tells.
    Ack,
    /// One for each event, in the order of the request.
    Items(Vec<ItemOutcome>),
    /// So many were refused for good and the others are stored; the receiver does not say which, and must not be sent
    /// them again. Of a request with one event that one is meant.
    Partial {
        /// How many were refused: at least one, and fewer than there are.
        rejected: usize,
    },
    /// The same may be sent again: the receiver is busy, down, or did not answer in time.
    Retry,
    /// Too large: half of it may be taken. One event alone that is too large never will be.
    Split,
    /// The receiver does not take the credentials. A fault of the destination.
    Auth,
    /// The destination is not what its options say: no such path, index or bucket, or something else stands there.
    Config,
    /// The receiver refuses what it was sent; one event of it may be the cause.
    Reject,
}

impl Outcome {
    /// One word for it, for metrics and tables.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ack => "ack",
            Self::Items(_) => "items",
            Self::Partial { .. } => "partial",
            Self::Retry => "retry",
            Self::Split => "split",
            Self::Auth => "auth",
            Self::Config => "config",
            Self::Reject => "reject",
        }
    }

    /// Whether it is a fault of the destination: one that no event causes.
    pub const fn is_destination_fault(&self) -> bool {
        matches!(self, Self::Retry | Self::Auth | Self::Config)
    }
}

/// What came of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemOutcome {
    /// It is stored.
    Ack,
    /// It may be sent again.
    Retry,
    /// It will never be taken.
    Reject {
        /// What the receiver said: at most 256 bytes, without control characters.
        reason: String,
    },
}

/// Something that somebody should know although events went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The receiver says that it is near its capacity: send less.
    Capacity,
    /// Documents went to the failure store, because they do not fit the mapping of the index.
    FailureStore {
        /// How many of the request.
        documents: usize,
    },
    /// The receiver no longer acknowledges what it indexed; from here on it only says that it queued.
    AcknowledgementOff,
    /// The receiver drops this way of sending.
    Retiring {
        /// The day, `YYYY-MM-DD`.
        on: &'static str,
    },
    /// The protocol has no answer: what was sent may be lost when the connection is, and is sent again then.
    BestEffort,
}

impl Warning {
    /// One word for it, for metrics and tables.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::FailureStore { .. } => "failure_store",
            Self::AcknowledgementOff => "acknowledgement_off",
            Self::Retiring { .. } => "retiring",
            Self::BestEffort => "best_effort",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capacity => f.write_str("the receiver is near its capacity: give it more, or send it less"),
            Self::FailureStore { documents } => {
                write!(f, "{documents} documents went to the failure store: they do not fit the index's mapping")
            }
            Self::AcknowledgementOff => f.write_str(
                "the receiver does not acknowledge what it indexed: events count as delivered when it has queued them; \
                 switch acknowledgement on for the token",
            ),
            Self::Retiring { on } => {
                write!(
                    f,
                    "the service keeps this way of sending until {on} only: give the destination credentials of Entra"
                )
            }
            Self::BestEffort => {
                f.write_str("syslog confirms nothing: what was last sent before a connection broke is sent again")
            }
        }
    }
}

/// What a receiver made of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What came of it.
    pub outcome: Outcome,
    /// Status of HTTP, where there was one.
    pub status: Option<u16>,
    /// What the receiver said, or why it could not be asked: at most 256 bytes, without control characters.
    pub excerpt: String,
    /// How long the receiver asks to be left alone: at most an hour.
    pub after: Option<Duration>,
    /// What else somebody should know.
    pub warning: Option<Warning>,
}

impl Answer {
    /// An answer without a status.
    pub fn new(outcome: Outcome, said: &str) -> Self {
        Self { outcome, status: None, excerpt: excerpt(said.as_bytes()), after: None, warning: None }
    }

    /// Says of a request with one event what became of that one, in place of a list of one; what was said of it, where it
    /// was refused.
    pub(crate) fn settle(&mut self) -> Option<String> {
        let one = match &self.outcome {
            Outcome::Items(items) if items.len() == 1 => items.first().cloned()?,
            _ => return None,
        };
        let (outcome, said) = match one {
            ItemOutcome::Ack => (Outcome::Ack, None),
            ItemOutcome::Retry => (Outcome::Retry, None),
            ItemOutcome::Reject { reason } => (Outcome::Reject, Some(reason)),
        };
        self.outcome = outcome;
        said
    }

    /// The same with a warning.
    #[must_use]
    pub fn warned(mut self, warning: Warning) -> Self {
        self.warning = Some(warning);
        self
    }
}

/// What a probe showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// What came of it.
    pub answer: Answer,
    /// What was sent: where to, and the body before it was packed, without credentials and at most 4 KiB of it.
    pub request: String,
    /// What came back, at most 4 KiB and without control characters.
    pub response: String,
    /// The document as the receiver stored it, at most 4 KiB, or why it could not be read; none where it cannot be asked.
    pub stored: Option<Result<String, String>>,
}

/// The beginning of what a receiver said: at most 256 bytes, without anything that moves a cursor or forges a line.
pub fn excerpt(said: &[u8]) -> String {
    bounded(said, EXCERPT_BYTES_MAX)
}

/// The same with a bound of one's own.
pub(crate) fn bounded(said: &[u8], bytes_max: usize) -> String {
    let beginning = said.get(..bytes_max).unwrap_or(said);
    let text = String::from_utf8_lossy(beginning);
    cut(&terminal(text.trim()), bytes_max).to_owned()
}
