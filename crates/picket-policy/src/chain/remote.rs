//! Judging by services outside: which texts they are asked about, and what their answers mean.

use super::found::set_aside;
use super::{EXCERPTS_MAX, SPANS_MAX, UNSCANNED_MAX, note, result};
use crate::compile::{Check as Configured, Policy};
use crate::exception::Exception;
use crate::inquiry::{Answer, Asked, Inquiry, Place, QUESTIONS_MAX, Said, TEXT_BYTES_MAX, TEXTS_MAX, Unanswered};
use crate::judgement::{Excerpt, Judgement, Subject};
use crate::kind::{Kind, Remote};
use crate::repeat::Past;
use picket_content::mask;
use picket_event::{Action, Phase, PolicyResult, Role, Scanned, SpanRef};
use picket_llm::{Document, Edit, Part, PartKind};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Types that events know; a service may name others only if the document lists them, since types stand in the log, where
/// nothing stands that a caller chose.
const TYPES: &[&str] = &[
    "prompt_injection",
    "jailbreak",
    "prompt_extraction",
    "pii",
    "secret",
    "toxicity",
    "off_topic",
    "bulk_data",
    "markdown_exfil",
    "active_content",
    "encoded_data",
    "prompt_leak",
    "hate",
    "harassment",
    "sexual",
    "minors",
    "violence",
    "self_harm",
    "weapons",
    "crime",
    "cyber",
];
/// What a service finds whose word for it events do not know.
const UNNAMED: &str = "remote";

/// When a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Before anything leaves.
    Request,
    /// Beside the request.
    Lane,
}

/// Asks about all texts of a document, if the check is one that asks.
pub(super) fn ask(
    check: &Configured,
    document: &Document,
    (phase, subject): (Phase, &Subject<'_>),
    past: &dyn Fn(Option<u32>) -> Past,
    judgement: &mut Judgement,
) {
    if matches!(check.kind, Kind::Remote(_)) {
        let mut all = Vec::new();
        let texts = texts(check, document, past);
        if let Some(at) = questions(check, (phase, Reader::Request, subject), texts, &mut all) {
            super::failed(judgement, check, phase, &at);
        }
        judgement.inquiries.extend(all);
    }
}

/// Asks about what a channel of a stream said, which is out already.
pub(super) fn ask_late(
    check: &Configured,
    (text, channel): (&str, &str),
    subject: &Subject<'_>,
    judgement: &mut Judgement,
) {
    if matches!(check.kind, Kind::Remote(_)) && !text.is_empty() && check.hears(Role::Assistant) {
        let texts = vec![Asked::of_channel(text, channel)];
        let (phase, excepted) = (Phase::Output, subject.excepted.cloned());
        let inquiry = Inquiry { policy: check.name.clone(), phase, texts, is_out: true, rest: 0.0, excepted };
        judgement.inquiries.push(inquiry);
    }
}

impl Configured {
    /// Whether somebody's words concern it.
    pub(super) fn hears(&self, role: Role) -> bool {
        match &self.kind {
            Kind::Remote(remote) => remote.roles.is_empty() || remote.roles.contains(&role),
            _ => true,
        }
    }
}

/// The texts of a document that concern a check.
pub(super) fn texts<'a>(
    check: &'a Configured,
    document: &'a Document,
    past: &'a dyn Fn(Option<u32>) -> Past,
) -> impl Iterator<Item = Asked> + 'a {
    let heard = document.parts().iter().enumerate().filter(|(_, part)| check.hears(part.role));
    let full = heard.filter(|(_, part)| !document.text(part).is_empty());
    full.map(|(index, part)| text(document, (index, part), past))
}

/// One of them.
pub(super) fn text(document: &Document, (index, part): (usize, &Part), past: &dyn Fn(Option<u32>) -> Past) -> Asked {
    Asked {
        part: index,
        at: document.pointer(part),
        role: part.role,
        kind: kind(part.kind),
        text: document.text(part).to_owned(),
        past: past(part.message),
    }
}

