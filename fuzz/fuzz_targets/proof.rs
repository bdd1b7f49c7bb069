//! Checkpoints and proofs: nothing that the log did not sign verifies.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_log::{verify_checkpoint, verify_consistency, verify_inclusion, verify_proof};

fuzz_target!(|data: (&str, &str, &[u8], u64, u64, Vec<[u8; 32]>)| {
    let (key, document, entry, size, position, hashes) = data;
    assert!(verify_checkpoint(document.as_bytes(), key).is_err(), "a checkpoint was forged");
    assert!(verify_proof(document, entry, key).is_err(), "a proof was forged");
    let [root, leaf, path @ ..] = hashes.as_slice() else { return };
    if verify_inclusion(path, size, *root, position, *leaf) {
        assert!(position < size && (size > 1 || root == leaf), "an entry that is not in the tree");
    }
    if verify_consistency(path, position, *root, size, *leaf) {
        assert!(position <= size && (position != size || root == leaf), "a tree that does not go on");
    }
});
