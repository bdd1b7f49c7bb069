//! Asking a slower detector, inside the request, about the texts that a check is unsure of.
//!
//! What the check says of such a text does not count by itself: both detectors are one judgement, which
//! [`Policy::examine`] makes and [`Policy::looked`] takes in.

use super::found::Found;
use super::remote::{Reader, questions, unanswered};
use super::{Toolbox, failed};
use crate::compile::{Check as Configured, Policy};
use crate::exception::Excepted;
use crate::inquiry::{Asked, Inquiry, Unanswered};
use crate::judgement::{Judgement, Subject};
use crate::kind::{Kind, Unsure};
use picket_event::Phase;
use std::sync::Arc;
use std::time::Duration;

/// The texts of one document that a check is unsure of.
pub(super) struct Doubts<'a> {
    unsure: Option<&'a Unsure>,
    texts: Vec<Asked>,
    /// The highest of their scores.
    score: f32,
}

impl<'a> Doubts<'a> {
    /// None yet. Where there is no slower detector, none ever: the quick one has the last word.
    pub(super) fn of(check: &'a Configured, tools: &Toolbox) -> Self {
        let (Some(unsure), Kind::Content { check: what, .. }) = (&check.unsure, &check.kind) else {
            return Self::none();
        };
        let has_one = tools.slow.iter().any(|slow| slow.name() == what.as_str());
        Self { unsure: has_one.then_some(unsure), ..Self::none() }
    }

    const fn none() -> Self {
        Self { unsure: None, texts: Vec::new(), score: 0.0 }
    }

    /// Takes a text if the check is unsure of it; whether it did.
    pub(super) fn take(&mut self, score: f32, asked: impl FnOnce() -> Asked) -> bool {
        let is_unsure = self.unsure.is_some_and(|unsure| unsure.is_about(score));
        if is_unsure {
            self.score = self.score.max(score);
            self.texts.push(asked());
        }
        is_unsure
    }

    /// Names whom to ask about them. `found` is what the check found in all other texts.
    pub(super) fn ask(
        self,
        check: &Configured,
        (phase, excepted, is_out): (Phase, Option<&Arc<Excepted>>, bool),
        found: &mut Found,
        judgement: &mut Judgement,
    ) {
        if self.texts.is_empty() {
            return;
        }
        let rest = found.score;
        if found.kind.is_none() {
            // Late checks that go by scores see what this one was unsure of.
            found.score = rest.max(self.score);
        }
        let (mut all, subject) = (Vec::new(), Subject { excepted, ..Subject::default() });
        let reader = if is_out { Reader::Lane } else { Reader::Request };
        if let Some(at) = questions(check, (phase, reader, &subject), self.texts.into_iter(), &mut all) {
            failed(judgement, check, phase, &at);
        }
        judgement.inquiries.extend(all.into_iter().map(|inquiry| Inquiry { rest, ..inquiry }));
    }
}

impl Policy {
    /// Has those detectors get ready that requests will ask: the first one shall not wait for more than the others.
    pub fn prepare(&self, tools: &Toolbox) {
        for check in self.checks.iter().filter(|check| check.unsure.is_some()) {
            let Kind::Content { check: what, .. } = &check.kind else { continue };
            tools.slow.iter().filter(|slow| slow.name() == what.as_str()).for_each(|slow| slow.prepare());
        }
    }

    /// How long a request waits for a slower detector of this process.
    pub fn waits(&self, inquiry: &Inquiry) -> Duration {
        self.unsure(inquiry).map(|unsure| unsure.timeout).unwrap_or_default()
    }

    fn unsure(&self, inquiry: &Inquiry) -> Option<&Unsure> {
        self.checks.iter().find(|check| check.name == inquiry.policy)?.unsure.as_ref()
    }

    /// Takes what a slower detector of this process said into the judgement that named the inquiry.
    pub fn looked(&self, inquiry: &Inquiry, look: Result<Judgement, Unanswered>, judgement: &mut Judgement) {
        let Some(check) = self.checks.iter().find(|check| check.name == inquiry.policy) else { return };
        match look {
            Ok(look) => {
                let look = joined(check, inquiry, look, judgement);
                judgement.repeat |= look.repeat;
                judgement.absorb(look);
            }
            Err(cause) => unanswered(check, inquiry, cause, judgement),
        }
        if inquiry.phase == Phase::Input && !inquiry.is_out {
            self.hold(judgement);
        }
    }
}

/// One result for what both detectors say, unless the quick one found something in another text.
fn joined(check: &Configured, inquiry: &Inquiry, mut look: Judgement, judgement: &mut Judgement) -> Judgement {
    let is_quick = |result: &mut picket_event::PolicyResult| {
        let is_same = result.policy == check.name && result.phase == inquiry.phase;
        is_same && result.finding_type.is_none() && result.exception.is_none()
    };
    let quick = judgement.results.extract_if(.., is_quick).next();
    if let Some(result) = look.results.iter_mut().find(|result| result.exception.is_none()) {
        let rest = picket_event::score::rounded(f64::from(inquiry.rest));
        let score = result.score.unwrap_or_default().max(rest);
        result.score = (score > 0.0).then_some(score);
        result.us = match (result.us, quick.and_then(|quick| quick.us)) {
            (Some(slow), Some(quick)) => Some(slow.saturating_add(quick)),
            (slow, quick) => slow.or(quick),
        };
    }
    // How much was scanned is known of the whole request.
    look.scanned = look.scanned.filter(|scanned| *scanned != picket_event::Scanned::Full);
    look
}

#[cfg(test)]
mod tests;
