//! Failed attempts to sign in, counted and told now and then: whoever guesses does not fill the log, and how long an answer
//! takes does not tell whether it was worth writing down.

use picket_event::{Decision, Event, EventType, Severity, Workspace};
use picket_stdx::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Accounts that are counted apart between two reports; further ones count with those that nobody has.
const APART_MAX: usize = 256;
/// So many on one account are no slips any more.
const MANY: u64 = 10;

/// How often, on whose account; `None` stands for names that nobody has.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<BTreeMap<Option<String>, Count>>);

#[derive(Debug)]
struct Count {
    count: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Failures {
    pub(crate) fn add(&self, user: Option<&str>, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = user.map(str::to_owned).filter(|_user| all.len() < APART_MAX);
        let count = all.entry(key).or_insert(Count { count: 0, first: now, last: now });
        (count.count, count.last) = (count.count.saturating_add(1), now);
    }

    /// What was counted, as events; counting begins anew.
    pub(crate) fn take(&self, workspace: &Workspace) -> Vec<Event> {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let event = |(user, Count { count, first, last }): (Option<String>, Count)| {
            let mut event = Event::new(EventType::AUTH_FAILED, workspace.as_str(), first);
            event.count = Some(count);
            event.severity = if count > MANY { Severity::Medium } else { Severity::Low };
            event.decision = Decision::Blocked;
            event.reason = Some(format!("{count} failed attempts to sign in from {first} to {last}"));
            event.target = user.map(|user| format!("user:{user}"));
            event
        };
        all.into_iter().map(event).collect()
    }
}
