//! Correlation on event time: what rules and correlations make of several matches.
//!
//! A correlation is measured at every moment at which one of its rules matched, over the window that ends there. What is
//! told is told at once; when an event that comes late changes what a moment would have said, that moment is told anew, or
//! taken back. The result over any order of arrival within the allowed lateness is that of the events in order. State is
//! bounded, and what a bound drops is counted.

pub(crate) mod absent;
pub(crate) mod gauge;
pub(crate) mod group;
mod groups;
mod keys;
mod late;
mod places;
pub(crate) mod plan;
mod snapshot;
pub(crate) mod sound;
mod watermark;

use crate::ruleset::{Rules, Scratch};
use gauge::{Item, What};
use group::{Change, Group, Taken};
use groups::Groups;
use keys::{Origin, named, part, parts, time, value};
pub use late::{Late, Past};
use plan::{DEPTH_MAX, Input};
pub use snapshot::{Restored, SnapshotError};
use std::collections::BTreeSet;
use watermark::Watermark;

/// What bounds a correlator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How much older than the newest event of its source an event may be.
    pub lateness_ms: i64,
    /// Groups that are remembered, of all correlations together.
    pub groups_max: usize,
    /// How far ahead of the clock the time of an event may be.
    pub ahead_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lateness_ms: 5 * 60_000, groups_max: 1_000_000, ahead_ms: 5 * 60_000 }
    }
}

/// What correlations had to leave out, and why. All of them grow only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Matches of events without a time.
    pub without_time: u64,
    /// Matches of events whose time is ahead of the clock.
    pub ahead: u64,
    /// Matches of events that came too late for the state.
    pub late: u64,

    /// Matches that lack a field of the group.
    pub without_group: u64,
    /// Matches that lack the value that is counted.
    pub without_value: u64,
    /// Matches that older ones can no longer join, for want of room.
    pub closed_early: u64,
    /// Values that were forgotten for want of room.
    pub forgotten: u64,
    /// Groups that were forgotten for want of room.
    pub evicted: u64,
}

/// Something that a correlation has to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Place in [`Rules::correlations`].
    pub correlation: usize,
    /// Fields of the group with their values.
    pub group: Vec<(String, String)>,
    /// The moment, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What is told.
    pub told: Told,
}

/// What is told of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// The correlation holds at the moment.
    Holds {
        /// What was measured: a count, a sum, or how many rules matched. Counts end where they need not be told apart.
        value: f64,
        /// What was to be expected, where that was learned.
        expected: Option<f64>,
        /// The oldest moment that counts.
        since: i64,
        /// Events that it rests on, as their caller numbers them; the newest that are remembered.
        events: Vec<u64>,
        /// It is told because of an event that came late.
        amended: bool,
    },
    /// It was told that the correlation holds, and an event that came late says that it does not.
    TakenBack,
    /// The group was forgotten for want of room; the moment is that of its newest match. What it had counted is lost.
    Evicted,
}

/// The state of all correlations of some rules.
#[derive(Debug, Clone)]
pub struct Correlator {
    settings: Settings,
    groups: Groups,
    watermark: Watermark,
    counters: Counters,
    outcomes: Vec<Outcome>,
    /// What the event concerns that was observed last, if it came too late.
    late: Vec<Late>,
    /// Keys of the present event, and how many of them are of it: the others are room for the next one's.
    keys: Vec<Key>,
    known: usize,
    /// Fingerprints of values of the present event that were taken, by the number of these values.
    prints: Vec<(usize, Option<u128>)>,
    /// Groups in which something waits, by the moment after which nothing can come any more.
    timers: BTreeSet<(i64, usize, Box<str>)>,
    /// What only other correlations want is told too.
    tells_all: bool,
}

/// Where a group stands at its newest match.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Place in [`Rules::correlations`].
    pub correlation: usize,
    /// Fields of the group with their values.
    pub group: Vec<(String, String)>,
    /// The moment of its newest match, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Whether the correlation holds then.
    pub holds: bool,
    /// What is measured then.
    pub value: f64,
    /// What is wanted.
    pub wanted: String,
}

