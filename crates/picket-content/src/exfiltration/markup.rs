//! Carriers and active content in Markdown and HTML, and escapes of terminals.
//!
//! The text is searched once for what all of them begin with; only there something is read, up to a bound.

use super::address::{self, Loading};
use super::{Limits, code, hit};
use picket_text::Hits;
use signs::Sign;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

mod signs;
mod tag;

/// A label, and an address with its title, are no longer.
const LABEL_BYTES_MAX: usize = 512;
const TARGET_BYTES_MAX: usize = 4_096;
/// A tag is read so far; of a text that is nothing but beginnings of tags, only so far.
const TAG_BYTES_MAX: usize = 4_096;
const TAG_BYTES_MIN: usize = 128;
/// Pictures of one host that differ by one letter spell a text.
const SPELLED_MIN: usize = 6;
/// Hosts whose pictures are counted.
const HOSTS_MAX: usize = 256;

/// A scan while it runs.
struct Scan<'a> {
    text: &'a str,
    limits: &'a Limits,
    code: Option<Vec<Range<usize>>>,
    /// Pictures without data, by host: how many, and where the first begins.
    spelled: HashMap<&'a str, (usize, usize)>,
    /// Up to where everything is read.
    done: usize,
    /// Bytes of tags that may yet be read: tags within tags are read again and again.
    budget: usize,
}

/// Looks for carriers and active content.
pub(super) fn scan(text: &str, limits: &Limits, hits: &mut Hits) {
    let mut scan =
        Scan { text, limits, code: None, spelled: HashMap::new(), done: 0, budget: 16 * text.len() + 65_536 };
    signs::each(text, |found, sign| {
        if found.start < scan.done {
            return;
        }
        match sign {
            Sign::Inline => scan.inline(found, hits),
            Sign::Definition => scan.definition(found, hits),
            Sign::Url => scan.url(found.start, hits),
            Sign::Tag => scan.tag(found, 1.0, hits),
            Sign::HiddenTag => scan.tag(found, 0.75, hits),
            Sign::Style => scan.style(found, hits),
            Sign::Escape => scan.escape(found, hits),
        }
    });
}

/// What an address would run, if it is none.
fn runs(target: &str) -> bool {
    let plain = tag::unescaped(target);
    // Every scheme that runs has a colon, and so many addresses have only their own.
    let rest = ["https://", "http://"].iter().find_map(|scheme| plain.strip_prefix(scheme));
    if rest.is_some_and(|rest| !rest.contains(':')) {
        return false;
    }
    let squeezed: String = plain
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .take(512)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let schemes = [
        "javascript:",
        "vbscript:",
        "livescript:",
        "data:text/html",
        "data:text/xml",
        "data:application/x",
        "data:image/svg",
    ];
    if schemes.iter().any(|scheme| squeezed.contains(scheme)) {
        return true;
    }
    let calls = [
        "alert(",
        "prompt(",
        "confirm(",
        "eval(",
        "alert`",
        "document.cookie",
        "document.write",
        "window.location",
        "string.fromcharcode",
    ];
    !squeezed.contains("://")
        && !squeezed.starts_with('/')
        && (calls.iter().any(|call| squeezed.contains(call)) || tag::has_handler(&plain))
}

impl<'a> Scan<'a> {
    /// Whether a place is shown as code.
    fn is_code(&mut self, at: usize) -> bool {
        let text = self.text;
        code::holds(self.code.get_or_insert_with(|| code::ranges(text)), at)
    }

    fn inline(&mut self, found: Range<usize>, hits: &mut Hits) {
        let text = self.text;
        let Some((start, is_image)) = label_before(text, found.start) else { return };
        if self.is_code(start) {
            return;
        }
        let (target, end) = target_after(text, found.end);
        self.done = end;
        if runs(target) {
            return hits.add(hit("ACTIVE_CONTENT", (start, end), 0.95, "script in a link"));
        }
        self.address(target, (start, end), is_image, 1.0, hits);
    }

    /// An address with the place that shows it.
    fn address(&mut self, target: &'a str, span: (usize, usize), is_image: bool, belief: f32, hits: &mut Hits) {
        let loading = if is_image { Loading::ByItself } else { Loading::Followed };
        let plain = tag::unescaped(target);
        let Some(score) = address::judge(plain.trim(), loading, self.limits) else { return };
        let score = score * belief;
        let (kind, detector) =
            if is_image { ("REMOTE_IMAGE", "picture with data") } else { ("REMOTE_LINK", "link with data") };
        if score >= 0.5 {
            hits.add(hit(kind, span, score, detector));
        } else if is_image && let Cow::Borrowed(target) = plain {
            self.spelled(target, span, hits);
        }
    }

