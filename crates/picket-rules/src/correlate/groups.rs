//! The groups of all correlations, and which of them goes when there are too many.

use super::gauge::Gauge;
use super::group::Group;
use std::collections::HashMap;

/// Groups that are looked at when one has to go: the one of them whose newest match is oldest goes.
const LOOKED_AT: usize = 64;
/// Groups that are looked at for each new one, so that those which are over go by themselves.
const SWEPT: usize = 2;

/// A group with its name.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) correlation: usize,
    pub(crate) key: Box<str>,
    pub(crate) group: Group,
}

/// Groups by correlation and key.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    members: Vec<Option<Member>>,
    free: Vec<usize>,
    /// By correlation.
    places: Vec<HashMap<Box<str>, usize>>,
    hand: usize,
    most: usize,
}

impl Groups {
    pub(crate) fn new(correlations: usize, most: usize) -> Self {
        Self {
            members: Vec::new(),
            free: Vec::new(),
            places: vec![HashMap::new(); correlations],
            hand: 0,
            most: most.max(1),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len() - self.free.len()
    }

    /// All groups.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().flatten()
    }

    /// The place of a group, if it is there.
    pub(crate) fn place(&self, correlation: usize, key: &str) -> Option<usize> {
        self.places.get(correlation)?.get(key).copied()
    }

    /// The group at a place.
    pub(crate) fn at(&mut self, place: usize) -> Option<&mut Group> {
        self.members.get_mut(place)?.as_mut().map(|member| &mut member.group)
    }

    /// Puts a group there; its place, and what had to go for it although something could still depend on it.
    pub(crate) fn add(&mut self, member: Member, gauges: &[Gauge], floor: i64) -> (usize, Option<Member>) {
        for _ in 0..SWEPT {
            self.sweep(gauges, floor);
        }
        let gone = if self.len() >= self.most { self.evict(gauges, floor) } else { None };
        let place = self.free.pop().unwrap_or(self.members.len());
        if let Some(places) = self.places.get_mut(member.correlation) {
            places.insert(member.key.clone(), place);
        }
        match self.members.get_mut(place) {
            Some(free) => *free = Some(member),
            None => self.members.push(Some(member)),
        }
        (place, gone)
    }

    /// Lets groups go; how many.
    pub(crate) fn forget(&mut self, is_meant: impl Fn(&Member) -> bool) -> usize {
        let meant = |place: &usize| self.members.get(*place).and_then(Option::as_ref).is_some_and(&is_meant);
        let places: Vec<usize> = (0..self.members.len()).filter(meant).collect();
        places.into_iter().filter(|place| self.remove(*place).is_some()).count()
    }

    /// Lets the next group go if it is over.
    fn sweep(&mut self, gauges: &[Gauge], floor: i64) {
        self.hand = if self.hand + 1 < self.members.len() { self.hand + 1 } else { 0 };
        let Some(Some(member)) = self.members.get_mut(self.hand) else { return };
        let Some(gauge) = gauges.get(member.correlation) else { return };
        if member.group.is_over(gauge, floor) {
            self.remove(self.hand);
        } else {
            member.group.close(gauge, floor);
        }
    }

    /// Lets one group go: one that is over, else the stalest of some.
    fn evict(&mut self, gauges: &[Gauge], floor: i64) -> Option<Member> {
        let mut stalest: Option<(i64, usize)> = None;
        for _ in 0..LOOKED_AT.min(self.members.len()) {
            let before = self.len();
            self.sweep(gauges, floor);
            if self.len() < before {
                return None;
            }
            let newest = self.members.get(self.hand).and_then(Option::as_ref).map(|member| member.group.newest);
            if let Some(newest) = newest
                && stalest.is_none_or(|(other, _)| newest < other)
            {
                stalest = Some((newest, self.hand));
            }
        }
        stalest.and_then(|(_, place)| self.remove(place))
    }

    fn remove(&mut self, place: usize) -> Option<Member> {
        let member = self.members.get_mut(place)?.take()?;
        self.places.get_mut(member.correlation)?.remove(&member.key);
        self.free.push(place);
        Some(member)
    }
}
