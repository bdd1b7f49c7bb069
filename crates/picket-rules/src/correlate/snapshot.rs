//! The state of correlations as bytes: to go on after a restart where it was left.
//!
//! A correlation is known again by what it measures. The state of one that was changed meanwhile is left out, and told.

mod behaviours;
mod bytes;

use self::bytes::{Reader, Writer};
use super::gauge::{Distinct, Gauge, Item, Ordered, Ranked, State, Sum, What};
use super::group::{Group, Open};
use super::groups::Groups;
use super::watermark::Watermark;
use super::{Correlator, Counters, Settings};
use crate::ruleset::Rules;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;

/// What a snapshot begins with; the last byte is the version.
const MAGIC: &[u8] = b"PKRC\x03";
/// Bytes of the digest at its end.
const DIGEST: usize = 16;

/// Why a snapshot cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotError {
    /// It is no snapshot, or one of another version.
    Foreign,
    /// It is cut off or changed.
    Damaged,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign => "no state of correlations, or that of another version; begin without it",
            Self::Damaged => "the state of correlations is cut off or changed; begin without it, or from an older one",
        })
    }
}

impl std::error::Error for SnapshotError {}

/// A correlator that goes on.
#[derive(Debug)]
pub struct Restored {
    /// With the state that was found.
    pub correlator: Correlator,
    /// Groups of correlations that are no longer there, or that measure something else now.
    pub left_out: usize,
}

impl Correlator {
    /// The state as bytes, for [`Correlator::restore`].
    pub fn snapshot(&self, rules: &Rules) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        let Counters { without_time, ahead, late, without_group, without_value, closed_early, forgotten, evicted } =
            self.counters;
        for counter in [without_time, ahead, late, without_group, without_value, closed_early, forgotten, evicted] {
            out.number(counter);
        }
        out.signed(self.watermark.floor);
        let mut sources: Vec<_> = self.watermark.newest.iter().collect();
        sources.sort();
        out.list(sources.into_iter(), |out, (source, newest)| {
            out.text(source);
            out.signed(*newest);
        });
        out.list(prints(rules).iter(), |out, print| out.0.extend(print));
        out.number(u64::try_from(self.groups.len()).unwrap_or(u64::MAX));
        for (correlation, key, group) in self.groups.iter() {
            out.number(u64::try_from(correlation).unwrap_or(u64::MAX));
            out.text(key);
            out.group(group);
        }
        let digest = Sha256::digest(&out.0);
        out.0.extend(digest.iter().take(DIGEST));
        out.0
    }

    /// A correlator of some rules that goes on where a snapshot was made.
    pub fn restore(rules: &Rules, settings: Settings, bytes: &[u8]) -> Result<Restored, SnapshotError> {
        if !bytes.starts_with(MAGIC) {
            return Err(SnapshotError::Foreign);
        }
        let end = bytes.len().checked_sub(DIGEST).filter(|end| *end >= MAGIC.len()).ok_or(SnapshotError::Damaged)?;
        let (content, digest) = bytes.split_at_checked(end).ok_or(SnapshotError::Damaged)?;
        if !Sha256::digest(content).iter().take(DIGEST).eq(digest) {
            return Err(SnapshotError::Damaged);
        }
        let mut reader = Reader(content.get(MAGIC.len()..).unwrap_or_default());
        restored(rules, settings, &mut reader).ok_or(SnapshotError::Damaged)
    }
}

