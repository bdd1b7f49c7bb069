//! The guard of texts that arrive in pieces: nothing of a match gets out, and what cannot become a match flows at once.
//!
//! Held back is only the end of the text that may still become a match: a word that is not over, a run of digits, the
//! groups of an IBAN, the value of a password. Checks are *exact*: what is released is what the whole text would have
//! become. Two kinds of credentials have no longest form, key blocks and JSON web tokens: these are suppressed while they
//! arrive. Of other words beyond [`HELD_BYTES_MAX`], the beginning is released.

mod hold;
mod rules;
mod signs;

use picket_text::{Check, Hit};
use signs::Signs;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use rules::Custom;

/// The most bytes of one channel that are held back, but for what may be a JSON web token.
pub const HELD_BYTES_MAX: usize = 4_096;
/// Held bytes that remain when a word becomes longer than that: more than the longest credential.
const KEPT_BYTES: usize = 2_048;
/// The longest word that is held because a JSON web token begins so; longer ones are suppressed like tokens.
const TOKEN_HEAD_BYTES_MAX: usize = 16 * 1_024;
/// Released text that matches look back at.
const LOOKBACK_BYTES: usize = 320;
/// Released text beyond that is kept until there is a place to cut it where no value can reach across.
const TRIM_BYTES_MAX: usize = 1_024;

/// What to do with a hit, from the mildest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Only report it.
    Watch,
    /// Put `[KIND]` in its place.
    Redact,
    /// End the stream.
    Block,
}

/// What a guard looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns {
    /// Personal data: which kinds, and what to do with them. An empty list means all; of several modes for a kind, the
    /// strictest counts.
    pub pii: Vec<(Mode, Vec<&'static str>)>,
    /// Credentials.
    pub secret: Option<Mode>,
    /// Rules of customers that are exact on streams.
    pub custom: Vec<Custom>,
}

impl Patterns {
    /// Whether there is nothing to look for.
    fn is_empty(&self) -> bool {
        self.pii.is_empty() && self.secret.is_none() && self.custom.is_empty()
    }

    /// What to do with a kind of personal data, if it is looked for.
    fn pii_mode(&self, kind: &str) -> Option<Mode> {
        let concerns = |kinds: &[&str]| kinds.is_empty() || kinds.contains(&kind);
        self.pii.iter().filter(|(_, kinds)| concerns(kinds)).map(|(mode, _)| *mode).max()
    }

    /// What to do with a finding of a check.
    fn mode(&self, check: Check, kind: &str) -> Mode {
        let mode = match check {
            Check::Pii => self.pii_mode(kind),
            Check::Secret => self.secret,
            Check::Custom => self.custom_mode(kind),
            Check::PromptInjection | Check::Exfiltration | Check::PromptLeak | Check::Safety | Check::Topic => None,
        };
        mode.unwrap_or(Mode::Watch)
    }
}

/// What may leave, and what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step<'a> {
    /// Text that may leave now, redacted already; the piece itself where it passes as it is.
    pub release: Cow<'a, str>,
    /// What was found in it, in code points of the channel's text.
    pub hits: Vec<Hit>,
    /// A hit asks for the end of the stream; nothing after `release` may leave.
    pub end: bool,
}

/// Guards all channels of one stream.
#[derive(Debug)]
pub struct Guard {
    patterns: Arc<Patterns>,
    channels: BTreeMap<u32, Channel>,
}

/// One text in pieces.
#[derive(Debug, Default)]
struct Channel {
    /// Released text that a match may look back at, then what is held.
    window: String,
    /// Where the held text begins in `window`.
    held: usize,
    /// Where the word at the end of `window` begins.
    word: usize,
    /// Code points of the channel before `window`.
    offset: usize,
    /// What is being suppressed.
    inside: Option<Inside>,
    ended: bool,
}

/// A credential that is not held, as it has no longest form.
#[derive(Debug)]
struct Inside {
    kind: &'static str,
    /// Its first code point.
    start: usize,
    rest: Rest,
    /// What is looked for in it, where it is only watched and passes.
    within: Option<Box<Within>>,
}

/// A credential that passes, as a text of its own: what else is looked for may stand in it.
#[derive(Debug)]
struct Within {
    patterns: Patterns,
    channel: Channel,
}

