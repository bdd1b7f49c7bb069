//! How a destination stands, readable from anywhere while it works.

use picket_receivers::{Answer, Tested};
use picket_stdx::Timestamp;
use picket_store::destinations::{Counts, State};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What went wrong last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// In a word: `retry`, `auth`, `config`, `reject`, `split`, or `log`, `store`, `settings` where it is on this side.
    pub class: &'static str,
    /// Status of HTTP, where there was one.
    pub status: Option<u16>,
    /// What was said: at most 256 bytes.
    pub said: String,
}

impl Failure {
    pub(crate) fn of(answer: &Answer, at: Timestamp) -> Self {
        Self { at, class: answer.outcome.word(), status: answer.status, said: answer.excerpt.clone() }
    }
}

/// What a probe showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// When.
    pub at: Timestamp,
    /// Whether the receiver took it.
    pub is_good: bool,
    /// What it said: at most 256 bytes.
    pub said: String,
}

impl Probe {
    pub(crate) fn of(tested: &Tested, at: Timestamp) -> Self {
        let is_good = tested.answer.outcome == picket_receivers::Outcome::Ack;
        Self { at, is_good, said: tested.answer.excerpt.clone() }
    }
}

/// How a destination stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Health {
    /// Whether it is sent to.
    pub state: Option<State>,
    /// Sums since it was made.
    pub counts: Counts,
    /// Events whose fate is open: they wait or are on their way.
    pub pending: u64,
    /// The position before which every event has its fate.
    pub cursor: u64,
    /// The next position that it has not looked at.
    pub scanned: u64,
    /// Requests on their way.
    pub running: u64,
    /// Requests at a time that it seems to bear.
    pub requests: u64,
    /// Faults in a row.
    pub faults: u32,
    /// Before when nothing is sent, by what its receiver asked for or after faults.
    pub waits_until: Option<Timestamp>,
    /// Requests since the start, by what came of them.
    pub answers: BTreeMap<&'static str, u64>,
    /// When events were last taken.
    pub acked_at: Option<Timestamp>,
    /// How long after the log took it the newest event was taken by the receiver, in milliseconds.
    pub delay_ms: Option<u64>,
    /// What went wrong last.
    pub failure: Option<Failure>,
    /// What else somebody should know, and since when.
    pub warning: Option<(Timestamp, String)>,
    /// The last probe.
    pub probe: Option<Probe>,
}

impl Health {
    /// Whether the sums add up: `accepted = delivered + dead_lettered + pending + expired`.
    pub fn balances(&self) -> bool {
        let Counts { accepted, delivered, dead_lettered, expired } = self.counts;
        accepted == delivered + dead_lettered + expired + self.pending
    }
}

/// Where a worker writes how its destination stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Status(Arc<Mutex<Health>>);

impl Status {
    pub(crate) fn report(&self) -> Health {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn tell(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
