//! At the start: is each log the continuation of what was signed?

use crate::failure::{OpenError, ReadError};
use crate::hashes::Hashes;
use crate::highwater::HighWater;
use crate::{EventLog, rows};
use picket_db::Db;
use rusqlite::{Connection, OptionalExtension as _, params};
use tlog_tiles::tlog::{Hash, tree_hash};

/// The size of a log, after it was compared with its high-water mark and with the newest checkpoint that it keeps.
pub(crate) fn checked_size(db: &Db, log: &str, marks: &HighWater) -> Result<u64, OpenError> {
    let mark = marks.get(log);
    let found = db.read(|connection| {
        let size = rows::size(connection, log)?;
        let checkpoint = newest_checkpoint(connection, log)?;
        let mut signed = checkpoint.map(|(size, root)| (size, root.to_string())).into_iter().collect::<Vec<_>>();
        signed.extend(mark.as_ref().map(|mark| (mark.size, mark.root.clone())));
        for (at, root) in &signed {
            if *at > size || root_at(connection, log, *at)?.as_ref() != Some(root) {
                return Ok((size, Some(*at)));
            }
        }
        Ok::<_, ReadError>((size, None))
    });
    match found.map_err(ReadError::from)? {
        (size, None) => {
            if mark.is_none() && size > 1 {
                tracing::warn!(
                    log,
                    file = %marks.path().display(),
                    "the high-water file knows nothing of this log; a rollback before now cannot be noticed"
                );
            }
            Ok(size)
        }
        (size, Some(signed)) => Err(rollback(log, size, signed, marks)),
    }
}

/// Refuses a store that lacks a log of which something was signed.
pub(crate) fn refuse_missing(logs: &[EventLog], marks: &HighWater) -> Result<(), OpenError> {
    let known = |id: &str| logs.iter().any(|log| log.id() == id);
    match marks.all().iter().find(|(id, _)| !known(id)) {
        Some((id, mark)) => Err(rollback(id, 0, mark.size, marks)),
        None => Ok(()),
    }
}

/// Size and root of the newest checkpoint.
pub(crate) fn newest_checkpoint(connection: &Connection, log: &str) -> Result<Option<(u64, Hash)>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT size, root FROM checkpoint WHERE log = ?1 ORDER BY size DESC LIMIT 1")?
        .query_row(params![log], |row| Ok((row.get(0)?, Hash(row.get(1)?))))
        .optional()
}

/// The root of the first `size` entries, as text; `None` when hashes are missing.
pub(crate) fn root_at(connection: &Connection, log: &str, size: u64) -> Result<Option<String>, ReadError> {
    let hashes = Hashes::new(connection, log)?;
    Ok(tree_hash(size, &hashes).ok().map(|root| root.to_string()))
}

fn rollback(log: &str, size: u64, signed: u64, marks: &HighWater) -> OpenError {
    OpenError::Rollback { log: log.to_owned(), size, signed, state: marks.path().to_owned() }
}
