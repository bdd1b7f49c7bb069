//! Waiting longer after each failure.

use std::time::Duration;

/// Exponential back-off with full jitter: the `n`-th wait is uniform in `0 ..= min(cap, base * 2^n)`.
#[derive(Debug, Clone)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// A back-off that starts at `base` and never waits longer than `cap`.
    pub fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap, failures: 0 }
    }

    /// Counts one failure and returns how long to wait before the next try.
    pub fn next_wait(&mut self) -> Duration {
        let ceiling = self.base.saturating_mul(2_u32.saturating_pow(self.failures.min(20))).min(self.cap);
        self.failures = self.failures.saturating_add(1);
        let micros = u64::try_from(ceiling.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(crate::random::number().checked_rem(micros.saturating_add(1)).unwrap_or(0))
    }

    /// Forgets all failures.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}
