//! Hashes of the tree, read from tiles and, for the newest leaves, from the rows of their entries.

use crate::failure::ReadError;
use crate::rows;
use crate::tree::{TILE_WIDTH, Tree, perfect};
use rusqlite::Connection;
use std::cell::RefCell;
use std::collections::HashMap;
use tlog_tiles::tlog::{Error, Hash, HashReader, split_stored_hash_index};

const WIDTH: u64 = 256;

/// A view of one log's tree on one connection.
pub(crate) struct Hashes<'a> {
    connection: &'a Connection,
    log: &'a str,
    size: u64,
    tiles: RefCell<HashMap<(u8, u64), Vec<Hash>>>,
}

impl<'a> Hashes<'a> {
    pub(crate) fn new(connection: &'a Connection, log: &'a str) -> Result<Self, ReadError> {
        Ok(Self { connection, log, size: rows::size(connection, log)?, tiles: RefCell::default() })
    }

    /// Entries in the log, as this connection sees it.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of a tile as far as they exist.
    pub(crate) fn tile(&self, level: u8, number: u64) -> Result<Vec<Hash>, ReadError> {
        if let Some(tile) = self.tiles.borrow().get(&(level, number)) {
            return Ok(tile.clone());
        }
        let mut hashes = rows::tile(self.connection, self.log, level, number)?;
        if level == 0 && hashes.is_empty() {
            let from = number * WIDTH;
            let leaves = rows::leaves(self.connection, self.log, from, self.size.min(from + WIDTH))?;
            let contiguous = leaves.into_iter().zip(from..).take_while(|((position, _), wanted)| position == wanted);
            hashes = contiguous.map(|((_, leaf), _)| leaf).collect();
        }
        self.tiles.borrow_mut().insert((level, number), hashes.clone());
        Ok(hashes)
    }

    /// The tree's right edge.
    pub(crate) fn edge(&self) -> Result<Tree, ReadError> {
        let mut levels = Vec::new();
        let mut width = self.size;
        let mut level = 0;
        while width > 0 {
            let partial = usize::try_from(width % WIDTH).unwrap_or(0);
            let mut hashes = if partial == 0 { Vec::new() } else { self.tile(level, width / WIDTH)? };
            if hashes.len() < partial {
                let position = (width / WIDTH * WIDTH).checked_shl(8 * u32::from(level)).unwrap_or(0);
                return Err(ReadError::Damaged { position, cause: format!("tile {level}/{} is short", width / WIDTH) });
            }
            hashes.truncate(partial);
            hashes.reserve(TILE_WIDTH.saturating_sub(partial));
            levels.push(hashes);
            width /= WIDTH;
            level += 1;
        }
        Ok(Tree::new(self.size, levels))
    }

    fn hash(&self, index: u64) -> Result<Hash, ReadError> {
        let (level, number) = split_stored_hash_index(index);
        let absent = || ReadError::Absent(number.checked_shl(u32::from(level)).unwrap_or(u64::MAX));
        let below = level % 8;
        let first = number << below;
        let tile = self.tile(level / 8, first / WIDTH)?;
        let start = usize::try_from(first % WIDTH).unwrap_or(0);
        tile.get(start..start + (1 << below)).map(perfect).ok_or_else(absent)
    }
}

impl HashReader for Hashes<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        indexes.iter().map(|index| self.hash(*index).map_err(|_absent| Error::IndexesNotInTree)).collect()
    }
}
