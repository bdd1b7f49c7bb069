//! Opened segments, and the snapshot of all of them that a search sees.

use crate::failure::SearchError;
use crate::schema::Fields;
use crate::writer::Sized;
use crate::zones::{WORTH, Zones};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use tantivy::columnar::{Column, ColumnValues, StrColumn};
use tantivy::directory::META_LOCK;
use tantivy::index::SegmentId;
use tantivy::schema::{Field as Id, FieldType};
use tantivy::store::StoreReader;
use tantivy::{Directory as _, DocId, Index, Opstamp, SegmentReader, TantivyError};

/// Blocks of rows that a segment keeps unpacked.
const ROW_BLOCKS: usize = 16;

/// A segment: a run of documents in the order of the log.
pub(crate) struct Segment {
    pub(crate) reader: SegmentReader,
    key: (SegmentId, Option<Opstamp>),
    positions: Arc<dyn ColumnValues<u64>>,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) rows: StoreReader,
    columns: Vec<OnceLock<Option<Column<u64>>>>,
    words: Vec<OnceLock<Option<StrColumn>>>,
    zones: Vec<OnceLock<Arc<Zones>>>,
}

/// All segments in the order of the log, and what they cover.
pub(crate) struct Snapshot {
    pub(crate) segments: Vec<Arc<Segment>>,
    /// The next position that is not covered.
    pub(crate) covered: u64,
}

impl Segment {
    fn open(segment: &tantivy::Segment, fields: &Fields) -> tantivy::Result<Self> {
        let reader = SegmentReader::open(segment)?;
        let name = fields.schema.get_field_name(fields.position);
        let positions = reader.fast_fields().u64(name)?.values;
        let last = reader.max_doc().checked_sub(1).ok_or_else(|| damaged("a segment is empty"))?;
        if positions.num_vals() != reader.max_doc() {
            return Err(damaged("a document has no position"));
        }
        let (first, last) = (positions.get_val(0), positions.get_val(last));
        let cells = fields.schema.num_fields();
        Ok(Self {
            key: key(segment),
            rows: reader.get_store_reader(ROW_BLOCKS)?,
            positions,
            first,
            last,
            columns: (0..cells).map(|_| OnceLock::new()).collect(),
            words: (0..cells).map(|_| OnceLock::new()).collect(),
            zones: (0..cells).map(|_| OnceLock::new()).collect(),
            reader,
        })
    }

    pub(crate) fn id(&self) -> SegmentId {
        self.key.0
    }

    pub(crate) fn sized(&self) -> Sized {
        Sized { docs: u64::from(self.reader.max_doc()), deleted: u64::from(self.reader.num_deleted_docs()) }
    }

    /// Documents, deleted ones included.
    pub(crate) fn max_doc(&self) -> DocId {
        self.reader.max_doc()
    }

    pub(crate) fn position(&self, doc: DocId) -> u64 {
        self.positions.get_val(doc)
    }

    /// The documents at positions of a range.
    pub(crate) fn docs(&self, positions: &Range<u64>) -> Range<DocId> {
        self.first_at(positions.start)..self.first_at(positions.end)
    }

    /// The first document at `position` or after it.
    fn first_at(&self, position: u64) -> DocId {
        if position <= self.first {
            return 0;
        }
        if position > self.last {
            return self.max_doc();
        }
        let (mut low, mut high) = (0, self.max_doc());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.position(middle) < position {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// A column of numbers, or of ordinals of words, in the order-preserving mapping to integers.
    pub(crate) fn column(&self, id: Id) -> tantivy::Result<Option<&Column<u64>>> {
        let Some(cell) = self.columns.get(id.field_id() as usize) else { return Ok(None) };
        if let Some(known) = cell.get() {
            return Ok(known.as_ref());
        }
        let name = self.reader.schema().get_field_name(id);
        let columns = self.reader.fast_fields();
        let opened = match self.reader.schema().get_field_entry(id).field_type() {
            FieldType::U64(_) => columns.column_opt::<u64>(name)?,
            FieldType::I64(_) => columns.column_opt::<i64>(name)?.map(Column::to_u64_monotonic),
            FieldType::F64(_) => columns.column_opt::<f64>(name)?.map(Column::to_u64_monotonic),
            _ => self.words(id)?.map(|words| words.ords().clone()),
        };
        Ok(cell.get_or_init(|| opened).as_ref())
    }

    /// The zones of a column of numbers, where they are worth having.
    pub(crate) fn zones(&self, id: Id, column: &Column<u64>) -> Option<Arc<Zones>> {
        let cell = self.zones.get(id.field_id() as usize).filter(|_| self.max_doc() > WORTH)?;
        Some(Arc::clone(cell.get_or_init(|| Arc::new(Zones::of(column, self.max_doc())))))
    }

    /// A column of words.
    pub(crate) fn words(&self, id: Id) -> tantivy::Result<Option<&StrColumn>> {
        let Some(cell) = self.words.get(id.field_id() as usize) else { return Ok(None) };
        if let Some(known) = cell.get() {
            return Ok(known.as_ref());
        }
        let opened = self.reader.fast_fields().str(self.reader.schema().get_field_name(id))?;
        Ok(cell.get_or_init(|| opened).as_ref())
    }
}

impl Snapshot {
    /// Opens what the last commit holds, taking over what is open already.
    pub(crate) fn open(index: &Index, fields: &Fields, covered: u64, former: Option<&Self>) -> tantivy::Result<Self> {
        // Segments are not collected as garbage between the reading of their list and their opening.
        let _lock = index.directory().acquire_lock(&META_LOCK)?;
        let mut segments = Vec::new();
        for segment in index.searchable_segments()? {
            let known = former.and_then(|former| former.segments.iter().find(|known| known.key == key(&segment)));
            segments.push(match known {
                Some(known) => Arc::clone(known),
                None => Arc::new(Segment::open(&segment, fields)?),
            });
        }
        segments.sort_by_key(|segment| segment.first);
        let follows = |pair: &[Arc<Segment>]| matches!(pair, [a, b] if a.last >= b.first);
        if segments.windows(2).any(follows) {
            return Err(damaged("segments overlap"));
        }
        Ok(Self { segments, covered })
    }
}

fn key(segment: &tantivy::Segment) -> (SegmentId, Option<Opstamp>) {
    (segment.id(), segment.meta().delete_opstamp())
}

fn damaged(what: &str) -> TantivyError {
    TantivyError::InternalError(what.to_owned())
}

/// A damaged file can make the index panic; that must not end more than the search.
pub(crate) fn guarded<T>(search: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(search)).unwrap_or(Err(SearchError::Damaged))
}
