//! The newest events in memory, for those who follow the tail: they need not read, decrypt and parse what was just
//! written.
//!
//! **Invariant:** an event here is what the same positions give when they are read from the database.

use crate::LoggedEvent;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bounds of what is kept: entries, and bytes of their facts.
const ENTRIES_MAX: usize = 4_096;
const BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// A window that ends at the tail.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    slots: VecDeque<Slot>,
    /// The position after the newest.
    next: u64,
    bytes: usize,
}

/// An entry, and how large its facts are; without an event where only the database has it.
#[derive(Debug)]
struct Slot {
    logged: Option<Arc<LoggedEvent>>,
    bytes: usize,
}

impl Recent {
    /// Takes the entry at the tail.
    pub(crate) fn push(&mut self, position: u64, logged: Option<Arc<LoggedEvent>>, bytes: usize) {
        if position != self.next {
            self.clear();
        }
        self.slots.push_back(Slot { logged, bytes });
        self.next = position + 1;
        self.bytes += bytes;
        while self.slots.len() > ENTRIES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.slots.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.bytes);
        }
    }

    /// The events at `from .. to`, if all of them are here.
    pub(crate) fn range(&self, from: u64, to: u64) -> Option<Vec<Arc<LoggedEvent>>> {
        let first = self.next.checked_sub(u64::try_from(self.slots.len()).ok()?)?;
        let skipped = usize::try_from(from.checked_sub(first)?).ok()?;
        let count = usize::try_from(to.checked_sub(from)?).ok()?;
        if to > self.next {
            return None;
        }
        self.slots.iter().skip(skipped).take(count).map(|slot| slot.logged.clone()).collect()
    }

    /// Entries that are kept.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.slots.len()
    }

    /// Forgets all, since some of it was erased in the database.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.bytes = 0;
    }
}
