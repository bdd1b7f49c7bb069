//! Up to which moment events are complete.

use std::collections::HashMap;

/// Sources that are told apart; further ones count as one.
const SOURCES_MAX: usize = 1_024;
/// A source that says nothing while others go on for so long is not waited for.
const IDLE_MS: i64 = 3_600_000;
/// Events after which sources that fell silent are looked for.
const LOOKED_EVERY: u32 = 256;

/// The newest moment of each source, and what follows from them.
#[derive(Debug, Clone)]
pub(crate) struct Watermark {
    pub(crate) lateness_ms: i64,
    pub(crate) newest: HashMap<Box<str>, i64>,
    /// Nothing older is taken.
    pub(crate) floor: i64,
    since: u32,
}

impl Watermark {
    pub(crate) fn new(lateness_ms: i64) -> Self {
        Self { lateness_ms, newest: HashMap::new(), floor: i64::MIN, since: 0 }
    }

    /// Takes the time of an event in; whether it is not too late.
    pub(crate) fn advance(&mut self, source: &str, at: i64) -> bool {
        if at < self.floor {
            return false;
        }
        let source = if self.newest.len() < SOURCES_MAX || self.newest.contains_key(source) { source } else { "" };
        let before = match self.newest.get_mut(source) {
            Some(newest) => {
                let before = *newest;
                *newest = before.max(at);
                before
            }
            None => {
                self.newest.insert(Box::from(source), at);
                i64::MIN
            }
        };
        self.since += 1;
        // The floor moves only when the source moves that it hangs on.
        if at > before && (before.saturating_sub(self.lateness_ms) <= self.floor || self.since >= LOOKED_EVERY) {
            self.since = 0;
            let last = self.newest.values().copied().max().unwrap_or(at);
            let waited_for = self.newest.values().filter(|newest| **newest >= last.saturating_sub(IDLE_MS));
            let complete = waited_for.min().copied().unwrap_or(at);
            self.floor = self.floor.max(complete.saturating_sub(self.lateness_ms));
        }
        true
    }
}
