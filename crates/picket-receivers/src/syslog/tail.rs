//! What was sent last, and may have been lost with the connection.

use bytes::Bytes;
use std::collections::VecDeque;
use std::time::Duration;

/// What stands in the buffers of both sides at most, as they are set up by default; more is not kept.
const BYTES_MAX: usize = 1024 * 1024;
/// A receiver that did not read for so long has other troubles.
const AGE_MAX: Duration = Duration::from_secs(30);

/// Requests, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Tail {
    requests: VecDeque<(Bytes, usize, Duration)>,
    bytes: usize,
}

impl Tail {
    /// Keeps a request with so many messages, sent at this moment of the steady clock.
    pub(super) fn push(&mut self, request: Bytes, messages: usize, at: Duration) {
        self.bytes += request.len();
        self.requests.push_back((request, messages, at));
        while self.bytes > BYTES_MAX && self.requests.len() > 1 {
            self.pop();
        }
    }

    /// Those that are young enough, with how many messages each holds.
    pub(super) fn recent(&mut self, now: Duration) -> impl Iterator<Item = (&Bytes, usize)> {
        while self.requests.front().is_some_and(|(_, _, at)| now.saturating_sub(*at) > AGE_MAX) {
            self.pop();
        }
        self.requests.iter().map(|(request, messages, _)| (request, *messages))
    }

    fn pop(&mut self) {
        if let Some((request, _, _)) = self.requests.pop_front() {
            self.bytes -= request.len();
        }
    }
}
