//! Requests that wait for a person: the same request, sent again, is the same escalation.

use lru::LruCache;
use picket_event::EscalationId;
use picket_stdx::Timestamp;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// Pending escalations by request digest. Bounded.
#[derive(Debug)]
pub struct Holds(Mutex<LruCache<[u8; 32], (EscalationId, Timestamp)>>);

impl Default for Holds {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(65_536).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Holds {
    /// The escalation of a request, and whether it is new.
    pub(crate) fn hold(&self, digest: [u8; 32], now: Timestamp, expires: Timestamp) -> (EscalationId, bool) {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((id, _)) = holds.get(&digest).filter(|(_, end)| *end > now) {
            return (*id, false);
        }
        let id = EscalationId::new(now);
        holds.put(digest, (id, expires));
        (id, true)
    }

    /// Forgets a decided escalation: the same request is asked about anew.
    pub fn resolved(&self, id: EscalationId) {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = holds.iter().find(|(_, (other, _))| *other == id).map(|(digest, _)| *digest);
        if let Some(digest) = digest {
            holds.pop(&digest);
        }
    }
}
