//! Profiles by their owners, and which of them goes when there are too many.

use super::Kind;
use hashbrown::HashTable;
use picket_behaviour::Profile;
use picket_behaviour::bytes::{Reader, Writer};
use picket_store::detection::profiles::Changed;

/// Profiles that are looked at when one has to go.
const LOOKED_AT: usize = 16;
/// Each doubling of its requests keeps a profile for so many hours longer: who came once goes before who comes often, so
/// that made up names push each other out and nobody else.
const HOURS_A_DOUBLING: u32 = 48;
const DOUBLINGS_MAX: u32 = 12;

/// A profile with its owner.
#[derive(Debug)]
pub(super) struct Slot {
    /// A keyed hash of its kind and name.
    pub(super) owner: u64,
    /// None: it is free.
    pub(super) kind: Option<Kind>,
    is_changed: bool,
    /// Place of its peers.
    pub(super) group: u16,
    pub(super) profile: Profile,
}

/// All profiles.
#[derive(Debug)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    index: HashTable<u32>,
    free: Vec<u32>,
    /// Those that are not kept as they are.
    changed: Vec<u32>,
    hand: usize,
    most: usize,
    /// Profiles that went for want of room.
    pub(super) evicted: u64,
}

impl Slots {
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, usize::try_from(u32::MAX).unwrap_or(usize::MAX));
        let (slots, index) = (Vec::new(), HashTable::new());
        Self { slots, index, free: Vec::new(), changed: Vec::new(), hand: 0, most, evicted: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn bound(&mut self, most: usize) {
        self.most = most.max(1);
    }

    fn place(&self, owner: u64) -> Option<u32> {
        let is_it = |place: &u32| self.at(*place).is_some_and(|slot| slot.owner == owner);
        self.index.find(owner, is_it).copied()
    }

    fn at(&self, place: u32) -> Option<&Slot> {
        self.slots.get(usize::try_from(place).ok()?)
    }

    fn at_mut(&mut self, place: u32) -> Option<&mut Slot> {
        self.slots.get_mut(usize::try_from(place).ok()?)
    }

    /// The profile of an owner, if there is one.
    pub(super) fn find(&self, owner: u64) -> Option<(u32, &Slot)> {
        let place = self.place(owner)?;
        Some((place, self.at(place)?))
    }

    /// The profile of an owner, to be changed; a new one if there is none.
    pub(super) fn of(&mut self, owner: u64, kind: Kind) -> Option<&mut Slot> {
        let place = match self.place(owner) {
            Some(place) => place,
            None => {
                self.add(Slot { owner, kind: Some(kind), is_changed: false, group: 0, profile: Profile::default() })
            }
        };
        self.mark(place);
        self.at_mut(place)
    }

    fn mark(&mut self, place: u32) {
        let is_news = self.at_mut(place).is_some_and(|slot| !std::mem::replace(&mut slot.is_changed, true));
        if is_news {
            self.changed.push(place);
        }
    }

    fn add(&mut self, mut slot: Slot) -> u32 {
        if self.len() >= self.most {
            self.evict();
        }
        let owner = slot.owner;
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(free) = self.at_mut(place) {
                    slot.is_changed = free.is_changed;
                    *free = slot;
                }
                place
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.insert(owner, place);
        place
    }

    fn insert(&mut self, owner: u64, place: u32) {
        let slots = &self.slots;
        let hash =
            |place: &u32| usize::try_from(*place).ok().and_then(|place| slots.get(place)).map_or(0, |slot| slot.owner);
        self.index.insert_unique(owner, place, hash);
    }

    /// Lets one go: of some, the one that matters least.
    fn evict(&mut self) {
        let mut least: Option<(u32, u32)> = None;
        for _ in 0..LOOKED_AT {
            self.hand = if self.hand + 1 < self.slots.len() { self.hand + 1 } else { 0 };
            let Some(slot) = self.slots.get(self.hand).filter(|slot| slot.kind.is_some()) else { continue };
            let doublings = slot.profile.requests().max(1).ilog2().min(DOUBLINGS_MAX);
            let matters = slot.profile.present().hour.saturating_add(doublings * HOURS_A_DOUBLING);
            if least.is_none_or(|(other, _)| matters < other) {
                least = u32::try_from(self.hand).ok().map(|place| (matters, place));
            }
        }
        if let Some((_, place)) = least {
            self.remove(place);
            self.evicted += 1;
        }
    }

    fn remove(&mut self, place: u32) {
        let Some(owner) = self.at(place).map(|slot| slot.owner) else { return };
        if let Ok(entry) = self.index.find_entry(owner, |other| *other == place) {
            entry.remove();
        }
        if let Some(slot) = self.at_mut(place) {
            (slot.kind, slot.owner, slot.profile) = (None, 0, Profile::default());
        }
        self.mark(place);
        self.free.push(place);
    }

    /// Lets an owner's profile go; whether there was one.
    pub(super) fn forget(&mut self, owner: u64) -> bool {
        self.place(owner).map(|place| self.remove(place)).is_some()
    }

    /// What has to be kept; from then on it counts as kept.
    pub(super) fn take_changed(&mut self) -> Vec<Changed> {
        let places = std::mem::take(&mut self.changed);
        let changed = places.into_iter().filter_map(|place| {
            let slot = self.at_mut(place)?;
            slot.is_changed = false;
            let state = slot.kind.map(|kind| {
                let mut out = Writer::default();
                out.number(kind.number());
                out.number(u64::from(slot.group));
                slot.profile.write(&mut out);
                out.into_bytes()
            });
            Some(Changed { place, owner: slot.owner, state })
        });
        changed.collect()
    }

    /// Takes a profile back that was kept; whether it could be read and has room.
    pub(super) fn restore(&mut self, place: u32, owner: u64, state: &[u8]) -> bool {
        let mut reader = Reader::new(state);
        let mut read = || Some((Kind::of(reader.number()?)?, reader.fitting()?, Profile::read(&mut reader)?));
        let Some((kind, group, profile)) = read().filter(|_| reader.is_empty()) else { return false };
        let Ok(at) = usize::try_from(place) else { return false };
        if self.len() >= self.most || at < self.slots.len() || at > self.slots.len() + self.most {
            return false;
        }
        while self.slots.len() < at {
            // What was here is gone.
            self.free.extend(u32::try_from(self.slots.len()));
            self.slots.push(Slot { owner: 0, kind: None, is_changed: false, group: 0, profile: Profile::default() });
        }
        self.slots.push(Slot { owner, kind: Some(kind), is_changed: false, group, profile });
        self.insert(owner, place);
        true
    }

    pub(super) fn hand(&self) -> usize {
        self.hand
    }

    pub(super) fn set_hand(&mut self, hand: usize) {
        self.hand = hand;
    }
}
