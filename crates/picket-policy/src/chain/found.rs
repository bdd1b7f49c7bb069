//! What one check found in all texts of a document, and what removes it.

use super::seams::{Counted, Crossing};
use super::{EXCERPTS_MAX, SPANS_MAX};
use crate::compile::Check as Configured;
use crate::exception::{Excepted, Exception, split};
use crate::judgement::{Excerpt, Judgement};
use crate::repeat::Past;
use picket_content::{Hit, code_points, mask_beside};
use picket_event::{Action, Phase, PolicyResult, SpanRef};
use picket_llm::{Document, Edit};
use std::sync::Arc;

/// What removes hits from a part.
pub(super) fn edits(part: usize, hits: &[Hit]) -> impl Iterator<Item = Edit> {
    let edit = move |hit: &Hit| Edit { part, range: hit.start..hit.end, replacement: format!("[{}]", hit.kind) };
    hits.iter().map(edit)
}

/// What one check found in all texts.
pub(super) struct Found {
    pub(super) score: f32,
    pub(super) kind: Option<&'static str>,
    /// What is known of the least known message in which something was found.
    pub(super) past: Past,
    pub(super) spans: Vec<SpanRef>,
    /// Where something was found, if texts meet.
    pub(super) counted: Counted,
}

impl Default for Found {
    fn default() -> Self {
        Self { score: 0.0, kind: None, past: Past::Approved, spans: Vec::new(), counted: Counted::default() }
    }
}

impl Found {
    /// Takes what was found where texts meet.
    pub(super) fn cross(
        &mut self,
        check: &Configured,
        document: &Document,
        crossing: &Crossing,
        past: &dyn Fn(Option<u32>) -> Past,
        judgement: &mut Judgement,
    ) {
        self.score = self.score.max(crossing.score);
        self.kind = crossing.kind.or(self.kind);
        for (part, hits) in &crossing.hits {
            let Some(part) = document.parts().get(*part) else { continue };
            self.past = self.past.min(past(part.message));
            self.take(check, (&document.pointer(part), document.text(part)), hits, judgement);
        }
    }

    pub(super) fn take(
        &mut self,
        check: &Configured,
        (at, text): (&str, &str),
        hits: &[Hit],
        judgement: &mut Judgement,
    ) {
        let places = code_points(text, hits.iter().map(|hit| hit.start..hit.end));
        for (hit, place) in hits.iter().zip(places) {
            if self.spans.len() < SPANS_MAX {
                self.spans.push(SpanRef {
                    at: at.to_owned(),
                    start: place.start,
                    end: place.end,
                    kind: hit.kind.to_owned(),
                });
            }
            if judgement.evidence.len() < EXCERPTS_MAX {
                // Hits ascend and are apart.
                let is_hidden = |at: usize| {
                    let next = hits.partition_point(|other| other.end <= at);
                    hits.get(next).is_some_and(|other| other.start <= at)
                };
                let excerpt = mask_beside(text, hit.start..hit.end, is_hidden);
                judgement.evidence.push(Excerpt {
                    policy: check.name.clone(),
                    at: at.to_owned(),
                    kind: hit.kind.to_owned(),
                    excerpt,
                });
            }
        }
    }
}

/// What exceptions set aside of what one check found: told, and no more.
#[derive(Default)]
pub(super) struct Aside(Vec<SetAside>);

/// What one exception set aside.
struct SetAside {
    exception: Arc<Exception>,
    found: Found,
    /// One hit of each kind.
    kinds: Vec<Hit>,
}

impl Aside {
    /// Takes what was set aside of a text.
    pub(super) fn take(
        &mut self,
        check: &Configured,
        place: (&str, &str),
        (score, kind): (f32, Option<&'static str>),
        aside: Vec<(Arc<Exception>, Vec<Hit>)>,
        judgement: &mut Judgement,
    ) {
        for (exception, hits) in aside {
            let known = self.0.iter().position(|known| known.exception.id == exception.id);
            let at = known.unwrap_or(self.0.len());
            if known.is_none() {
                self.0.push(SetAside { exception, found: Found::default(), kinds: Vec::new() });
            }
            let Some(SetAside { found, kinds, .. }) = self.0.get_mut(at) else { continue };
            found.score = found.score.max(score);
            found.kind = kind.or(found.kind);
            found.take(check, place, &hits, judgement);
            for hit in hits {
                if !kinds.iter().any(|known| known.kind == hit.kind) {
                    kinds.push(hit);
                }
            }
        }
    }

    /// Takes out of what was found where texts meet what an exception covers.
    pub(super) fn cross(
        &mut self,
        (check, phase): (&Configured, Phase),
        document: &Document,
        (excepted, crossing): (Option<&Arc<Excepted>>, &mut Crossing),
        judgement: &mut Judgement,
    ) {
        if excepted.is_none() {
            return;
        }
        let (score, kind) = (crossing.score, crossing.kind);
        for (part, hits) in &mut crossing.hits {
            let Some(part) = document.parts().get(*part) else { continue };
            let (at, text) = (document.pointer(part), document.text(part));
            let parted = split(excepted, (check.name.as_str(), phase), kind, Some(text), std::mem::take(hits));
            *hits = parted.hits;
            self.take(check, (&at, text), (score, kind), parted.aside, judgement);
        }
        crossing.hits.retain(|_, hits| !hits.is_empty());
    }

    /// Puts it into the record. `action` is what would have been asked for.
    pub(super) fn conclude(
        self,
        check: &Configured,
        phase: Phase,
        action: impl Fn(&[Hit], f32) -> Action,
        judgement: &mut Judgement,
    ) {
        for SetAside { exception, found, kinds } in self.0 {
            let score = Some(picket_event::score::rounded(f64::from(found.score)));
            let finding = found.kind.unwrap_or_default();
            let verdict = action(&kinds, found.score);
            let result = set_aside(check, (phase, verdict), (score, finding), found.spans, &exception);
            judgement.results.push(result);
        }
    }
}

/// The result of something that an exception set aside.
pub(super) fn set_aside(
    check: &Configured,
    (phase, verdict): (Phase, Action),
    (score, finding): (Option<f64>, &str),
    spans: Vec<SpanRef>,
    exception: &Exception,
) -> PolicyResult {
    PolicyResult {
        policy: check.name.clone(),
        phase,
        verdict,
        score,
        finding_type: Some(finding.to_owned()),
        spans,
        us: None,
        monitored: (!check.enforce).then_some(true),
        exception: Some(exception.id.clone()),
    }
}
