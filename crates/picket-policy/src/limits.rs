//! Rate limits: how much somebody used in a sliding window.

use lru::LruCache;
use picket_stdx::Timestamp;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const SHARDS: usize = 16;
const TRACKED_PER_SHARD: usize = 8_192;

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Unit {
    Requests,
    Tokens,
    Cost,
}

/// Counts use by (check, unit, subject). Bounded: the longest unused subjects are forgotten.
#[derive(Debug)]
pub struct Limiter {
    hasher: RandomState,
    shards: Vec<Mutex<LruCache<String, Window>>>,
}

/// Two halves of a sliding window: the count of the present one, and of the one before.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    began: i64,
    now: f64,
    before: f64,
}

impl Default for Limiter {
    fn default() -> Self {
        let capacity = NonZeroUsize::new(TRACKED_PER_SHARD).unwrap_or(NonZeroUsize::MIN);
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| Mutex::new(LruCache::new(capacity))).collect() }
    }
}

impl Limiter {
    /// Counts `amount` if the limit allows it; otherwise how long to wait. An amount of zero only asks. `at` is of a clock
    /// that no step moves.
    pub(crate) fn take(
        &self,
        key: &str,
        unit: Unit,
        amount: f64,
        limit: f64,
        window: Duration,
        at: Timestamp,
    ) -> Result<(), Duration> {
        let key = format!("{key}\0{unit:?}");
        let shard = usize::try_from(self.hasher.hash_one(&key)).unwrap_or(0) % SHARDS;
        let Some(shard) = self.shards.get(shard) else { return Ok(()) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let length = i64::try_from(window.as_micros()).unwrap_or(i64::MAX).max(1);
        let slot = at.as_micros().div_euclid(length).saturating_mul(length);
        let counted = shard.get_or_insert_mut(key, Window::default);
        counted.advance(slot, length);
        let passed = at.as_micros().saturating_sub(slot);
        if counted.used(passed, length) + amount.max(f64::MIN_POSITIVE) > limit {
            return Err(Duration::from_micros(u64::try_from(length.saturating_sub(passed)).unwrap_or(0)));
        }
        counted.now += amount;
        Ok(())
    }

    /// Counts what was used, whatever the limit.
    pub(crate) fn add(&self, key: &str, unit: Unit, amount: f64, window: Duration, at: Timestamp) {
        // A limit of infinity refuses nothing.
        self.take(key, unit, amount, f64::INFINITY, window, at).unwrap_or_default();
    }
}

impl Window {
    fn advance(&mut self, slot: i64, length: i64) {
        // One thread may come to the border a moment after another. Nothing was used up in a window that is over.
        if slot <= self.began {
            return;
        }
        self.before = if slot.saturating_sub(self.began) == length { self.now } else { 0.0 };
        (self.began, self.now) = (slot, 0.0);
    }

    #[expect(clippy::cast_precision_loss, reason = "a share of a window needs no more precision")]
    fn used(&self, passed: i64, length: i64) -> f64 {
        self.now + self.before * (1.0 - passed as f64 / length as f64)
    }
}

#[cfg(test)]
mod tests;
