//! Tokens that were believed, by their digests, so that showing one again costs a hash.

use super::Bearer;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// Tokens that are remembered; the longest unused are forgotten, and cost a signature again.
const KNOWN_MAX: NonZeroUsize = NonZeroUsize::new(16_384).expect("16,384 is not zero");

/// What was believed.
#[derive(Debug)]
pub(super) struct Known(Mutex<LruCache<[u8; 32], Arc<Bearer>>>);

impl Default for Known {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(KNOWN_MAX)))
    }
}

impl Known {
    /// What the token of a digest said.
    pub(super) fn get(&self, digest: &[u8; 32]) -> Option<Arc<Bearer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Remembers what a token says.
    pub(super) fn put(&self, digest: [u8; 32], bearer: Bearer) -> Arc<Bearer> {
        let bearer = Arc::new(bearer);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(digest, Arc::clone(&bearer));
        bearer
    }
}
