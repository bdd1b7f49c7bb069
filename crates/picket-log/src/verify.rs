//! Does the log hold what was signed? Everything is read and computed anew.
//!
//! Verification runs beside appends: it judges the log as it was when it began. It reads in short steps.

mod step;

use crate::checkpoint::verify_checkpoint;
use crate::failure::{ReadError, VerifyError};
use crate::hashes::Hashes;
use crate::highwater::Mark;
use crate::tree::{Changed, Tree};
use crate::{EventLog, rows};
use rusqlite::{Connection, params};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use tlog_tiles::tlog::Hash;

/// What was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Log.
    pub log: String,
    /// Entries, each canonical and in its place.
    pub entries: u64,
    /// Entries whose bytes retention dropped; their hashes are still in the tree.
    pub pruned: u64,
    /// Bodies that opened their commitment.
    pub bodies_present: u64,
    /// Bodies that were erased or expired.
    pub bodies_gone: u64,
    /// Checkpoints that the log signed, and whose root is that of the tree at their size.
    pub checkpoints: u64,
    /// Root over all entries, base64.
    pub root: String,
}

const STEP: u64 = 256;

/// What verification knows between two steps.
struct Run {
    size: u64,
    /// The oldest entry that is kept, as the log says now.
    first: u64,
    /// The same, when verification began.
    first_then: u64,
    /// The oldest entry that is kept, as its entries say.
    dropped_to: u64,
    tree: Tree,
    /// The newest state of each partial tile above level 0.
    partial: BTreeMap<u8, Changed>,
    /// Requests that are open at this point, by their event.
    open: HashMap<[u8; 16], u64>,
    last_ts: String,
    report: Report,
}