fn restored(rules: &Rules, settings: Settings, reader: &mut Reader<'_>) -> Option<Restored> {
    let mut correlator = rules.correlator(settings);
    let counters = &mut correlator.counters;
    for counter in [
        &mut counters.without_time,
        &mut counters.ahead,
        &mut counters.late,
        &mut counters.without_group,
        &mut counters.without_value,
        &mut counters.closed_early,
        &mut counters.forgotten,
        &mut counters.evicted,
    ] {
        *counter = reader.number()?;
    }
    let mut watermark = Watermark::new(settings.lateness_ms.max(0));
    watermark.floor = reader.signed()?;
    for _ in 0..reader.number()? {
        let source = Box::from(reader.text()?);
        watermark.newest.insert(source, reader.signed()?);
    }
    correlator.watermark = watermark;
    let mut ours: Vec<Option<Vec<u8>>> = prints(rules).into_iter().map(Some).collect();
    let mut places = Vec::new();
    for _ in 0..reader.number()? {
        let print = reader.bytes(DIGEST)?;
        let place = ours.iter().position(|other| other.as_deref() == Some(print));
        // Of two that measure the same, each goes on with its own.
        if let Some(taken) = place.and_then(|place| ours.get_mut(place)) {
            *taken = None;
        }
        places.push(place);
    }
    let (mut left_out, mut timers) = (0, BTreeSet::new());
    let mut groups = Groups::new(settings.groups_max);
    for _ in 0..reader.number()? {
        let place = places.get(usize::try_from(reader.number()?).ok()?)?;
        let key: Box<str> = Box::from(reader.text()?);
        let group = reader.group()?;
        let fits =
            |correlation: &usize| rules.plan.gauges.get(*correlation).is_some_and(|gauge| is_of(&group.head, gauge));
        match place.filter(fits) {
            Some(correlation) => {
                timers.extend(waiting(rules, correlation, &key, &group));
                let (_, gone) = groups.add((correlation, &key), group, &rules.plan.gauges, i64::MIN);
                left_out += usize::from(gone.is_some());
            }
            None => left_out += 1,
        }
    }
    correlator.groups = groups;
    correlator.timers = timers;
    reader.0.is_empty().then_some(Restored { correlator, left_out })
}

/// When what waits in a group has waited in vain.
pub(super) fn waiting(rules: &Rules, correlation: usize, key: &str, group: &Group) -> Vec<(i64, usize, Box<str>)> {
    let Some(gauge) = rules.plan.gauges.get(correlation) else { return Vec::new() };
    let (State::Waiting(waiting), What::Absent(absent)) = (&group.head, &gauge.what) else { return Vec::new() };
    let until = |at: i64| at.saturating_add(absent.within_ms).saturating_add(gauge.delay_ms);
    waiting.waits.iter().map(|(at, _)| (until(*at), correlation, Box::from(key))).collect()
}

/// Whether a state is one of a gauge.
fn is_of(state: &State, gauge: &Gauge) -> bool {
    match (state, gauge.state()) {
        (State::Temporal(one), State::Temporal(other)) => one.len() == other.len(),
        (State::Ordered(one), State::Ordered(other)) => {
            one.begins.len() == other.begins.len() && one.last.len() == other.last.len()
        }
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(&other),
    }
}

/// What correlations are known again by.
fn prints(rules: &Rules) -> Vec<Vec<u8>> {
    let print = |correlation: &crate::model::Correlation| {
        let about = (correlation.about.key(), &correlation.kind, &correlation.rules, &correlation.aliases);
        let hours = &correlation.about.extension.schedule;
        let shape = (&correlation.group_by, correlation.span_ms, &correlation.bounds, hours);
        let text = format!("{about:?} {shape:?}");
        Sha256::digest(text.as_bytes()).iter().take(DIGEST).copied().collect()
    };
    rules.correlations.iter().map(print).collect()
}

impl Writer {
    fn group(&mut self, group: &Group) {
        self.signed(group.newest);
        self.signed(group.closed_to);
        self.state(&group.head);
        self.number(u64::from(group.open.is_some()));
        if let Some(open) = &group.open {
            self.state(&open.closed);
            self.list(open.items.iter(), |out, (item, held)| {
                out.signed(item.at);
                out.number(u64::try_from(item.part).unwrap_or(u64::MAX));
                out.wide(item.value);
                out.number(item.event);
                out.number(u64::from(*held));
            });
        }
    }