/// What is to come of such a credential.
#[derive(Debug, Clone, Copy)]
enum Rest {
    /// Everything up to a marker.
    Block(&'static str),
    /// Words, and so many dots between them.
    Token(usize),
}

impl Guard {
    /// A guard for one stream.
    pub fn new(patterns: Arc<Patterns>) -> Self {
        Self { patterns, channels: BTreeMap::new() }
    }

    /// Takes a piece of a channel.
    pub fn push<'a>(&mut self, channel: u32, text: &'a str) -> Step<'a> {
        if self.patterns.is_empty() {
            return Step { release: Cow::Borrowed(text), ..Step::default() };
        }
        self.channels.entry(channel).or_default().step(&self.patterns, text, false)
    }

    /// Ends a channel: what is held is judged as it stands.
    pub fn finish(&mut self, channel: u32) -> Step<'static> {
        self.channels.remove(&channel).map(|mut channel| channel.step(&self.patterns, "", true)).unwrap_or_default()
    }

    /// Ends all channels of a stream that broke off: what was found, but for what was reported before. Nothing leaves.
    pub fn abandon(&mut self) -> Vec<(u32, Vec<Hit>)> {
        let channels = std::mem::take(&mut self.channels).into_iter();
        let found = channels.map(|(channel, mut text)| (channel, text.step(&self.patterns, "", true).hits));
        found.filter(|(_, hits)| !hits.is_empty()).collect()
    }

    /// Bytes that are held back in a channel.
    pub fn held(&self, channel: u32) -> usize {
        self.channels.get(&channel).map_or(0, Channel::held)
    }
}

/// What the patterns find from `held` on in a text that has these signs; some of it may overlap.
fn find(patterns: &Patterns, signs: Signs, text: &str, held: usize) -> Vec<Hit> {
    let mut hits = Vec::new();
    if !patterns.pii.is_empty() && signs.pii {
        hits.extend(picket_pii::scan_from(text, held).into_iter().filter(|hit| patterns.pii_mode(hit.kind).is_some()));
    }
    if patterns.secret.is_some() && signs.secret {
        hits.extend(picket_secret::scan_from(text, held));
    }
    hits
}

impl Channel {
    /// Bytes that are held back.
    fn held(&self) -> usize {
        let within = self.inside.as_ref().and_then(|inside| inside.within.as_ref());
        self.window.len() - self.held + within.map_or(0, |within| within.channel.held())
    }

