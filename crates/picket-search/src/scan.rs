//! Walking over the documents that match, from either end, and counting them.

use crate::bits::{Bits, WINDOW};
use crate::failure::SearchError;
use crate::node::Node;
use crate::plan::Plan;
use crate::segment::{Segment, Snapshot, guarded};
use std::ops::Range;
use std::sync::Arc;
use tantivy::DocId;

/// Windows that are looked at together, at most, when few documents match.
const WINDOWS_MAX: u32 = 32;
/// Positions that a pager gives at once, at most.
const SLICE: usize = 4_096;

/// Which way a walk runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the newest back.
    Backwards,
    /// From the oldest on.
    Forwards,
}

/// A walk over the documents that match, in batches.
pub(crate) struct Walk {
    snapshot: Arc<Snapshot>,
    plan: Arc<Plan>,
    positions: Range<u64>,
    direction: Direction,
    /// How many segments were begun.
    begun: usize,
    open: Option<Open>,
    docs: Vec<DocId>,
}

/// A segment on the way.
struct Open {
    segment: Arc<Segment>,
    node: Node,
    rest: Range<DocId>,
    windows: u32,
}

/// Documents of one segment, in the direction of the walk.
pub(crate) struct Batch<'a> {
    pub(crate) segment: &'a Arc<Segment>,
    pub(crate) docs: &'a [DocId],
}

impl Walk {
    pub(crate) fn new(snapshot: &Arc<Snapshot>, plan: &Arc<Plan>, positions: Range<u64>, direction: Direction) -> Self {
        Self {
            snapshot: Arc::clone(snapshot),
            plan: Arc::clone(plan),
            positions,
            direction,
            begun: 0,
            open: None,
            docs: Vec::new(),
        }
    }

    /// The next documents; none when the walk has ended.
    pub(crate) fn next(&mut self) -> tantivy::Result<Option<Batch<'_>>> {
        self.docs.clear();
        while self.docs.is_empty() {
            if self.open.as_ref().is_none_or(|open| open.rest.is_empty()) {
                self.open = self.begin()?;
            }
            let Some(open) = &mut self.open else { return Ok(None) };
            match self.direction {
                Direction::Backwards => open.back(&mut self.docs)?,
                Direction::Forwards => open.forth(&mut self.docs)?,
            }
        }
        let docs = &self.docs;
        Ok(self.open.as_ref().map(|open| Batch { segment: &open.segment, docs }))
    }

    /// The next segment with documents in the range.
    fn begin(&mut self) -> tantivy::Result<Option<Open>> {
        loop {
            let last = self.snapshot.segments.len().checked_sub(self.begun + 1);
            let at = match self.direction {
                Direction::Backwards => last,
                Direction::Forwards => last.map(|_| self.begun),
            };
            let Some(segment) = at.and_then(|at| self.snapshot.segments.get(at)) else { return Ok(None) };
            self.begun += 1;
            let rest = segment.docs(&self.positions);
            if !rest.is_empty() {
                let node = Node::bind(&self.plan, segment)?;
                return Ok(Some(Open { segment: Arc::clone(segment), node, rest, windows: 1 }));
            }
        }
    }
}

impl Open {
    fn matches(&mut self, start: DocId, end: DocId) -> tantivy::Result<Bits> {
        let mut bits = self.node.matches(start, end)?;
        if let Some(alive) = self.segment.reader.alive_bitset() {
            bits.retain(|doc| alive.is_alive(doc));
        }
        Ok(bits)
    }

    /// Looks at a few windows before the end, more each time, since going back costs.
    fn back(&mut self, docs: &mut Vec<DocId>) -> tantivy::Result<()> {
        let end = self.node.end_before(self.rest.end).max(self.rest.start);
        let start = end.saturating_sub(self.windows * WINDOW).max(self.rest.start);
        let mut at = start;
        while at < end {
            self.matches(at, end)?.push_to(docs);
            at = at.saturating_add(WINDOW);
        }
        docs.reverse();
        self.rest.end = start;
        self.windows = (self.windows * 2).min(WINDOWS_MAX);
        Ok(())
    }

    fn forth(&mut self, docs: &mut Vec<DocId>) -> tantivy::Result<()> {
        let start = self.node.start_after(self.rest.start);
        if start < self.rest.end {
            self.matches(start, self.rest.end)?.push_to(docs);
        }
        self.rest.start = start.saturating_add(WINDOW).min(self.rest.end);
        Ok(())
    }

    fn count(&mut self) -> tantivy::Result<u64> {
        if self.segment.reader.alive_bitset().is_none() {
            let whole = self.rest.start == 0 && self.rest.end == self.segment.max_doc();
            if let Some(count) = self.node.count(&self.rest, whole) {
                return Ok(count);
            }
        }
        let mut total = 0;
        loop {
            let start = self.node.start_after(self.rest.start);
            if start >= self.rest.end {
                return Ok(total);
            }
            total += u64::from(self.matches(start, self.rest.end)?.count());
            self.rest.start = start.saturating_add(WINDOW);
        }
    }
}

/// How many documents match.
pub(crate) fn count(snapshot: &Arc<Snapshot>, plan: &Arc<Plan>, positions: Range<u64>) -> tantivy::Result<u64> {
    let mut walk = Walk::new(snapshot, plan, positions, Direction::Forwards);
    let mut total = 0;
    while let Some(mut open) = walk.begin()? {
        total += open.count()?;
    }
    Ok(total)
}

/// All positions that match, in slices: a listing of any length in bounded memory, over one state of the index.
pub struct Pager {
    walk: Walk,
    slice: Vec<u64>,
}

impl std::fmt::Debug for Pager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pager({:?})", self.walk.positions)
    }
}

impl Pager {
    pub(crate) fn new(walk: Walk) -> Self {
        Self { walk, slice: Vec::new() }
    }
}

impl Iterator for Pager {
    type Item = Result<Vec<u64>, SearchError>;

    /// At most 4,096 positions.
    fn next(&mut self) -> Option<Self::Item> {
        let walk = &mut self.walk;
        let slice = &mut self.slice;
        let filled = guarded(|| {
            while slice.len() < SLICE {
                let Some(batch) = walk.next()? else { break };
                slice.extend(batch.docs.iter().map(|doc| batch.segment.position(*doc)));
            }
            Ok(())
        });
        if let Err(error) = filled {
            slice.clear();
            walk.snapshot = Arc::new(Snapshot { segments: Vec::new(), covered: 0 });
            walk.open = None;
            return Some(Err(error));
        }
        let rest = slice.split_off(slice.len().min(SLICE));
        let full = std::mem::replace(slice, rest);
        (!full.is_empty()).then_some(Ok(full))
    }
}