    fn state(&mut self, state: &State) {
        let pair = |out: &mut Self, (at, event): &(i64, u64)| {
            out.signed(*at);
            out.number(*event);
        };
        match state {
            State::Count(times) => {
                self.number(0);
                self.list(times.iter(), pair);
            }
            State::Distinct(distinct) => {
                self.number(1);
                self.number(u64::from(distinct.last.is_some()));
                self.list(distinct.order.iter(), |out, (at, value, event)| {
                    out.signed(*at);
                    out.wide(*value);
                    out.number(*event);
                });
            }
            State::Sum(sum) => {
                self.number(2);
                self.list(sum.entries.iter(), |out, (at, sum, count, event)| {
                    out.signed(*at);
                    out.wide(sum.cast_unsigned());
                    out.number(*count);
                    out.number(*event);
                });
            }
            State::Ranked(ranked) => {
                self.number(3);
                self.list(ranked.entries.iter(), |out, (at, value, event)| {
                    out.signed(*at);
                    out.wide(u128::from(value.to_bits()));
                    out.number(*event);
                });
            }
            State::Temporal(last) => {
                self.number(4);
                self.list(last.iter(), pair);
            }
            State::Ordered(ordered) => {
                self.number(5);
                self.list(ordered.begins.iter(), |out, begin| out.signed(*begin));
                self.list(ordered.last.iter(), pair);
                self.signed(ordered.now);
                self.number(ordered.at_once);
            }
            other => self.behaviour(other),
        }
    }
}

impl Reader<'_> {
    fn group(&mut self) -> Option<Group> {
        let (newest, closed_to, head) = (self.signed()?, self.signed()?, self.state()?);
        let open = if self.number()? == 0 {
            None
        } else {
            let closed = self.state()?;
            let items: VecDeque<(Item, bool)> = self.list(|reader| {
                let (at, part) = (reader.signed()?, usize::try_from(reader.number()?).ok()?);
                let (value, event) = (reader.wide()?, reader.number()?);
                Some((Item { at, part, value, event }, reader.number()? != 0))
            })?;
            Some(Box::new(Open { closed, items }))
        };
        Some(Group { head, newest, closed_to, open })
    }

    fn state(&mut self) -> Option<State> {
        let pair = |reader: &mut Self| Some((reader.signed()?, reader.number()?));
        Some(match self.number()? {
            0 => State::Count(self.list(pair)?),
            1 => {
                let has_table = self.number()? != 0;
                let order: VecDeque<(i64, u128, u64)> =
                    self.list(|reader| Some((reader.signed()?, reader.wide()?, reader.number()?)))?;
                // The newest of each value stands last.
                let table =
                    || order.iter().map(|(at, value, event)| (*value, (*at, *event))).collect::<HashMap<_, _>>();
                let last = has_table.then(table);
                State::Distinct(Distinct { order, last })
            }
            2 => {
                let entries: VecDeque<(i64, i128, u64, u64)> = self.list(|reader| {
                    Some((reader.signed()?, reader.wide()?.cast_signed(), reader.number()?, reader.number()?))
                })?;
                let total = entries.iter().try_fold(0_i128, |total, (_, sum, ..)| total.checked_add(*sum))?;
                let count = entries.iter().try_fold(0_u64, |count, (.., more, _)| count.checked_add(*more))?;
                State::Sum(Sum { entries, total, count })
            }
            3 => {
                let entries: VecDeque<(i64, f64, u64)> = self.list(|reader| {
                    let (at, value) = (reader.signed()?, f64::from_bits(u64::try_from(reader.wide()?).ok()?));
                    Some((at, value, reader.number()?))
                })?;
                let mut sorted: Vec<f64> = entries.iter().map(|(_, value, _)| *value).collect();
                sorted.sort_by(f64::total_cmp);
                State::Ranked(Ranked { entries, sorted })
            }
            4 => State::Temporal(self.list::<_, Vec<_>>(pair)?.into()),
            5 => State::Ordered(Ordered {
                begins: self.list::<_, Vec<_>>(Self::signed)?.into(),
                last: self.list::<_, Vec<_>>(pair)?.into(),
                now: self.signed()?,
                at_once: self.number()?,
            }),
            kind => return self.behaviour(kind),
        })
    }
}