    fn step<'a>(&mut self, patterns: &Patterns, text: &'a str, last: bool) -> Step<'a> {
        let mut step = Step::default();
        if self.ended {
            return step;
        }
        let begin = self.window.len();
        self.window.push_str(text);
        self.word = hold::word(&self.window, begin).unwrap_or(self.word);
        while !self.ended && self.leave(patterns, text, last, &mut step) {
            let (cut, begins) = self.cut(patterns, last);
            let limit = if begins.is_some() { cut } else { self.window.len() };
            self.judge(patterns, cut, limit, text, &mut step);
            let Some((kind, head, rest)) = begins.filter(|_| !self.ended) else { break };
            let start = self.points(self.held);
            let inside = Inside { kind, start, rest, within: Within::of(patterns, self) };
            self.enter(patterns, inside, head, text, &mut step);
        }
        self.trim();
        step
    }

    /// How much of the window is judged now, and which credential without a longest form begins there: its kind, its
    /// head, and what follows.
    fn cut(&self, patterns: &Patterns, last: bool) -> (usize, Option<(&'static str, usize, Rest)>) {
        let held = self.window.get(self.held..).unwrap_or_default();
        if patterns.secret.is_some()
            && let Some((at, head, end)) = picket_secret::next_block(held)
        {
            return (self.held + at, Some(("PRIVATE_KEY", head, Rest::Block(end))));
        }
        if last || held.is_empty() {
            return (self.window.len(), None);
        }
        let mut start = patterns.live(&self.window, self.held);
        if !patterns.pii.is_empty() || patterns.secret.is_some() {
            start = start.min(hold::start(patterns, &self.window, self.held, self.word.max(self.held)));
        }
        if self.window.len() - start <= HELD_BYTES_MAX {
            return (start, None);
        }
        let kept = self.window.floor_char_boundary(self.window.len() - KEPT_BYTES);
        let word = self.window.get(start..).unwrap_or_default();
        match open_token(word).map(|(at, dots)| (start + at, dots)) {
            Some((at, dots)) if patterns.secret.is_some() && at < kept => {
                let is_certain = dots < TOKEN_DOTS || self.window.len() - at > TOKEN_HEAD_BYTES_MAX;
                (at, is_certain.then_some(("JWT", 0, Rest::Token(TOKEN_DOTS))))
            }
            _ => (kept, None),
        }
    }

    /// Lets the window up to `cut` out, with what is found in it handled. What stands from `limit` on is none of it.
    fn judge<'a>(&mut self, patterns: &Patterns, mut cut: usize, limit: usize, piece: &'a str, step: &mut Step<'a>) {
        if cut <= self.held {
            return;
        }
        let text = self.window.get(..limit).unwrap_or_default();
        // Values begin in what is held, so what was released need not be looked at to know that there is none.
        let mut hits = find(patterns, Signs::of(text, self.held), text, self.held);
        hits.retain(|hit| hit.start >= self.held);
        patterns.find_custom(text, self.held, &mut hits);
        // A match that is not over yet, or that reaches beyond the cut, is held whole. It may yet turn out to be none, so
        // that what it overlaps is held with it.
        while let Some(hit) = hits.iter().find(|hit| hit.start < cut && hit.end > cut) {
            cut = hit.start;
        }
        hits.retain(|hit| hit.end <= cut);
        let mut noted = Vec::new();
        for hit in patterns.settled(hits, &mut noted) {
            self.flow(hit.start, piece, step);
            let mode = patterns.mode(hit.check, hit.kind);
            step.hits.push(Hit { start: self.points(hit.start), end: self.points(hit.end), ..hit });
            if !self.handle(mode, hit.kind, step) {
                return;
            }
            match mode {
                Mode::Watch => self.flow(hit.end, piece, step),
                Mode::Redact | Mode::Block => self.held = hit.end,
            }
        }
        self.flow(cut, piece, step);
        let noted =
            noted.into_iter().map(|hit| Hit { start: self.points(hit.start), end: self.points(hit.end), ..hit });
        step.hits.extend(noted);
    }

    /// Puts what a mode asks for in the place of a value; whether the stream goes on.
    fn handle(&mut self, mode: Mode, kind: &str, step: &mut Step<'_>) -> bool {
        match mode {
            Mode::Watch => {}
            Mode::Redact => step.release.to_mut().extend(["[", kind, "]"]),
            Mode::Block => {
                step.end = true;
                self.ended = true;
            }
        }
        !self.ended
    }

    /// Lets text out as it is, up to `to`.
    fn flow<'a>(&mut self, to: usize, piece: &'a str, step: &mut Step<'a>) {
        let text = self.window.get(self.held..to).unwrap_or_default();
        let begin = self.window.len() - piece.len();
        let passing = self.held.checked_sub(begin).and_then(|from| piece.get(from..to.saturating_sub(begin)));
        match passing {
            Some(passing) if step.release.is_empty() => step.release = Cow::Borrowed(passing),
            _ => step.release.to_mut().push_str(text),
        }
        self.held = self.held.max(to);
    }

    /// Begins to suppress a credential whose head is so long.
    fn enter<'a>(&mut self, patterns: &Patterns, mut inside: Inside, head: usize, piece: &'a str, step: &mut Step<'a>) {
        let mode = patterns.mode(Check::Secret, inside.kind);
        if !self.handle(mode, inside.kind, step) {
            step.hits.push(credential(&inside, self.points(self.window.len())));
            return;
        }
        match mode {
            Mode::Watch => self.pass(&mut inside, self.held + head, false, piece, step),
            Mode::Redact | Mode::Block => self.held += head,
        }
        self.inside = Some(inside);
    }

    /// Goes on with what is being suppressed; whether anything else follows.
    fn leave<'a>(&mut self, patterns: &Patterns, piece: &'a str, last: bool, step: &mut Step<'a>) -> bool {
        let Some(mut inside) = self.inside.take() else { return true };
        let (taken, is_over) = inside.rest.take(self.window.get(self.held..).unwrap_or_default());
        let to = if last && !is_over { self.window.len() } else { self.held + taken };
        if patterns.mode(Check::Secret, inside.kind) == Mode::Watch {
            self.pass(&mut inside, to, is_over || last, piece, step);
        } else {
            self.held = to;
        }
        if is_over || last {
            step.hits.push(credential(&inside, self.points(to)));
        } else {
            self.inside = Some(inside);
        }
        is_over && !self.ended
    }

    /// Lets a credential that is only watched out, up to `to`, but for what else is found in it.
    fn pass<'a>(&mut self, inside: &mut Inside, to: usize, last: bool, piece: &'a str, step: &mut Step<'a>) {
        let Some(within) = &mut inside.within else { return self.flow(to, piece, step) };
        let text = self.window.get(self.held..to).unwrap_or_default();
        let inner = within.channel.step(&within.patterns, text, last);
        step.release.to_mut().push_str(&inner.release);
        step.hits.extend(inner.hits);
        step.end |= inner.end;
        self.ended |= inner.end;
        self.held = to;
    }

    /// Code points of the channel's text before a place in the window.
    fn points(&self, at: usize) -> usize {
        self.offset + self.window.get(..at).map_or(0, |text| text.chars().count())
    }

    /// Forgets released text that no match looks back at. The cut is where no value can reach across, so that what is
    /// left reads as it did.
    fn trim(&mut self) {
        let Some(latest) = self.held.checked_sub(LOOKBACK_BYTES).filter(|latest| *latest > LOOKBACK_BYTES) else {
            return;
        };
        let bytes = self.window.as_bytes().get(..=latest).unwrap_or_default();
        let parts = |before: &u8, after: &u8| match (before, after) {
            (b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+', _) => false,
            (_, b' ' | b'\n') | (0x80.., 0xc0..) => true,
            _ => false,
        };
        let apart = bytes.windows(2).rposition(|pair| matches!(pair, [before, after] if parts(before, after)));
        let from = match apart.map(|at| at + 1).filter(|from| *from > LOOKBACK_BYTES) {
            Some(from) => from,
            None if latest > TRIM_BYTES_MAX => self.window.floor_char_boundary(latest),
            None => return,
        };
        self.offset = self.points(from);
        self.window.drain(..from);
        self.held -= from;
        self.word = self.word.saturating_sub(from);
    }
}

