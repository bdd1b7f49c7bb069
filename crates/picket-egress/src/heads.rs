//! Heads of answers on an HTTP/2 connection. The client of HTTP/2 passes over interim answers (1xx) without a word, so
//! that whoever sends them without end would be listened to until the time for a head is over. Counted here are frames.

use std::collections::HashMap;

/// Length, type, flags and stream of a frame.
const FRAME_HEAD_BYTES: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const END_STREAM: u8 = 1;
/// Streams that are remembered; those that were given up on this side are forgotten with the others then.
const STREAMS_MAX: usize = 4_096;

/// How many heads each open stream brought.
#[derive(Debug)]
pub(crate) struct Heads {
    most: usize,
    /// The head of a frame, as far as it is there.
    head: [u8; FRAME_HEAD_BYTES],
    have: usize,
    /// Bytes of a frame that are still to come.
    payload: usize,
    counts: HashMap<u32, usize>,
}

impl Heads {
    /// At most so many heads of one stream.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, head: [0; FRAME_HEAD_BYTES], have: 0, payload: 0, counts: HashMap::new() }
    }

    /// Takes what was read; false when a stream brought too many.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let wanted = (FRAME_HEAD_BYTES - self.have).min(bytes.len());
            let (piece, rest) = bytes.split_at(wanted);
            if let Some(place) = self.head.get_mut(self.have..self.have + wanted) {
                place.copy_from_slice(piece);
            }
            self.have += wanted;
            bytes = rest;
            if self.have == FRAME_HEAD_BYTES && !self.begin() {
                return false;
            }
        }
        true
    }

    /// A frame begins.
    fn begin(&mut self) -> bool {
        let [high, middle, low, kind, flags, a, b, c, d] = self.head;
        self.have = 0;
        self.payload = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        let stream = u32::from_be_bytes([a & 0x7f, b, c, d]);
        let is_last = matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 || kind == RST_STREAM;
        if is_last {
            self.counts.remove(&stream);
        } else if kind == HEADERS {
            if self.counts.len() >= STREAMS_MAX {
                self.counts.clear();
            }
            let count = self.counts.entry(stream).or_default();
            *count += 1;
            return *count <= self.most;
        }
        true
    }
}

#[cfg(test)]
mod tests;
