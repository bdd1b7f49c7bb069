//! How far a destination has come: what was looked at, what is open, and the sums of all else.
//!
//! **Invariants:** `accepted = delivered + dead_lettered + pending + expired`, always; a position leaves `open` once, with
//! one fate; what may be sent again after a crash is never more than [`WINDOW`].

use crate::packed;
use picket_store::destinations::{Counts, DeadLetter, Hour, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// Events that may be sent and not yet be safely known to have arrived.
pub const WINDOW: usize = 16_384;
/// Positions that are read back: dead letters that are wanted again may come while the last events that there is room for
/// are read.
const OPEN_MAX: usize = 2 * WINDOW;

/// Positions that are looked at, and their fates.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    begin: u64,
    scanned: u64,
    open: BTreeSet<u64>,
    counts: Counts,
    /// What the next save adds.
    news: News,
    /// Fates of the save that is on its way.
    saving: usize,
}

/// Fates that are not durable yet.
#[derive(Debug, Clone, Default)]
struct News {
    settled: usize,
    is_changed: bool,
    letters: Vec<DeadLetter>,
    hours: BTreeMap<i64, Hour>,
    tally: Tally,
}

/// Fates since the last save, for an event that tells them. Events that tell of deliveries are not told of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) delivered: u64,
    pub(crate) dead_lettered: u64,
    pub(crate) expired: u64,
}

/// What is made durable at once.
#[derive(Debug, Clone)]
pub(crate) struct Save {
    pub(crate) standing: Standing,
    pub(crate) letters: Vec<DeadLetter>,
    pub(crate) hours: Vec<Hour>,
    pub(crate) tally: Tally,
    settled: usize,
}

/// An event that has a fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Its position in the log.
    pub(crate) position: u64,
    /// The hour in which it happened.
    pub(crate) hour: i64,
    /// Whether it tells of deliveries itself.
    pub(crate) is_report: bool,
}

/// What cannot be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of the destination's progress is damaged; restore a backup, or make the destination anew")]
pub(crate) struct Damaged;

impl Progress {
    /// What was kept.
    pub(crate) fn read(kept: &Standing) -> Result<Self, Damaged> {
        let open = packed::unpack(&kept.open, OPEN_MAX).ok_or(Damaged)?;
        let counts = kept.counts;
        let settled = counts.delivered + counts.dead_lettered + counts.expired;
        let pending = u64::try_from(open.len()).unwrap_or(u64::MAX);
        let is_sound = open.last().is_none_or(|last| *last < kept.scanned) && counts.accepted == settled + pending;
        let progress =
            Self { begin: kept.begin, scanned: kept.scanned, open, counts, news: News::default(), saving: 0 };
        if is_sound { Ok(progress) } else { Err(Damaged) }
    }

    /// The next position to look at.
    pub(crate) fn scanned(&self) -> u64 {
        self.scanned
    }

    /// The position before which every event has its fate.
    pub(crate) fn contiguous(&self) -> u64 {
        self.open.first().copied().unwrap_or(self.scanned)
    }

    /// Positions whose fate is open.
    pub(crate) fn open(&self) -> &BTreeSet<u64> {
        &self.open
    }

    /// The sums.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Events whose fate is open.
    pub(crate) fn pending(&self) -> u64 {
        u64::try_from(self.open.len()).unwrap_or(u64::MAX)
    }

    /// How many more events may be taken now, so that a crash repeats at most [`WINDOW`].
    pub(crate) fn room(&self) -> usize {
        WINDOW.saturating_sub(self.open.len() + self.news.settled + self.saving)
    }

    /// Fates that are not durable yet: a crash sends these events again.
    pub(crate) fn unsafe_fates(&self) -> usize {
        self.news.settled + self.saving
    }

    /// Fates that no save has begun to make durable.
    pub(crate) fn unsaved(&self) -> usize {
        self.news.settled
    }

    /// Whether a save would change anything.
    pub(crate) fn is_changed(&self) -> bool {
        self.news.is_changed
    }

