use super::*;
use crate::tree::Tree;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sigstore_merkle::{verify_consistency_proof, verify_inclusion_proof};

#[test]
fn proofs_and_tiles_lead_to_the_signed_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..300 {
        store.append(&format!("user{number}"));
    }
    assert!(store.log().prove(5).unwrap().is_none(), "nothing is signed yet");
    Notary::new(&store.logs).tick().unwrap();
    let (size, root) = store.log().head().unwrap();
    let note = String::from_utf8(store.log().checkpoint().unwrap().unwrap()).unwrap();
    assert!(
        note.starts_with(&format!(
            "{}\n{size}\n{root}\n\n\u{2014} {} ",
            store.log().info().origin,
            store.log().info().origin
        )),
        "{note}"
    );
    let verifier = signed_note::StandardVerifier::new(&store.log().info().vkey).unwrap();
    let parsed = signed_note::Note::from_bytes(note.as_bytes()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    assert_eq!(parsed.verify(&known).unwrap().0.len(), 1);
    for position in [0, 5, 127, 128, 255, 256, size - 1] {
        let proven = store.log().prove(position).unwrap().unwrap();
        let path: Vec<[u8; 32]> = proven
            .document
            .lines()
            .skip(2)
            .take_while(|line| !line.is_empty())
            .map(|line| tlog_tiles::tlog::Hash::parse_hash(line).unwrap().0)
            .collect();
        let leaf = tlog_tiles::tlog::record_hash(&proven.entry).0;
        assert!(verify_inclusion(&path, size, root.0, position, leaf), "{position}");
        assert!(!verify_inclusion(&path, size, root.0, position + 1, leaf), "{position}");
    }
    assert_eq!(store.log().tile("tile/0/000").unwrap().unwrap().len(), 256 * 32);
    assert_eq!(
        store.log().tile(&format!("tile/0/001.p/{}", size - 256)).unwrap().unwrap().len(),
        usize::try_from(size - 256).unwrap() * 32
    );
    assert_eq!(store.log().tile("tile/1/000.p/1").unwrap().unwrap().len(), 32);
    assert!(store.log().tile("tile/0/002").unwrap().is_none());
    let bundle = store.log().tile("tile/entries/000").unwrap().unwrap();
    assert_eq!(
        usize::from(u16::from_be_bytes([bundle[0], bundle[1]])),
        store.log().entries(0, 1).unwrap()[0].bytes.len()
    );
}

/// A hash of a probe. Placeholders of other lengths are told apart by their digest; an empty one is no hash at all.
fn hash(value: &Value) -> Option<[u8; 32]> {
    let bytes = STANDARD.decode(value.as_str()?).ok()?;
    if bytes.is_empty() {
        return None;
    }
    Some(bytes.as_slice().try_into().unwrap_or_else(|_| Sha256::digest(&bytes).into()))
}

/// Whether we accept what a probe claims; `None` when it asks whether a subtree that does not begin at 0, or is empty, is
/// consistent with a tree, which nothing here serves.
fn judge(probe: &Value) -> Option<bool> {
    let number = |name: &str| probe[name].as_u64();
    let path: Option<Vec<[u8; 32]>> =
        probe["proof"].as_array().map_or(Some(Vec::new()), |hashes| hashes.iter().map(hash).collect());
    if probe.get("leafHash").is_some() {
        // A subtree is a tree of its own, whose leaves begin at its start.
        let (start, end) = (number("start").unwrap_or(0), number("treeSize").or(number("end")).unwrap());
        let (Some(size), Some(place)) = (end.checked_sub(start), number("leafIdx").unwrap().checked_sub(start)) else {
            return Some(false);
        };
        let is_subtree = size > 0 && size.checked_next_power_of_two().is_some_and(|width| start.is_multiple_of(width));
        let (Some(path), Some(root), Some(leaf)) = (path, hash(&probe["root"]), hash(&probe["leafHash"])) else {
            return Some(false);
        };
        return Some((start == 0 || is_subtree) && verify_inclusion(&path, size, root, place, leaf));
    }
    if number("start").is_some_and(|start| start > 0) || number("end") == Some(0) {
        return None;
    }
    let (Some(path), Some(old), Some(new)) = (path, hash(&probe["root1"]), hash(&probe["root2"])) else {
        return Some(false);
    };
    let (from, to) = (number("size1").or(number("end")).unwrap(), number("size2").or(number("size")).unwrap());
    Some(verify_consistency(&path, from, old, to, new))
}

#[test]
fn the_probes_of_other_implementations_are_judged_as_they_say() {
    let (mut judged, mut passed_over) = (0, 0);
    for line in include_str!("../../testdata/merkle/probes.jsonl").lines() {
        let probe: Value = serde_json::from_str(line).unwrap();
        let Some(accepted) = judge(&probe) else {
            passed_over += 1;
            continue;
        };
        assert_eq!(accepted, !probe["wantErr"].as_bool().unwrap(), "{}: {}", probe["case"], probe["desc"]);
        judged += 1;
    }
    assert_eq!((judged, passed_over), (491, 27));
}

