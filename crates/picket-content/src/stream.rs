//! The guard of texts that arrive in pieces: nothing of a match gets out, and what cannot become a match flows at once.
//!
//! Held back is only the end of the text that may still become a match: a word that is not over, a run of digits, the
//! groups of an IBAN, a key block. Checks are *exact*: what is released is what the whole text would have become. A word
//! that grows beyond [`HELD_BYTES_MAX`] is released or suppressed piece by piece, by what it began with.

use crate::check::{Hit, disjoint};
use crate::{pii, secret};
use regex::Regex;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The most bytes of one channel that are held back.
pub const HELD_BYTES_MAX: usize = 2_048;
/// Released text beyond what matches look back at is forgotten from this length on.
const TRIM_FROM_BYTES: usize = 256;

/// What to do with a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only report it.
    Watch,
    /// Put `[KIND]` in its place.
    Redact,
    /// End the stream.
    Block,
}

/// What a guard looks for.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    /// Personal data, and which kinds; an empty list means all.
    pub pii: Option<(Mode, Vec<String>)>,
    /// Credentials.
    pub secret: Option<Mode>,
}

/// What may leave, and what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step {
    /// Text that may leave now, redacted already.
    pub release: String,
    /// What was found in it, in bytes of the channel's text.
    pub hits: Vec<Hit>,
    /// A hit asks for the end of the stream; nothing after `release` may leave.
    pub end: bool,
}

/// Guards all channels of one stream.
#[derive(Debug)]
pub struct Guard {
    patterns: Arc<Patterns>,
    channels: HashMap<u32, Channel>,
}

/// One text in pieces.
#[derive(Debug, Default)]
struct Channel {
    /// Released text that a match may look back at, then what is held.
    window: String,
    /// Where the held text begins in `window`.
    held: usize,
    /// Bytes of the channel before `window`.
    offset: usize,
    /// The end marker of the block that is being suppressed.
    inside: Option<&'static str>,
    ended: bool,
}

static OPEN: LazyLock<Regex> = LazyLock::new(open_end);

/// The end of a text that may still become a match.
#[expect(clippy::expect_used, reason = "the pattern is a constant, and every test compiles it")]
fn open_end() -> Regex {
    // A word or an assignment, a run of digits and separators, groups of an IBAN or a code, the head of a key block.
    Regex::new(
        r#"(?i)(?:(?:passw(?:or)?d|passwd|pwd|secret|token|key|credentials?|sharedaccesskey)["'\]]{0,2}\s{0,3}(?:(?:=>|:=|==?|:|is)\s{0,3}["'`]?[^\s"'`,;<>{}()\\]{0,200})?|[\p{L}\p{M}\p{N}_.+\-/@=:%~?&#!$*^|]+|[+(]{1,2}(?:\d[\d \-./()]{0,25})?|\d[\d \-./()]{0,25}|[A-Z]{2} ?(?:[0-9]{2} ?){1,3}[A-Z]?|[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){0,9} ?|-{1,5}(?:BEGIN[A-Z ]{0,30})?-{0,5})$"#,
    )
    .expect("the end is a pattern")
}

impl Guard {
    /// A guard for one stream.
    pub fn new(patterns: Arc<Patterns>) -> Self {
        Self { patterns, channels: HashMap::new() }
    }

    /// Takes a piece of a channel.
    pub fn push(&mut self, channel: u32, text: &str) -> Step {
        let channel = self.channels.entry(channel).or_default();
        channel.window.push_str(text);
        channel.step(&self.patterns, false)
    }

    /// Ends a channel: what is held is judged as it stands.
    pub fn finish(&mut self, channel: u32) -> Step {
        self.channels.remove(&channel).map(|mut channel| channel.step(&self.patterns, true)).unwrap_or_default()
    }

    /// Bytes that are held back in a channel.
    pub fn held(&self, channel: u32) -> usize {
        self.channels.get(&channel).map_or(0, |channel| channel.window.len() - channel.held)
    }
}

/// What the patterns find in a text, with what to do.
fn find(patterns: &Patterns, text: &str) -> Vec<(Hit, Mode)> {
    let mut hits = Vec::new();
    let mut modes = HashMap::new();
    if let Some((mode, kinds)) = &patterns.pii {
        let wanted = |hit: &Hit| kinds.is_empty() || kinds.iter().any(|kind| kind == hit.kind);
        hits.extend(pii::scan(text).into_iter().filter(wanted));
        modes.extend(hits.iter().map(|hit: &Hit| (hit.kind, *mode)));
    }
    if let Some(mode) = &patterns.secret {
        let secrets = secret::scan(text);
        modes.extend(secrets.iter().map(|hit| (hit.kind, *mode)));
        hits.extend(secrets);
    }
    disjoint(hits)
        .into_iter()
        .map(|hit| {
            let mode = modes.get(hit.kind).copied().unwrap_or(Mode::Watch);
            (hit, mode)
        })
        .collect()
}

