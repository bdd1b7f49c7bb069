//! Moves the write-ahead log into the database, on its own connection, so that the writer never stops for it.

use crate::open;
use crate::queue::Queue;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// From here on the log is moved without making anybody wait.
const PASSIVE_BYTES: u64 = 4 * 1024 * 1024;
/// From here on new readers wait a moment, so that the file can begin anew.
const RESTART_BYTES: u64 = 64 * 1024 * 1024;

pub(crate) fn path_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

pub(crate) fn spawn(path: PathBuf, queue: Arc<Queue>) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("db-checkpoint".to_owned()).spawn(move || {
        let wal = path_of(&path);
        let mut connection = None;
        let mut moved = 0;
        while !queue.is_closed() {
            std::thread::sleep(LOOK_EVERY);
            let size = std::fs::metadata(&wal).map_or(0, |file| file.len());
            if size < PASSIVE_BYTES {
                moved = 0;
                continue;
            }
            // The file keeps its size when it begins anew, so a quiet one is left alone.
            if size == moved {
                moved = 0;
                continue;
            }
            let statement =
                if size > RESTART_BYTES { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
            let result = match connection.take() {
                Some(open) => Ok(open),
                None => open::checkpointer(&path),
            };
            match result.and_then(|open| open.query_row(statement, [], |_row| Ok(())).map(|()| open)) {
                Ok(open) => {
                    connection = Some(open);
                    moved = size;
                }
                Err(error) => tracing::warn!(%error, "the write-ahead log cannot be moved now"),
            }
        }
    })
}