/// Packs texts into questions of bounded size; the first place that does not fit into all of them.
pub(super) fn questions(
    check: &Configured,
    (phase, reader, subject): (Phase, Reader, &Subject<'_>),
    texts: impl Iterator<Item = Asked>,
    all: &mut Vec<Inquiry>,
) -> Option<String> {
    let is_out = reader == Reader::Lane;
    let excepted = || subject.excepted.cloned();
    let policy = || check.name.clone();
    let new = || Inquiry { policy: policy(), phase, texts: Vec::new(), is_out, rest: 0.0, excepted: excepted() };
    let (mut open, mut bytes) = (new(), 0);
    for text in texts {
        let full = open.texts.len() >= TEXTS_MAX || bytes + text.text.len() > TEXT_BYTES_MAX;
        if full && !open.texts.is_empty() {
            all.push(std::mem::replace(&mut open, new()));
            bytes = 0;
        }
        if all.len() >= QUESTIONS_MAX {
            return Some(text.at);
        }
        bytes += text.text.len();
        open.texts.push(text);
    }
    if !open.texts.is_empty() {
        all.push(open);
    }
    None
}

impl Policy {
    /// The services that the policy asks, by the names of their checks.
    pub fn remotes(&self) -> impl Iterator<Item = (&str, &Remote)> {
        self.checks.iter().filter_map(|check| match &check.kind {
            Kind::Remote(remote) => Some((check.name.as_str(), &**remote)),
            _ => None,
        })
    }

    /// Takes what came of an inquiry into the judgement that named it.
    pub fn answered(
        &self,
        inquiry: &Inquiry,
        answer: Result<Answer, Unanswered>,
        took: Duration,
        judgement: &mut Judgement,
    ) {
        let Some(check) = self.checks.iter().find(|check| check.name == inquiry.policy) else { return };
        let Kind::Remote(remote) = &check.kind else { return };
        match answer {
            Ok(answer) => self.told(check, remote, (inquiry, &answer), took, judgement),
            Err(cause) => unanswered(check, inquiry, cause, judgement),
        }
        if inquiry.phase == Phase::Input && !inquiry.is_out {
            self.hold(judgement);
        }
    }

    fn told(
        &self,
        check: &Configured,
        remote: &Remote,
        (inquiry, answer): (&Inquiry, &Answer),
        took: Duration,
        judgement: &mut Judgement,
    ) {
        let action = match remote.action {
            // What is out cannot be removed any more.
            Action::Redact if inquiry.is_out => Action::Block,
            action => action,
        };
        let found = inquiry.texts.iter().zip(&answer.0).filter(|(_, said)| said.counts(remote.threshold));
        let found = found.map(|(asked, said)| (covering(check, remote, inquiry, (asked, said)), asked, said));
        let (aside, found): (Vec<_>, Vec<_>) = found.partition(|(exception, ..)| exception.is_some());
        let mut found: Vec<(&Asked, &Said)> = found.into_iter().map(|(_, asked, said)| (asked, said)).collect();
        let is_aside = |said: &Said| aside.iter().any(|(_, _, other)| std::ptr::eq(*other, said));
        let score = answer.0.iter().filter(|said| !is_aside(said)).map(|said| said.score).fold(0.0, f32::max);
        for (exception, asked, said) in &aside {
            let Some(exception) = exception else { continue };
            let mut spans = Vec::new();
            take(check, remote, (asked, said), &mut spans, judgement);
            let score = Some(picket_event::score::rounded(f64::from(said.score)));
            let (finding, action) = (named(remote, said.kind.as_deref()), check.asked(action, said.score));
            let told = set_aside(check, (inquiry.phase, action), (score, finding), spans, exception);
            judgement.results.push(told);
        }
        let mut result = PolicyResult {
            policy: check.name.clone(),
            phase: inquiry.phase,
            verdict: Action::Allow,
            score: Some(picket_event::score::rounded(f64::from(score))),
            finding_type: None,
            spans: Vec::new(),
            us: u64::try_from(took.as_micros()).ok(),
            monitored: (!check.enforce).then_some(true),
            exception: None,
        };
        for (asked, said) in &found {
            take(check, remote, (asked, said), &mut result.spans, judgement);
            if check.enforce && super::removes(check, action, said.score) {
                judgement.edits.extend(edits(remote, asked, said));
            }
        }
        // The surest names the finding.
        found.sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score));
        let Some((_, surest)) = found.first() else { return judgement.results.push(result) };
        result.finding_type = Some(named(remote, surest.kind.as_deref()).to_owned());
        let past = found.iter().map(|(asked, _)| asked.past).min().unwrap_or(Past::Fresh);
        let action = check.asked(action, surest.score);
        result.verdict = self.verdict(action, past);
        judgement.repeat |= past != Past::Fresh;
        let verdict = result.verdict;
        note(judgement, check, result, verdict);
    }
}

/// The exception that covers what a service says about a text.
fn covering(
    check: &Configured,
    remote: &Remote,
    inquiry: &Inquiry,
    (asked, said): (&Asked, &Said),
) -> Option<Arc<Exception>> {
    let excepted = inquiry.excepted.as_ref()?;
    let kind = |place: &Place| named(remote, place.kind.as_deref().or(said.kind.as_deref())).to_owned();
    let kinds: Vec<String> = said.spans.iter().map(kind).collect();
    let finding = named(remote, said.kind.as_deref());
    // A service that names no places judges the text as a whole.
    let rules: Vec<&str> = if kinds.is_empty() { vec![finding] } else { kinds.iter().map(String::as_str).collect() };
    excepted.covering((&check.name, inquiry.phase), finding, &rules, Some(&asked.text)).cloned()
}

