//! Counters of the data plane.

use picket_event::Decision;
use picket_stdx::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counters; one for the process.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: [AtomicU64; 5],
    in_flight: AtomicU64,
    upstream_errors: AtomicU64,
    keys_refused: AtomicU64,
    /// Providers that refuse the operator's key, and since when.
    refusing: Mutex<BTreeMap<String, Timestamp>>,
    auth_failed: Mutex<Option<AuthFailures>>,
    auth_failed_total: AtomicU64,
}

/// Failed authentications since they were last written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthFailures {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

/// A copy of the counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests by decision, in the order of [`Decision::ALL`].
    pub requests: [u64; 5],
    /// Requests that run now.
    pub in_flight: u64,
    /// Failed calls of providers.
    pub upstream_errors: u64,
    /// Answers of providers that refuse the operator's key.
    pub keys_refused: u64,
    /// Failed authentications.
    pub auth_failed: u64,
}

impl Metrics {
    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end(&self, decision: Decision) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        let index = Decision::ALL.iter().position(|other| *other == decision).unwrap_or(0);
        if let Some(counter) = self.requests.get(index) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn upstream_failed(&self) {
        self.upstream_errors.fetch_add(1, Ordering::Relaxed);
    }

    /// A provider refuses the operator's key.
    pub(crate) fn key_refused(&self, provider: &str, at: Timestamp) {
        self.keys_refused.fetch_add(1, Ordering::Relaxed);
        self.refusing.lock().unwrap_or_else(PoisonError::into_inner).entry(provider.to_owned()).or_insert(at);
    }

    /// A provider took the operator's key.
    pub(crate) fn key_accepted(&self, provider: &str) {
        // None was ever refused, nearly always.
        if self.keys_refused.load(Ordering::Relaxed) > 0 {
            self.refusing.lock().unwrap_or_else(PoisonError::into_inner).remove(provider);
        }
    }

    /// Providers that refuse the operator's key, and since when.
    pub fn refusing(&self) -> BTreeMap<String, Timestamp> {
        self.refusing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The configuration was read again, perhaps with other keys: what they are worth is not known yet.
    pub fn keys_changed(&self) {
        self.refusing.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts in memory: junk credentials must not fill the disk.
    pub(crate) fn auth_failed(&self, at: Timestamp) {
        self.auth_failed_total.fetch_add(1, Ordering::Relaxed);
        let mut failures = self.auth_failed.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.as_mut() {
            Some(failures) => (failures.count, failures.last) = (failures.count + 1, at),
            None => *failures = Some(AuthFailures { count: 1, first: at, last: at }),
        }
    }

    /// Failed authentications since the last call, to be written down as one event.
    pub fn take_auth_failures(&self) -> Option<AuthFailures> {
        self.auth_failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The counters now.
    pub fn counts(&self) -> Counts {
        Counts {
            requests: [0, 1, 2, 3, 4]
                .map(|at: usize| self.requests.get(at).map_or(0, |counter| counter.load(Ordering::Relaxed))),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            upstream_errors: self.upstream_errors.load(Ordering::Relaxed),
            keys_refused: self.keys_refused.load(Ordering::Relaxed),
            auth_failed: self.auth_failed_total.load(Ordering::Relaxed),
        }
    }
}
