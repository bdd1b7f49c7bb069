//! Building the index anew from the log, and taking a subject out of it.

use crate::failure::{OpenError, SearchError};
use crate::index::{Index, clear, lock};
use picket_keys::Keyring;
use picket_log::EventLog;
use picket_pipeline::Consumer as _;
use std::path::Path;

/// Entries that are read at once.
const BATCH: usize = 1_024;

impl Index {
    /// Builds the index in a folder anew from its log, whatever is there. `progress` is told the entries done and the
    /// entries in all. No server may have the folder open.
    pub fn rebuild(
        folder: &Path,
        log: &EventLog,
        keyring: &Keyring,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let lock = lock(folder)?;
        clear(folder).map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
        let index = Self::open_locked(folder, log, keyring, lock)?;
        let mut indexer = index.indexer();
        let mut next = indexer.cursor().map_err(OpenError::Fill)?;
        progress(next, log.size());
        loop {
            let batch = log.batch(next, BATCH)?;
            if batch.is_empty() {
                break;
            }
            next = indexer.apply(&batch).map_err(OpenError::Fill)?;
            progress(next, log.size());
        }
        indexer.settle().map_err(OpenError::Fill)?;
        Ok(index)
    }

    /// Deletes every document of a user, by the dictionary id, and rewrites the files that held them. The events stay
    /// in the log, without what was erased there, and come back in that form when the index is built anew.
    pub fn erase(&self, user_id: &str) -> Result<(), SearchError> {
        Ok(self.writer().erase(self, user_id)?)
    }
}
