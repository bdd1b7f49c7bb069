//! A plan bound to a segment, evaluated window by window.

use crate::bits::{Bits, WINDOW};
use crate::plan::Plan;
use crate::segment::Segment;
use crate::zones::Zones;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use tantivy::columnar::Column;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::{Field as Id, IndexRecordOption};
use tantivy::{DocId, SegmentReader};

/// Documents of a term that are read at once.
const SHORT: u32 = 2_048;
/// Candidates up to which each is looked up, instead of reading all documents of a window.
const FEW: u32 = 24;

/// A part of a plan in one segment.
pub(crate) enum Node {
    All,
    Nothing,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A few documents, ascending.
    Docs(Vec<DocId>),
    /// The documents of a term.
    Term(Box<Posting>),
    Range(Values),
    Present(Column<u64>),
}

/// The documents with a value in a range.
pub(crate) struct Values {
    column: Column<u64>,
    range: RangeInclusive<u64>,
    zones: Option<Arc<Zones>>,
}

/// The documents of a term, read forwards, opened anew to go back.
pub(crate) struct Posting {
    index: Arc<InvertedIndexReader>,
    info: TermInfo,
    cursor: BlockSegmentPostings,
    at: DocId,
}

/// What is evaluated on: the documents of one window.
#[derive(Clone, Copy)]
struct Window {
    start: DocId,
    end: DocId,
}

impl Node {
    pub(crate) fn bind(plan: &Plan, segment: &Segment) -> tantivy::Result<Self> {
        let each =
            |parts: &[Plan]| parts.iter().map(|part| Self::bind(part, segment)).collect::<tantivy::Result<Vec<_>>>();
        Ok(match plan {
            Plan::All => Self::All,
            Plan::Nothing => Self::Nothing,
            Plan::And(parts) => {
                let mut nodes = each(parts)?;
                nodes.retain(|node| !matches!(node, Self::All));
                nodes.sort_by_key(|node| node.cost(segment.max_doc()));
                match nodes.first() {
                    None => Self::All,
                    Some(Self::Nothing) => Self::Nothing,
                    Some(_) => Self::And(nodes),
                }
            }
            Plan::Or(parts) => Self::any(each(parts)?),
            Plan::Not(inner) => match Self::bind(inner, segment)? {
                Self::All => Self::Nothing,
                Self::Nothing => Self::All,
                other => Self::Not(Box::new(other)),
            },
            Plan::Terms(field, terms) => Self::of_terms(*field, terms, segment, false)?,
            Plan::Sole(field, terms) => Self::of_terms(*field, terms, segment, true)?,
            Plan::Prefix(field, prefix) => Self::prefix(*field, prefix, segment)?,
            Plan::Range(id, range) => Self::range(*id, range, segment)?,
            Plan::Present(id) => match segment.column(*id)? {
                None => Self::Nothing,
                Some(column) if column.get_cardinality().is_full() => Self::All,
                Some(column) => Self::Present(column.clone()),
            },
            Plan::At(position) => Self::Docs(segment.docs(&(*position..position.saturating_add(1))).collect()),
        })
    }

    fn any(mut nodes: Vec<Self>) -> Self {
        if nodes.iter().any(|node| matches!(node, Self::All)) {
            return Self::All;
        }
        nodes.retain(|node| !matches!(node, Self::Nothing));
        match nodes.len() {
            0 => Self::Nothing,
            1 => nodes.remove(0),
            _ => Self::Or(nodes),
        }
    }

    /// `sole` says that every document has exactly one term in the field.
    fn of_terms(field: Id, terms: &[Vec<u8>], segment: &Segment, sole: bool) -> tantivy::Result<Self> {
        let index = segment.reader.inverted_index(field)?;
        let mut found = Vec::new();
        for term in terms {
            found.extend(index.terms().get(term)?);
        }
        let docs: u32 = found.iter().map(|info| info.doc_freq).fold(0, u32::saturating_add);
        if sole && docs > segment.max_doc() / 2 {
            // The other terms are fewer documents, and all that have none of these.
            let mut others = Vec::new();
            let mut stream = index.terms().stream()?;
            while stream.advance() {
                if !terms.iter().any(|term| term == stream.key()) {
                    others.push(stream.value().clone());
                }
            }
            return Ok(match Self::terms(&index, others, &segment.reader)? {
                Self::Nothing => Self::All,
                others => Self::Not(Box::new(others)),
            });
        }
        Self::terms(&index, found, &segment.reader)
    }

