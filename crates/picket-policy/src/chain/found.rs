//! What one check found in all texts of a document, and what removes it.

use super::seams::{Counted, Crossing};
use super::{EXCERPTS_MAX, SPANS_MAX};
use crate::compile::Check as Configured;
use crate::judgement::{Excerpt, Judgement};
use crate::repeat::Past;
use picket_content::{Hit, code_points, mask_beside};
use picket_event::SpanRef;
use picket_llm::{Document, Edit};

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