impl Within {
    /// What is looked for in a credential that begins where this channel's held text does, if something is. What stands
    /// before it is looked back at as it is elsewhere.
    fn of(patterns: &Patterns, channel: &Channel) -> Option<Box<Self>> {
        let is_watched = patterns.secret == Some(Mode::Watch);
        let patterns = Patterns { secret: None, ..patterns.clone() };
        (is_watched && !patterns.is_empty()).then(|| {
            let window = channel.window.get(..channel.held).unwrap_or_default().to_owned();
            let (held, word) = (window.len(), hold::word(&window, 0).unwrap_or(0));
            let channel = Channel { window, held, word, offset: channel.offset, ..Channel::default() };
            Box::new(Self { patterns, channel })
        })
    }
}

fn credential(inside: &Inside, end: usize) -> Hit {
    let (kind, start) = (inside.kind, inside.start);
    Hit { check: Check::Secret, kind, start, end, score: 0.95, detector: kind }
}

/// Dots of a JSON web token.
const TOKEN_DOTS: usize = 2;

/// A JSON web token that reaches the end of a word: where it begins, and how many dots are to come.
fn open_token(word: &str) -> Option<(usize, usize)> {
    word.match_indices("eyJ").find_map(|(at, _)| {
        let begins = !word.get(..at)?.ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let mut rest = Rest::Token(TOKEN_DOTS);
        let (_, is_over) = rest.take(word.get(at..)?);
        match rest {
            Rest::Token(dots) if begins && !is_over => Some((at, dots)),
            _ => None,
        }
    })
}

impl Rest {
    /// How much of a text belongs to the credential, and whether it ends there.
    fn take(&mut self, text: &str) -> (usize, bool) {
        match self {
            Self::Block(end) => match text.find(*end) {
                Some(at) => (at + end.len(), true),
                // The end of the marker may come with the next piece.
                None => (text.floor_char_boundary(text.len().saturating_sub(end.len() - 1)), false),
            },
            Self::Token(dots) => {
                let mut belongs = |byte: &u8| match byte {
                    b'-' | b'_' => true,
                    b'.' if *dots > 0 => {
                        *dots -= 1;
                        true
                    }
                    _ => byte.is_ascii_alphanumeric(),
                };
                let taken = text.as_bytes().iter().take_while(|byte| belongs(byte)).count();
                (taken, taken < text.len())
            }
        }
    }
}

#[cfg(test)]
mod tests;
