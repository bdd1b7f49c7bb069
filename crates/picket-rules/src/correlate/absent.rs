//! What should have come, and did not: told once nothing can come any more.

use super::gauge::{Item, Reading, State};
use super::group::{Change, Group, Taken};
use crate::behaviour::Absent;
use std::collections::VecDeque;

/// Matches of a group that wait at once, and of what they wait for that are remembered.
const KEPT_MAX: usize = 4_096;

/// What waits for something, and when that was there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Waiting {
    /// Sorted by moment.
    pub(crate) waits: VecDeque<(i64, u64)>,
    /// Sorted.
    pub(crate) there: VecDeque<i64>,
}

impl Waiting {
    /// Forgets what nothing can wait for any more: what is still to come is not older than the floor.
    fn prune(&mut self, absent: &Absent, floor: i64) {
        let needed_from = self.waits.front().map_or(floor, |(at, _)| (*at).min(floor)).saturating_sub(absent.before_ms);
        while self.there.front().is_some_and(|there| *there < needed_from) {
            self.there.pop_front();
        }
    }
}

impl Group {
    /// Takes a match into the group of an absence; the moment by which nothing may have come, if it waits. `floor`: nothing
    /// older can come any more.
    pub(super) fn wait(
        &mut self,
        absent: &Absent,
        (item, floor): (Item, i64),
        is_undone: bool,
        taken: &mut Taken,
    ) -> Option<i64> {
        self.newest = self.newest.max(item.at);
        let State::Waiting(waiting) = &mut self.head else { return None };
        let is_waiting = item.part == 0;
        if is_undone {
            let place = if is_waiting {
                waiting.waits.iter().position(|(at, _)| *at == item.at)
            } else {
                waiting.there.iter().position(|at| *at == item.at)
            };
            taken.is_late = place.is_none();
            match (place, is_waiting) {
                (Some(place), true) => drop(waiting.waits.remove(place)),
                (Some(place), false) => drop(waiting.there.remove(place)),
                (None, _) => {}
            }
            return None;
        }
        if is_waiting {
            let place = waiting.waits.partition_point(|(at, _)| *at <= item.at);
            waiting.waits.insert(place, (item.at, item.event));
            taken.forgotten += u64::from(waiting.waits.len() > KEPT_MAX);
            if waiting.waits.len() > KEPT_MAX {
                waiting.waits.pop_front();
            }
            return Some(item.at.saturating_add(absent.within_ms));
        }
        let place = waiting.there.partition_point(|at| *at <= item.at);
        waiting.there.insert(place, item.at);
        waiting.prune(absent, floor);
        // The oldest may still be what something waits for, so that is told.
        taken.forgotten += u64::from(waiting.there.len() > KEPT_MAX);
        if waiting.there.len() > KEPT_MAX {
            waiting.there.pop_front();
        }
        None
    }

    /// What waited for a moment that is complete now, and in vain. `floor`: nothing older can come any more.
    pub(super) fn waited(&mut self, absent: &Absent, until: i64, floor: i64) -> Vec<Change> {
        let State::Waiting(waiting) = &mut self.head else { return Vec::new() };
        let mut changes = Vec::new();
        while let Some((at, _)) = waiting.waits.front().copied() {
            if at.saturating_add(absent.within_ms) > until {
                break;
            }
            // What waits from one moment on is told once.
            let mut events = Vec::new();
            while waiting.waits.front().is_some_and(|(other, _)| *other == at) {
                events.extend(waiting.waits.pop_front().map(|(_, event)| event));
            }
            let from = at.saturating_sub(absent.before_ms);
            let came = waiting.there.iter().any(|there| (from..=at.saturating_add(absent.within_ms)).contains(there));
            if !came {
                let reading = Reading { holds: true, value: 1.0, expected: None, since: from };
                changes.push(Change { at, reading: Some(reading), events, amended: false });
            }
        }
        waiting.prune(absent, floor);
        changes
    }
}
