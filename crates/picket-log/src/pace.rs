//! Whether the wall clock keeps the pace of time.
//!
//! The order of record never depends on it: entries carry the newest time so far. But what is old is told by the clock,
//! so a clock that jumped ahead must not make retention drop what is young.

use picket_stdx::{Clock, Timestamp};
use std::time::Duration;

/// A clock that is further behind the newest entry gets an entry of its own.
const BEHIND_MIN: Duration = Duration::from_secs(1);
/// So is one that ran ahead of the time that passed. A machine that slept looks like that too, so this is no short time.
const AHEAD_MIN: Duration = Duration::from_secs(86_400);

/// The clock's last step, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Back(Duration),
    Ahead(Duration),
}

/// What was last seen of the clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    /// Wall clock, and the time that had passed.
    seen: Option<(Timestamp, Duration)>,
    /// The clock stands before the newest entry, and an entry says so.
    behind: bool,
    /// The clock ran ahead since the program started.
    ahead: bool,
}

impl Pace {
    /// Looks at the clock; a step, if it is news. `newest` is the time of the newest entry.
    pub(crate) fn look(&mut self, clock: &Clock, newest: Timestamp) -> Option<Step> {
        let now = clock.now();
        let behind = newest.max(now).since(now);
        let is_news = behind > BEHIND_MIN && !self.behind;
        self.behind = behind > BEHIND_MIN || (self.behind && !behind.is_zero());
        let ahead = self.ran_ahead(clock);
        self.seen = Some((now, clock.steady()));
        if let Some(by) = ahead {
            self.ahead = true;
            return Some(Step::Ahead(by));
        }
        is_news.then_some(Step::Back(behind))
    }

    /// Whether what seems old can be trusted to be old.
    pub(crate) fn is_steady(&self, clock: &Clock) -> bool {
        !self.ahead && self.ran_ahead(clock).is_none()
    }

    fn ran_ahead(&self, clock: &Clock) -> Option<Duration> {
        let (wall, steady) = self.seen?;
        let by = clock.now().max(wall).since(wall).saturating_sub(clock.steady().saturating_sub(steady));
        (by > AHEAD_MIN).then_some(by)
    }
}
