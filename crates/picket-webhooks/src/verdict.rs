//! What an answer means for a message, and when it is tried again.

use picket_egress::{Called, retry_after};
use picket_stdx::{Clock, random};
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// How long to wait before each try, from the failure of the one before; about three days in all.
pub const SCHEDULE: &[Duration] = &[
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_secs(5 * MINUTE),
    Duration::from_secs(30 * MINUTE),
    Duration::from_secs(2 * HOUR),
    Duration::from_secs(5 * HOUR),
    Duration::from_secs(10 * HOUR),
    Duration::from_secs(14 * HOUR),
    Duration::from_secs(20 * HOUR),
    Duration::from_secs(24 * HOUR),
];
/// How long a receiver is left alone that asks for it without saying how long.
const AFTER_USUAL: Duration = Duration::from_secs(30);

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Delivered,
    /// The receiver wants no more of it, ever.
    Gone,
    /// The receiver wants to be left alone for so long, with all messages.
    Throttled(Duration),
    /// It was not taken; not before so long, where the receiver says that.
    Failed(Option<Duration>),
}

/// What an answer means. Redirects are not followed, and mean that nothing was taken.
pub fn verdict(answer: &Called) -> Verdict {
    let after = retry_after(&answer.headers, Clock::system().now().into());
    match answer.status.as_u16() {
        200..=299 => Verdict::Delivered,
        410 => Verdict::Gone,
        429 | 502 | 504 => Verdict::Throttled(after.unwrap_or(AFTER_USUAL)),
        _ => Verdict::Failed(after),
    }
}

/// How long to wait before the next try, after so many; none when there is none. A tenth of it is chance, so that
/// messages that failed together do not come back together.
pub(crate) fn wait(tried: u32) -> Option<Duration> {
    let wait = *SCHEDULE.get(usize::try_from(tried).ok()?)?;
    let tenth = u64::try_from(wait.as_micros() / 10).unwrap_or(u64::MAX).max(1);
    Some(wait.saturating_add(Duration::from_micros(random::number() % tenth)))
}
