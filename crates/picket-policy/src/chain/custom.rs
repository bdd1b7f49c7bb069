//! Judging by a customer's rules.

use super::{Across, Aside, Found, Place, edits, failed, note};
use crate::compile::{Check as Configured, Policy};
use crate::exception::split;
use crate::judgement::{Judgement, Subject};
use crate::kind::{Custom, Kind};
use crate::repeat::Past;
use picket_content::{Context, Hit, Report, code_points};
use picket_event::{Action, Phase, PolicyResult, Role, SpanRef};
use picket_llm::Document;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

impl Policy {
    /// Judges all texts of a document by the rules of a check, if it has any.
    pub(super) fn custom(
        &self,
        check: &Configured,
        document: &Document,
        Place { phase, excepted, seams, .. }: Place<'_>,
        past: &dyn Fn(Option<u32>) -> Past,
        judgement: &mut Judgement,
    ) {
        let Kind::Custom(custom) = &check.kind else { return };
        let begin = Instant::now();
        let (mut found, mut strictest) = (Found::default(), (Action::Allow, None));
        let mut aside = Aside::default();
        for (index, part) in document.parts().iter().enumerate() {
            let context = Context { role: part.role, phase };
            let text = document.text(part);
            let Some(report) = look(custom, text, &context) else {
                failed(judgement, check, phase, &document.pointer(part));
                continue;
            };
            if report.hits.is_empty() || report.score < custom.threshold {
                found.score = found.score.max(report.score);
                continue;
            }
            if !seams.is_empty() {
                found.counted.insert(index, report.hits.iter().map(|hit| hit.start..hit.end).collect());
            }
            let split = split(excepted, (check.name.as_str(), phase), report.kind, Some(text), report.hits);
            if !split.aside.is_empty() {
                let at = document.pointer(part);
                aside.take(check, (&at, text), (report.score, report.kind), split.aside, judgement);
            }
            if split.hits.is_empty() {
                continue;
            }
            found.score = found.score.max(report.score);
            found.past = found.past.min(past(part.message));
            found.kind = report.kind.or(found.kind);
            found.take(check, (&document.pointer(part), text), &split.hits, judgement);
            strictest = stricter(custom, &split.hits, strictest);
            judgement.edits.extend(edits(index, &redacted(check, custom, &split.hits)));
        }
        let look = |text: &str, role: Role| look(custom, text, &Context { role, phase });
        let mut failures = Vec::new();
        let counted = std::mem::take(&mut found.counted);
        let asked = (Across::Values, custom.threshold);
        let crossings = seams.find(document, asked, counted, &look, &mut |part| failures.push(part));
        for part in failures.into_iter().filter_map(|part| document.parts().get(part)) {
            failed(judgement, check, phase, &document.pointer(part));
        }
        for mut crossing in crossings {
            aside.cross((check, phase), document, (excepted, &mut crossing), judgement);
            if crossing.hits.is_empty() {
                continue;
            }
            found.cross(check, document, &crossing, past, judgement);
            for (part, hits) in &crossing.hits {
                strictest = stricter(custom, hits, strictest);
                judgement.edits.extend(edits(*part, &redacted(check, custom, hits)));
            }
        }
        let asked = |kinds: &[Hit], score| check.asked(stricter(custom, kinds, (Action::Allow, None)).0, score);
        aside.conclude(check, phase, asked, judgement);
        let (action, message) = strictest;
        let before = judgement.violated.clone();
        self.conclude(check, phase, (found, action), begin, judgement);
        if judgement.violated != before {
            explain(judgement, message);
        }
    }
}

/// What the rules find in a text. One that panics must neither let it pass unseen nor take the request with it.
fn look(custom: &Custom, text: &str, context: &Context) -> Option<Report> {
    std::panic::catch_unwind(AssertUnwindSafe(|| custom.rules().scan(text, context))).ok()
}

/// Those of hits that are removed.
fn redacted(check: &Configured, custom: &Custom, hits: &[Hit]) -> Vec<Hit> {
    let is_redacted = |hit: &&Hit| check.enforce && custom.asked(hit.kind).0 == Action::Redact;
    hits.iter().filter(is_redacted).cloned().collect()
}

/// The strictest action of hits, with its message.
pub(super) fn stricter<'a>(
    custom: &'a Custom,
    hits: &[Hit],
    known: (Action, Option<&'a str>),
) -> (Action, Option<&'a str>) {
    let asked = hits.iter().map(|hit| custom.asked(hit.kind));
    asked.fold(known, |known, asked| if asked.0 > known.0 { asked } else { known })
}

pub(super) fn explain(judgement: &mut Judgement, message: Option<&str>) {
    if let (Some(reason), Some(message)) = (judgement.reason.as_mut(), message) {
        reason.extend(["; ", message]);
    }
}

/// The result of a hit that the guard of streams found, if it is of these rules.
pub(super) fn streamed_hit(custom: &Custom, hit: &Hit) -> Option<Action> {
    let number = custom.rules().number(hit.kind)?;
    custom.rules().is_exact_on_streams(number).then(|| custom.asked(hit.kind).0)
}

/// Judges a text of a stream that is out, by what the guard has not seen to.
pub(super) fn late(
    check: &Configured,
    custom: &Custom,
    (text, channel): (&str, &str),
    subject: &Subject<'_>,
    judgement: &mut Judgement,
) {
    let begin = Instant::now();
    let context = Context { role: Role::Assistant, phase: Phase::Output };
    let Ok(report) = std::panic::catch_unwind(AssertUnwindSafe(|| custom.rules().scan_late(text, &context))) else {
        return failed(judgement, check, Phase::Output, channel);
    };
    let Report { score, kind: Some(kind), hits } = report else { return };
    if score < custom.threshold {
        return;
    }
    // What is out cannot be removed any more.
    let asked = |hits: &[Hit], score| match stricter(custom, hits, (Action::Allow, None)).0 {
        Action::Redact => Action::Flag,
        action => check.asked(action, score),
    };
    let mut aside = Aside::default();
    let split = split(subject.excepted, (check.name.as_str(), Phase::Output), Some(kind), Some(text), hits);
    aside.take(check, (channel, text), (score, Some(kind)), split.aside, judgement);
    aside.conclude(check, Phase::Output, asked, judgement);
    let hits = split.hits;
    if hits.is_empty() {
        return;
    }
    let action = asked(&hits, score);
    let places = code_points(text, hits.iter().take(super::SPANS_MAX).map(|hit| hit.start..hit.end));
    let spans = hits.iter().zip(places).map(|(hit, place)| SpanRef {
        at: channel.to_owned(),
        start: place.start,
        end: place.end,
        kind: hit.kind.to_owned(),
    });
    let result = PolicyResult {
        policy: check.name.clone(),
        phase: Phase::Output,
        verdict: action,
        score: Some(picket_event::score::rounded(f64::from(score))),
        finding_type: Some(kind.to_owned()),
        spans: spans.collect(),
        us: u64::try_from(begin.elapsed().as_micros()).ok(),
        monitored: (!check.enforce).then_some(true),
        exception: None,
    };
    note(judgement, check, result, action);
}
