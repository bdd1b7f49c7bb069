//! The notary: signs the durable size and root of each log that grew, outside the writer.

use crate::failure::{AppendError, ReadError};
use crate::hashes::Hashes;
use crate::highwater::Mark;
use crate::{EventLog, Logs, recovery};
use fail::fail_point;
use picket_db::{Lane, Ticket};
use rusqlite::{OptionalExtension as _, params};
use std::collections::HashMap;

/// Publishes checkpoints; called each second.
#[derive(Debug)]
pub struct Notary {
    logs: Logs,
    signed: HashMap<String, u64>,
}

impl Notary {
    /// A notary for all logs of a store.
    pub fn new(logs: &Logs) -> Self {
        Self { signed: HashMap::new(), logs: logs.clone() }
    }

    /// Signs what grew since the last time; how many checkpoints were published. Blocks on disk.
    ///
    /// Order: the entries are durable already, then the high-water marks, then the checkpoint becomes visible.
    pub fn tick(&mut self) -> Result<usize, ReadError> {
        let mut heads = Vec::new();
        for log in self.logs.all() {
            if log.size() > self.signed_size(log)? {
                heads.push((log.clone(), log.head()?));
            }
        }
        let marks: Vec<(String, Mark)> = heads
            .iter()
            .map(|(log, (size, root))| (log.id().to_owned(), Mark { size: *size, root: root.to_string() }))
            .collect();
        if marks.is_empty() {
            return Ok(0);
        }
        fail_point!("log::before_mark", |_| Err(ReadError::Checkpoint("stopped by a test".to_owned())));
        self.logs.marks.raise(&marks).map_err(|error| ReadError::Checkpoint(error.to_string()))?;
        fail_point!("log::after_mark", |_| Err(ReadError::Checkpoint("stopped by a test".to_owned())));
        for (log, (size, root)) in &heads {
            let note = log.0.signer.sign(*size, *root)?;
            let (id, size, root) = (log.id().to_owned(), *size, root.0);
            let kept: Ticket<(), AppendError> = self.logs.db.write(Lane::Admin, "log.checkpoint", move |tx| {
                let mut statement = tx.connection().prepare_cached(
                    "INSERT INTO checkpoint (log, size, root, note) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                )?;
                Ok(statement.execute(params![id, size, root, note]).map(drop)?)
            });
            kept.wait().map_err(|error| ReadError::Checkpoint(error.to_string()))?;
            self.signed.insert(log.id().to_owned(), size);
        }
        fail_point!("log::after_checkpoint");
        Ok(heads.len())
    }

    /// The size of the newest checkpoint, from memory after the first time. A crash between mark and checkpoint leaves
    /// the mark ahead; the checkpoint is made up for.
    fn signed_size(&self, log: &EventLog) -> Result<u64, ReadError> {
        if let Some(size) = self.signed.get(log.id()) {
            return Ok(*size);
        }
        let newest =
            self.logs.db.read(|connection| Ok::<_, ReadError>(recovery::newest_checkpoint(connection, log.id())?))?;
        Ok(newest.map_or(0, |(size, _root)| size))
    }
}

impl EventLog {
    /// Size and root as they are durable now.
    pub(crate) fn head(&self) -> Result<(u64, tlog_tiles::tlog::Hash), ReadError> {
        let head = self.0.db.read(|connection| {
            let hashes = Hashes::new(connection, self.id())?;
            Ok::<_, ReadError>((hashes.size(), hashes.edge()?.root()))
        })?;
        Ok(head)
    }

    /// The newest checkpoint, a signed note; `None` before the first was signed.
    pub fn checkpoint(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let note = self.0.db.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT note FROM checkpoint WHERE log = ?1 ORDER BY size DESC LIMIT 1")?;
            Ok::<_, ReadError>(statement.query_row(params![self.id()], |row| row.get(0)).optional()?)
        })?;
        Ok(note)
    }
}
