//! A queue with a bound in number and in bytes, that never makes anybody wait who brings something.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What waits, oldest first.
#[derive(Debug)]
pub(super) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    ready: Notify,
    count_max: usize,
    bytes_max: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    items: VecDeque<(T, usize)>,
    bytes: usize,
}

impl<T> Queue<T> {
    pub(super) fn new(count_max: usize, bytes_max: usize) -> Self {
        let waiting = Mutex::new(Waiting { items: VecDeque::new(), bytes: 0 });
        Self { waiting, ready: Notify::new(), count_max, bytes_max }
    }

    /// Whether there was room.
    pub(super) fn push(&self, item: T, bytes: usize) -> bool {
        let mut waiting = self.lock();
        if waiting.items.len() >= self.count_max || waiting.bytes.saturating_add(bytes) > self.bytes_max {
            return false;
        }
        waiting.bytes += bytes;
        waiting.items.push_back((item, bytes));
        drop(waiting);
        self.ready.notify_one();
        true
    }

    /// The oldest, once there is one. Whoever gives up waiting takes nothing with him.
    pub(super) async fn pop(&self) -> T {
        loop {
            if let Some(item) = self.take() {
                return item;
            }
            self.ready.notified().await;
        }
    }

    fn take(&self) -> Option<T> {
        let mut waiting = self.lock();
        let (item, bytes) = waiting.items.pop_front()?;
        waiting.bytes -= bytes;
        // One call may stand for several that came at once.
        if !waiting.items.is_empty() {
            self.ready.notify_one();
        }
        Some(item)
    }

    /// How many wait, and how many bytes.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let waiting = self.lock();
        (waiting.items.len(), waiting.bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