    fn terms(index: &Arc<InvertedIndexReader>, terms: Vec<TermInfo>, reader: &SegmentReader) -> tantivy::Result<Self> {
        let (short, long): (Vec<TermInfo>, Vec<TermInfo>) = terms.into_iter().partition(|info| info.doc_freq <= SHORT);
        let mut docs = Vec::new();
        for info in &short {
            let mut cursor = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            while !cursor.docs().is_empty() {
                docs.extend_from_slice(cursor.docs());
                cursor.advance();
            }
        }
        if short.len() > 1 {
            docs.sort_unstable();
            docs.dedup();
        }
        let mut nodes = vec![if docs.is_empty() { Self::Nothing } else { Self::Docs(docs) }];
        for info in long {
            if info.doc_freq == reader.max_doc() {
                return Ok(Self::All);
            }
            nodes.push(Self::Term(Box::new(Posting::open(Arc::clone(index), info)?)));
        }
        Ok(Self::any(nodes))
    }

    fn prefix(field: Id, prefix: &[u8], segment: &Segment) -> tantivy::Result<Self> {
        let index = segment.reader.inverted_index(field)?;
        let mut terms = index.terms().range().ge(prefix).into_stream()?;
        let mut found = Vec::new();
        while terms.advance() && terms.key().starts_with(prefix) {
            found.push(terms.value().clone());
        }
        Self::terms(&index, found, &segment.reader)
    }

    fn range(id: Id, range: &RangeInclusive<u64>, segment: &Segment) -> tantivy::Result<Self> {
        let Some(column) = segment.column(id)? else { return Ok(Self::Nothing) };
        let (least, most) = (column.min_value(), column.max_value());
        let is_full = column.get_cardinality().is_full();
        Ok(if most < *range.start() || least > *range.end() {
            Self::Nothing
        } else if is_full && range.contains(&least) && range.contains(&most) {
            Self::All
        } else {
            Self::Range(Values { column: column.clone(), range: range.clone(), zones: segment.zones(id, column) })
        })
    }

    /// Roughly the documents that must be looked at.
    fn cost(&self, max_doc: DocId) -> u64 {
        let whole = u64::from(max_doc);
        match self {
            Self::Nothing => 0,
            Self::All => whole,
            Self::Docs(docs) => docs.len() as u64,
            Self::Term(posting) => u64::from(posting.info.doc_freq),
            Self::Range(_) | Self::Present(_) => 2 * whole,
            Self::And(nodes) => nodes.iter().map(|node| node.cost(max_doc)).min().unwrap_or(0),
            Self::Or(nodes) => nodes.iter().map(|node| node.cost(max_doc)).sum(),
            Self::Not(inner) => whole + inner.cost(max_doc),
        }
    }

    /// No document matches between the result and `end`; the result is at most `end`.
    pub(crate) fn end_before(&self, end: DocId) -> DocId {
        match self {
            Self::Nothing => 0,
            Self::Docs(docs) => {
                let below = docs.partition_point(|doc| *doc < end);
                below.checked_sub(1).and_then(|last| docs.get(last)).map_or(0, |last| last + 1)
            }
            Self::And(nodes) => nodes.iter().map(|node| node.end_before(end)).min().unwrap_or(end),
            Self::Or(nodes) => nodes.iter().map(|node| node.end_before(end)).max().unwrap_or(0),
            Self::Range(values) => values.zones.as_ref().map_or(end, |zones| zones.end_before(end, &values.range)),
            Self::All | Self::Not(_) | Self::Term(_) | Self::Present(_) => end,
        }
    }

    /// No document matches between `start` and the result; the result is at least `start`.
    pub(crate) fn start_after(&self, start: DocId) -> DocId {
        match self {
            Self::Nothing => DocId::MAX,
            Self::Docs(docs) => docs.get(docs.partition_point(|doc| *doc < start)).copied().unwrap_or(DocId::MAX),
            Self::And(nodes) => nodes.iter().map(|node| node.start_after(start)).max().unwrap_or(start),
            Self::Or(nodes) => nodes.iter().map(|node| node.start_after(start)).min().unwrap_or(DocId::MAX),
            Self::Range(values) => values.zones.as_ref().map_or(start, |zones| zones.start_after(start, &values.range)),
            Self::All | Self::Not(_) | Self::Term(_) | Self::Present(_) => start,
        }
    }

    /// How many documents of a range match, where that is known without looking at them. `whole` says that the range is
    /// the whole segment.
    pub(crate) fn count(&self, range: &Range<DocId>, whole: bool) -> Option<u64> {
        match self {
            Self::Nothing => Some(0),
            Self::All => Some(u64::from(range.end.saturating_sub(range.start))),
            Self::Docs(docs) => {
                let until = |end: DocId| docs.partition_point(|doc| *doc < end) as u64;
                Some(until(range.end).saturating_sub(until(range.start)))
            }
            Self::Term(posting) if whole => Some(u64::from(posting.info.doc_freq)),
            _ => None,
        }
    }