/// The key of a group that an event belongs to.
#[derive(Debug, Clone, Default)]
struct Key {
    shape: usize,
    text: String,
    /// The event lacks a part of it.
    is_partial: bool,
    /// Its number among the keys of groups, and how many keys had gone when it was looked for.
    id: Option<(u32, u64)>,
}

/// What feeds a correlation.
struct Feed<'a> {
    input: &'a Input,
    at: i64,
    event: u64,
    /// The moment is to be taken back.
    is_undone: bool,
    /// Nothing older can come any more.
    floor: i64,
}

impl Rules {
    /// A correlator of these rules, with nothing in it.
    pub fn correlator(&self, settings: Settings) -> Correlator {
        Correlator {
            settings,
            groups: Groups::new(settings.groups_max),
            watermark: Watermark::new(settings.lateness_ms.max(0)),
            counters: Counters::default(),
            outcomes: Vec::new(),
            late: Vec::new(),
            keys: Vec::new(),
            known: 0,
            prints: Vec::new(),
            timers: BTreeSet::new(),
            tells_all: false,
        }
    }

    /// The moment that an event says, which was read into the buffers.
    pub(crate) fn time(&self, event: &str, scratch: &Scratch) -> Option<i64> {
        self.plan.time.iter().find_map(|slot| time(event, &scratch.0.values, *slot))
    }

    /// Whether a correlation is told by itself: not if only others want it.
    pub fn is_correlation_told(&self, correlation: usize) -> bool {
        self.plan.correlation_is_told.get(correlation).copied().unwrap_or(true)
    }

    /// Whether matches of a rule are told by themselves: not if only correlations want them.
    pub fn is_told(&self, rule: usize) -> bool {
        self.plan.rule_is_told.get(rule).copied().unwrap_or(true)
    }
}

impl Correlator {
    /// Takes in what [`Rules::find`] found in an event with the same buffers; `number` is the caller's name for the event.
    /// With `now`, in milliseconds since the Unix epoch, events from the future are left out.
    pub fn observe(
        &mut self,
        rules: &Rules,
        event: &str,
        number: u64,
        now: Option<i64>,
        scratch: &Scratch,
    ) -> &[Outcome] {
        self.outcomes.clear();
        self.late.clear();
        if rules.correlations.is_empty() {
            return &self.outcomes;
        }
        let values = &scratch.0.values;
        let inputs = |rule: &usize| rules.plan.of_rules.get(*rule).into_iter().flatten();
        let fed = u64::try_from(scratch.0.matched.iter().flat_map(inputs).count()).unwrap_or(u64::MAX);
        let Some(at) = rules.time(event, scratch) else {
            self.counters.without_time += fed;
            return &self.outcomes;
        };
        if now.is_some_and(|now| at > now.saturating_add(self.settings.ahead_ms)) {
            self.counters.ahead += fed;
            return &self.outcomes;
        }
        let source = values.atoms(rules.plan.source).next().map_or("", |atom| values.text(event, atom));
        let origin = Origin::Event(event, values, &scratch.0.matched);
        if !self.watermark.advance(source, at) {
            self.counters.late += fed;
            for input in scratch.0.matched.iter().flat_map(inputs) {
                late::concerned(rules, (input, at), origin, 0, &mut self.late);
            }
            return &self.outcomes;
        }
        self.ring(rules);
        self.known = 0;
        self.prints.clear();
        for input in scratch.0.matched.iter().flat_map(inputs) {
            let feed = Feed { input, at, event: number, is_undone: false, floor: self.watermark.floor };
            self.feed(rules, &feed, origin, 0);
        }
        &self.outcomes
    }

    /// Groups that the event concerns which was observed last, if it came too late for them: [`Rules::look_again`] says what
    /// it changes.
    pub fn late(&self) -> &[Late] {
        &self.late
    }

    /// Takes everything before a moment for complete, in milliseconds since the Unix epoch: what waited for something by
    /// then has waited in vain, though no event came to say how late it is. Older events are too late afterwards.
    pub fn advance(&mut self, rules: &Rules, to: i64) -> &[Outcome] {
        self.outcomes.clear();
        self.watermark.floor = self.watermark.floor.max(to);
        self.ring(rules);
        &self.outcomes
    }

