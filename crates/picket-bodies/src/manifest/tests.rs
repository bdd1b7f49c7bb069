use super::*;
use proptest::prelude::*;
use std::collections::HashMap;
use std::convert::Infallible;

fn digest(message: &[u8]) -> [u8; 16] {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(message)[..16].try_into().unwrap()
}

/// A body that joins messages with filling, and the ranges of the messages.
fn body_of(messages: &[Vec<u8>]) -> (Vec<u8>, Vec<Range<usize>>) {
    let mut body = b"{\"messages\":[".to_vec();
    let mut ranges = Vec::new();
    for message in messages {
        let start = body.len();
        body.extend_from_slice(message);
        ranges.push(start..body.len());
        body.push(b',');
    }
    body.extend_from_slice(b"],\"model\":\"m\"}");
    (body, ranges)
}

#[test]
fn a_growing_conversation_is_stored_once_per_message() {
    let seen = Seen::new(NonZeroUsize::new(100).unwrap());
    let messages: Vec<Vec<u8>> = (0_u8..20).map(|n| vec![b'a' + n; 1_000]).collect();
    let mut stored = 0;
    for turn in 1..=messages.len() {
        let (body, ranges) = body_of(&messages[..turn]);
        let plan = seen.plan(&body, &ranges, |number| digest(&body[ranges[number].clone()]));
        stored += plan.own.len();
        seen.remember(plan, turn as u64);
    }
    assert!(stored < 30_000, "{stored} bytes for 20,000 bytes of messages");
}

proptest! {
    #[test]
    fn reassembly_gives_back_the_exact_bytes(
        pool in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 200..600), 1..8),
        turns in proptest::collection::vec(proptest::collection::vec(0_usize..8, 0..10), 1..12),
    ) {
        let seen = Seen::new(NonZeroUsize::new(5).unwrap());
        let mut store: HashMap<u64, Vec<u8>> = HashMap::new();
        for (position, turn) in turns.iter().enumerate() {
            let messages: Vec<Vec<u8>> = turn.iter().map(|at| pool[at % pool.len()].clone()).collect();
            let (body, ranges) = body_of(&messages);
            let plan = seen.plan(&body, &ranges, |number| digest(&body[ranges[number].clone()]));
            let manifest = plan.manifest.clone();
            store.insert(position as u64, plan.own.clone());
            seen.remember(plan, position as u64);
            let own = store.get(&(position as u64)).unwrap();
            let whole = match manifest {
                None => own.clone(),
                Some(manifest) => {
                    let found = |position| Ok::<_, Infallible>(store.get(&position).cloned());
                    let (whole, complete) = reassemble(&manifest, own, found).unwrap();
                    prop_assert!(complete);
                    whole
                }
            };
            prop_assert_eq!(whole, body);
        }
    }
}
