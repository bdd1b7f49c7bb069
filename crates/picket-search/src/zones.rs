//! The least and the greatest value of a column in each window of a segment: what a range cannot be in is not read.

use crate::bits::WINDOW;
use std::ops::RangeInclusive;
use tantivy::DocId;
use tantivy::columnar::Column;

/// Segments up to this many documents are read whole.
pub(crate) const WORTH: DocId = 4 * WINDOW;

/// The span of values in each window; none where no document has one.
pub(crate) struct Zones(Vec<Option<(u64, u64)>>);

impl Zones {
    pub(crate) fn of(column: &Column<u64>, max_doc: DocId) -> Self {
        let mut values = Vec::new();
        let zone = |start: DocId| {
            let rows = column.index.docid_range_to_rowids(start..max_doc.min(start.saturating_add(WINDOW)));
            values.clear();
            values.resize(rows.len(), 0);
            column.values.get_range(u64::from(rows.start), &mut values);
            values.iter().min().copied().zip(values.iter().max().copied())
        };
        Self((0..max_doc).step_by(WINDOW as usize).map(zone).collect())
    }

    /// The first document from `start` on, and before which no value is in the range.
    pub(crate) fn start_after(&self, start: DocId, range: &RangeInclusive<u64>) -> DocId {
        let first = start / WINDOW;
        let zones = self.0.iter().skip(first as usize);
        let skipped = zones.take_while(|zone| !touches(**zone, range)).count();
        match u32::try_from(skipped) {
            Ok(0) => start,
            Ok(skipped) if (first + skipped) as usize <= self.0.len() => (first + skipped) * WINDOW,
            _ => DocId::MAX,
        }
    }

    /// The end of the documents before `end` after which no value is in the range.
    pub(crate) fn end_before(&self, end: DocId, range: &RangeInclusive<u64>) -> DocId {
        let windows = end.div_ceil(WINDOW);
        let zones = self.0.iter().take(windows as usize).rev();
        let skipped = zones.take_while(|zone| !touches(**zone, range)).count();
        let left = windows.saturating_sub(u32::try_from(skipped).unwrap_or(u32::MAX));
        end.min(left * WINDOW)
    }

    /// Whether every value around these documents is in the range, or none is; unknown otherwise.
    pub(crate) fn all_or_none(&self, start: DocId, end: DocId, range: &RangeInclusive<u64>) -> Option<bool> {
        let last = end.saturating_sub(1).max(start) / WINDOW;
        let first = start / WINDOW;
        let zones = || self.0.iter().skip(first as usize).take((last - first + 1) as usize);
        let within = |zone: &Option<(u64, u64)>| {
            zone.is_some_and(|(least, most)| range.contains(&least) && range.contains(&most))
        };
        if !zones().any(|zone| touches(*zone, range)) {
            Some(false)
        } else if zones().all(within) {
            Some(true)
        } else {
            None
        }
    }
}

fn touches(zone: Option<(u64, u64)>, range: &RangeInclusive<u64>) -> bool {
    zone.is_some_and(|(least, most)| most >= *range.start() && least <= *range.end())
}
