//! Collecting positions, and the newest ones of them, without scoring or fetching documents.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// The greatest `limit` positions below `below`, descending, and how many matched in all.
pub(crate) struct Newest {
    pub(crate) limit: usize,
    pub(crate) below: u64,
    pub(crate) above: Option<u64>,
}

pub(crate) struct NewestInSegment {
    column: Column<u64>,
    limit: usize,
    below: u64,
    above: Option<u64>,
    heap: BinaryHeap<Reverse<u64>>,
    total: u64,
}

impl Collector for Newest {
    type Fruit = (Vec<u64>, u64);
    type Child = NewestInSegment;

    fn for_segment(&self, _segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Self::Child> {
        let column = reader.fast_fields().u64("position")?;
        Ok(NewestInSegment {
            column,
            limit: self.limit,
            below: self.below,
            above: self.above,
            heap: BinaryHeap::new(),
            total: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<(Vec<u64>, u64)>) -> tantivy::Result<Self::Fruit> {
        let total = fruits.iter().map(|(_, total)| total).sum();
        let mut all: Vec<u64> = fruits.into_iter().flat_map(|(positions, _)| positions).collect();
        all.sort_unstable_by_key(|position| Reverse(*position));
        all.truncate(self.limit);
        Ok((all, total))
    }
}

impl SegmentCollector for NewestInSegment {
    type Fruit = (Vec<u64>, u64);

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.total += 1;
        let Some(position) = self.column.first(doc) else { return };
        if position >= self.below || self.above.is_some_and(|above| position <= above) {
            return;
        }
        if self.heap.len() < self.limit {
            self.heap.push(Reverse(position));
        } else if self.heap.peek().is_some_and(|Reverse(oldest)| position > *oldest) {
            self.heap.pop();
            self.heap.push(Reverse(position));
        }
    }

    fn harvest(self) -> Self::Fruit {
        (self.heap.into_iter().map(|Reverse(position)| position).collect(), self.total)
    }
}
