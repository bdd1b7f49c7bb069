//! Moves the write-ahead log into the database, on its own connection, so that the writer hardly ever waits for it.

use crate::condition::{Condition, Failure};
use crate::open;
use crate::queue::Queue;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// So much is moved at once, beside the writer.
const MOVE_PAGES: u64 = 1_024;
/// From here on the log begins anew. Its file keeps its size, since writing over what is there is cheaper than growing.
const RESTART_PAGES: u64 = 16 * 1_024;
/// The writer waits while the rest is moved and the log begins anew; with more than this left, the rest is moved first.
const REST_PAGES: u64 = 2_048;
const ROUNDS: usize = 4;
/// Looks without anything new after which the log is moved whole and emptied: what was erased shall not stay in it.
const QUIET_LOOKS: u32 = 40;

pub(crate) fn path_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

pub(crate) fn spawn(
    path: PathBuf,
    queue: Arc<Queue>,
    condition: Condition,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("db-checkpoint".to_owned()).spawn(move || {
        let mut connection = None;
        let mut quiet = Quiet::default();
        let mut failing = false;
        while !queue.is_closed() {
            std::thread::sleep(LOOK_EVERY);
            let open = match connection.take() {
                Some(open) => Ok(open),
                None => open::checkpointer(&path),
            };
            match open.and_then(|open| step(&open, &mut quiet).map(|()| open)) {
                Ok(open) => {
                    if std::mem::take(&mut failing) {
                        tracing::info!("the write-ahead log is moved again");
                    }
                    connection = Some(open);
                }
                Err(error) => {
                    // Once, not with every look: the program's own log may lie on the disk that is full.
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(%error, "the write-ahead log cannot be moved now; it is tried again and again");
                    }
                    let failure = Failure::of(&error);
                    if failure.lasting {
                        // Pages whose sync failed may be lost, and a second sync would not say so.
                        condition.set(Some(failure));
                        return;
                    }
                }
            }
        }
    })
}

/// Pages in the log, and how many of them are not in the database yet.
struct Pages {
    all: u64,
    rest: u64,
}

/// How long nothing was written.
#[derive(Default)]
struct Quiet {
    pages: u64,
    looks: u32,
}

impl Quiet {
    /// Whether nothing was written for long enough, told once.
    fn is_new(&mut self, pages: u64) -> bool {
        self.looks = if pages == self.pages { self.looks.saturating_add(1) } else { 0 };
        self.pages = pages;
        pages > 0 && self.looks == QUIET_LOOKS
    }
}

fn step(connection: &Connection, quiet: &mut Quiet) -> Result<(), rusqlite::Error> {
    let mut pages = checkpoint(connection, "PRAGMA wal_checkpoint(NOOP)")?;
    if quiet.is_new(pages.all) {
        checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)")?;
    }
    if pages.rest < MOVE_PAGES {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        pages = checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
        if pages.rest < REST_PAGES {
            break;
        }
    }
    if pages.all >= RESTART_PAGES {
        checkpoint(connection, "PRAGMA wal_checkpoint(RESTART)")?;
    }
    Ok(())
}

fn checkpoint(connection: &Connection, statement: &str) -> Result<Pages, rusqlite::Error> {
    connection.query_row(statement, [], |row| {
        // Both are -1 before anything was written.
        let (all, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
        let pages = |count: i64| u64::try_from(count).unwrap_or(0);
        Ok(Pages { all: pages(all), rest: pages(all - moved) })
    })
}