    /// Tells what has waited in vain up to the floor.
    fn ring(&mut self, rules: &Rules) {
        let floor = self.watermark.floor;
        while self.timers.first().is_some_and(|(at, ..)| *at < floor)
            && let Some((at, correlation, key)) = self.timers.pop_first()
        {
            let Some(gauge) = rules.plan.gauges.get(correlation) else { continue };
            let What::Absent(absent) = &gauge.what else { continue };
            let place = self.groups.key(&key).and_then(|key| self.groups.place(correlation, key));
            let Some(group) = place.and_then(|place| self.groups.at(place)) else { continue };
            let until = at.saturating_sub(gauge.delay_ms);
            for change in group.waited(absent, until, floor.saturating_sub(gauge.delay_ms)) {
                // Those that it feeds have waited for it, and have not closed what is of its moment.
                let event = change.events.first().copied().unwrap_or(0);
                self.tell(rules, correlation, &key, &change, (event, at), 0);
            }
        }
    }

    /// A correlator that tells what only other correlations want, too.
    pub(crate) fn of_all(rules: &Rules, settings: Settings) -> Self {
        Self { tells_all: true, ..rules.correlator(settings) }
    }

    /// Where all groups of a correlation stand, the largest values first.
    pub fn standing(&self, rules: &Rules, correlation: usize) -> Vec<Standing> {
        let Some(gauge) = rules.plan.gauges.get(correlation) else { return Vec::new() };
        let groups = self.groups.iter().filter(|(of, ..)| *of == correlation);
        let mut all: Vec<Standing> = groups
            .map(|(_, key, kept)| {
                let at = kept.newest;
                let reading = gauge.read(&kept.head, at);
                let group = named(rules, correlation, key);
                Standing {
                    correlation,
                    group,
                    at,
                    holds: reading.holds,
                    value: reading.value,
                    wanted: gauge.wanted(&kept.head, at),
                }
            })
            .collect();
        all.sort_by(|one, other| other.value.total_cmp(&one.value).then_with(|| one.group.cmp(&other.group)));
        all
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Lets go of every group that a value is a part of: nothing of whom it names is left. How many there were.
    pub fn forget(&mut self, value: &str) -> usize {
        let mut wanted = String::new();
        part(value, &mut wanted);
        let wanted = parts(&wanted).first().copied().unwrap_or_default().to_owned();
        let names = |key: &str| parts(key).contains(&wanted.as_str());
        self.timers.retain(|(.., key)| !names(key));
        self.groups.forget(names)
    }

    /// What was left out.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The moment before which nothing is taken any more, in milliseconds since the Unix epoch.
    pub fn floor(&self) -> i64 {
        self.watermark.floor
    }

    /// Feeds a correlation, and those that wait for it.
    fn feed(&mut self, rules: &Rules, feed: &Feed<'_>, origin: Origin<'_>, depth: usize) {
        let to = feed.input.to;
        let Some(gauge) = rules.plan.gauges.get(to) else { return };
        let (mut key, place) = self.key(feed.input, origin);
        let has_group = !key.is_partial;
        let value = value(&gauge.what, feed.input, origin, &mut self.prints);
        self.counters.without_group += u64::from(!has_group);
        self.counters.without_value += u64::from(has_group && value.is_none());
        if let Some(value) = value.filter(|_| has_group) {
            let item = Item { at: feed.at, part: feed.input.part, value, event: feed.event };
            let changes = self.take(rules, to, &mut key, item, feed.is_undone, feed.floor);
            for change in &changes {
                self.tell(rules, to, &key.text, change, (feed.event, feed.floor), depth);
            }
        }
        if let Some(known) = place.and_then(|place| self.keys.get_mut(place)) {
            *known = key;
        }
    }

    /// The number of a key, looked up where it is not known.
    fn id(&self, key: &mut Key) -> Option<u32> {
        let gone = self.groups.keys_gone();
        if key.id.is_none_or(|(_, before)| before != gone) {
            key.id = self.groups.key(&key.text).map(|id| (id, gone));
        }
        key.id.map(|(id, _)| id)
    }

    /// The key of the group that something belongs to, and where to put it back: those of an event are read once.
    fn key(&mut self, input: &Input, origin: Origin<'_>) -> (Key, Option<usize>) {
        let is_event = matches!(origin, Origin::Event(..));
        let known = self.keys.iter().take(self.known).position(|key| is_event && key.shape == input.shape);
        if let Some((place, key)) = known.and_then(|place| Some((place, self.keys.get_mut(place)?))) {
            return (std::mem::take(key), Some(place));
        }
        let mut key = Key::default();
        let mut place = None;
        if is_event {
            if self.known == self.keys.len() {
                self.keys.push(Key::default());
            }
            key = self.keys.get_mut(self.known).map(std::mem::take).unwrap_or_default();
            place = Some(self.known);
            self.known += 1;
        }
        key.text.clear();
        (key.shape, key.id) = (input.shape, None);
        key.is_partial = !input.group.iter().all(|from| origin.part(from, &mut key.text));
        (key, place)
    }

    /// Takes a match into, or back from, its group.
    fn take(
        &mut self,
        rules: &Rules,
        to: usize,
        key: &mut Key,
        item: Item,
        is_undone: bool,
        floor: i64,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let Some(gauge) = rules.plan.gauges.get(to) else { return changes };
        let place = match self.id(key).and_then(|id| self.groups.place(to, id)) {
            Some(place) => place,
            None => {
                let new = Group::new(gauge);
                let (place, gone) = self.groups.add((to, &key.text), new, &rules.plan.gauges, floor);
                key.id = None;
                if let Some(gone) = gone {
                    self.counters.evicted += 1;
                    // What waited in it waits no longer.
                    for timer in snapshot::waiting(rules, gone.correlation, &gone.key, &gone.group) {
                        self.timers.remove(&timer);
                    }
                    let (correlation, group) = (gone.correlation, named(rules, gone.correlation, &gone.key));
                    self.outcomes.push(Outcome { correlation, group, at: gone.group.newest, told: Told::Evicted });
                }
                place
            }
        };
        let Some(group) = self.groups.at(place) else { return changes };
        let mut taken = Taken::default();
        match &gauge.what {
            What::Absent(absent) => {
                let floor = floor.saturating_sub(gauge.delay_ms);
                let until = if absent.is_prompt() {
                    group.miss(absent, (item, floor), is_undone, &mut taken, &mut changes)
                } else {
                    group.wait(absent, (item, floor), is_undone, &mut taken)
                };
                if let Some(until) = until {
                    self.timers.insert((until.saturating_add(gauge.delay_ms), to, Box::from(key.text.as_str())));
                }
            }
            _ if is_undone => taken = group.remove(gauge, &item, &mut changes),
            _ => taken = group.insert(gauge, item, floor, &mut changes),
        }
        self.counters.late += u64::from(taken.is_late);
        self.counters.closed_early += taken.closed_early;
        self.counters.forgotten += taken.forgotten;
        changes
    }

    /// Tells a change, and feeds it to the correlations that wait for it.
    fn tell(
        &mut self,
        rules: &Rules,
        correlation: usize,
        key: &str,
        change: &Change,
        (event, floor): (u64, i64),
        depth: usize,
    ) {
        if self.tells_all || rules.plan.correlation_is_told.get(correlation).copied().unwrap_or(true) {
            let told = match &change.reading {
                Some(reading) => Told::Holds {
                    value: reading.value,
                    expected: reading.expected,
                    since: reading.since,
                    events: change.events.clone(),
                    amended: change.amended,
                },
                None => Told::TakenBack,
            };
            self.outcomes.push(Outcome { correlation, group: named(rules, correlation, key), at: change.at, told });
        }
        if depth > DEPTH_MAX {
            return;
        }
        let parts = parts(key);
        for input in rules.plan.of_correlations.get(correlation).into_iter().flatten() {
            let feed = Feed { input, at: change.at, event, is_undone: change.reading.is_none(), floor };
            self.feed(rules, &feed, Origin::Group(&parts), depth + 1);
        }
    }
}

#[cfg(test)]
mod tests;
