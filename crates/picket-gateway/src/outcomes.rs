//! How questions to services and slower detectors ended.

use picket_policy::Unanswered;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters of answers, of failures by their cause, and of time.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    answered: AtomicU64,
    failed: [AtomicU64; Unanswered::ALL.len()],
    us: AtomicU64,
}

impl Outcomes {
    /// Counts how one ended.
    pub(crate) fn count<T>(&self, outcome: &Result<T, Unanswered>) {
        let counter = match outcome {
            Ok(_) => Some(&self.answered),
            Err(cause) => {
                let at = Unanswered::ALL.iter().position(|other| other.word() == cause.word());
                at.and_then(|at| self.failed.get(at))
            }
        };
        counter.map(|counter| counter.fetch_add(1, Ordering::Relaxed));
    }

    /// Counts time that one took.
    pub(crate) fn took(&self, time: Duration) {
        self.us.fetch_add(u64::try_from(time.as_micros()).unwrap_or(0), Ordering::Relaxed);
    }

    /// Those that were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Those that were not, by the word of the cause.
    pub(crate) fn failed(&self) -> Vec<(&'static str, u64)> {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Unanswered::ALL.iter().zip(&self.failed).map(|(cause, counter)| (cause.word(), count(counter))).collect()
    }

    /// Microseconds that they took.
    pub(crate) fn us(&self) -> u64 {
        self.us.load(Ordering::Relaxed)
    }
}
