//! Many texts that are nearly equal.

use super::cell::folded;
use super::{EVIDENCE_MAX, Item, Reading};
use crate::behaviour::NearDuplicate;
use picket_behaviour::near;
use std::collections::VecDeque;

/// Texts of a group that are remembered: each new one is held against all of them.
const TEXTS_MAX: usize = 4_096;

/// A text of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) at: i64,
    pub(crate) hash: u64,
    pub(crate) event: u64,
    /// How many are near it, itself and those before and at its moment.
    pub(crate) near: usize,
}

/// The texts of the window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Near(pub(crate) VecDeque<Text>);

impl Near {
    /// Whether a text that counts had to be forgotten.
    pub(crate) fn apply(&mut self, wanted: &NearDuplicate, item: &Item) -> bool {
        let from = item.at.saturating_sub(wanted.window_ms);
        while self.0.front().is_some_and(|text| text.at < from) {
            self.0.pop_front();
        }
        let mut new = Text { at: item.at, hash: folded(item.value), event: item.event, near: 1 };
        for text in self.0.iter_mut().filter(|text| near::distance(text.hash, new.hash) <= wanted.distance) {
            new.near += 1;
            // Of one moment, each comes before the other.
            text.near += usize::from(text.at == new.at);
        }
        self.0.push_back(new);
        let is_full = self.0.len() > TEXTS_MAX;
        if is_full {
            self.0.pop_front();
        }
        is_full
    }

    /// The text of the newest moment that is near to most.
    fn best(&self) -> Option<&Text> {
        let now = self.0.back()?.at;
        self.0.iter().rev().take_while(|text| text.at == now).max_by_key(|text| (text.near, text.hash))
    }

    fn around(&self, wanted: &NearDuplicate) -> impl DoubleEndedIterator<Item = &Text> {
        let hash = self.best().map(|best| best.hash);
        self.0.iter().filter(move |text| hash.is_some_and(|hash| near::distance(hash, text.hash) <= wanted.distance))
    }

    pub(crate) fn read(&self, wanted: &NearDuplicate, at: i64) -> Reading {
        let count = self.best().map_or(0, |best| best.near);
        let since = self.around(wanted).next().map_or(at, |text| text.at);
        Reading { holds: count >= wanted.count, value: super::number(count), expected: None, since }
    }

    pub(crate) fn evidence(&self, wanted: &NearDuplicate) -> Vec<u64> {
        self.around(wanted).rev().take(EVIDENCE_MAX).map(|text| text.event).collect()
    }
}