    /// Counts pictures whose address is so short that each says one letter.
    fn spelled(&mut self, target: &'a str, span: (usize, usize), hits: &mut Hits) {
        let Some((host, path)) = target.split_once("://").and_then(|(_, rest)| rest.split_once('/')) else { return };
        let last = path.rsplit('/').next().unwrap_or_default();
        let is_letter = last.split('.').next().is_some_and(|stem| (1..=2).contains(&stem.chars().count()));
        if !is_letter
            || self.limits.allows(host)
            || (self.spelled.len() >= HOSTS_MAX && !self.spelled.contains_key(host))
        {
            return;
        }
        let (count, first) = self.spelled.entry(host).or_insert((0, span.0));
        *count += 1;
        if *count == SPELLED_MIN {
            hits.add(hit("REMOTE_IMAGE", (*first, span.1), 0.8, "pictures that spell"));
        } else if *count > SPELLED_MIN {
            hits.add(hit("REMOTE_IMAGE", span, 0.8, "pictures that spell"));
        }
    }

    fn definition(&mut self, found: Range<usize>, hits: &mut Hits) {
        let text = self.text;
        let Some((start, _)) = label_before(text, found.start) else { return };
        let head = text.get(..start).unwrap_or_default();
        let line = head.rfind('\n').map_or(0, |at| at + 1);
        if !head.get(line..).unwrap_or_default().trim_start_matches([' ', '>']).is_empty() || self.is_code(start) {
            return;
        }
        let rest = text.get(found.end..).unwrap_or_default();
        let gap = rest.len() - rest.trim_start().len();
        let begin = found.end + gap.min(64);
        let target = word(text.get(begin..).unwrap_or_default());
        let end = begin + target.len();
        self.done = end;
        let target = target.trim_matches(['<', '>']);
        if runs(target) {
            return hits.add(hit("ACTIVE_CONTENT", (start, end), 0.95, "script in a link"));
        }
        let label = text.get(start + 1..found.start).unwrap_or_default();
        self.address(target, (start, end), is_image_label(text, label), 1.0, hits);
    }

    fn url(&mut self, at: usize, hits: &mut Hits) {
        let head = self.text.get(..at).unwrap_or_default();
        let scheme = head.bytes().rev().take(12).take_while(u8::is_ascii_alphabetic).count();
        let start = at - scheme;
        let scheme = self.text.get(start..at).unwrap_or_default();
        if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
            return;
        }
        let target = word(self.text.get(start..).unwrap_or_default());
        let target = target.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '>', '*']);
        let end = start + target.len();
        self.done = end;
        if self.is_code(start) {
            return;
        }
        self.address(target, (start, end), false, 1.0, hits);
    }

    /// `url(…)` of a style, which loads by itself.
    fn style(&mut self, found: Range<usize>, hits: &mut Hits) {
        let rest = self.text.get(found.end..).unwrap_or_default();
        let inside = rest.get(..rest.floor_char_boundary(TARGET_BYTES_MAX)).unwrap_or_default();
        let inside = inside.split_once(')').map_or(inside, |(inside, _)| inside);
        if self.is_code(found.start) {
            return;
        }
        let span = (found.start, (found.end + inside.len() + 1).min(self.text.len()));
        let span = (span.0, self.text.ceil_char_boundary(span.1));
        let target = inside.trim().trim_matches(['"', '\'']);
        if runs(target) {
            hits.add(hit("ACTIVE_CONTENT", span, 0.9, "script in a style"));
        } else if let Some(score) = address::judge(target, Loading::ByItself, self.limits).filter(|score| *score >= 0.5)
        {
            hits.add(hit("REMOTE_STYLE", span, score, "style with data"));
        } else {
            return;
        }
        self.done = span.1;
    }

    /// A tag; `belief` is lower where it is written in code that may be only text.
    fn tag(&mut self, found: Range<usize>, belief: f32, hits: &mut Hits) {
        let text = self.text;
        let limit = if self.budget > 0 { TAG_BYTES_MAX } else { TAG_BYTES_MIN };
        let Some(tag) = tag::Tag::read(text, found.end, limit, belief < 1.0) else { return };
        self.budget = self.budget.saturating_sub(tag.end - found.end);
        let is_address = found.len() == 1 && tag.name.eq_ignore_ascii_case("http");
        if is_address || self.is_code(found.start) {
            return;
        }
        let span = (found.start, tag.end);
        if let Some(detector) = tag.runs() {
            self.done = tag.end;
            return hits.add(hit("ACTIVE_CONTENT", span, 0.9 * belief, detector));
        }
        for (kind, target) in tag.targets() {
            let is_foreign = address::judge(&target, Loading::ByItself, self.limits);
            let Some(score) = is_foreign else { continue };
            let (kind, score, detector) = match kind {
                tag::Target::Picture => ("REMOTE_IMAGE", score, "picture with data"),
                tag::Target::Link => {
                    let score = address::judge(&target, Loading::Followed, self.limits).unwrap_or_default();
                    ("REMOTE_LINK", score, "link with data")
                }
                tag::Target::Form if !self.limits.allows(host(&target)) => {
                    ("REMOTE_FORM", 0.85, "form that leads elsewhere")
                }
                tag::Target::Frame if !self.limits.allows(host(&target)) => ("REMOTE_FRAME", 0.8, "frame of elsewhere"),
                tag::Target::Sheet if !self.limits.allows(host(&target)) => {
                    ("REMOTE_STYLE", score.max(0.6), "style of elsewhere")
                }
                _ => continue,
            };
            if score * belief >= 0.5 {
                self.done = tag.end;
                return hits.add(hit(kind, span, score * belief, detector));
            }
        }
    }

    fn escape(&mut self, found: Range<usize>, hits: &mut Hits) {
        let rest = self.text.get(found.end..).unwrap_or_default();
        let is_short = self.text.get(found.clone()) == Some("\u{1b}");
        let introducer = if is_short { rest.bytes().next() } else { Some(b'[') };
        let body = if is_short { rest.get(1..).unwrap_or_default() } else { rest };
        let (length, score) = match introducer {
            Some(b'[') => {
                let length = body.bytes().take(64).take_while(|byte| matches!(byte, b' '..=b'?')).count();
                // Colours only colour.
                (length + 1, if body.as_bytes().get(length) == Some(&b'm') { 0.55 } else { 0.9 })
            }
            Some(b']' | b'P' | b'_' | b'^' | b'X') => {
                (body.bytes().take(1_024).take_while(|byte| !matches!(byte, 0x07 | 0x1b)).count() + 1, 0.95)
            }
            Some(b'c' | b'7' | b'8' | b'(' | b')' | b'=' | b'>' | b'M' | b'D' | b'E' | b'#') => (0, 0.9),
            _ => return,
        };
        let end = (found.end + usize::from(is_short) + length).min(self.text.len());
        let end = self.text.ceil_char_boundary(end);
        self.done = end;
        hits.add(hit("TERMINAL_ESCAPE", (found.start, end), score, "escape of a terminal"));
    }
}