impl EventLog {
    /// Verifies the whole log and names the first place that does not hold. `progress` is told (done, all).
    ///
    /// Checked are: that entries are canonical, in place, in order of time, and those that the tree was made of; that
    /// all tiles are those of the entries; that every checkpoint ever published, and the high-water mark, is of this
    /// tree and was signed by this log; that bodies open their commitments; that only what retention says it dropped is
    /// missing; that the tables of events and open requests say what the entries say.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, VerifyError> {
        // The mark is read first: it is never ahead of what is durable afterwards.
        let mark = self.0.marks.get(self.id());
        let (size, first, heads) =
            self.0.db.read(|connection| self.begin(connection, mark)).map_err(ReadError::from)?;
        let mut heads = heads.into_iter().peekable();
        let mut run = Run {
            size,
            first,
            first_then: first,
            dropped_to: 0,
            tree: Tree::default(),
            partial: BTreeMap::new(),
            open: HashMap::new(),
            last_ts: String::new(),
            report: Report { log: self.id().to_owned(), ..Report::default() },
        };
        let mut from = 0;
        while from < size {
            let to = (from + STEP).min(size);
            let leaves = self.0.db.read(|connection| self.step(connection, from, to, &mut run)).map_err(unwrap)?;
            for leaf in leaves {
                let changed = run.tree.push(leaf);
                if !changed.is_empty() {
                    self.0.db.read(|connection| self.check_tiles(connection, changed, &mut run)).map_err(unwrap)?;
                }
                while let Some(head) = heads.next_if(|head| head.size == run.tree.size()) {
                    self.check_head(&head, &run.tree)?;
                    run.report.checkpoints += u64::from(head.note.is_some());
                }
            }
            progress(to, size);
            from = to;
        }
        if let Some(head) = heads.next() {
            return Err(self.broken(Some(size), head.name(), "the log is shorter"));
        }
        self.0.db.read(|connection| self.finish(connection, &run)).map_err(unwrap)?;
        run.report.root = run.tree.root().to_string();
        Ok(run.report)
    }

    /// Size, oldest entry, and what was signed, all of one moment.
    fn begin(&self, connection: &Connection, mark: Option<Mark>) -> Result<(u64, u64, Vec<Head>), ReadError> {
        let mut statement =
            connection.prepare_cached("SELECT size, root, note FROM checkpoint WHERE log = ?1 ORDER BY size")?;
        let rows = statement.query_map(params![self.id()], |row| {
            Ok(Head { size: row.get(0)?, root: Hash(row.get(1)?).to_string(), note: Some(row.get(2)?) })
        })?;
        let mut heads = rows.collect::<Result<Vec<_>, _>>()?;
        if let Some(mark) = mark {
            let at = heads.partition_point(|head| head.size < mark.size);
            heads.insert(at, Head { size: mark.size, root: mark.root, note: None });
        }
        Ok((rows::size(connection, self.id())?, rows::first(connection, self.id())?, heads))
    }

    fn check_head(&self, head: &Head, tree: &Tree) -> Result<(), VerifyError> {
        let broken = |cause: &str| self.broken(None, head.name(), cause);
        if tree.root().to_string() != head.root {
            return Err(broken("its root is not that of the tree"));
        }
        let Some(note) = &head.note else { return Ok(()) };
        let signed = verify_checkpoint(note, &self.info().vkey).map_err(|error| broken(&error.to_string()))?;
        if signed.size == head.size && signed.root == tree.root().0 {
            Ok(())
        } else {
            Err(broken("its note says something else"))
        }
    }

    /// Compares full tiles with what is stored, and keeps partial ones for the end.
    fn check_tiles(&self, connection: &Connection, changed: Vec<Changed>, run: &mut Run) -> Result<(), VerifyError> {
        for tile in changed {
            if tile.hashes.len() < rows::TILE_BYTES {
                run.partial.insert(tile.level, tile);
                continue;
            }
            run.partial.remove(&tile.level);
            let stored = rows::tile_bytes(connection, self.id(), tile.level, tile.number).map_err(ReadError::from)?;
            if stored.as_ref() != Some(&tile.hashes) {
                return Err(self.wrong_tile(&tile, stored.as_deref()));
            }
        }
        Ok(())
    }

    fn wrong_tile(&self, tile: &Changed, stored: Option<&[u8]>) -> VerifyError {
        let stored = stored.unwrap_or_default().chunks(32);
        let same = tile.hashes.chunks(32).zip(stored).take_while(|(right, found)| right == found).count();
        let index = tile.number * STEP + u64::try_from(same).unwrap_or(0);
        let position = index.checked_shl(8 * u32::from(tile.level)).unwrap_or(u64::MAX);
        self.broken(
            Some(position),
            format!("tile {}/{}", tile.level, tile.number),
            "it is not the tile of the entries below it",
        )
    }

    /// What can be judged only when all entries were read.
    fn finish(&self, connection: &Connection, run: &Run) -> Result<(), VerifyError> {
        let now = rows::size(connection, self.id()).map_err(ReadError::from)?;
        for tile in run.partial.values() {
            let stored = rows::tile_bytes(connection, self.id(), tile.level, tile.number).map_err(ReadError::from)?;
            // It may have grown since verification began.
            let width = (now.checked_shr(8 * u32::from(tile.level)).unwrap_or(0) - tile.number * STEP).min(STEP);
            let bytes = usize::try_from(width * 32).unwrap_or(usize::MAX);
            if !stored.as_ref().is_some_and(|stored| stored.len() == bytes && stored.starts_with(&tile.hashes)) {
                return Err(self.wrong_tile(tile, stored.as_deref()));
            }
        }
        self.check_strays(connection)?;
        if run.first_then > run.dropped_to {
            let place = format!("entry {}", run.dropped_to);
            return Err(self.broken(Some(run.dropped_to), place, "it is missing, and no retention event says why"));
        }
        self.check_open(connection, run)
    }

    /// Refuses rows that belong to no entry.
    fn check_strays(&self, connection: &Connection) -> Result<(), VerifyError> {
        let hashes = Hashes::new(connection, self.id())?;
        let mut statement = connection
            .prepare_cached("SELECT level, max(number), min(number), count(*) FROM tile WHERE log = ?1 GROUP BY level")
            .map_err(ReadError::from)?;
        let rows = statement
            .query_map(params![self.id()], |row| {
                Ok((row.get::<_, u8>(0)?, row.get::<_, u64>(1)?, row.get::<_, u64>(2)?, row.get::<_, u64>(3)?))
            })
            .map_err(ReadError::from)?;
        for row in rows {
            let (level, newest, oldest, count) = row.map_err(ReadError::from)?;
            let width = hashes.size().checked_shr(8 * u32::from(level)).unwrap_or(0);
            let tiles = if level == 0 { width / STEP } else { width.div_ceil(STEP) };
            if (oldest, newest, count) != (0, tiles.saturating_sub(1), tiles) {
                return Err(self.broken(
                    None,
                    format!("tiles of level {level}"),
                    "there are more or fewer than entries",
                ));
            }
        }
        let ahead: Option<u64> = connection
            .prepare_cached("SELECT max(first) FROM chunk WHERE log = ?1")
            .and_then(|mut statement| statement.query_row(params![self.id()], |row| row.get(0)))
            .map_err(ReadError::from)?;
        let tail = rows::tail_start(connection, self.id()).map_err(ReadError::from)?;
        match ahead {
            Some(first) if first + rows::CHUNK_ENTRIES > tail => {
                Err(self.broken(Some(tail), format!("chunk {first}"), "it holds entries of the tail once more"))
            }
            _ => Ok(()),
        }
    }

    fn broken(&self, position: Option<u64>, place: String, cause: &str) -> VerifyError {
        VerifyError::Broken { log: self.id().to_owned(), position, place, cause: cause.to_owned() }
    }
}

/// A size and root that were signed.
struct Head {
    size: u64,
    /// Base64.
    root: String,
    /// The checkpoint; `None` for the high-water mark.
    note: Option<Vec<u8>>,
}

impl Head {
    fn name(&self) -> String {
        let what = if self.note.is_some() { "checkpoint" } else { "high-water mark" };
        format!("{what} of {} entries", self.size)
    }
}

fn unwrap(error: picket_db::ReadError<VerifyError>) -> VerifyError {
    match error {
        picket_db::ReadError::Job(error) => error,
        picket_db::ReadError::Database(error) => VerifyError::Read(ReadError::Database(error)),
    }
}
