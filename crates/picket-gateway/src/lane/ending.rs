//! Whether an answer still runs, so that a late verdict can end it: exactly one of both sides has its way.

use picket_policy::Judgement;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// What became of an answer so far.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    state: Mutex<State>,
    asked: Notify,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Running,
    /// It shall end because of this.
    Asked(Box<Judgement>),
    /// Its end is on its way.
    Over,
}

impl Ending {
    /// Asks that the answer ends; whether it will.
    pub(super) fn ask(&self, judgement: &Judgement) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            State::Over => return false,
            State::Asked(known) => known.absorb(judgement.clone()),
            State::Running => *state = State::Asked(Box::new(judgement.clone())),
        }
        drop(state);
        self.asked.notify_one();
        true
    }

    /// Resolves once the answer shall end.
    pub(crate) async fn asked(&self) {
        loop {
            let asked = self.asked.notified();
            if matches!(*self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Asked(_)) {
                return;
            }
            asked.await;
        }
    }

    /// The answer comes to its end now, for this cause if there is one. Nobody is heard any more.
    pub(crate) fn over(&self) -> Option<Judgement> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Over) {
            State::Asked(judgement) => Some(*judgement),
            State::Running | State::Over => None,
        }
    }
}

/// A request that is being answered. Dropped, it is over.
#[derive(Debug)]
pub(crate) struct Answering {
    ending: Arc<Ending>,
    open: Arc<AtomicUsize>,
}

impl Answering {
    pub(super) fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::SeqCst);
        Self { ending: Arc::default(), open: Arc::clone(open) }
    }

    /// What became of it.
    pub(crate) fn ending(&self) -> Arc<Ending> {
        Arc::clone(&self.ending)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        drop(self.ending.over());
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
