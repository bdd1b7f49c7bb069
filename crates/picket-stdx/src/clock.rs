//! Time as a dependency, so that tests can set it.

use crate::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, UNIX_EPOCH};

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The source of wall-clock time. Cheap to clone; clones of a manual clock share their time.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Manual>>);

/// Microseconds.
#[derive(Debug)]
struct Manual {
    wall: AtomicI64,
    steady: AtomicI64,
}

impl Clock {
    /// The clock of the operating system.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until [`Clock::advance`] or [`Clock::set`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self(Some(Arc::new(Manual { wall: AtomicI64::new(start.as_micros()), steady: AtomicI64::new(0) })))
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.0.as_ref().map_or_else(system_now, |manual| Timestamp::from_micros(manual.wall.load(Ordering::SeqCst)))
    }

    /// Time that passed since some moment, whatever the wall clock was set to: where the two part, the clock stepped.
    pub fn steady(&self) -> Duration {
        match &self.0 {
            None => STARTED.elapsed(),
            Some(manual) => Duration::from_micros(u64::try_from(manual.steady.load(Ordering::SeqCst)).unwrap_or(0)),
        }
    }

    /// The same as a moment, to be compared with others of this process only: for limits and windows, which a step of the
    /// wall clock must neither empty nor hold shut.
    pub fn steady_moment(&self) -> Timestamp {
        Timestamp::from_micros(i64::try_from(self.steady().as_micros()).unwrap_or(i64::MAX))
    }

    /// Lets time pass on a manual clock. Does nothing to the system clock.
    pub fn advance(&self, by: Duration) {
        if let Some(manual) = &self.0 {
            let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            manual.wall.fetch_add(micros, Ordering::SeqCst);
            manual.steady.fetch_add(micros, Ordering::SeqCst);
        }
    }

    /// Sets a manual clock, backwards too, as a step: no time passes. Does nothing to the system clock.
    pub fn set(&self, to: Timestamp) {
        if let Some(manual) = &self.0 {
            manual.wall.store(to.as_micros(), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that may read the system clock")]
fn system_now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
