//! How fast a destination is sent to, and when it is left alone.

use picket_stdx::random;
use std::time::Duration;

/// How long a destination is left alone after a fault: at least, and at most unless the receiver asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// At least.
    pub least: Duration,
    /// At most.
    pub most: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self { least: Duration::from_millis(250), most: Duration::from_secs(60) }
    }
}

/// Longest wait that a receiver may ask for.
const ASKED_MAX: Duration = Duration::from_secs(3_600);
/// Faults in a row after which a destination is paused.
pub(crate) const FAULTS_MAX: u32 = 10;
/// What a fault leaves of the requests at a time.
const LESS: f64 = 0.5;

/// How fast a destination is sent to. Times are those of a clock that never steps.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Requests at a time, as far as it is known what the receiver bears.
    window: f64,
    window_max: f64,
    waits: Waits,
    /// The last wait, from which the next is drawn.
    wait: Duration,
    /// Nothing is sent before.
    until: Duration,
    faults: u32,
    /// Counts faults, so that requests that were on their way together count once.
    round: u64,
}

impl Pace {
    /// A pace of at most so many requests at a time.
    pub(crate) fn new(requests_max: u32, waits: Waits) -> Self {
        let window_max = f64::from(requests_max.max(1));
        Self { window: 1.0, window_max, waits, wait: waits.least, until: Duration::ZERO, faults: 0, round: 0 }
    }

    /// Requests that may be on their way at a time.
    pub(crate) fn requests(&self) -> usize {
        // Whatever was learned before: after a fault, one shows whether the receiver is back.
        if self.faults > 0 { 1 } else { whole(self.window) }
    }

    /// What a request says later about when it was sent.
    pub(crate) fn round(&self) -> u64 {
        self.round
    }

    /// Faults in a row.
    pub(crate) fn faults(&self) -> u32 {
        self.faults
    }

    /// When something may be sent again.
    pub(crate) fn until(&self) -> Duration {
        self.until
    }

    /// A request was taken, at least in part.
    pub(crate) fn good(&mut self) {
        self.faults = 0;
        self.wait = self.waits.least;
        self.window = (self.window + 1.0 / self.window).min(self.window_max);
    }

    /// The destination failed a request that was sent in a round. Whether it is news: of several requests that were on
    /// their way together, the first.
    pub(crate) fn fault(&mut self, round: u64, asked: Option<Duration>, now: Duration) -> bool {
        let is_news = round == self.round;
        if is_news {
            self.faults = self.faults.saturating_add(1);
            self.round += 1;
            self.slow(asked, now);
        } else {
            self.leave(asked.unwrap_or_default(), now);
        }
        is_news
    }

    /// The receiver works, and wants less.
    pub(crate) fn slow(&mut self, asked: Option<Duration>, now: Duration) {
        self.window = (self.window * LESS).max(1.0);
        let (least, most) = (self.waits.least, self.wait.saturating_mul(3).min(self.waits.most));
        self.wait = least + part_of(most.saturating_sub(least));
        self.leave(self.wait.max(asked.unwrap_or_default()), now);
    }

    fn leave(&mut self, wait: Duration, now: Duration) {
        self.until = self.until.max(now + wait.min(ASKED_MAX));
    }
}

/// A random part of a time, its whole included.
fn part_of(time: Duration) -> Duration {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random::number() % micros.saturating_add(1))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window is between 1 and a few hundred")]
fn whole(window: f64) -> usize {
    window as usize
}

#[cfg(test)]
mod tests;
