//! What was judged before: clients send their whole history with each turn.

use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// Digests of messages that were judged, with whether something was found. Bounded.
#[derive(Debug)]
pub struct Judged(Mutex<LruCache<[u8; 16], ()>>);

impl Default for Judged {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(65_536).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Judged {
    /// Whether a message was judged before, in the session that its digest includes; it is now.
    pub fn seen(&self, digest: [u8; 16]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(digest, ()).is_some()
    }
}
