//! How the queue does: how long things take, and how often it was a false alarm.

use picket_stdx::Timestamp;
use picket_store::escalations::Measured;
use std::time::Duration;

/// How long something took, of those that it happened to; what is still open has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// How many there are.
    pub count: u64,
    /// Mean.
    pub mean: Duration,
    /// Median.
    pub p50: Duration,
    /// Nine of ten took at most that long.
    pub p90: Duration,
}

impl Times {
    /// Of some times; none of none.
    pub fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        let count = u32::try_from(all.len()).ok().filter(|count| *count > 0)?;
        // The smallest that so many percent are not above.
        let at = |percent: usize| all.get((all.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { count: u64::from(count), mean: all.iter().sum::<Duration>() / count, p50: at(50)?, p90: at(90)? })
    }
}

/// How the queue does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measures {
    /// From the event to its escalation in the queue.
    pub detect: Option<Times>,
    /// From there to the first person who took it up.
    pub triage: Option<Times>,
    /// Decided as real, as harmless, as an authorised test, and as neither.
    pub verdicts: Verdicts,
    /// Ended without anybody having decided them.
    pub expired: u64,
}

/// What was decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Real.
    pub true_positive: u64,
    /// Harmless.
    pub false_positive: u64,
    /// Real, and authorised.
    pub benign: u64,
    /// Neither, duplicates of others included.
    pub undetermined: u64,
}

impl Verdicts {
    /// Those that say whether the alarm was right.
    pub const fn decided(&self) -> u64 {
        self.true_positive + self.false_positive + self.benign
    }
}

impl Measures {
    /// Of some escalations.
    pub fn of(all: &[Measured]) -> Self {
        let between = |from: Timestamp, to: Timestamp| to.max(from).since(from);
        let detect = all.iter().filter_map(|one| Some(between(one.created_at, one.queued_at?)));
        let triage =
            all.iter().filter_map(|one| Some(between(one.queued_at.unwrap_or(one.created_at), one.touched_at?)));
        let verdicts = |words: &[&str]| {
            let said = |one: &&Measured| one.verdict.as_deref().is_some_and(|verdict| words.contains(&verdict));
            u64::try_from(all.iter().filter(said).count()).unwrap_or(u64::MAX)
        };
        Self {
            expired: u64::try_from(all.iter().filter(|one| one.expired).count()).unwrap_or(u64::MAX),
            detect: Times::of(detect.collect()),
            triage: Times::of(triage.collect()),
            verdicts: Verdicts {
                true_positive: verdicts(&["true_positive"]),
                false_positive: verdicts(&["false_positive"]),
                benign: verdicts(&["benign"]),
                undetermined: verdicts(&["undetermined", "duplicate"]),
            },
        }
    }
}