fn host(target: &str) -> &str {
    let rest = target.split_once("//").map_or(target, |(_, rest)| rest);
    rest.split(['/', '?', '#', ':']).next().unwrap_or_default()
}

/// The beginning of the label that ends before `at`, and whether it is of a picture.
fn label_before(text: &str, at: usize) -> Option<(usize, bool)> {
    let from = text.ceil_char_boundary(at.saturating_sub(LABEL_BYTES_MAX));
    let mut depth = 0;
    for (back, byte) in text.get(from..at)?.bytes().enumerate().rev() {
        match byte {
            b']' => depth += 1,
            b'[' if depth > 0 => depth -= 1,
            b'[' => {
                let start = from + back;
                let is_image = text.get(..start)?.ends_with('!');
                return Some((start - usize::from(is_image), is_image));
            }
            _ => {}
        }
    }
    None
}

/// The address after `](`, and the byte behind its bracket.
fn target_after(text: &str, begin: usize) -> (&str, usize) {
    let rest = text.get(begin..).unwrap_or_default();
    let rest = rest.get(..rest.floor_char_boundary(TARGET_BYTES_MAX)).unwrap_or_default();
    let lead = rest.len() - rest.trim_start_matches([' ', '\t', '\n']).len();
    let inner = rest.get(lead..).unwrap_or_default();
    if let Some((target, tail)) = inner.strip_prefix('<').and_then(|inner| inner.split_once('>')) {
        let close = tail.find(')').map_or(tail.len(), |at| at + 1);
        return (target, begin + rest.len() - tail.len() + close);
    }
    let mut depth = 0;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return (inner.get(..at).unwrap_or_default(), begin + lead + at + 1),
            b')' => depth -= 1,
            b'\n' => return (inner.get(..at).unwrap_or_default(), begin + lead + at),
            _ => {}
        }
    }
    (inner, begin + rest.len())
}

/// What stands before the next space.
fn word(text: &str) -> &str {
    let text = text.get(..text.floor_char_boundary(TARGET_BYTES_MAX)).unwrap_or_default();
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\' | '|'));
    // An address in brackets, of which the closing one is not part.
    if text.starts_with('<') {
        return text.find('>').and_then(|at| text.get(..=at)).unwrap_or(text);
    }
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// Whether a picture refers to a label.
fn is_image_label(text: &str, label: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), b"![").take(64).any(|at| {
        let rest = text.get(at + 2..).unwrap_or_default();
        let rest = rest.get(..rest.floor_char_boundary(LABEL_BYTES_MAX * 2)).unwrap_or_default();
        let (own, tail) = rest.split_once(']').unwrap_or((rest, ""));
        let named = tail.strip_prefix('[').and_then(|tail| tail.split_once(']')).map_or("", |(named, _)| named);
        let wanted = if named.is_empty() { own } else { named };
        !tail.starts_with('(') && wanted.eq_ignore_ascii_case(label)
    })
}