    /// Positions before `to` were looked at, and these are to be sent.
    pub(crate) fn scan(&mut self, to: u64, accepted: impl IntoIterator<Item = Mark>) {
        for mark in accepted {
            if self.open.insert(mark.position) {
                self.counts.accepted += 1;
                self.hour(mark.hour).accepted += 1;
            }
        }
        self.news.is_changed |= to > self.scanned;
        self.scanned = self.scanned.max(to);
    }

    /// Retention dropped so many entries before anybody could see whether they were to be sent.
    pub(crate) fn lose(&mut self, to: u64) {
        let lost = to.saturating_sub(self.scanned);
        self.counts.accepted += lost;
        self.counts.expired += lost;
        self.news.tally.expired += lost;
        self.news.is_changed |= lost > 0;
        self.scanned = self.scanned.max(to);
    }

    /// The receiver has it.
    pub(crate) fn deliver(&mut self, mark: Mark) {
        if self.settle(mark.position) {
            self.counts.delivered += 1;
            self.hour(mark.hour).delivered += 1;
            self.news.tally.delivered += u64::from(!mark.is_report);
        }
    }

    /// It is given up.
    pub(crate) fn bury(&mut self, mark: Mark, letter: DeadLetter) {
        if self.settle(mark.position) {
            self.counts.dead_lettered += 1;
            self.hour(mark.hour).dead_lettered += 1;
            self.news.tally.dead_lettered += u64::from(!mark.is_report);
            self.news.letters.push(letter);
        }
    }

    /// Retention dropped it while it was open.
    pub(crate) fn expire(&mut self, position: u64) {
        if self.settle(position) {
            self.counts.expired += 1;
            self.news.tally.expired += 1;
        }
    }

    /// What was given up is open again. Not told in hours: it was accepted there before.
    pub(crate) fn reopen(&mut self, mark: Mark) {
        if self.open.insert(mark.position) {
            self.counts.dead_lettered = self.counts.dead_lettered.saturating_sub(1);
            self.hour(mark.hour).dead_lettered -= 1;
            self.news.is_changed = true;
        }
    }

    fn settle(&mut self, position: u64) -> bool {
        let was_open = self.open.remove(&position);
        self.news.settled += usize::from(was_open);
        self.news.is_changed |= was_open;
        was_open
    }

    fn hour(&mut self, hour: i64) -> &mut Hour {
        let none = Hour { hour, accepted: 0, delivered: 0, dead_lettered: 0, expired: 0 };
        self.news.hours.entry(hour).or_insert(none)
    }

    /// What is to be made durable now. Until [`Progress::saved`] or [`Progress::not_saved`] says what became of it, its
    /// fates count as unsafe.
    pub(crate) fn save(&mut self) -> Save {
        let News { settled, letters, hours, tally, .. } = std::mem::take(&mut self.news);
        self.saving += settled;
        let open = packed::pack(&self.open);
        let standing = Standing { begin: self.begin, scanned: self.scanned, open, counts: self.counts };
        Save { standing, letters, hours: hours.into_values().collect(), tally, settled }
    }

    /// A save is durable.
    pub(crate) fn saved(&mut self, save: &Save) {
        self.saving = self.saving.saturating_sub(save.settled);
    }

    /// A save did not happen: all of it is still to be saved.
    pub(crate) fn not_saved(&mut self, save: Save) {
        self.saving = self.saving.saturating_sub(save.settled);
        self.news.settled += save.settled;
        self.news.is_changed = true;
        let newer = std::mem::replace(&mut self.news.letters, save.letters);
        self.news.letters.extend(newer);
        for more in save.hours {
            let hour = self.hour(more.hour);
            hour.accepted += more.accepted;
            hour.delivered += more.delivered;
            hour.dead_lettered += more.dead_lettered;
            hour.expired += more.expired;
        }
        self.news.tally.delivered += save.tally.delivered;
        self.news.tally.dead_lettered += save.tally.dead_lettered;
        self.news.tally.expired += save.tally.expired;
    }
}

#[cfg(test)]
mod tests;
