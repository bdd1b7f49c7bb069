//! Writing documents, committing them with their cursor, and keeping the segments few.

use crate::index::{Covered, Index};
use crate::schema::Slot;
use crate::segment::Snapshot;
use picket_event::Entry;
use picket_query::Field;
use std::future::Future;
use std::ops::{Bound, Range};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::query::RangeQuery;
use tantivy::{IndexWriter, TantivyDocument, TantivyError, Term};

/// Memory for documents that are not in a segment yet. Behind it the queue of the writer holds a few MiB more.
const MEMORY_BYTES: usize = 24_000_000;
/// Neighbours of one size that are merged.
const MERGED: usize = 8;
/// Neighbours that are merged when more would not fit into the largest segment.
const MERGED_AT_LEAST: usize = 3;
/// Documents of the smallest size of segments; each further size is eight times as large.
const SMALLEST: u64 = 512;
/// Documents of the largest segments: what a merge takes, and what a search may have to skip, is bounded by it.
const LARGEST: u64 = 1_000_000;
/// How often a merge, or a reader of old files, is looked after while it is waited for.
const POLL: Duration = Duration::from_millis(2);
/// How long files of erased documents may still be read before the erasure counts as failed.
const READERS_GRACE: Duration = Duration::from_secs(10);

type Merge = Pin<Box<dyn Future<Output = tantivy::Result<()>> + Send>>;

/// The writer of an index. It exists once.
pub(crate) struct Writer {
    /// Absent after a failure, until it is opened anew.
    open: Option<IndexWriter>,
    /// What the last commit covers.
    covered: Covered,
    /// The next position to add.
    next: u64,
    /// The last entry before it, if any came since the last commit.
    last: Option<Entry>,
    /// Documents since the last commit.
    pending: u64,
    committed_at: Instant,
    merge: Option<Merge>,
}

/// The size of a segment, for the choice of what to merge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sized {
    pub(crate) docs: u64,
    pub(crate) deleted: u64,
}

impl Writer {
    pub(crate) fn open(index: &tantivy::Index, covered: Covered) -> tantivy::Result<Self> {
        let open = Some(opened(index)?);
        let next = covered.next;
        Ok(Self { open, covered, next, last: None, pending: 0, committed_at: Instant::now(), merge: None })
    }

    /// The next position to add.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Documents that wait for a commit.
    pub(crate) fn pending(&self) -> u64 {
        self.pending
    }

    /// Time since the last commit.
    pub(crate) fn age(&self) -> Duration {
        self.committed_at.elapsed()
    }

    /// Drops what was added since the last commit, and opens the writer anew.
    pub(crate) fn rollback(&mut self, index: &Index) -> tantivy::Result<()> {
        self.merge = None;
        // The old one lets go of its lock first.
        self.open = None;
        self.open = Some(opened(index.tantivy())?);
        (self.next, self.last, self.pending) = (self.covered.next, None, 0);
        Ok(())
    }

    /// Adds documents, up to and with `last`. After a failure nothing more is taken before a rollback.
    pub(crate) fn add(
        &mut self,
        documents: impl Iterator<Item = TantivyDocument>,
        last: &Entry,
    ) -> tantivy::Result<()> {
        for document in documents {
            if let Err(error) = self.open_writer()?.add_document(document) {
                self.open = None;
                return Err(error);
            }
            self.pending += 1;
        }
        (self.next, self.last) = (last.seq + 1, Some(last.clone()));
        Ok(())
    }

    /// Makes what was added durable and visible.
    pub(crate) fn commit(&mut self, index: &Index) -> tantivy::Result<()> {
        if self.pending > 0 {
            return self.commit_always(index);
        }
        // Entries without documents need no commit: after a crash they are read again.
        let segments = index.snapshot().segments.clone();
        index.show(Snapshot { segments, covered: self.next });
        Ok(())
    }