impl Channel {
    fn step(&mut self, patterns: &Patterns, last: bool) -> Step {
        let mut step = Step::default();
        if self.ended {
            return step;
        }
        if let Some(end) = self.inside {
            let Some(at) = self.window.get(self.held..).and_then(|held| held.find(end)) else {
                self.suppress(end.len(), last);
                return step;
            };
            self.skip(self.held + at + end.len());
            self.inside = None;
        }
        let hits = find(patterns, &self.window);
        let mut cut = if last { self.window.len() } else { self.safe_cut(patterns) };
        // A match that is not over yet, or that reaches beyond the cut, is held whole.
        for (hit, _) in &hits {
            if hit.start < cut && hit.end > cut {
                cut = hit.start;
            }
        }
        self.open_block(patterns, &mut cut, last);
        self.release(&hits, cut, &mut step);
        self.trim();
        step
    }

    /// How much of the window cannot become part of a match any more.
    fn safe_cut(&self, patterns: &Patterns) -> usize {
        if patterns.pii.is_none() && patterns.secret.is_none() {
            return self.window.len();
        }
        let held = self.window.get(self.held..).unwrap_or_default();
        // The search looks at the end only; it starts where a hold could begin at the earliest.
        let mut from = held.len().saturating_sub(HELD_BYTES_MAX);
        while !held.is_char_boundary(from) {
            from += 1;
        }
        let tail = held.get(from..).unwrap_or_default();
        let open = OPEN.find(tail).map_or(tail.len(), |open| open.start());
        self.held + from + open
    }

    /// Begins to suppress a key block whose end has not come.
    fn open_block(&mut self, patterns: &Patterns, cut: &mut usize, last: bool) {
        if patterns.secret.is_none() || patterns.secret == Some(Mode::Watch) {
            return;
        }
        let held = self.window.get(self.held..).unwrap_or_default();
        for (head, end) in secret::blocks() {
            if let Some(at) = held.find(head) {
                let start = self.held + at;
                let is_open = !held.get(at..).unwrap_or_default().contains(end);
                *cut = if is_open && !last { start.max(self.held) } else { *cut };
            }
        }
    }

    /// Lets `window[held..cut]` out, with its hits handled.
    fn release(&mut self, hits: &[(Hit, Mode)], cut: usize, step: &mut Step) {
        let mut done = self.held;
        for (hit, mode) in hits.iter().filter(|(hit, _)| hit.start >= self.held && hit.end <= cut) {
            step.release.push_str(self.window.get(done..hit.start).unwrap_or_default());
            step.hits.push(Hit { start: self.offset + hit.start, end: self.offset + hit.end, ..hit.clone() });
            match mode {
                Mode::Watch => step.release.push_str(self.window.get(hit.start..hit.end).unwrap_or_default()),
                Mode::Redact => {
                    step.release.push('[');
                    step.release.push_str(hit.kind);
                    step.release.push(']');
                }
                Mode::Block => {
                    step.end = true;
                    self.ended = true;
                    return;
                }
            }
            done = hit.end;
        }
        step.release.push_str(self.window.get(done..cut).unwrap_or_default());
        self.held = cut.max(done);
    }

    /// Drops the inside of a block, but for what may be the beginning of its end.
    fn suppress(&mut self, marker: usize, last: bool) {
        let mut keep = if last { self.window.len() } else { self.window.len().saturating_sub(marker) };
        while !self.window.is_char_boundary(keep) {
            keep += 1;
        }
        self.skip(keep.max(self.held));
    }

    fn skip(&mut self, to: usize) {
        self.held = to;
        self.trim();
    }

    /// Forgets released text that no match looks back at.
    fn trim(&mut self) {
        let mut from = self.held.saturating_sub(pii::CONTEXT_BYTES + 192);
        while !self.window.is_char_boundary(from) {
            from += 1;
        }
        // The window is searched with every piece, so it is kept short; moving it costs less than searching it.
        if from > TRIM_FROM_BYTES {
            self.window.drain(..from);
            self.held -= from;
            self.offset += from;
        }
    }
}

#[cfg(test)]
mod tests;
