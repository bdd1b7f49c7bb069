//! Requests whose beginning is written down and whose end is not yet.

use picket_event::EventId;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Their events. The log knows what is open; this knows who will close it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashSet<EventId>>>);

/// One of them, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Runs(Running, EventId);

impl Running {
    /// Takes note of a request.
    pub(crate) fn begin(&self, event: EventId) -> Runs {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(event);
        Runs(self.clone(), event)
    }

    /// Whether somebody will close the request.
    pub(crate) fn has(&self, event: EventId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&event)
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}