    fn commit_always(&mut self, index: &Index) -> tantivy::Result<()> {
        let covered = match &self.last {
            Some(last) => Covered::new(index.log(), index.keyring(), self.next, Some(last)),
            None => self.covered.clone(),
        };
        let payload = serde_json::to_string(&covered).unwrap_or_default();
        let committed = self.open_writer().and_then(|writer| {
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&payload);
            prepared.commit()
        });
        if let Err(error) = committed {
            // Whether it is durable is unknown: only what can be read again counts.
            self.open = None;
            return Err(error);
        }
        (self.covered, self.last, self.pending, self.committed_at) = (covered, None, 0, Instant::now());
        self.refresh(index)
    }

    /// Shows searches the present segments.
    fn refresh(&mut self, index: &Index) -> tantivy::Result<()> {
        let former = index.snapshot();
        let covered = self.covered.next.max(former.covered.min(self.next));
        index.show(Snapshot::open(index.tantivy(), index.fields(), covered, Some(&former))?);
        Ok(())
    }

    /// Takes a merge that has ended, and begins one that is due. Whether one runs now.
    pub(crate) fn maintain(&mut self, index: &Index) -> tantivy::Result<bool> {
        if let Some(merge) = &mut self.merge {
            let Poll::Ready(merged) = merge.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                return Ok(true);
            };
            self.merge = None;
            self.refresh(index)?;
            merged?;
        }
        let snapshot = index.snapshot();
        let sizes: Vec<Sized> = snapshot.segments.iter().map(|segment| segment.sized()).collect();
        let Some(due) = due(&sizes) else { return Ok(false) };
        let segments = snapshot.segments.get(due).unwrap_or_default();
        let ids: Vec<SegmentId> = segments.iter().map(|segment| segment.id()).collect();
        let merge = self.open_writer()?.merge(&ids);
        self.merge = Some(Box::pin(async { merge.await.map(drop) }));
        Ok(true)
    }

    /// Waits until no merge runs and none is due, and removes the files that nobody needs.
    pub(crate) fn settle(&mut self, index: &Index) -> tantivy::Result<()> {
        while self.maintain(index)? {
            std::thread::sleep(POLL);
        }
        self.open_writer()?.garbage_collect_files().wait().map(drop)
    }

    /// Deletes the documents of a user, and rewrites the segments that held them.
    pub(crate) fn erase(&mut self, index: &Index, user: &str) -> tantivy::Result<()> {
        let Slot::Name(field) = index.fields().slot(Field::User) else { return Ok(()) };
        // A merge that runs would carry what is deleted into a new segment.
        self.settle(index)?;
        self.open_writer()?.delete_term(Term::from_field_text(field, user));
        self.commit_always(index)?;
        self.settle(index)?;
        self.sweep(index)
    }

    /// Removes the files of segments that are no more. Whoever still reads them, a listing or the end of a merge, is
    /// waited for.
    fn sweep(&mut self, index: &Index) -> tantivy::Result<()> {
        let begun = Instant::now();
        loop {
            self.open_writer()?.garbage_collect_files().wait()?;
            let alive: Vec<String> =
                index.snapshot().segments.iter().map(|segment| segment.id().uuid_string()).collect();
            if !index.has_files_besides(&alive)? {
                return Ok(());
            }
            if begun.elapsed() > READERS_GRACE {
                let cause = "files of erased documents are still being read; erase again when that listing has ended";
                return Err(TantivyError::SystemError(cause.to_owned()));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Drops the segments whose entries retention dropped from the log.
    pub(crate) fn trim(&mut self, index: &Index, floor: u64) -> tantivy::Result<()> {
        let snapshot = index.snapshot();
        let dropped = snapshot.segments.iter().take_while(|segment| segment.last < floor).last();
        let Some(last) = dropped.map(|segment| segment.last) else { return Ok(()) };
        let end = Term::from_field_u64(index.fields().position, last);
        self.open_writer()?.delete_query(Box::new(RangeQuery::new(Bound::Unbounded, Bound::Included(end))))?;
        self.commit_always(index)
    }

    fn open_writer(&mut self) -> tantivy::Result<&mut IndexWriter> {
        self.open
            .as_mut()
            .ok_or_else(|| TantivyError::SystemError("the writer failed and was not opened anew".to_owned()))
    }
}

fn opened(index: &tantivy::Index) -> tantivy::Result<IndexWriter> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(MEMORY_BYTES)
        .build();
    let writer: IndexWriter = index.writer_with_options(options)?;
    // Merges must join neighbours, in the order of the log: `due` chooses them.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

/// Which neighbours to merge: first one with deleted documents, by itself, so that they are gone; else those from one of
/// a size to the eighth of that size, with the smaller ones between them, smallest size first.
fn due(segments: &[Sized]) -> Option<Range<usize>> {
    if let Some(at) = segments.iter().position(|segment| segment.deleted > 0) {
        return Some(at..at + 1);
    }
    let largest = segments.iter().map(size).max()?;
    (0..=largest).find_map(|wanted| due_of(segments, wanted))
}

fn due_of(segments: &[Sized], wanted: u32) -> Option<Range<usize>> {
    let (mut start, mut docs, mut members) = (0, 0, 0);
    for (at, segment) in segments.iter().enumerate() {
        if size(segment) > wanted || segment.docs > LARGEST / 2 {
            (start, docs, members) = (at + 1, 0, 0);
            continue;
        }
        if docs + segment.docs > LARGEST {
            if members >= MERGED_AT_LEAST {
                return Some(start..at);
            }
            (start, docs, members) = (at, 0, 0);
        }
        docs += segment.docs;
        members += usize::from(size(segment) == wanted);
        if members >= MERGED {
            return Some(start..at + 1);
        }
    }
    None
}

/// Segments of one size differ by less than eight times.
fn size(segment: &Sized) -> u32 {
    (segment.docs / SMALLEST).checked_ilog2().map_or(0, |twos| 1 + twos / 3)
}

#[cfg(test)]
mod tests;
