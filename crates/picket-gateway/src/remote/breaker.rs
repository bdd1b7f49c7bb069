//! A service that fails again and again is left alone for a while; then one question tries how it is.

use super::Circuit;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is known of a service.
#[derive(Debug)]
pub(super) struct Breaker {
    failures: u32,
    pause: Duration,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Failures in a row.
    Closed(u32),
    /// Since when.
    Open(Instant),
    /// A question is on its way.
    Probing,
}

/// A question that was let through. Dropped without an end, it tells nothing.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    breaker: &'a Mutex<Breaker>,
    is_probe: bool,
    /// When the pause before it ended; what a probe goes back to that came to nothing.
    asked: Instant,
}

impl Breaker {
    pub(super) fn new(failures: u32, pause: Duration) -> Self {
        Self { failures, pause, state: State::Closed(0) }
    }

    pub(super) fn circuit(&self, now: Instant) -> Circuit {
        match self.state {
            State::Closed(_) => Circuit::Closed,
            State::Open(since) if now.saturating_duration_since(since) < self.pause => Circuit::Open,
            State::Open(_) | State::Probing => Circuit::HalfOpen,
        }
    }

    /// Whether a question may be sent; whether it is the one that tries.
    fn ask(&mut self, now: Instant) -> Option<bool> {
        match (self.state, self.circuit(now)) {
            (State::Closed(_), _) => Some(false),
            (State::Open(_), Circuit::HalfOpen) => {
                self.state = State::Probing;
                Some(true)
            }
            _ => None,
        }
    }

    /// Takes how a question ended. What was asked before the circuit opened tells nothing new.
    fn tell(&mut self, is_probe: bool, succeeded: bool, now: Instant) {
        self.state = match (self.state, succeeded) {
            (State::Closed(_), true) => State::Closed(0),
            (State::Closed(failed), false) if failed + 1 < self.failures => State::Closed(failed + 1),
            (State::Closed(_), false) => State::Open(now),
            (State::Probing, true) if is_probe => State::Closed(0),
            (State::Probing, false) if is_probe => State::Open(now),
            (state, _) => state,
        };
    }
}

/// Lets a question through, if the service is not left alone.
pub(super) fn attempt(breaker: &Mutex<Breaker>) -> Option<Attempt<'_>> {
    let asked = Instant::now();
    let is_probe = breaker.lock().unwrap_or_else(PoisonError::into_inner).ask(asked)?;
    Some(Attempt { breaker, is_probe, asked })
}

impl Attempt<'_> {
    /// Takes how the question ended; whether the service is treated otherwise from now on.
    pub(super) fn ended(self, succeeded: bool) -> bool {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let was_closed = matches!(breaker.state, State::Closed(_));
        breaker.tell(self.is_probe, succeeded, Instant::now());
        was_closed != matches!(breaker.state, State::Closed(_))
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_probe && breaker.state == State::Probing {
            let since = self.asked.checked_sub(breaker.pause).unwrap_or(self.asked);
            breaker.state = State::Open(since);
        }
    }
}

#[cfg(test)]
mod tests;
