//! The consumer that turns the log into documents.

use crate::document::Documents;
use crate::index::Index;
use crate::writer::Writer;
use picket_log::LoggedEvent;
use picket_pipeline::{ConsumeError, Consumer};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is added becomes visible after this time at the latest, when the index is up to date.
const COMMIT_EVERY: Duration = Duration::from_millis(250);
/// While it catches up, larger commits are cheaper.
const COMMIT_EVERY_BEHIND: Duration = Duration::from_secs(2);
/// Entries between the cursor and the tail from which on the index counts as behind.
const BEHIND: u64 = 8_192;
/// Documents after which a commit is due in any case.
const COMMIT_DOCUMENTS: u64 = 50_000;
/// How often retention is looked at.
const TRIM_EVERY: Duration = Duration::from_secs(30);

/// Fills the index of a log. One at a time.
pub struct Indexer {
    index: Index,
    documents: Documents,
    trimmed_at: Instant,
}

impl std::fmt::Debug for Indexer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Indexer({:?})", self.index)
    }
}

impl Indexer {
    pub(crate) fn new(index: Index) -> Self {
        let documents = Documents::new(index.fields(), index.keyring());
        Self { index, documents, trimmed_at: Instant::now() }
    }

    /// Commits, and waits until the segments are few.
    pub fn settle(&mut self) -> Result<(), ConsumeError> {
        let index = self.index.clone();
        let mut writer = index.writer();
        writer.commit(&index)?;
        Ok(writer.settle(&index)?)
    }

    /// Commits what has waited long enough, and merges what is due.
    fn step(&mut self, writer: &mut Writer) -> Result<(), ConsumeError> {
        let behind = self.index.log().size().saturating_sub(writer.next()) > BEHIND;
        let every = if behind { COMMIT_EVERY_BEHIND } else { COMMIT_EVERY };
        if writer.pending() == 0 || writer.pending() >= COMMIT_DOCUMENTS || writer.age() >= every {
            writer.commit(&self.index)?;
        }
        writer.maintain(&self.index)?;
        Ok(())
    }

    fn trim(&mut self, writer: &mut Writer) -> Result<(), ConsumeError> {
        if self.trimmed_at.elapsed() < TRIM_EVERY {
            return Ok(());
        }
        self.trimmed_at = Instant::now();
        let floor = self.index.log().first()?;
        self.index.raise_floor(floor);
        Ok(writer.trim(&self.index, floor)?)
    }
}

impl Consumer for Indexer {
    fn name(&self) -> &'static str {
        "indexer"
    }

    fn cursor(&mut self) -> Result<u64, ConsumeError> {
        let index = self.index.clone();
        let mut writer = index.writer();
        // What was added since the last commit goes, and is read again.
        writer.rollback(&index)?;
        Ok(writer.next())
    }

    fn apply(&mut self, batch: &[Arc<LoggedEvent>]) -> Result<u64, ConsumeError> {
        let index = self.index.clone();
        let mut writer = index.writer();
        // What was added already is not added twice.
        let next = writer.next();
        let new = batch.iter().filter(|logged| logged.position >= next);
        if let Some(last) = new.clone().next_back() {
            writer.add(new.filter_map(|logged| self.documents.of(logged)), &last.entry)?;
        }
        self.step(&mut writer)?;
        Ok(writer.next())
    }

    fn idle(&mut self) -> Result<(), ConsumeError> {
        let index = self.index.clone();
        let mut writer = index.writer();
        self.step(&mut writer)?;
        self.trim(&mut writer)
    }
}
