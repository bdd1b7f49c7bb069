//! The right edge of the Merkle tree: what is needed to append, and to know the root.

use tlog_tiles::tlog::{EMPTY_HASH, Hash, node_hash};

/// Hashes in a full tile.
pub(crate) const TILE_WIDTH: usize = 256;

/// The partial tile of each level; level 0 holds leaves, level `n + 1` the roots of full tiles of level `n`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// A tile that an append changed.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    pub(crate) level: u8,
    pub(crate) number: u64,
    pub(crate) hashes: Vec<u8>,
}

impl Tree {
    /// From the partial tiles, lowest level first.
    pub(crate) fn new(size: u64, levels: Vec<Vec<Hash>>) -> Self {
        Self { size, levels }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. The tiles to store: each full one, and the partial ones above level 0 that grew.
    pub(crate) fn push(&mut self, leaf: Hash) -> Vec<Changed> {
        let mut changed = Vec::new();
        let mut carried = Some(leaf);
        let mut level = 0;
        while let Some(hash) = carried.take() {
            if self.levels.len() <= level {
                self.levels.push(Vec::with_capacity(TILE_WIDTH));
            }
            let Some(tile) = self.levels.get_mut(level) else { break };
            tile.push(hash);
            let full = tile.len() == TILE_WIDTH;
            if full || level > 0 {
                let shift = 8 * (u32::try_from(level).unwrap_or(7) + 1);
                let number = self.size.checked_shr(shift).unwrap_or(0);
                let hashes = tile.iter().flat_map(|hash| hash.0).collect();
                changed.push(Changed { level: u8::try_from(level).unwrap_or(u8::MAX), number, hashes });
            }
            if full {
                carried = Some(perfect(tile));
                tile.clear();
            }
            level += 1;
        }
        self.size += 1;
        changed
    }

    /// The root over all leaves.
    pub(crate) fn root(&self) -> Hash {
        let mut parts = Vec::new();
        for tile in self.levels.iter().rev() {
            let mut rest = tile.as_slice();
            while !rest.is_empty() {
                let (subtree, tail) = rest.split_at(1 << rest.len().ilog2());
                parts.push(perfect(subtree));
                rest = tail;
            }
        }
        let mut parts = parts.into_iter().rev();
        let last = parts.next().unwrap_or(EMPTY_HASH);
        parts.fold(last, |right, left| node_hash(left, right))
    }
}

/// The root of a power of two of hashes.
pub(crate) fn perfect(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks_exact(2)
            .filter_map(|pair| if let [left, right] = pair { Some(node_hash(*left, *right)) } else { None })
            .collect();
    }
    row.first().copied().unwrap_or(EMPTY_HASH)
}
