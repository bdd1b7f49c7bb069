//! Requests that hold as many events as fit, counted by the bytes that are sent, separators and brackets included.

use std::fmt;
use std::ops::Range;

/// How the events of a request are put together.
pub trait Framing {
    /// What stands between two events.
    fn between(&self) -> &[u8];

    /// Bytes of the request around a body (events and what stands between them) of so many bytes. Grows with the body.
    fn size(&self, body: usize) -> usize;

    /// Appends the request around a body.
    fn wrap(&self, body: &[u8], out: &mut Vec<u8>);
}

/// Framings that are fixed bytes before, between and after events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    open: &'static [u8],
    between: &'static [u8],
    close: &'static [u8],
}

impl Fixed {
    /// One event after another: lines, frames and envelopes that end by themselves.
    pub const CONCATENATED: Self = Self { open: b"", between: b"", close: b"" };
    /// A JSON array.
    pub const ARRAY: Self = Self { open: b"[", between: b",", close: b"]" };
    /// Lines, each ended by a line break.
    pub const LINES: Self = Self { open: b"", between: b"\n", close: b"\n" };
}

impl Framing for Fixed {
    fn between(&self) -> &[u8] {
        self.between
    }

    fn size(&self, body: usize) -> usize {
        self.open.len() + body + self.close.len()
    }

    fn wrap(&self, body: &[u8], out: &mut Vec<u8>) {
        for part in [self.open, body, self.close] {
            out.extend_from_slice(part);
        }
    }
}

/// What a request may hold at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, before compression.
    pub bytes: usize,
    /// Events.
    pub events: usize,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What is sent.
    pub bytes: Vec<u8>,
    /// Which events it holds, counted from the first that was given.
    pub events: Range<usize>,
}

/// An event that no request can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLarge {
    /// Which event, counted from the first that was given.
    pub event: usize,
    /// Bytes of a request with it alone.
    pub bytes: usize,
    /// Bytes that a request may have.
    pub limit: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event, bytes, limit } = self;
        write!(f, "event {event} alone makes a request of {bytes} bytes, and {limit} are allowed")
    }
}

impl std::error::Error for TooLarge {}

/// Packs events into requests that never exceed their limits, in order; each event is encoded once.
#[derive(Debug)]
pub struct Batches<'f, F, I, E> {
    framing: &'f F,
    limits: Limits,
    items: I,
    encode: E,
    /// Events that are encoded and not sent, with what stands between them.
    body: Vec<u8>,
    /// How many those are.
    held: usize,
    /// The event after them.
    next: usize,
    /// What ended the last request: the event that did not fit into it, or one that fits into none.
    waiting: Option<Waiting>,
}

#[derive(Debug)]
enum Waiting {
    Event(Vec<u8>),
    TooLarge(TooLarge),
}

impl<'f, F, I, E> Batches<'f, F, I, E>
where
    F: Framing,
    I: Iterator,
    E: FnMut(I::Item, &mut Vec<u8>),
{
    /// Packs items, each of which `encode` appends to a buffer.
    pub fn new(framing: &'f F, limits: Limits, items: impl IntoIterator<IntoIter = I>, encode: E) -> Self {
        let items = items.into_iter();
        Self { framing, limits, items, encode, body: Vec::new(), held: 0, next: 0, waiting: None }
    }

    fn flush(&mut self) -> Batch {
        let mut bytes = Vec::with_capacity(self.framing.size(self.body.len()));
        self.framing.wrap(&self.body, &mut bytes);
        let events = self.next - self.held..self.next;
        self.body.clear();
        self.held = 0;
        Batch { bytes, events }
    }

    /// Takes an encoded event in; what it ends, if it ends something.
    fn take(&mut self, begin: usize, at: usize) -> Option<Result<Batch, TooLarge>> {
        let alone = self.framing.size(self.body.len() - at);
        if alone > self.limits.bytes {
            self.body.truncate(begin);
            let refused = TooLarge { event: self.next, bytes: alone, limit: self.limits.bytes };
            if self.held == 0 {
                self.next += 1;
                return Some(Err(refused));
            }
            self.waiting = Some(Waiting::TooLarge(refused));
            return Some(Ok(self.flush()));
        }
        if self.held > 0 && self.framing.size(self.body.len()) > self.limits.bytes {
            let event = self.body.split_off(at);
            self.body.truncate(begin);
            self.waiting = Some(Waiting::Event(event));
            return Some(Ok(self.flush()));
        }
        self.held += 1;
        self.next += 1;
        (self.held >= self.limits.events.max(1)).then(|| Ok(self.flush()))
    }
}

impl<F, I, E> Iterator for Batches<'_, F, I, E>
where
    F: Framing,
    I: Iterator,
    E: FnMut(I::Item, &mut Vec<u8>),
{
    type Item = Result<Batch, TooLarge>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.waiting.take() {
            Some(Waiting::TooLarge(refused)) => {
                self.next += 1;
                return Some(Err(refused));
            }
            Some(Waiting::Event(event)) => {
                self.body = event;
                if let Some(done) = self.take(0, 0) {
                    return Some(done);
                }
            }
            None => {}
        }
        loop {
            let Some(item) = self.items.next() else {
                return (self.held > 0).then(|| Ok(self.flush()));
            };
            let begin = self.body.len();
            if self.held > 0 {
                self.body.extend_from_slice(self.framing.between());
            }
            let at = self.body.len();
            (self.encode)(item, &mut self.body);
            if let Some(done) = self.take(begin, at) {
                return Some(done);
            }
        }
    }
}

#[cfg(test)]
mod tests;