    /// The documents from `start` on and before `end` that match; at most a window of them.
    pub(crate) fn matches(&mut self, start: DocId, end: DocId) -> tantivy::Result<Bits> {
        let window = Window { start, end: end.min(start.saturating_add(WINDOW)) };
        let mut bits = Bits::none(start);
        self.fill(window, &mut bits)?;
        Ok(bits)
    }

    /// Adds the documents of a window that match.
    fn fill(&mut self, window: Window, bits: &mut Bits) -> tantivy::Result<()> {
        match self {
            Self::Nothing => {}
            Self::All => bits.insert_range(window.start..window.end),
            Self::Docs(docs) => {
                let from = docs.partition_point(|doc| *doc < window.start);
                let run = docs.iter().skip(from).take_while(|doc| **doc < window.end);
                run.for_each(|doc| bits.insert(*doc));
            }
            Self::Term(posting) => posting.fill(window, bits)?,
            Self::Range(values) => values.fill(window, bits),
            Self::Present(column) => {
                (window.start..window.end).filter(|doc| column.index.has_value(*doc)).for_each(|doc| bits.insert(doc));
            }
            Self::Or(nodes) => nodes.iter_mut().try_for_each(|node| node.fill(window, bits))?,
            Self::And(_) | Self::Not(_) => {
                let mut matching = Bits::none(window.start);
                matching.insert_range(window.start..window.end);
                self.keep(window, &mut matching)?;
                bits.or(&matching);
            }
        }
        Ok(())
    }

    /// Keeps those of some candidates that match.
    fn keep(&mut self, window: Window, bits: &mut Bits) -> tantivy::Result<()> {
        match self {
            Self::All => {}
            Self::And(nodes) => {
                for node in nodes {
                    node.keep(window, bits)?;
                    if bits.is_empty() {
                        break;
                    }
                }
            }
            Self::Or(nodes) => {
                let mut kept = Bits::none(window.start);
                for node in nodes {
                    let mut candidates = bits.clone();
                    candidates.and_not(&kept);
                    node.keep(window, &mut candidates)?;
                    kept.or(&candidates);
                }
                *bits = kept;
            }
            Self::Not(inner) => {
                let mut without = bits.clone();
                inner.keep(window, &mut without)?;
                bits.and_not(&without);
            }
            Self::Term(posting) if bits.count() <= FEW => posting.keep(bits)?,
            Self::Range(values) if bits.count() <= FEW => {
                bits.retain(|doc| values.column.values_for_doc(doc).any(|value| values.range.contains(&value)));
            }
            Self::Present(column) => bits.retain(|doc| column.index.has_value(doc)),
            Self::Nothing | Self::Docs(_) | Self::Term(_) | Self::Range(_) => {
                let mut matching = Bits::none(window.start);
                self.fill(window, &mut matching)?;
                bits.and(&matching);
            }
        }
        Ok(())
    }
}

impl Values {
    fn fill(&self, window: Window, bits: &mut Bits) {
        let known = self.zones.as_ref().and_then(|zones| zones.all_or_none(window.start, window.end, &self.range));
        let is_full = || self.column.get_cardinality().is_full();
        match known {
            Some(false) => {}
            Some(true) if is_full() => bits.insert_range(window.start..window.end),
            _ => {
                let mut docs = Vec::new();
                let around = window.start..window.end;
                self.column.get_docids_for_value_range(self.range.clone(), around, &mut docs);
                docs.iter().for_each(|doc| bits.insert(*doc));
            }
        }
    }
}

impl Posting {
    fn open(index: Arc<InvertedIndexReader>, info: TermInfo) -> tantivy::Result<Self> {
        let cursor = index.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
        Ok(Self { index, info, cursor, at: 0 })
    }

    /// Goes to the first document from `doc` on; its place in the present block.
    fn seek(&mut self, doc: DocId) -> tantivy::Result<usize> {
        if doc < self.at {
            self.index.reset_block_postings_from_terminfo(&self.info, &mut self.cursor)?;
        }
        self.at = doc;
        Ok(self.cursor.seek(doc))
    }

    fn fill(&mut self, window: Window, bits: &mut Bits) -> tantivy::Result<()> {
        let mut place = self.seek(window.start)?;
        while let Some(docs) = self.cursor.docs().get(place..).filter(|docs| !docs.is_empty()) {
            for doc in docs {
                if *doc >= window.end {
                    return Ok(());
                }
                bits.insert(*doc);
            }
            // What follows is after this block: going back needs a new start.
            self.at = docs.last().map_or(self.at, |last| last + 1);
            self.cursor.advance();
            place = 0;
        }
        Ok(())
    }

    fn keep(&mut self, bits: &mut Bits) -> tantivy::Result<()> {
        let mut result = Ok(());
        bits.retain(|doc| match self.seek(doc) {
            Ok(place) => self.cursor.docs().get(place) == Some(&doc),
            Err(error) => {
                result = Err(error);
                false
            }
        });
        result
    }
}
