//! What should have come, and did not. What may still come is waited for: it is told once nothing can come any more. What
//! should have come before is missed at once, and taken back if it comes late.

use super::gauge::{Item, Reading, State};
use super::group::{Change, Group, Taken};
use crate::behaviour::Absent;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

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

impl Absent {
    /// Whether nothing is waited for: it should have come before.
    pub(super) fn is_prompt(&self) -> bool {
        self.within_ms == 0
    }
}

impl Group {
    /// Takes a match into, or back from, the group of an absence whose missing match should have come before; what that
    /// changes. It goes on to wait for the moment after which nothing can come any more.
    pub(super) fn miss(
        &mut self,
        absent: &Absent,
        (item, floor): (Item, i64),
        is_undone: bool,
        taken: &mut Taken,
        changes: &mut Vec<Change>,
    ) -> Option<i64> {
        let newest = self.newest;
        let concerned =
            if item.part == 0 { item.at..=item.at } else { item.at..=item.at.saturating_add(absent.before_ms) };
        let before = self.missing(absent, &concerned);
        let until = self.wait(absent, (item, floor), is_undone, taken);
        let after = self.missing(absent, &concerned);
        for (at, _) in before.iter().filter(|(at, _)| !after.iter().any(|(other, _)| other == at)) {
            changes.push(Change { at: *at, reading: None, events: Vec::new(), amended: true });
        }
        for (at, event) in after.iter().filter(|(at, _)| !before.iter().any(|(other, _)| other == at)) {
            let reading =
                Reading { holds: true, value: 1.0, expected: None, since: at.saturating_sub(absent.before_ms) };
            let amended = item.part != 0 || *at < newest;
            changes.push(Change { at: *at, reading: Some(reading), events: vec![*event], amended });
        }
        until
    }

    /// Moments that wait, among some, and before which nothing came.
    fn missing(&self, absent: &Absent, among: &RangeInclusive<i64>) -> Vec<(i64, u64)> {
        let State::Waiting(waiting) = &self.head else { return Vec::new() };
        let from = waiting.waits.partition_point(|(at, _)| at < among.start());
        let mut moments: Vec<(i64, u64)> = waiting.waits.range(from..).copied().collect();
        moments.truncate(moments.partition_point(|(at, _)| at <= among.end()));
        // A moment is told once.
        moments.dedup_by_key(|(at, _)| *at);
        let came = |at: i64| {
            let place = waiting.there.partition_point(|there| *there < at.saturating_sub(absent.before_ms));
            waiting.there.get(place).is_some_and(|there| *there <= at)
        };
        moments.retain(|(at, _)| !came(*at));
        moments
    }

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
            // What is missed at once was told.
            if !came && !absent.is_prompt() {
                let reading = Reading { holds: true, value: 1.0, expected: None, since: from };
                changes.push(Change { at, reading: Some(reading), events, amended: false });
            }
        }
        waiting.prune(absent, floor);
        changes
    }
}
