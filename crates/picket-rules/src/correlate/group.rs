//! One group of a correlation: events in whatever order they come, as if they had come in the order of their times.
//!
//! Matches that may still be joined by older ones stay open. One that comes late takes its place among them, and what
//! follows is measured anew; so every moment says what it would have said had nothing been late.

use super::gauge::{Gauge, Item, Reading, State};
use std::collections::VecDeque;

/// So many open matches are cheaper to close one by one than to copy a state for what comes after them.
const CLOSED_SINGLY: usize = 4;
/// Open matches of one group. Older ones are closed early, and what comes late behind them is counted as such.
const OPEN_MAX: usize = 4_096;

/// The state of a group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// With all matches so far.
    pub(crate) head: State,
    /// The newest match.
    pub(crate) newest: i64,
    /// Nothing older is taken: what is before was closed for want of room.
    pub(crate) closed_to: i64,
    pub(crate) open: Option<Box<Open>>,
}

/// What may still change.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    /// With the matches before the open ones.
    pub(crate) closed: State,
    /// In the order of their times. The last of a moment says whether the correlation held then.
    pub(crate) items: VecDeque<(Item, bool)>,
}

/// What changed at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) at: i64,
    /// What was measured; none if what had been told is no longer so.
    pub(crate) reading: Option<Reading>,
    pub(crate) events: Vec<u64>,
    /// It is told later than it would have been in order.
    pub(crate) amended: bool,
}

/// What became of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Taken {
    /// It came too late, or, when it was to be taken back, is closed.
    pub(crate) is_late: bool,
    /// Others were closed early for want of room.
    pub(crate) closed_early: u64,
    /// Values that count were forgotten for want of room.
    pub(crate) forgotten: u64,
}

impl Group {
    pub(crate) fn new(gauge: &Gauge) -> Self {
        Self { head: gauge.state(), newest: i64::MIN, closed_to: i64::MIN, open: None }
    }

    /// Closes what nothing older than `floor` can join; keeps no second state where that is all.
    pub(crate) fn close(&mut self, gauge: &Gauge, floor: i64) {
        if self.newest < floor.saturating_sub(gauge.delay_ms) {
            self.open = None;
        } else {
            self.close_each(gauge, floor);
        }
    }

    fn close_each(&mut self, gauge: &Gauge, floor: i64) {
        let Some(open) = &mut self.open else { return };
        let floor = floor.saturating_sub(gauge.delay_ms);
        while let Some((item, _)) = open.items.front().filter(|(item, _)| item.at < floor) {
            gauge.apply(&mut open.closed, item);
            open.items.pop_front();
        }
    }

    /// Whether nothing that is still to come can depend on it.
    pub(crate) fn is_over(&self, gauge: &Gauge, floor: i64) -> bool {
        self.newest.saturating_add(gauge.kept_ms).saturating_add(gauge.delay_ms) < floor
    }

    /// Takes a match in.
    pub(crate) fn insert(&mut self, gauge: &Gauge, item: Item, floor: i64, changes: &mut Vec<Change>) -> Taken {
        match &self.open {
            Some(open) if open.items.len() <= CLOSED_SINGLY => self.close_each(gauge, floor),
            _ => self.close(gauge, floor),
        }
        let mut taken = Taken::default();
        if item.at < self.closed_to {
            taken.is_late = true;
            return taken;
        }
        let head = &self.head;
        let open = self.open.get_or_insert_with(|| Box::new(Open { closed: head.clone(), items: VecDeque::new() }));
        let is_newest = open.items.back().is_none_or(|(last, _)| last.at <= item.at);
        if is_newest {
            taken.forgotten = u64::from(gauge.apply(&mut self.head, &item));
            let held = open.items.back_mut().filter(|(last, _)| last.at == item.at);
            let held = held.is_some_and(|(_, held)| std::mem::take(held));
            let reading = gauge.read(&self.head, item.at);
            open.items.push_back((item, reading.holds));
            tell(gauge, &self.head, &item, held, reading, false, changes);
        } else {
            let place = open.items.partition_point(|(other, _)| other.at <= item.at);
            open.items.insert(place, (item, false));
            self.replay(gauge, changes);
        }
        self.newest = self.newest.max(item.at);
        taken.closed_early = self.bound(gauge);
        taken
    }

    /// Takes a match back that was taken in before.
    pub(crate) fn remove(&mut self, gauge: &Gauge, item: &Item, changes: &mut Vec<Change>) -> Taken {
        let is_it =
            |(other, _): &(Item, bool)| other.at == item.at && other.part == item.part && other.value == item.value;
        let place = self.open.as_ref().and_then(|open| open.items.iter().position(is_it));
        let (Some(open), Some(place)) = (&mut self.open, place) else {
            return Taken { is_late: true, ..Taken::default() };
        };
        if let Some((_, true)) = open.items.remove(place) {
            // The one before may be of the same moment, and then speaks for it.
            match place
                .checked_sub(1)
                .and_then(|before| open.items.get_mut(before))
                .filter(|(other, _)| other.at == item.at)
            {
                Some((_, held)) => *held = true,
                None => changes.push(Change { at: item.at, reading: None, events: Vec::new(), amended: true }),
            }
        }
        self.replay(gauge, changes);
        Taken::default()
    }

    /// Measures all open moments anew, and tells what is otherwise than it was told.
    fn replay(&mut self, gauge: &Gauge, changes: &mut Vec<Change>) {
        let Some(open) = &mut self.open else { return };
        let mut state = open.closed.clone();
        let mut held_at = (i64::MIN, false);
        for at in 0..open.items.len() {
            let next = open.items.get(at + 1).map(|(next, _)| next.at);
            let Some((item, held)) = open.items.get_mut(at) else { break };
            gauge.apply(&mut state, item);
            // A moment is told once, by its last match; what its other matches had told is the moment's.
            let before = std::mem::take(held) || (held_at.0 == item.at && held_at.1);
            held_at = (item.at, before);
            if next == Some(item.at) {
                continue;
            }
            let reading = gauge.read(&state, item.at);
            *held = reading.holds;
            let item = *item;
            tell(gauge, &state, &item, before, reading, true, changes);
        }
        self.head = state;
    }

    /// Closes the oldest while there are too many.
    fn bound(&mut self, gauge: &Gauge) -> u64 {
        let mut closed = 0;
        let Some(open) = &mut self.open else { return 0 };
        while open.items.len() > OPEN_MAX
            && let Some((item, _)) = open.items.pop_front()
        {
            gauge.apply(&mut open.closed, &item);
            // A moment that is closed in part is still taken.
            let is_whole = open.items.front().is_none_or(|(next, _)| next.at > item.at);
            self.closed_to = self.closed_to.max(item.at.saturating_add(i64::from(is_whole)));
            closed += 1;
        }
        closed
    }
}

/// Tells that a moment is otherwise than it was told before.
fn tell(
    gauge: &Gauge,
    state: &State,
    item: &Item,
    held: bool,
    reading: Reading,
    amended: bool,
    changes: &mut Vec<Change>,
) {
    match (held, reading.holds) {
        (false, true) => {
            let mut events = gauge.evidence(state, item.at);
            if events.is_empty() {
                events.push(item.event);
            }
            changes.push(Change { at: item.at, reading: Some(reading), events, amended });
        }
        (true, false) => changes.push(Change { at: item.at, reading: None, events: Vec::new(), amended: true }),
        _ => {}
    }
}
