//! A set of documents within one window of a segment.

use std::ops::Range;
use tantivy::DocId;

/// Documents in a window.
pub(crate) const WINDOW: u32 = 4_096;
const WORDS: usize = 64;

/// Which documents of a window are in the set.
#[derive(Clone)]
pub(crate) struct Bits {
    start: DocId,
    words: [u64; WORDS],
}

impl Bits {
    /// None of the documents from `start` on.
    pub(crate) fn none(start: DocId) -> Self {
        Self { start, words: [0; WORDS] }
    }

    pub(crate) fn insert(&mut self, doc: DocId) {
        let offset = doc.wrapping_sub(self.start);
        if let Some(word) = self.words.get_mut(offset as usize / 64) {
            *word |= 1 << (offset % 64);
        }
    }

    /// Adds a run of documents.
    pub(crate) fn insert_range(&mut self, docs: Range<DocId>) {
        let from = docs.start.saturating_sub(self.start).min(WINDOW);
        let to = docs.end.saturating_sub(self.start).min(WINDOW);
        for (word, base) in self.words.iter_mut().zip((0..WINDOW).step_by(64)) {
            let first = from.saturating_sub(base).min(64);
            let last = to.saturating_sub(base).min(64);
            if first < last {
                *word |= (u64::MAX >> (64 - (last - first))) << first;
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(crate) fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    pub(crate) fn and(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    pub(crate) fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    pub(crate) fn and_not(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Keeps the documents that fit.
    pub(crate) fn retain(&mut self, mut fits: impl FnMut(DocId) -> bool) {
        let mut base = self.start;
        for word in &mut self.words {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                if !fits(base + bit) {
                    *word &= !(1 << bit);
                }
            }
            base += 64;
        }
    }

    /// The documents, ascending.
    pub(crate) fn push_to(&self, docs: &mut Vec<DocId>) {
        let mut base = self.start;
        for word in &self.words {
            let mut rest = *word;
            while rest != 0 {
                docs.push(base + rest.trailing_zeros());
                rest &= rest - 1;
            }
            base += 64;
        }
    }
}
