//! The guard of texts that arrive in pieces: nothing of a match gets out, and what cannot become a match flows at once.
//!
//! Held back is only the end of the text that may still become a match: a word that is not over, a run of digits, the
//! groups of an IBAN, a key block. Checks are *exact*: what is released is what the whole text would have become. A word
//! that grows beyond [`HELD_BYTES_MAX`] is released or suppressed piece by piece, by what it began with.

use crate::check::{Check, Hit, disjoint};
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
    pub pii: Option<(Mode, Vec<&'static str>)>,
    /// Credentials.
    pub secret: Option<Mode>,
}

impl Patterns {
    /// What to do with a finding of a check.
    fn mode(&self, check: Check) -> Mode {
        let mode = match check {
            Check::Pii => self.pii.as_ref().map(|(mode, _)| *mode),
            Check::Secret => self.secret,
            Check::PromptInjection => None,
        };
        mode.unwrap_or(Mode::Watch)
    }
}

/// What may leave, and what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step {
    /// Text that may leave now, redacted already.
    pub release: String,
    /// What was found in it, in code points of the channel's text.
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
    /// Code points of the channel before `window`.
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

/// What the patterns find in a text.
fn find(patterns: &Patterns, text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    if let Some((_, kinds)) = &patterns.pii {
        let wanted = |hit: &Hit| kinds.is_empty() || kinds.contains(&hit.kind);
        hits.extend(pii::scan(text).into_iter().filter(wanted));
    }
    if patterns.secret.is_some() {
        hits.extend(secret::scan(text));
    }
    disjoint(hits)
}

/// Words of so many letters and more are left to the detectors.
const WORD_LETTERS_MAX: usize = 11;

/// Whether a text is so plain that nothing in it can be a match, told by one look at each character: every kind of
/// personal data and every credential has a digit, a sign that prose has none of, or a word that is longer than this.
fn is_plain(text: &str) -> bool {
    let (mut letters, mut after_mark) = (0, false);
    for character in text.chars() {
        match character {
            ' ' | '\n' | '\t' | ',' | '.' | ';' | '\'' | '"' | '(' | ')' | '?' | '!' => letters = 0,
            // A mark inside a word is a sign that passwords have.
            _ if after_mark => return false,
            _ if character.is_alphabetic() => letters += 1,
            // A sign of other scripts ends a word, unless it counts as a number somewhere.
            _ if !character.is_ascii() && !character.is_numeric() => letters = 0,
            _ => return false,
        }
        if letters > WORD_LETTERS_MAX && character.is_ascii() {
            return false;
        }
        after_mark = matches!(character, '!' | '?');
    }
    true
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
        let mut cut = if last { self.window.len() } else { self.safe_cut(patterns) };
        if cut == self.held {
            return step;
        }
        // Values begin in what is held, so what was released need not be looked at to know that there is none.
        let is_plain = is_plain(self.window.get(self.held..).unwrap_or_default());
        let hits = if is_plain { Vec::new() } else { find(patterns, &self.window) };
        // A match that is not over yet, or that reaches beyond the cut, is held whole.
        for hit in &hits {
            if hit.start < cut && hit.end > cut {
                cut = hit.start;
            }
        }
        if !is_plain {
            self.open_block(patterns, &mut cut, last);
        }
        self.release(patterns, &hits, cut, &mut step);
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
    fn release(&mut self, patterns: &Patterns, hits: &[Hit], cut: usize, step: &mut Step) {
        let mut done = self.held;
        for hit in hits.iter().filter(|hit| hit.start >= self.held && hit.end <= cut) {
            step.release.push_str(self.window.get(done..hit.start).unwrap_or_default());
            let points = |at: usize| self.offset + self.window.get(..at).map_or(0, |text| text.chars().count());
            step.hits.push(Hit { start: points(hit.start), end: points(hit.end), ..hit.clone() });
            match patterns.mode(hit.check) {
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
            self.offset += self.window.drain(..from).count();
            self.held -= from;
        }
    }
}

#[cfg(test)]
mod tests;
