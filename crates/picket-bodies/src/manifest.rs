//! A conversation is stored once per message, though clients send its whole history with each turn.
//!
//! The body of a request is cut at its messages. A message that was stored before for the same owner is replaced by a
//! reference to where it is; everything else stays as bytes. The manifest of segments gives back the exact body.

use lru::LruCache;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Shorter messages cost less than a reference.
const REFERENCE_FROM_BYTES: usize = 256;

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Segment {
    /// Bytes of this entry's own `request` body, by length, in order.
    #[serde(rename = "own")]
    Own(usize),
    /// A range of the `request` body of another entry: position, start, length.
    #[serde(rename = "ref")]
    Reference(u64, usize, usize),
}

/// How a body is put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Pieces in order.
    pub segments: Vec<Segment>,
}

impl Manifest {
    /// Positions of the other entries that it refers to; one may occur several times.
    pub fn positions(&self) -> impl Iterator<Item = u64> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Own(_) => None,
            Segment::Reference(position, ..) => Some(*position),
        })
    }
}

/// What to store for a body, and what to remember once it is durable.
#[derive(Debug)]
pub struct Plan {
    /// How to put the body together; `None` when it is stored whole.
    pub manifest: Option<Manifest>,
    /// The bytes to store.
    pub own: Vec<u8>,
    fresh: Vec<([u8; 16], Range<usize>)>,
}

/// Where messages were stored, by keyed digest; bounded, and empty after a restart.
#[derive(Debug)]
pub struct Seen(Mutex<LruCache<[u8; 16], (u64, usize, usize)>>);

impl Seen {
    /// Remembers so many messages at most.
    pub fn new(messages: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(messages)))
    }

    /// Cuts a body at `messages` (ascending, disjoint ranges). `digest` is a keyed hash of a message, by its
    /// number, and its owner.
    pub fn plan(&self, body: &[u8], messages: &[Range<usize>], digest: impl Fn(usize) -> [u8; 16]) -> Plan {
        let mut plan = Plan { manifest: None, own: Vec::new(), fresh: Vec::new() };
        let mut segments = Vec::new();
        let mut done = 0;
        let mut in_request = HashSet::new();
        let long = messages.iter().enumerate().filter(|(_, range)| range.len() >= REFERENCE_FROM_BYTES);
        for (number, range) in long {
            let Some(message) = body.get(range.clone()) else { continue };
            let digest = digest(number);
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).copied();
            if let Some((position, start, length)) = known.filter(|(_, _, length)| *length == message.len()) {
                plan.keep(&mut segments, body.get(done..range.start).unwrap_or_default());
                segments.push(Segment::Reference(position, start, length));
                done = range.end;
            } else if in_request.insert(digest) {
                let start = plan.own.len() + range.start.saturating_sub(done);
                plan.fresh.push((digest, start..start + message.len()));
            }
        }
        if done == 0 {
            plan.own = body.to_vec();
        } else {
            plan.keep(&mut segments, body.get(done..).unwrap_or_default());
            plan.manifest = Some(Manifest { segments });
        }
        plan
    }

    /// Remembers the messages of a plan that is durable at `position` now.
    pub fn remember(&self, plan: Plan, position: u64) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (digest, range) in plan.fresh {
            seen.put(digest, (position, range.start, range.len()));
        }
    }
}

impl Plan {
    fn keep(&mut self, segments: &mut Vec<Segment>, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.own.extend_from_slice(bytes);
            segments.push(Segment::Own(bytes.len()));
        }
    }
}

/// Puts a body together. `other` gives the stored `request` bytes of another entry, or `None` when they are gone;
/// the result then says so in place of the message.
pub fn reassemble<E>(
    manifest: &Manifest,
    own: &[u8],
    mut other: impl FnMut(u64) -> Result<Option<Vec<u8>>, E>,
) -> Result<(Vec<u8>, bool), E> {
    let mut body = Vec::with_capacity(own.len());
    let mut complete = true;
    let mut rest = own;
    for segment in &manifest.segments {
        match segment {
            Segment::Own(length) => {
                let (bytes, tail) = rest.split_at_checked(*length).unwrap_or((rest, &[]));
                body.extend_from_slice(bytes);
                rest = tail;
            }
            Segment::Reference(position, start, length) => {
                let stored = other(*position)?;
                match stored.as_ref().and_then(|bytes| bytes.get(*start..start.saturating_add(*length))) {
                    Some(bytes) => body.extend_from_slice(bytes),
                    None => {
                        complete = false;
                        body.extend_from_slice(b"{\"erased\":true}");
                    }
                }
            }
        }
    }
    Ok((body, complete))
}

#[cfg(test)]
mod tests;
