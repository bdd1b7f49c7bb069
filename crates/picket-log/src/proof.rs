//! Proofs that an entry is in a tree, and that one tree continues another.

use crate::checkpoint::{SignedHead, verify_checkpoint};
use crate::failure::{ProofError, ReadError};
use crate::hashes::Hashes;
use crate::{EventLog, rows};
use picket_event::Entry;
use rusqlite::{OptionalExtension as _, params};
use std::fmt::Write as _;
use tlog_tiles::tlog::{Hash, check_record, check_tree, prove_record, prove_tree, record_hash};

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

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// Hashes in the longest path of a tree of 2^64 leaves.
const PATH_MAX: usize = 64;

impl EventLog {
    /// Proves that the entry at `position` is in the newest checkpoint; `None` while none covers it, and after
    /// retention dropped the entry.
    pub fn prove(&self, position: u64) -> Result<Option<Proven>, ReadError> {
        let proven = self.0.db.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT size, note FROM checkpoint WHERE log = ?1 AND size > ?2 ORDER BY size DESC LIMIT 1",
            )?;
            let newest: Option<(u64, Vec<u8>)> =
                statement.query_row(params![self.id(), position], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((size, note)) = newest else { return Ok(None) };
            if position < rows::first(connection, self.id())? {
                return Ok(None);
            }
            let hashes = Hashes::new(connection, self.id())?;
            let path =
                prove_record(size, position, &hashes).map_err(|error| ReadError::Checkpoint(error.to_string()))?;
            let entry = self.one(connection, position)?.bytes;
            let mut document = format!("{FIRST_LINE}\nindex {position}\n");
            for hash in path {
                writeln!(document, "{hash}").unwrap_or_default();
            }
            document.push('\n');
            document.push_str(&String::from_utf8_lossy(&note));
            Ok::<_, ReadError>(Some(Proven { position, entry, document }))
        })?;
        Ok(proven)
    }

    /// The inclusion path of a leaf in the tree of `size` entries.
    pub fn inclusion(&self, position: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        let proof = self.0.db.read(|connection| {
            let hashes = Hashes::new(connection, self.id())?;
            if position >= size || size > hashes.size() {
                return Err(ReadError::Absent(position));
            }
            prove_record(size, position, &hashes).map_err(|error| ReadError::Checkpoint(error.to_string()))
        })?;
        Ok(proof)
    }

    /// The consistency proof from one size to a later one.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, ReadError> {
        let proof = self.0.db.read(|connection| {
            let hashes = Hashes::new(connection, self.id())?;
            if from == 0 || from > to || to > hashes.size() {
                return Err(ReadError::Absent(to));
            }
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

/// Verifies a tlog-proof document for the canonical bytes of an entry, against a verifier key that the caller trusts.
///
/// Everything is bound to everything: the checkpoint to the key, the path to the checkpoint, the entry to the path, and
/// the entry's own `seq` and `tenant` to the proof's index and origin.
pub fn verify_proof(document: &str, entry: &[u8], vkey: &str) -> Result<SignedHead, ProofError> {
    let malformed = || ProofError::Malformed("proof");
    let (proof, note) = document.split_once("\n\n").ok_or_else(malformed)?;
    let mut lines = proof.split('\n');
    if lines.next() != Some(FIRST_LINE) {
        return Err(malformed());
    }
    let digits = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or_else(malformed)?;
    let position: u64 = digits.parse().map_err(|_error| malformed())?;
    // One spelling of each number and hash, so that a proof has one text.
    if digits != position.to_string() {
        return Err(malformed());
    }
    let mut path = Vec::new();
    for line in lines {
        let hash = Hash::parse_hash(line).map_err(|_error| malformed())?;
        if path.len() == PATH_MAX || hash.to_string() != line {
            return Err(malformed());
        }
        path.push(hash.0);
    }
    let head = verify_checkpoint(note.as_bytes(), vkey)?;
    if !verify_inclusion(&path, head.size, head.root, position, record_hash(entry).0) {
        return Err(ProofError::NotIncluded);
    }
    let read = Entry::from_canonical(entry).map_err(|_error| ProofError::Malformed("entry"))?;
    let is_of_log = head.origin.rsplit('/').next() == Some(read.tenant.as_str());
    if read.seq == position && is_of_log { Ok(head) } else { Err(ProofError::Origin) }
}
