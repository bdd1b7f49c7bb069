//! Requests that a person has to decide: which escalation is theirs, and who waits for its end.
//!
//! What is held stands in the database, so that approvals outlive a restart and are used once. What only asked for a
//! look, and passed, is remembered in memory: the same request, sent again, is the same escalation.

use crate::serve::Shared;
use lru::LruCache;
use picket_db::{Lane, Tx, WriteError};
use picket_event::EscalationId;
use picket_log::AppendError;
use picket_stdx::Timestamp;
use picket_store::holds::{self, Entered, Hold, State};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

/// Escalations that are remembered.
const TOLD_MAX: NonZeroUsize = NonZeroUsize::new(65_536).expect("65,536 is not zero");
/// KiB that requests hold whose callers wait, and the least that each is counted with: 1,024 callers at most.
const WAITING_KIB_MAX: usize = 65_536;
const WAITING_KIB_EACH: usize = 64;

/// Escalations, by the digest of what was asked.
#[derive(Debug)]
pub struct Holds {
    /// Of requests that passed, each until it is decided or ends.
    told: Mutex<LruCache<[u8; 32], (EscalationId, Timestamp)>>,
    /// Counts decisions.
    decisions: watch::Sender<u64>,
    /// Room for those who wait, in KiB.
    room: Semaphore,
}

impl Default for Holds {
    fn default() -> Self {
        let (decisions, room) = (watch::Sender::new(0), Semaphore::new(WAITING_KIB_MAX));
        Self { told: Mutex::new(LruCache::new(TOLD_MAX)), decisions, room }
    }
}

impl Holds {
    /// The escalation of a request that passes, and whether it is new.
    pub(crate) fn tell(&self, digest: [u8; 32], now: Timestamp, expires: Timestamp) -> (EscalationId, bool) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((id, _)) = told.get(&digest).filter(|(_, end)| *end > now) {
            return (*id, false);
        }
        let id = EscalationId::new(now);
        told.put(digest, (id, expires));
        (id, true)
    }

    /// Takes note of a decision: whoever waits looks again, and what passed is told anew.
    pub fn resolved(&self, id: EscalationId) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = told.iter().find(|(_, (other, _))| *other == id).map(|(digest, _)| *digest);
        if let Some(digest) = digest {
            told.pop(&digest);
        }
        self.decisions.send_modify(|count| *count += 1);
    }

    /// Room to wait with a request of so many bytes, unless all is taken.
    pub(crate) fn room(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        self.room.try_acquire_many(u32::try_from((bytes / 1_024).max(WAITING_KIB_EACH)).ok()?).ok()
    }
}

impl Shared {
    /// Holds a request, or takes what was decided of it.
    pub(crate) async fn enter(
        &self,
        digest: [u8; 32],
        hold: Hold,
        now: Timestamp,
    ) -> Result<Entered, WriteError<AppendError>> {
        let workspace = self.workspace.clone();
        let job = move |tx: &mut Tx<'_>| Ok(holds::enter(tx, &workspace, &digest, &hold, now)?);
        self.db.write(Lane::Gateway, "gateway.hold", job).await
    }

    /// Waits until a held request is approved or rejected; `None` when nobody can decide it any more.
    pub(crate) async fn decided(self: &Arc<Self>, digest: [u8; 32]) -> Option<State> {
        let mut decisions = self.holds.decisions.subscribe();
        loop {
            // What is decided from here on wakes it.
            decisions.borrow_and_update();
            let shared = Arc::clone(self);
            let look = move || {
                let now = shared.log.clock().now();
                shared.db.read(|connection| holds::known(connection, &shared.workspace, &digest, now)).ok().flatten()
            };
            match tokio::task::spawn_blocking(look).await.ok().flatten()? {
                (_, State::Pending) => decisions.changed().await.ok()?,
                (_, state) => return Some(state),
            }
        }
    }
}
