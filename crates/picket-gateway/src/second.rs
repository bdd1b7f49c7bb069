//! Slower detectors of this process, asked while a request waits: bounded in time and number.
//!
//! They compute for milliseconds, so they run on threads of their own. Whatever they do, a request goes on after the
//! time that its policy gives them, and what is no answer is told to the policy, which decides by `on_error`.

use crate::outcomes::Outcomes;
use futures_util::future::join_all;
use picket_policy::{Inquiry, Judgement, Policy, Toolbox, Unanswered};
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Instant;
use tokio::sync::Semaphore;

/// Who may ask, and how it went.
#[derive(Debug)]
pub(crate) struct SecondTier {
    /// Threads that compute at a time: half of the cores, so that requests keep the others.
    places: Arc<Semaphore>,
    all: usize,
    outcomes: Outcomes,
}

/// How the slower detectors have been doing inside requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecondTierCounts {
    /// Inquiries that were answered in time.
    pub answered: u64,
    /// Inquiries that were not, by the word of the cause.
    pub failed: Vec<(&'static str, u64)>,
    /// Inquiries that are computed now.
    pub in_flight: u64,
    /// Microseconds that requests waited.
    pub waited_us: u64,
}

impl Default for SecondTier {
    fn default() -> Self {
        let all = available_parallelism().map_or(1, NonZero::get).div_ceil(2);
        let places = Arc::new(Semaphore::new(all));
        Self { places, all, outcomes: Outcomes::default() }
    }
}

impl SecondTier {
    /// How they have been doing.
    pub(crate) fn counts(&self) -> SecondTierCounts {
        SecondTierCounts {
            answered: self.outcomes.answered(),
            failed: self.outcomes.failed(),
            in_flight: u64::try_from(self.all.saturating_sub(self.places.available_permits())).unwrap_or(0),
            waited_us: self.outcomes.us(),
        }
    }

    /// Asks about each of some inquiries, all at once.
    pub(crate) async fn ask(
        &self,
        policy: &Arc<Policy>,
        tools: &Arc<Toolbox>,
        inquiries: Vec<Inquiry>,
    ) -> Vec<(Arc<Inquiry>, Result<Judgement, Unanswered>)> {
        let one = async |inquiry: Inquiry| {
            let (begun, inquiry) = (Instant::now(), Arc::new(inquiry));
            let look = self.look(policy, tools, &inquiry).await;
            self.outcomes.count(&look);
            self.outcomes.took(begun.elapsed());
            (inquiry, look)
        };
        join_all(inquiries.into_iter().map(one)).await
    }

    async fn look(
        &self,
        policy: &Arc<Policy>,
        tools: &Arc<Toolbox>,
        inquiry: &Arc<Inquiry>,
    ) -> Result<Judgement, Unanswered> {
        let until = Instant::now() + policy.waits(inquiry);
        let end = tokio::time::Instant::from_std(until);
        let place = tokio::time::timeout_at(end, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(Unanswered::Busy) };
        let (policy, tools, asked) = (Arc::clone(policy), Arc::clone(tools), Arc::clone(inquiry));
        let look = tokio::task::spawn_blocking(move || {
            // Held until it has ended, also when nobody waits for it any more.
            let _place = place;
            policy.examine(&asked, &tools, Some(until))
        });
        match tokio::time::timeout_at(end, look).await {
            Ok(look) => look.map_err(|_panicked| Unanswered::Failed),
            Err(_elapsed) => Err(Unanswered::Timeout),
        }
    }
}

#[cfg(test)]
mod tests;
