//! Judging answers that arrive in pieces: what the guard looks for, what it found, and what a channel said.

use super::custom::{late, streamed_hit};
use super::found::{Aside, Found, set_aside};
use super::remote::ask_late;
use super::unsure::Doubts;
use super::{SPANS_MAX, Toolbox, failed, guarded, note};
use crate::compile::{Check as Configured, Policy};
use crate::exception::{Excepted, Exception, split};
use crate::inquiry::Asked;
use crate::judgement::{Judgement, Subject};
use crate::kind::Kind;
use picket_content::stream::{Mode, Patterns};
use picket_content::{Check, Context, PII_KINDS, code_points};
use picket_event::{Action, Phase, PolicyResult, Role, SpanRef};
use std::sync::Arc;
use std::time::Instant;

impl Policy {
    /// What a stream guard shall look for in an answer to `subject`. Escalating or blocking ends a stream.
    pub fn stream_patterns(&self, subject: &Subject<'_>) -> Arc<Patterns> {
        match (&self.streams, subject.excepted) {
            (Some(patterns), None) => Arc::clone(patterns),
            (_, excepted) => {
                Arc::new(patterns(self.concerning(subject, Phase::Output), excepted.map(|excepted| &**excepted)))
            }
        }
    }

    /// The judgement of a hit that the stream guard found in a channel.
    pub fn judge_hit(&self, hit: &picket_content::Hit, channel: &str, subject: &Subject<'_>) -> Judgement {
        let mut judgement = Judgement { code: "allowed", ..Judgement::default() };
        for check in self.concerning(subject, Phase::Output) {
            let action = match &check.kind {
                Kind::Content { check: what, action, entities, .. }
                    if *what == hit.check && (entities.is_empty() || entities.contains(&hit.kind)) =>
                {
                    Some(*action)
                }
                Kind::Custom(custom) if hit.check == Check::Custom => streamed_hit(custom, hit),
                _ => None,
            };
            let Some(action) = action.map(|action| check.strictest(action)) else { continue };
            let span = SpanRef { at: channel.to_owned(), start: hit.start, end: hit.end, kind: hit.kind.to_owned() };
            let (at, finding) = ((check.name.as_str(), Phase::Output), hit.check.as_str());
            let covering = subject.excepted.and_then(|excepted| excepted.covering(at, finding, &[hit.kind], None));
            if let Some(exception) = covering {
                let score = Some(picket_event::score::rounded(f64::from(hit.score)));
                let result = set_aside(check, (Phase::Output, action), (score, finding), vec![span], exception);
                judgement.results.push(result);
                continue;
            }
            let result = PolicyResult {
                policy: check.name.clone(),
                phase: Phase::Output,
                verdict: action,
                score: Some(picket_event::score::rounded(f64::from(hit.score))),
                finding_type: Some(hit.check.as_str().to_owned()),
                spans: vec![span],
                us: None,
                monitored: (!check.enforce).then_some(true),
                exception: None,
            };
            note(&mut judgement, check, result, action);
        }
        judgement
    }

    /// Whether something looks at a streamed answer besides the guard, once there is enough of it.
    pub fn judges_channels(&self, subject: &Subject<'_>) -> bool {
        self.is_late_on_streams(subject) || self.concerning(subject, Phase::Output).any(is_late)
    }

