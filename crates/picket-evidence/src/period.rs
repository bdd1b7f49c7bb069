//! When a schedule is due, and what its next export covers: no clock, no log, no store.
//!
//! Windows are made of positions of the log, each from where the last finished one ended: so each entry is in one of them,
//! whatever the clock does, and whatever becomes of an export. Where a window ends goes by when the log took its entries.

use picket_stdx::Timestamp;
use picket_store::exports::Window;
use picket_store::schedules::Schedule;
use std::time::Duration;

/// The shortest period.
pub const EVERY_MIN: Duration = Duration::from_secs(60);
/// The longest.
pub const EVERY_MAX: Duration = Duration::from_secs(31 * 86_400);
/// Periods that were missed and have an export each; what is before them is one export together.
pub const CATCH_UP: i64 = 24;
/// Wait after the first of several failures.
const RETRY_FROM: Duration = Duration::from_secs(60);

/// How an export of a schedule ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Its file is there, or was.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// It failed, and why.
    Failed(String),
}

/// The first end of a period after a moment: periods end at multiples of their length since 1970, in UTC.
pub(crate) fn end_after(at: Timestamp, every: Duration) -> Timestamp {
    let every = micros(every);
    Timestamp::from_micros(at.as_micros().div_euclid(every).saturating_add(1).saturating_mul(every))
}

/// What the next export covers, if one is due. `begins_at` tells the first position whose entry the log took at a moment
/// or later; positions before what is covered are of no interest.
pub(crate) fn next_window<E>(
    schedule: &Schedule,
    now: Timestamp,
    begins_at: impl FnOnce(Timestamp) -> Result<u64, E>,
) -> Result<Option<Window>, E> {
    let every = schedule.every;
    // A clock that ran ahead and came back left an end that is far away.
    let next = schedule.next_at.min(end_after(now, every));
    let waits = schedule.retry_at.is_some_and(|retry| now < retry && retry <= now.plus(every));
    if schedule.is_paused || schedule.export.is_some() || now < next || waits {
        return Ok(None);
    }
    let periods = micros(now.since(next)) / micros(every) + 1;
    let together = (periods - CATCH_UP).max(0);
    let to = Timestamp::from_micros(next.as_micros() + together * micros(every));
    let until = begins_at(to)?.max(schedule.covered);
    Ok(Some(Window { begin: schedule.covered, until, from: schedule.covered_at.min(to), to }))
}

/// Takes in how an export with a window ended.
pub(crate) fn settle(schedule: &mut Schedule, window: &Window, ended: Ended, now: Timestamp) {
    (schedule.export, schedule.retry_at) = (None, None);
    schedule.next_at = window.to.plus(schedule.every);
    match ended {
        Ended::Done => {
            (schedule.covered, schedule.covered_at) = (window.until, window.to);
            (schedule.failures, schedule.error) = (0, None);
        }
        // The next window covers this one, too.
        Ended::Stopped => {}
        Ended::Failed(error) => {
            let wait = RETRY_FROM.saturating_mul(1 << schedule.failures.min(16)).min(schedule.every);
            (schedule.next_at, schedule.retry_at) = (window.to, Some(now.plus(wait)));
            (schedule.failures, schedule.error) = (schedule.failures.saturating_add(1), Some(error));
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests;
