//! What was judged before: clients send their whole history with each turn.

use crate::judgement::Subject;
use lru::LruCache;
use picket_llm::Request;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of a message in its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Past {
    /// It was not there before, or is asked again as the newest.
    Fresh,
    /// It was judged before.
    Judged,
    /// A person let it pass.
    Approved,
}

/// Digests of messages that were judged. Bounded.
#[derive(Debug)]
pub struct Judged(Mutex<LruCache<[u8; 16], Past>>);

impl Default for Judged {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(65_536).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Judged {
    /// What was known of a message, in the session that its digest includes; it is judged now.
    pub fn seen(&self, digest: [u8; 16]) -> Past {
        let mut known = self.lock();
        if let Some(past) = known.get(&digest) {
            return *past;
        }
        known.put(digest, Past::Judged);
        Past::Fresh
    }

    /// Takes note that a person let a message pass.
    pub fn approve(&self, digest: [u8; 16]) {
        self.lock().put(digest, Past::Approved);
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<[u8; 16], Past>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What each message is known by.
///
/// With a session, a message is known by itself. Without one, it is known by itself and all before it: what somebody
/// sent in one conversation is not the history of another.
pub(crate) fn chained(
    request: &Request,
    subject: &Subject<'_>,
    digest: impl Fn(&[u8], usize) -> [u8; 16],
) -> impl Iterator<Item = [u8; 16]> {
    let has_session = subject.session.is_some();
    let mut before: [u8; 16] = [0; 16];
    (0..request.messages.len()).map(move |message| {
        let known = digest(&before, message);
        if !has_session {
            before = known;
        }
        known
    })
}
