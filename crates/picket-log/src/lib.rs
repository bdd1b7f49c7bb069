//! The append-only log: entries, Merkle tree, checkpoints, tiles, proofs, recovery.