impl Said {
    fn counts(&self, threshold: f32) -> bool {
        self.flag.unwrap_or(self.score >= threshold)
    }
}

/// Spans and excerpts of a text in which something was found: all of it, where the service names no places.
fn take(
    check: &Configured,
    remote: &Remote,
    (asked, said): (&Asked, &Said),
    spans: &mut Vec<SpanRef>,
    judgement: &mut Judgement,
) {
    let whole = Place { start: 0, end: asked.text.chars().count(), kind: said.kind.clone() };
    let places = if said.spans.is_empty() { std::slice::from_ref(&whole) } else { &said.spans };
    let room = SPANS_MAX.saturating_sub(spans.len());
    for (place, bytes) in places.iter().zip(bytes(&asked.text, places)).take(room) {
        let kind = named(remote, place.kind.as_deref().or(said.kind.as_deref())).to_owned();
        if judgement.evidence.len() < EXCERPTS_MAX {
            judgement.evidence.push(Excerpt {
                policy: check.name.clone(),
                at: asked.at.clone(),
                kind: kind.clone(),
                excerpt: mask(&asked.text, bytes),
            });
        }
        spans.push(SpanRef { at: asked.at.clone(), start: place.start, end: place.end, kind });
    }
}

/// What is removed: the places that the service names, or the whole text where it names none.
fn edits(remote: &Remote, asked: &Asked, said: &Said) -> Vec<Edit> {
    let edit = |range, kind: Option<&str>| {
        let replacement = format!("[{}]", named(remote, kind.or(said.kind.as_deref())).to_ascii_uppercase());
        Edit { part: asked.part, range, replacement }
    };
    if said.spans.is_empty() {
        return vec![edit(0..asked.text.len(), None)];
    }
    let ranges = bytes(&asked.text, &said.spans);
    ranges.into_iter().zip(&said.spans).map(|(range, place)| edit(range, place.kind.as_deref())).collect()
}

/// A word of the service, if events may show it.
fn named<'a>(remote: &Remote, word: Option<&'a str>) -> &'a str {
    let is_known = |word: &&str| TYPES.contains(word) || remote.types.iter().any(|known| known == word);
    word.filter(is_known).unwrap_or(UNNAMED)
}

/// Places in code points, in the order of their beginnings, as ranges of bytes. One pass over the text.
fn bytes(text: &str, places: &[Place]) -> Vec<Range<usize>> {
    let mut wanted: Vec<usize> = places.iter().flat_map(|place| [place.start, place.end]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut starts = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
    let mut next = 0;
    let at = wanted.iter().map(|point| {
        let at = starts.nth(point - next).unwrap_or(text.len());
        next = point + 1;
        at
    });
    let at: Vec<usize> = at.collect();
    let of = |point: usize| wanted.binary_search(&point).ok().and_then(|index| at.get(index)).copied();
    places.iter().map(|place| of(place.start).unwrap_or(0)..of(place.end).unwrap_or(text.len())).collect()
}

/// Takes note that a service did not answer, or not so that it counts: its texts were not judged by it.
pub(super) fn unanswered(check: &Configured, inquiry: &Inquiry, cause: Unanswered, judgement: &mut Judgement) {
    judgement.scanned = Some(Scanned::Partial);
    let places = inquiry.texts.iter().map(|asked| &asked.at);
    let new: Vec<String> = places.filter(|at| !judgement.unscanned.contains(at)).cloned().collect();
    let room = UNSCANNED_MAX.saturating_sub(judgement.unscanned.len());
    judgement.unscanned.extend(new.into_iter().take(room));
    if judgement.evidence.len() < EXCERPTS_MAX {
        judgement.evidence.push(Excerpt {
            policy: check.name.clone(),
            at: "service".to_owned(),
            kind: cause.word().to_owned(),
            excerpt: cause.to_string(),
        });
    }
    let before = judgement.violated.clone();
    let failed = result(check, inquiry.phase, check.on_error, "check_failed");
    note(judgement, check, failed, check.on_error);
    if judgement.violated != before {
        super::custom::explain(judgement, Some(&cause.to_string()));
    }
}

/// The contract's word for what a text is.
fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Text => "text",
        PartKind::Name => "name",
        PartKind::Number => "number",
        PartKind::Json => "json",
        PartKind::File => "file",
    }
}

#[cfg(test)]
mod tests;
