//! How a stored conversation is put together again: it is the body that came, whatever was stored before.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_bodies::manifest::{Manifest, Seen, reassemble};
use std::convert::Infallible;
use std::num::NonZeroUsize;

fuzz_target!(|data: (Vec<(u8, u16)>, &[u8], &[u8])| {
    let (turns, text, document) = data;
    // Conversations that grow: each takes messages of earlier ones up again.
    let seen = Seen::new(NonZeroUsize::new(8).expect("eight is not zero"));
    let message = |(kind, length): (u8, u16)| vec![kind; usize::from(length % 1_024)];
    let mut stored: Vec<Vec<u8>> = Vec::new();
    for end in 1..=turns.len().min(6) {
        let mut body = text.to_vec();
        let mut ranges = Vec::new();
        for turn in turns.iter().take(end) {
            let message = message(*turn);
            ranges.push(body.len()..body.len() + message.len());
            body.extend(message);
        }
        let digest = |number: usize| {
            let (kind, length) = turns[number];
            let mut digest = [kind; 16];
            digest[..2].copy_from_slice(&(length % 1_024).to_le_bytes());
            digest
        };
        let plan = seen.plan(&body, &ranges, digest);
        let (own, manifest) = (plan.own.clone(), plan.manifest.clone());
        let again = match &manifest {
            None => own.clone(),
            Some(manifest) => {
                let other = |position| {
                    let position = usize::try_from(position).unwrap_or(usize::MAX);
                    Ok::<_, Infallible>(stored.get(position).cloned())
                };
                let Ok((again, complete)) = reassemble(manifest, &own, other);
                assert!(complete, "something that was stored is gone");
                again
            }
        };
        assert_eq!(again, body);
        seen.remember(plan, u64::try_from(stored.len()).unwrap_or(u64::MAX));
        stored.push(own);
    }
    // One from elsewhere names what is not there.
    if let Ok(manifest) = serde_json::from_slice::<Manifest>(document) {
        let other = |position: u64| Ok::<_, Infallible>((position < 4).then(|| text.to_vec()));
        let Ok((body, _)) = reassemble(&manifest, text, other);
        assert!(body.len() <= text.len() + manifest.segments.len() * text.len().max(32));
    }
});
