//! Times and counts that make sense: a time-out of nothing refuses everybody, one of a year never fires.

use picket_policy::document::{Node, Problems, Value};
use picket_stdx::duration;
use std::ops::RangeInclusive;
use std::time::Duration;

const fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

const fn hours(number: u64) -> Duration {
    Duration::from_secs(number * 3_600)
}

/// How long the head of a request may take to come.
pub(super) const HEAD: RangeInclusive<Duration> = ms(100)..=hours(1);
/// How long a connection or a request may do nothing.
pub(super) const IDLE: RangeInclusive<Duration> = ms(100)..=hours(24);
/// How long a connection may take to be made.
pub(super) const CONNECT: RangeInclusive<Duration> = ms(100)..=hours(1);
/// How long something is kept.
pub(super) const KEPT: RangeInclusive<Duration> = hours(1)..=hours(24 * 36_500);
/// How often what the machine does becomes an event.
pub(super) const RECORD: RangeInclusive<Duration> = ms(1_000)..=hours(1);
/// The same, if nothing else is said.
pub(super) const RECORD_USUAL: Duration = ms(60_000);
/// How long somebody may be contained.
pub(super) const LASTS: RangeInclusive<Duration> = ms(1_000)..=hours(24 * 365);
/// What one rule says within this time is one finding.
pub(super) const WINDOW: RangeInclusive<Duration> = ms(1_000)..=hours(24 * 7);
/// How late events may come for correlations.
pub(super) const LATENESS: RangeInclusive<Duration> = ms(0)..=hours(24);
/// How often a destination that failed is probed.
pub(super) const PROBED: RangeInclusive<Duration> = ms(10)..=hours(1);
/// How long a destination is left alone after a fault.
pub(super) const RETRIED: RangeInclusive<Duration> = ms(1)..=hours(1);
/// Groups of correlations that are remembered.
pub(super) const CORRELATED: RangeInclusive<usize> = 1..=10_000_000;
/// How many rules may contain in an hour.
pub(super) const CONTAINED: RangeInclusive<usize> = 0..=100_000;
/// How long keys of an identity provider count that cannot be had again.
pub(super) const KEYS_KEPT: RangeInclusive<Duration> = ms(60_000)..=hours(24);
/// Threads of the gateway.
pub(super) const THREADS: RangeInclusive<usize> = 1..=256;
/// Threads of the lane beside the requests.
pub(super) const LATE_THREADS: RangeInclusive<usize> = 1..=64;
/// Examinations that may wait there.
pub(super) const LATE_QUEUE: RangeInclusive<usize> = 1..=65_536;
/// Long answers at a time.
pub(super) const DOWNLOADS: RangeInclusive<usize> = 1..=1_024;

/// The time that stands there, or the default with a problem.
pub(super) fn time(
    node: &Node,
    within: RangeInclusive<Duration>,
    default: Duration,
    problems: &mut Problems,
) -> Duration {
    let Some(time) = node.duration(problems) else { return default };
    if within.contains(&time) {
        return time;
    }
    let shown = duration::display;
    let cause = if time < *within.start() { "too short" } else { "too long" };
    problems.at(
        node,
        format!(
            "{} is {cause}: write a time from {} to {}, or leave the key out for the default, {}",
            shown(time),
            shown(*within.start()),
            shown(*within.end()),
            shown(default)
        ),
    );
    default
}

/// The count that stands there, or the default with a problem.
pub(super) fn count(node: &Node, within: RangeInclusive<usize>, default: usize, problems: &mut Problems) -> usize {
    let count = if let Value::Integer(number) = node.value { usize::try_from(number).ok() } else { None };
    count.filter(|count| within.contains(count)).unwrap_or_else(|| {
        let (least, most) = (within.start(), within.end());
        problems
            .at(node, format!("expected a whole number from {least} to {most}, or leave the key out for {default}"));
        default
    })
}
