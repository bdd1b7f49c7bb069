//! The consumer that turns the log into documents.

use crate::document;
use crate::index::{Covered, Index};
use crate::schema::VERSION;
use picket_log::LoggedEvent;
use picket_pipeline::{ConsumeError, Consumer};
use std::time::{Duration, Instant};
use tantivy::{IndexWriter, TantivyDocument};

const MEMORY_BYTES: usize = 48 * 1024 * 1024;
/// What is indexed becomes visible at least so often.
const COMMIT_EVERY: Duration = Duration::from_millis(250);
/// Documents after which a commit is due earlier than that.
const COMMIT_DOCUMENTS: u64 = 20_000;

/// Fills the index.
pub struct Indexer {
    index: Index,
    writer: IndexWriter<TantivyDocument>,
    next: u64,
    pending: u64,
    committed: Instant,
}

impl std::fmt::Debug for Indexer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Indexer(next {})", self.next)
    }
}

impl Indexer {
    pub(crate) fn new(index: Index) -> tantivy::Result<Self> {
        let writer = index.tantivy().writer_with_num_threads(1, MEMORY_BYTES)?;
        let next = index.cursor();
        Ok(Self { index, writer, next, pending: 0, committed: Instant::now() })
    }

    fn commit(&mut self) -> Result<(), ConsumeError> {
        let covered = Covered { version: VERSION, log: self.index.log().id().to_owned(), position: self.next };
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(&covered)?);
        prepared.commit()?;
        self.index.reader().reload()?;
        (self.pending, self.committed) = (0, Instant::now());
        Ok(())
    }
}

impl Consumer for Indexer {
    fn name(&self) -> &'static str {
        "indexer"
    }

    fn cursor(&mut self) -> Result<u64, ConsumeError> {
        // What was added since the last commit goes, and is read again.
        self.writer.rollback()?;
        self.next = self.index.cursor();
        self.pending = 0;
        Ok(self.next)
    }

    fn apply(&mut self, batch: &[LoggedEvent]) -> Result<u64, ConsumeError> {
        for logged in batch {
            if let Some(document) = document::of(logged, self.index.fields(), self.index.keyring()) {
                self.writer.add_document(document)?;
            }
            self.next = logged.position + 1;
            self.pending += 1;
        }
        if self.pending >= COMMIT_DOCUMENTS || self.committed.elapsed() >= COMMIT_EVERY {
            self.commit()?;
        }
        Ok(self.next)
    }

    fn idle(&mut self) -> Result<(), ConsumeError> {
        if self.pending > 0 { self.commit() } else { Ok(()) }
    }
}
