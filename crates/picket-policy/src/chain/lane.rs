//! Judging beside a request: which texts are examined later, and what is found in them then.

use super::remote::{Reader, questions, texts, unanswered};
use super::{Aside, Found, Toolbox, guarded};
use crate::compile::{Check as Configured, Policy};
use crate::exception::split;
use crate::inquiry::{Asked, Inquiry, Unanswered};
use crate::judgement::{Judgement, Subject};
use crate::kind::{Kind, Lane};
use crate::repeat::Past;
use picket_content::{Context, Hit, LEARNED_PII_KINDS, Reading, Report};
use picket_event::{Action, Phase, Role, Scanned};
use picket_llm::Document;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::time::Instant;

/// A detector that is too slow to read every text of a request: it stands in for the check of its name where that is
/// late, and about texts that it is unsure of.
pub trait SlowCheck: Send + Sync + fmt::Debug {
    /// The kind of the checks that it stands for, such as `prompt-injection`.
    fn name(&self) -> &'static str;

    /// Makes what is made on first use: called before requests that will ask it.
    fn prepare(&self) {}

    /// What it finds of the kinds that the policy names, of all where it names none; `None` where it cannot tell, or not
    /// `until` then. Then the check counts as failed, as it does when it panics.
    fn examine(&self, text: &str, kinds: &[&'static str], context: &Context, until: Option<Instant>) -> Option<Report>;
}

impl Policy {
    /// Whether some check is late, for all requests or a share of them.
    pub fn has_late_checks(&self) -> bool {
        self.checks.iter().any(|check| check.lane.is_some() || check.looks_again())
    }

    fn late<'a>(&'a self, subject: &'a Subject<'_>, phase: Phase) -> impl Iterator<Item = (&'a Configured, &'a Lane)> {
        let concerned = self.checks.iter().filter(move |check| check.when.concerns(subject, phase));
        concerned.filter_map(|check| Some((check, check.lane.as_ref()?)))
    }

    /// Names what is to be examined later of a document. History was examined when it was new.
    pub(super) fn later(
        &self,
        document: &Document,
        (subject, phase): (&Subject<'_>, Phase),
        past: &dyn Fn(Option<u32>) -> Past,
        judgement: &mut Judgement,
    ) {
        if judgement.action() == Action::Block {
            return;
        }
        for (check, lane) in self.late(subject, phase) {
            if !lane.takes(check, subject, judgement) {
                continue;
            }
            let new = texts(check, document, past).filter(|asked| asked.past == Past::Fresh);
            let mut all = Vec::new();
            if let Some(at) = questions(check, (phase, Reader::Lane, subject), new, &mut all) {
                unexamined(judgement, &check.name, &at);
            }
            judgement.later.extend(all);
        }
        for check in self.again(subject, phase) {
            let is_asked = |asked: &Asked, judgement: &Judgement| {
                let inquiries = judgement.inquiries.iter().filter(|inquiry| inquiry.policy == check.name);
                inquiries.flat_map(|inquiry| &inquiry.texts).any(|known| known.part == asked.part)
            };
            let new = texts(check, document, past).filter(|asked| asked.past == Past::Fresh);
            let new: Vec<Asked> = new.filter(|asked| !is_asked(asked, judgement)).collect();
            let mut all = Vec::new();
            if let Some(at) = questions(check, (phase, Reader::Lane, subject), new.into_iter(), &mut all) {
                unexamined(judgement, &check.name, &at);
            }
            judgement.later.extend(all);
        }
    }

    /// Checks whose slower detector looks later at what they were sure of, in this request.
    fn again<'a>(&'a self, subject: &'a Subject<'_>, phase: Phase) -> impl Iterator<Item = &'a Configured> {
        self.concerning(subject, phase).filter(|check| {
            let share = check.unsure.map_or(0.0, |unsure| unsure.share);
            share > 0.0 && subject.draw.is_none_or(|draw| drawn(draw, &check.name) < share)
        })
    }

    /// The same of what a channel of a stream said.
    pub(super) fn later_of_channel(&self, text: &str, channel: &str, subject: &Subject<'_>, judgement: &mut Judgement) {
        for (check, lane) in self.late(subject, Phase::Output) {
            if lane.takes(check, subject, judgement) && !text.is_empty() && check.hears(Role::Assistant) {
                let asked = Asked::of_channel(text, channel);
                let (phase, excepted) = (Phase::Output, subject.excepted.cloned());
                let (policy, texts) = (check.name.clone(), vec![asked]);
                judgement.later.push(Inquiry { policy, phase, texts, is_out: true, rest: 0.0, excepted });
            }
        }
        for check in self.again(subject, Phase::Output) {
            let is_asked = judgement.inquiries.iter().any(|inquiry| inquiry.policy == check.name);
            if !is_asked && !text.is_empty() {
                let (policy, texts) = (check.name.clone(), vec![Asked::of_channel(text, channel)]);
                let (phase, excepted) = (Phase::Output, subject.excepted.cloned());
                judgement.later.push(Inquiry { policy, phase, texts, is_out: true, rest: 0.0, excepted });
            }
        }
    }

    /// Whether a late check looks at streamed answers.
    pub(super) fn is_late_on_streams(&self, subject: &Subject<'_>) -> bool {
        self.late(subject, Phase::Output).next().is_some() || self.again(subject, Phase::Output).next().is_some()
    }

