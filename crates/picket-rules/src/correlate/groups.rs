//! The groups of all correlations, and which of them goes when there are too many.

use super::gauge::Gauge;
use super::group::Group;
use super::places::{KeyId, Places};

/// Groups that are looked at when one has to go: the one of them whose newest match is oldest goes.
const LOOKED_AT: usize = 64;
/// Groups that are looked at for each new one, so that those which are over go by themselves.
const SWEPT: usize = 2;

/// A group with its correlation and key.
#[derive(Debug, Clone)]
struct Member {
    correlation: usize,
    key: KeyId,
    group: Group,
}

/// A group that had to go although something could still depend on it.
#[derive(Debug, Clone)]
pub(crate) struct Gone {
    pub(crate) correlation: usize,
    pub(crate) key: Box<str>,
    pub(crate) group: Group,
}

/// Groups by correlation and key.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    members: Vec<Option<Member>>,
    free: Vec<usize>,
    places: Places,
    hand: usize,
    most: usize,
}

impl Groups {
    pub(crate) fn new(most: usize) -> Self {
        // Places are numbers of four bytes.
        let most = most.clamp(1, usize::try_from(u32::MAX / 2).unwrap_or(usize::MAX));
        Self { members: Vec::new(), free: Vec::new(), places: Places::default(), hand: 0, most }
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len() - self.free.len()
    }

    /// All groups, with their correlations and keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &str, &Group)> {
        let members = self.members.iter().flatten();
        members.map(|member| (member.correlation, self.places.text(member.key), &member.group))
    }

    /// The number of a key, if a group has it. It means the same as long as [`Groups::keys_gone`] says the same.
    pub(crate) fn key(&self, text: &str) -> Option<KeyId> {
        self.places.find(text)
    }

    pub(crate) fn keys_gone(&self) -> u64 {
        self.places.gone()
    }

    /// The place of a group, if it is there.
    pub(crate) fn place(&self, correlation: usize, key: KeyId) -> Option<usize> {
        self.places.place(key, correlation)
    }

    /// The group at a place.
    pub(crate) fn at(&mut self, place: usize) -> Option<&mut Group> {
        self.members.get_mut(place)?.as_mut().map(|member| &mut member.group)
    }

    /// Puts a group there; its place, and what had to go for it although something could still depend on it.
    pub(crate) fn add(
        &mut self,
        (correlation, text): (usize, &str),
        group: Group,
        gauges: &[Gauge],
        floor: i64,
    ) -> (usize, Option<Gone>) {
        for _ in 0..SWEPT {
            self.sweep(gauges, floor);
        }
        let gone = if self.len() >= self.most { self.evict(gauges, floor) } else { None };
        let place = self.free.pop().unwrap_or(self.members.len());
        let key = self.places.insert(text, correlation, place);
        let member = Some(Member { correlation, key, group });
        match self.members.get_mut(place) {
            Some(free) => *free = member,
            None => self.members.push(member),
        }
        (place, gone)
    }

    /// Lets go of the groups of some keys; how many.
    pub(crate) fn forget(&mut self, is_meant: impl Fn(&str) -> bool) -> usize {
        let meant = |place: &usize| {
            let member = self.members.get(*place).and_then(Option::as_ref);
            member.is_some_and(|member| is_meant(self.places.text(member.key)))
        };
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
    fn evict(&mut self, gauges: &[Gauge], floor: i64) -> Option<Gone> {
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

    fn remove(&mut self, place: usize) -> Option<Gone> {
        let Member { correlation, key, group } = self.members.get_mut(place)?.take()?;
        let gone = Gone { correlation, key: Box::from(self.places.text(key)), group };
        self.places.remove(key, correlation);
        self.free.push(place);
        Some(gone)
    }
}