    /// Judges what a channel of a streamed answer said, which is out already: for the checks that want whole sentences
    /// rather than values.
    pub fn judge_channel(&self, text: &str, channel: &str, subject: &Subject<'_>, tools: &Toolbox) -> Judgement {
        let mut judgement = Judgement { code: "allowed", ..Judgement::default() };
        let context = Context { role: Role::Assistant, phase: Phase::Output };
        for check in self.concerning(subject, Phase::Output).filter(|check| is_late(check)) {
            if let Kind::Custom(custom) = &check.kind {
                late(check, custom, (text, channel), subject, &mut judgement);
            }
            ask_late(check, (text, channel), subject, &mut judgement);
            let Kind::Content { check: what, action, threshold, settings, .. } = &check.kind else { continue };
            let begin = Instant::now();
            let Ok(report) = guarded(|| tools.detectors.scan_late(*what, settings, text, &context)) else {
                failed(&mut judgement, check, Phase::Output, channel);
                continue;
            };
            let mut doubts = Doubts::of(check, tools);
            if doubts.take(report.score, || Asked::of_channel(text, channel)) {
                doubts.ask(check, (Phase::Output, subject.excepted, true), &mut Found::default(), &mut judgement);
                continue;
            }
            let threshold = threshold.unwrap_or_else(|| tools.detectors.threshold(*what));
            let Some(kind) = report.kind.filter(|_| !report.hits.is_empty() && report.score >= threshold) else {
                continue;
            };
            let split =
                split(subject.excepted, (check.name.as_str(), Phase::Output), Some(kind), Some(text), report.hits);
            let mut aside = Aside::default();
            aside.take(check, (channel, text), (report.score, Some(kind)), split.aside, &mut judgement);
            let action = |score| check.asked(*action, score);
            aside.conclude(check, Phase::Output, |_, score| action(score), &mut judgement);
            let hits = split.hits;
            if hits.is_empty() {
                continue;
            }
            let places = code_points(text, hits.iter().take(SPANS_MAX).map(|hit| hit.start..hit.end));
            let spans = hits.iter().zip(places).map(|(hit, place)| SpanRef {
                at: channel.to_owned(),
                start: place.start,
                end: place.end,
                kind: hit.kind.to_owned(),
            });
            let result = PolicyResult {
                policy: check.name.clone(),
                phase: Phase::Output,
                verdict: action(report.score),
                score: Some(picket_event::score::rounded(f64::from(report.score))),
                finding_type: Some(kind.to_owned()),
                spans: spans.collect(),
                us: u64::try_from(begin.elapsed().as_micros()).ok(),
                monitored: (!check.enforce).then_some(true),
                exception: None,
            };
            note(&mut judgement, check, result, action(report.score));
        }
        self.later_of_channel(text, channel, subject, &mut judgement);
        judgement
    }
}

/// What a stream guard looks for on behalf of checks. Where several look for the same, each has its say. What an
/// exception covers passes, and is told.
pub(crate) fn patterns<'a>(checks: impl Iterator<Item = &'a Configured>, excepted: Option<&Excepted>) -> Patterns {
    let mut patterns = Patterns::default();
    for check in checks {
        let covered = |what: Check| excepted.map(|excepted| excepted.on_streams(&check.name, what.as_str()));
        if let Kind::Custom(custom) = &check.kind {
            let mut streamed = custom.streamed(check.enforce, |action| check.strictest(action));
            for exception in covered(Check::Custom).unwrap_or_default() {
                custom.watch(&exception.rules, &mut streamed);
            }
            patterns.custom.push(streamed);
        }
        let Kind::Content { check: what, action, entities, .. } = &check.kind else { continue };
        let mode = match check.strictest(*action) {
            Action::Redact if check.enforce => Mode::Redact,
            Action::Escalate | Action::Block if check.enforce => Mode::Block,
            _ => Mode::Watch,
        };
        match what {
            Check::Pii => {
                let covered = covered(Check::Pii).unwrap_or_default();
                patterns.pii.extend(kinds(mode, entities, &covered));
            }
            Check::Secret => patterns.secret = patterns.secret.max(Some(mode)),
            Check::PromptInjection
            | Check::Exfiltration
            | Check::PromptLeak
            | Check::Safety
            | Check::Topic
            | Check::Custom => {}
        }
    }
    patterns
}

/// Kinds of personal data, and what is done with them: those that an exception covers are watched.
fn kinds(mode: Mode, entities: &[&'static str], covered: &[&Exception]) -> Vec<(Mode, Vec<&'static str>)> {
    if covered.is_empty() {
        return vec![(mode, entities.to_vec())];
    }
    let wanted = if entities.is_empty() { PII_KINDS } else { entities };
    let is_covered = |kind: &&'static str| {
        covered.iter().any(|exception| exception.rules.is_empty() || exception.rules.iter().any(|rule| rule == kind))
    };
    let (watched, guarded): (Vec<_>, Vec<_>) = wanted.iter().copied().partition(is_covered);
    // An empty list would mean all.
    [(Mode::Watch, watched), (mode, guarded)].into_iter().filter(|(_, kinds)| !kinds.is_empty()).collect()
}

/// Whether a check judges streamed text late: it has no values that a guard could hold back.
fn is_late(check: &Configured) -> bool {
    match &check.kind {
        Kind::Content { check, .. } => {
            matches!(check, Check::PromptInjection | Check::Exfiltration | Check::Safety | Check::Topic)
        }
        Kind::Custom(custom) => custom.rules().is_late(),
        Kind::Remote(_) => true,
        _ => false,
    }
}
