//! What services found nothing in during one stream, so that they are not asked about it again.

use crate::exchange::Exchange;
use picket_event::Action;
use picket_policy::Judgement;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// Texts that are remembered; the rest is asked about again.
const TEXTS_MAX: usize = 1_024;

/// Texts, by their hashes. Bounded.
#[derive(Debug, Default)]
pub(crate) struct Harmless {
    hashers: [RandomState; 2],
    known: HashSet<[u64; 2]>,
}

impl Harmless {
    /// Makes the inquiries of a judgement, but for texts in which nothing was found before.
    pub(crate) async fn complete(&mut self, exchange: &Exchange, mut judgement: Judgement) -> Judgement {
        judgement.later.retain_mut(|inquiry| {
            let policy = inquiry.policy.clone();
            inquiry.retain(|text| !self.known.contains(&self.digest(&policy, text)))
        });
        let later =
            judgement.later.iter().flat_map(|inquiry| inquiry.texts().map(|text| self.digest(&inquiry.policy, text)));
        self.remember(later.collect());
        if judgement.inquiries.is_empty() {
            return judgement;
        }
        judgement.inquiries.retain_mut(|inquiry| {
            let policy = inquiry.policy.clone();
            inquiry.retain(|text| !self.known.contains(&self.digest(&policy, text)))
        });
        let asked: Vec<_> = judgement
            .inquiries
            .iter()
            .flat_map(|inquiry| inquiry.texts().map(|text| self.digest(&inquiry.policy, text)))
            .collect();
        let judgement = exchange.complete(judgement).await;
        // Where something was found, its place has to be found again.
        if judgement.action() == Action::Allow && judgement.triggered.is_empty() {
            self.remember(asked);
        }
        judgement
    }

    fn remember(&mut self, digests: Vec<[u64; 2]>) {
        self.known.extend(digests.into_iter().take(TEXTS_MAX.saturating_sub(self.known.len())));
    }

    fn digest(&self, policy: &str, text: &str) -> [u64; 2] {
        self.hashers.each_ref().map(|hasher| hasher.hash_one((policy, text)))
    }
}
