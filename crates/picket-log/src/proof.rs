//! Proofs that an entry is in a tree, and that one tree continues another.

use crate::EventLog;
use crate::failure::ReadError;
use crate::hashes::Hashes;
use rusqlite::{OptionalExtension as _, params};
use std::fmt::Write as _;
use tlog_tiles::tlog::{Hash, check_record, check_tree, prove_record, prove_tree};

/// An entry with the proof that it is in the log.
#[derive(Debug, Clone)]
pub struct Proven {
    /// Leaf index.
    pub position: u64,
    /// The canonical bytes of the entry.
    pub entry: Vec<u8>,
    /// The proof as a C2SP tlog-proof, with the checkpoint that it leads to.
    pub document: String,
}

impl EventLog {
    /// Proves that the entry at `position` is in the newest checkpoint that covers it.
    pub fn prove(&self, position: u64) -> Result<Option<Proven>, ReadError> {
        let proven = self.0.db.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT size, note FROM checkpoint WHERE log = ?1 AND size > ?2 ORDER BY size DESC LIMIT 1",
            )?;
            let newest: Option<(u64, Vec<u8>)> =
                statement.query_row(params![self.id(), position], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((size, note)) = newest else { return Ok(None) };
            let hashes = Hashes::new(connection, self.id())?;
            let path =
                prove_record(size, position, &hashes).map_err(|error| ReadError::Checkpoint(error.to_string()))?;
            let entry = self.one(connection, position)?.bytes;
            let mut document = format!("c2sp.org/tlog-proof@v1\nindex {position}\n");
            for hash in path {
                writeln!(document, "{hash}").unwrap_or_default();
            }
            document.push('\n');
            document.push_str(&String::from_utf8_lossy(&note));
            Ok::<_, ReadError>(Some(Proven { position, entry, document }))
        })?;
        Ok(proven)
    }

    /// The consistency proof from one size to a later one.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, ReadError> {
        let proof = self.0.db.read(|connection| {
            let hashes = Hashes::new(connection, self.id())?;
            prove_tree(to, from, &hashes).map_err(|error| ReadError::Checkpoint(error.to_string()))
        })?;
        Ok(proof)
    }
}

/// Whether `path` proves that `leaf` is entry `position` of the tree of `size` and `root`.
pub fn verify_inclusion(path: &[[u8; 32]], size: u64, root: [u8; 32], position: u64, leaf: [u8; 32]) -> bool {
    let path: Vec<Hash> = path.iter().copied().map(Hash).collect();
    position < size && check_record(&path, size, Hash(root), position, Hash(leaf)).is_ok()
}

/// Whether `proof` proves that the tree of `to` and `new` continues that of `from` and `old`. An empty tree proves
/// nothing, and is refused.
pub fn verify_consistency(proof: &[[u8; 32]], from: u64, old: [u8; 32], to: u64, new: [u8; 32]) -> bool {
    let proof: Vec<Hash> = proof.iter().copied().map(Hash).collect();
    match from.cmp(&to) {
        std::cmp::Ordering::Greater => false,
        std::cmp::Ordering::Equal => from > 0 && proof.is_empty() && old == new,
        std::cmp::Ordering::Less => from > 0 && check_tree(&proof, to, Hash(new), from, Hash(old)).is_ok(),
    }
}
