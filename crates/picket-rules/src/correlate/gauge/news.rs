//! Values that were not there before.

use super::cell::folded;
use super::{Item, Reading};
use crate::behaviour::FirstSeen;
use picket_behaviour::{Seen, Sight};

/// Values of a group that are remembered.
pub(crate) const VALUES_MAX: usize = 4_096;

/// The values so far, and when there was a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct News {
    pub(crate) seen: Seen,
    pub(crate) newest: Option<i64>,
}

impl News {
    /// Whether another value had to be forgotten.
    pub(crate) fn apply(&mut self, first: &FirstSeen, item: &Item) -> bool {
        match self.seen.see(folded(item.value), item.at, first.expire_ms, VALUES_MAX) {
            Sight::New { forgot } => {
                self.newest = Some(item.at);
                forgot
            }
            Sight::Known(_) => false,
        }
    }

    pub(crate) fn read(&self, first: &FirstSeen, at: i64) -> Reading {
        let holds = self.newest == Some(at) && self.seen.has_learned(at, first.learn_ms);
        Reading {
            holds,
            value: super::number(self.seen.values.len()),
            expected: None,
            since: self.seen.since.unwrap_or(at),
        }
    }

    pub(crate) fn wanted(&self, first: &FirstSeen, at: i64) -> String {
        let learned = self.seen.since.map_or(0, |since| at.saturating_sub(since));
        let hours = |ms: i64| ms / 3_600_000;
        if learned < first.learn_ms {
            return format!(
                "a new value, after {} hours of learning, of which {} are over",
                hours(first.learn_ms),
                hours(learned)
            );
        }
        "a value that is not among those that are known".to_owned()
    }
}