    /// Whether an inquiry is one to a service; others are [examined](Self::examine) in the process.
    pub fn asks_a_service(&self, inquiry: &Inquiry) -> bool {
        let check = self.checks.iter().find(|check| check.name == inquiry.policy);
        check.is_some_and(|check| matches!(check.kind, Kind::Remote(_)))
    }

    /// Examines what a judgement named, later or while its request waits `until` then. A check that panics has failed, and
    /// stops nobody else.
    pub fn examine(&self, inquiry: &Inquiry, tools: &Toolbox, until: Option<Instant>) -> Judgement {
        let mut judgement = Judgement { scanned: Some(Scanned::Full), code: "allowed", ..Judgement::default() };
        let Some(check) = self.checks.iter().find(|check| check.name == inquiry.policy) else { return judgement };
        let begin = Instant::now();
        let (mut found, mut asked_for) = (Found::default(), (Action::Allow, None));
        let mut aside = Aside::default();
        for asked in &inquiry.texts {
            let context = Context { role: asked.role, phase: inquiry.phase };
            let looked = guarded(|| look(check, &asked.text, &context, (tools, until))).ok().flatten();
            let Some((report, threshold)) = looked else {
                let is_over = until.is_some_and(|until| Instant::now() >= until);
                let cause = if is_over { Unanswered::Timeout } else { Unanswered::Failed };
                unanswered(check, inquiry, cause, &mut judgement);
                return judgement;
            };
            if report.hits.is_empty() || report.score < threshold {
                found.score = found.score.max(report.score);
                continue;
            }
            let (place, at) = ((asked.at.as_str(), asked.text.as_str()), (check.name.as_str(), inquiry.phase));
            let Report { score, kind, hits } = report;
            let split = split(inquiry.excepted.as_ref(), at, kind, Some(&asked.text), hits);
            aside.take(check, place, (score, kind), split.aside, &mut judgement);
            if split.hits.is_empty() {
                continue;
            }
            found.score = found.score.max(score);
            found.past = found.past.min(asked.past);
            found.kind = kind.or(found.kind);
            found.take(check, place, &split.hits, &mut judgement);
            asked_for = asks_for(check, &split.hits, asked_for);
        }
        let asked = |kinds: &[Hit], score| check.asked(asks_for(check, kinds, (Action::Allow, None)).0, score);
        aside.conclude(check, inquiry.phase, asked, &mut judgement);
        // What is out cannot be removed any more.
        let action = if asked_for.0 == Action::Redact { Action::Flag } else { asked_for.0 };
        self.conclude(check, inquiry.phase, (found, action), begin, &mut judgement);
        super::custom::explain(&mut judgement, asked_for.1);
        judgement
    }
}

/// What a check finds in a text, and the score from which on it counts; `None` where what stands in for it cannot tell.
fn look(
    check: &Configured,
    text: &str,
    context: &Context,
    (tools, until): (&Toolbox, Option<Instant>),
) -> Option<(Report, f32)> {
    match &check.kind {
        Kind::Custom(custom) => Some((custom.rules().scan(text, context), custom.threshold)),
        Kind::Content { check: what, entities, settings, threshold, .. } => {
            let stands_in = tools.slow.iter().find(|slow| slow.name() == what.as_str());
            let report = match stands_in {
                Some(slow) => slow.examine(text, entities, context, until)?,
                // Patterns alone would find nothing, and say that there is nothing.
                None if entities.iter().any(|kind| LEARNED_PII_KINDS.contains(kind)) => return None,
                None => tools.detectors.scan_with(*what, entities, settings, &Reading::of(text), context),
            };
            Some((report, threshold.unwrap_or_else(|| tools.detectors.threshold(*what))))
        }
        _ => Some((Report::default(), 1.0)),
    }
}

/// The strictest of what is known and what a report asks for, with the message of its rule.
fn asks_for<'a>(check: &'a Configured, hits: &[Hit], known: (Action, Option<&'a str>)) -> (Action, Option<&'a str>) {
    match &check.kind {
        Kind::Custom(custom) => super::custom::stricter(custom, hits, known),
        Kind::Content { action, .. } if *action > known.0 => (*action, None),
        _ => known,
    }
}

impl Configured {
    /// Whether a slower detector looks later at a share of what it was sure of.
    fn looks_again(&self) -> bool {
        self.unsure.is_some_and(|unsure| unsure.share > 0.0)
    }
}

impl Lane {
    /// Whether the check examines this request or answer.
    fn takes(&self, check: &Configured, subject: &Subject<'_>, judgement: &Judgement) -> bool {
        let is_unsure = self.unsure.is_some_and(|(from, to)| {
            judgement.results.iter().filter_map(|result| result.score).any(|score| (from..=to).contains(&score))
        });
        is_unsure || self.share >= 1.0 || subject.draw.is_none_or(|draw| drawn(draw, &check.name) < self.share)
    }
}

/// A number from 0 to 1, the same for the same draw and check, and apart for each check.
fn drawn(draw: [u8; 16], name: &str) -> f64 {
    let digest = Sha256::new().chain_update(draw).chain_update(name).finalize();
    let number = digest.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    f64::from(number) / (f64::from(u32::MAX) + 1.0)
}

/// Takes note of what a late check will not see.
fn unexamined(judgement: &mut Judgement, policy: &str, at: &str) {
    judgement.scanned = Some(Scanned::Partial);
    if judgement.unscanned.len() < super::UNSCANNED_MAX {
        judgement.unscanned.push(format!("late:{policy}:{at}"));
    }
}

#[cfg(test)]
mod tests;
