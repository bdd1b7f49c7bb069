//! What nobody looked at, and what the policy makes of that.

use super::{UNSCANNED_MAX, note, result};
use crate::compile::{Check as Configured, Policy};
use crate::judgement::{Judgement, Subject};
use picket_event::{Action, Category, Phase, Scanned, Severity};
use picket_llm::Response;

impl Policy {
    /// How much of the texts of a phase is looked at, as far as the policy goes: all, or nothing where no check reads them.
    pub(super) fn covers(&self, subject: &Subject<'_>, phase: Phase) -> Scanned {
        if self.readers(subject, phase).next().is_some() { Scanned::Full } else { Scanned::None }
    }

    /// A judgement of a streamed answer before anything came: nothing is looked at where no check reads answers.
    pub fn judge_nothing(&self, subject: &Subject<'_>) -> Judgement {
        let mut judgement = Judgement { code: "allowed", ..Judgement::default() };
        judgement.scanned = Some(self.covers(subject, Phase::Output));
        tell(&mut judgement, Phase::Output);
        judgement
    }

    /// Judges places of a streamed answer that hold no text.
    pub fn judge_unscanned(&self, places: &[String], subject: &Subject<'_>) -> Judgement {
        let mut judgement = Judgement { code: "allowed", ..Judgement::default() };
        self.unscanned(places, (subject, Phase::Output), &mut judgement);
        judgement
    }

    /// The same of a whole answer.
    pub(super) fn unscanned_answer(&self, response: &Response, subject: &Subject<'_>, judgement: &mut Judgement) {
        let places: Vec<String> = response.unscanned().iter().chain(&response.provider_state).cloned().collect();
        self.unscanned(&places, (subject, Phase::Output), judgement);
        tell(judgement, Phase::Output);
    }

    /// Takes note of places that hold no text, and of what the checks that read texts ask for then.
    pub(super) fn unscanned(
        &self,
        places: &[String],
        (subject, phase): (&Subject<'_>, Phase),
        judgement: &mut Judgement,
    ) {
        if places.is_empty() {
            return;
        }
        judgement.scanned = judgement.scanned.max(Some(Scanned::Partial));
        let room = UNSCANNED_MAX.saturating_sub(judgement.unscanned.len());
        judgement.unscanned.extend(places.iter().take(room).cloned());
        for check in self.readers(subject, phase).filter(|check| check.enforce) {
            if let Some(action @ (Action::Flag | Action::Block)) = check.on_unscanned {
                note(judgement, check, result(check, phase, action, "unscanned"), action);
            }
        }
    }

    /// What stays at the provider was never seen here, and is refused unless every check that reads texts lets it.
    pub(super) fn refuse_unseen(&self, places: &[String], subject: &Subject<'_>, judgement: &mut Judgement) {
        let mut enforced = self.readers(subject, Phase::Input).filter(|check| check.enforce).peekable();
        let lets = enforced.peek().is_some() && enforced.all(|check| check.on_unscanned == Some(Action::Allow));
        if !places.is_empty() && !lets && judgement.action() < Action::Block {
            judgement.action = Some(Action::Block);
            judgement.code = "content_unscanned";
            judgement.severity = judgement.severity.max(Some(Severity::Medium));
            judgement.category = judgement.category.or(Some(Category::GuardrailBlock));
            judgement.finding_type = judgement.finding_type.take().or(Some("unscanned".to_owned()));
            judgement.reason = Some("the request refers to content that cannot be scanned; see `unscanned`".to_owned());
        }
    }

    fn readers<'a>(&'a self, subject: &'a Subject<'_>, phase: Phase) -> impl Iterator<Item = &'a Configured> {
        self.concerning(subject, phase).filter(|check| check.kind.reads_texts())
    }
}

/// Says which texts no check read.
pub(super) fn tell(judgement: &mut Judgement, phase: Phase) {
    if judgement.scanned == Some(Scanned::None) {
        judgement.unscanned.insert(0, format!("unchecked:{phase}"));
    }
}
