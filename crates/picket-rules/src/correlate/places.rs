//! Where groups stand: by their key, which is kept once for all correlations, and by their correlation.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher as _;

/// The number of a key.
pub(super) type KeyId = u32;

/// A key with the groups that have it.
#[derive(Debug, Clone)]
struct Held {
    text: Box<str>,
    hash: u64,
    /// Correlation and place, in the order of correlations.
    groups: Vec<(u32, u32)>,
}

/// Keys by text, groups by key and correlation.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    table: HashTable<KeyId>,
    held: Vec<Held>,
    free: Vec<KeyId>,
    hasher: DefaultHashBuilder,
    /// How often a key went: a number that was known before may mean another since.
    gone: u64,
}

fn at(held: &[Held], id: KeyId) -> Option<&Held> {
    held.get(usize::try_from(id).ok()?)
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Places {
    pub(super) fn gone(&self) -> u64 {
        self.gone
    }

    pub(super) fn text(&self, id: KeyId) -> &str {
        at(&self.held, id).map_or("", |held| &held.text)
    }

    /// The number of a key, if a group has it.
    pub(super) fn find(&self, text: &str) -> Option<KeyId> {
        let hash = self.hasher.hash_one(text);
        self.table.find(hash, |id| at(&self.held, *id).is_some_and(|held| *held.text == *text)).copied()
    }

    /// The place of a group.
    pub(super) fn place(&self, id: KeyId, correlation: usize) -> Option<usize> {
        let groups = &at(&self.held, id)?.groups;
        let correlation = short(correlation);
        let found = groups.binary_search_by_key(&correlation, |(other, _)| *other).ok()?;
        groups.get(found).and_then(|(_, place)| usize::try_from(*place).ok())
    }

    /// A group stands there from now on; the number of its key.
    pub(super) fn insert(&mut self, text: &str, correlation: usize, place: usize) -> KeyId {
        let id = self.find(text).unwrap_or_else(|| self.add(text));
        let group = (short(correlation), short(place));
        if let Some(held) = usize::try_from(id).ok().and_then(|id| self.held.get_mut(id)) {
            let at = held.groups.partition_point(|(other, _)| *other < group.0);
            held.groups.insert(at, group);
        }
        id
    }

    fn add(&mut self, text: &str) -> KeyId {
        let hash = self.hasher.hash_one(text);
        let new = Held { text: Box::from(text), hash, groups: Vec::new() };
        let free = self.free.pop().and_then(|id| Some((id, self.held.get_mut(usize::try_from(id).ok()?)?)));
        let id = match free {
            Some((id, held)) => {
                *held = new;
                id
            }
            None => {
                self.held.push(new);
                short(self.held.len() - 1)
            }
        };
        let held = &self.held;
        self.table.insert_unique(hash, id, |id| at(held, *id).map_or(0, |held| held.hash));
        id
    }

    /// A group stands there no longer; its key goes with the last.
    pub(super) fn remove(&mut self, id: KeyId, correlation: usize) {
        let Some(held) = usize::try_from(id).ok().and_then(|id| self.held.get_mut(id)) else { return };
        held.groups.retain(|(other, _)| *other != short(correlation));
        if !held.groups.is_empty() {
            return;
        }
        let hash = held.hash;
        (held.text, held.groups) = (Box::default(), Vec::new());
        if let Ok(entry) = self.table.find_entry(hash, |other| *other == id) {
            entry.remove();
        }
        self.free.push(id);
        self.gone += 1;
    }
}