#[test]
fn a_proof_document_holds_for_its_entry_its_log_and_its_key_only() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..70 {
        store.append(&format!("user{number}"));
    }
    let unsigned = store.log().prove(5).unwrap();
    assert!(unsigned.is_none());
    Notary::new(&store.logs).tick().unwrap();
    let vkey = &store.log().info().vkey;
    let proven = store.log().prove(5).unwrap().unwrap();
    let head = verify_proof(&proven.document, &proven.entry, vkey).unwrap();
    assert_eq!((head.size, head.origin.as_str()), (store.log().size(), store.log().info().origin.as_str()));
    let other = store.log().prove(6).unwrap().unwrap();
    assert_eq!(verify_proof(&proven.document, &other.entry, vkey), Err(ProofError::NotIncluded));
    assert_eq!(
        verify_proof(&proven.document, &proven.entry, &store.logs.system().unwrap().info().vkey),
        Err(ProofError::NotSigned)
    );
    for place in 0..proven.document.len() {
        let mut changed = proven.document.clone().into_bytes();
        changed[place] ^= 1;
        if let Ok(changed) = String::from_utf8(changed) {
            assert!(verify_proof(&changed, &proven.entry, vkey).is_err(), "byte {place}");
        }
    }
    for changed in [
        proven.document.replace("index 5", "index 05"),
        proven.document.replace("index 5", "index +5"),
        proven.document.replace("\n\n", "\n"),
        format!("{}\n", proven.document),
        format!("\n{}", proven.document),
        proven.document.replace('\n', "\r\n"),
        String::new(),
    ] {
        assert!(verify_proof(&changed, &proven.entry, vkey).is_err(), "{changed}");
    }
}

/// Some 10,000 proofs: every place in every size, and every pair of sizes.
#[test]
fn every_proof_of_a_small_log_agrees_with_two_other_implementations() {
    const SIZE: u64 = 100;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let log = store.log();
    while log.size() < SIZE {
        log.append(Lane::Gateway, log.prepare(store.event("a"), &[])).wait().unwrap();
    }
    let mut other = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut tree = Tree::default();
    let (mut roots, mut leaves) = (Vec::new(), Vec::new());
    for stored in log.entries(0, log.size()).unwrap() {
        tree.push(tlog_tiles::tlog::record_hash(&stored.bytes));
        leaves.push(sigstore_merkle::hash_leaf(&stored.bytes));
        other.push(stored.bytes);
        assert_eq!(other.root().as_bytes().as_slice(), tree.root().0.as_slice(), "{} entries", other.len());
        roots.push(tree.root());
    }
    for (size, root) in (1_u64..).zip(&roots) {
        for (position, leaf) in (0..size).zip(&leaves) {
            let path = log.inclusion(position, size).unwrap();
            let theirs: Vec<_> = path.iter().map(|hash| hash.0.into()).collect();
            assert!(verify_inclusion_proof(leaf, position, size, &theirs, &root.0.into()).is_ok(), "{position}/{size}");
        }
        for (from, old) in (1..size).zip(&roots) {
            let proof = log.consistency(from, size).unwrap();
            let theirs: Vec<_> = proof.iter().map(|hash| hash.0.into()).collect();
            assert!(verify_consistency_proof(from, size, &theirs, &old.0.into(), &root.0.into()).is_ok());
            let ours: Vec<[u8; 32]> = proof.iter().map(|hash| hash.0).collect();
            assert!(verify_consistency(&ours, from, old.0, size, root.0), "{from}/{size}");
            assert!(!verify_consistency(&ours, from, root.0, size, old.0), "{from}/{size}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn roots_and_proofs_agree_with_two_other_implementations(sizes in proptest::collection::vec(1_usize..400, 1..4)) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let log = store.log();
        let mut heads = Vec::new();
        for size in sizes {
            let tickets: Vec<_> =
                (0..size).map(|n| log.append(Lane::Gateway, log.prepare(store.event(&n.to_string()), &[]))).collect();
            for ticket in tickets {
                ticket.wait().unwrap();
            }
            heads.push(log.head().unwrap());
        }
        let mut other = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut roots = heads.iter();
        let mut next = roots.next();
        let mut leaves = Vec::new();
        for stored in log.entries(0, 10_000).unwrap() {
            leaves.push(sigstore_merkle::hash_leaf(&stored.bytes));
            other.push(stored.bytes);
            if let Some((_, root)) = next.filter(|(size, _)| *size == other.len()) {
                let other_root = other.root();
                prop_assert_eq!(other_root.as_bytes().as_slice(), root.0.as_slice());
                next = roots.next();
            }
        }
        prop_assert!(next.is_none());
        let (size, root) = *heads.last().unwrap();
        for position in (0..size).step_by(37).chain([size - 1]) {
            let path = log.inclusion(position, size).unwrap();
            let place = usize::try_from(position).unwrap();
            let theirs = other.prove_inclusion(place);
            prop_assert_eq!(theirs.as_bytes(), path.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>());
            let hashes: Vec<_> = path.iter().map(|hash| hash.0.into()).collect();
            prop_assert!(verify_inclusion_proof(&leaves[place], position, size, &hashes, &root.0.into()).is_ok());
        }
        for pair in heads.windows(2) {
            let ((from, old), (to, new)) = (pair[0], pair[1]);
            let proof = log.consistency(from, to).unwrap();
            let hashes: Vec<_> = proof.iter().map(|hash| hash.0.into()).collect();
            prop_assert!(verify_consistency_proof(from, to, &hashes, &old.0.into(), &new.0.into()).is_ok());
            let proof: Vec<[u8; 32]> = proof.iter().map(|hash| hash.0).collect();
            prop_assert!(verify_consistency(&proof, from, old.0, to, new.0));
            prop_assert!(!verify_consistency(&proof, from, new.0, to, old.0));
        }
        log.verify(&mut |_, _| {}).unwrap();
    }
}
