//! Judging: every check of the phase runs, the strictest verdict wins.

mod again;
mod classify;
mod coverage;
mod custom;
mod found;
mod lane;
mod remote;
mod seams;
mod streamed;
mod unsure;
mod watch;

pub use lane::SlowCheck;
pub(crate) use streamed::patterns;
pub use watch::Watch;

use crate::compile::{Check as Configured, Policy};
use crate::confidence::Prompts;
use crate::duplicates::Asked;
use crate::exception::{self, Excepted};
use crate::judgement::{Judgement, Subject};
use crate::kind::{Kind, Per};
use crate::limits::{Limiter, Unit};
use crate::repeat::{self, Judged, Past};
use classify::classify;
use fail::fail_point;
use found::{Aside, Found, edits};
use picket_content::leak::{self, Confidence};
use picket_content::{Check, Context, Detectors, Reading};
use picket_event::{Action, Phase, PolicyResult, Role, Scanned};
use picket_llm::{Document, Request, Response};
use picket_stdx::Glob;
use picket_stdx::Timestamp;
use seams::{Across, Seams};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use unsure::Doubts;

/// Spans that a result lists, and excerpts that a judgement keeps.
const SPANS_MAX: usize = 64;
const EXCERPTS_MAX: usize = 16;
/// Places that were not scanned, and are listed.
const UNSCANNED_MAX: usize = 64;

/// What judging needs besides the policy. One for the process.
#[derive(Debug, Default)]
pub struct Toolbox {
    detectors: Detectors,
    limiter: Limiter,
    judged: Judged,
    pub(crate) prompts: Prompts,
    asked: Asked,
    slow: Vec<Arc<dyn SlowCheck>>,
}

impl Toolbox {
    /// A toolbox with slower detectors, for checks that are late or unsure.
    pub fn with(slow: Vec<Arc<dyn SlowCheck>>) -> Self {
        Self { slow, ..Self::default() }
    }
}

/// What is judged, besides its texts.
#[derive(Clone, Copy)]
struct Place<'a> {
    phase: Phase,
    confidence: Option<&'a Confidence>,
    /// The exceptions that concern it.
    excepted: Option<&'a Arc<Excepted>>,
    /// Where its texts meet.
    seams: &'a Seams,
    /// Its texts, part by part, as all checks read them.
    readings: &'a [Reading<'a>],
}

/// The texts of a document, which no check has read yet.
fn readings(document: &Document) -> Vec<Reading<'_>> {
    document.parts().iter().map(|part| Reading::of(document.text(part))).collect()
}

impl Policy {
    /// Judges a request. `digest` is a keyed hash of a message, by its number, of its caller and session, and of what came before it;
    /// it tells what was judged before.
    pub fn judge_request(
        &self,
        request: &Request,
        subject: &Subject<'_>,
        tools: &Toolbox,
        now: Timestamp,
        digest: impl Fn(&[u8], usize) -> [u8; 16],
    ) -> Judgement {
        let scanned = Some(self.covers(subject, Phase::Input));
        let mut judgement = Judgement { scanned, code: "allowed", ..Judgement::default() };
        for check in self.concerning(subject, Phase::Input) {
            self.limits(check, subject, tools, now, &mut judgement);
        }
        if judgement.action() == Action::Block {
            judgement.scanned = Some(Scanned::None);
            coverage::tell(&mut judgement, Phase::Input);
            return judgement;
        }
        let known: Vec<Past> =
            repeat::chained(request, subject, digest).map(|digest| tools.judged.seen(digest)).collect();
        // The newest message is judged again even when it was seen: sending it again is asking again.
        let newest = known.len().saturating_sub(1);
        let past = |message: Option<u32>| {
            let at = message.and_then(|message| usize::try_from(message).ok()).filter(|at| *at != newest);
            at.and_then(|at| known.get(at)).copied().unwrap_or(Past::Fresh)
        };
        let (seams, readings) = (Seams::of(request), readings(request));
        for check in self.concerning(subject, Phase::Input) {
            if let Kind::Tool { allow, deny, action } = &check.kind {
                self.tools(check, &request.tools, (allow, deny), *action, Phase::Input, &mut judgement);
            }
            if let Kind::Duplicate { limits, action } = &check.kind {
                again::again(check, (limits, *action), request, (subject, now), tools, &mut judgement);
            }
            let (phase, confidence, excepted) = (Phase::Input, None, subject.excepted);
            let place = Place { phase, confidence, excepted, seams: &seams, readings: &readings };
            self.content(check, request, place, tools, &past, &mut judgement);
            self.custom(check, request, place, &past, &mut judgement);
            remote::ask(check, request, (Phase::Input, subject), &past, &mut judgement);
        }
        let places: Vec<String> = request.unscanned().iter().chain(&request.provider_state).cloned().collect();
        self.unscanned(&places, (subject, Phase::Input), &mut judgement);
        self.refuse_unseen(&request.provider_state, subject, &mut judgement);
        coverage::tell(&mut judgement, Phase::Input);
        self.later(request, (subject, Phase::Input), &past, &mut judgement);
        self.hold(&mut judgement);
        judgement
    }

    /// Takes note that a person let a request pass: what it says is no reason to ask again when it is history.
    pub fn approve(
        &self,
        request: &Request,
        subject: &Subject<'_>,
        tools: &Toolbox,
        digest: impl Fn(&[u8], usize) -> [u8; 16],
    ) {
        for digest in repeat::chained(request, subject, digest) {
            tools.judged.approve(digest);
        }
    }

    /// Judges an answer that is whole.
    pub fn judge_response(&self, response: &Response, subject: &Subject<'_>, tools: &Toolbox) -> Judgement {
        let mut judgement = self.judge_document(response, subject, tools);
        self.judge_calls(&response.tool_calls, subject, &mut judgement);
        self.unscanned_answer(response, subject, &mut judgement);
        judgement
    }

    /// Judges texts of an answer, without its tool calls.
    pub fn judge_document(&self, document: &Document, subject: &Subject<'_>, tools: &Toolbox) -> Judgement {
        let scanned = Some(self.covers(subject, Phase::Output));
        let mut judgement = Judgement { scanned, code: "allowed", ..Judgement::default() };
        let (seams, readings) = (Seams::of(document), readings(document));
        for check in self.concerning(subject, Phase::Output) {
            let (phase, confidence, excepted) = (Phase::Output, subject.confidence, subject.excepted);
            let place = Place { phase, confidence, excepted, seams: &seams, readings: &readings };
            self.content(check, document, place, tools, &|_| Past::Fresh, &mut judgement);
            self.custom(check, document, place, &|_| Past::Fresh, &mut judgement);
            remote::ask(check, document, (Phase::Output, subject), &|_| Past::Fresh, &mut judgement);
        }
        self.later(document, (subject, Phase::Output), &|_| Past::Fresh, &mut judgement);
        judgement
    }

    /// Judges the tools that an answer calls.
    pub fn judge_calls(&self, calls: &[String], subject: &Subject<'_>, judgement: &mut Judgement) {
        for check in self.concerning(subject, Phase::Output) {
            if let Kind::Tool { allow, deny, action } = &check.kind {
                self.tools(check, calls, (allow, deny), *action, Phase::Output, judgement);
            }
        }
    }

    /// Counts what a request used against the limits of tokens and cost.
    pub fn settle(&self, subject: &Subject<'_>, tools: &Toolbox, tokens: u64, cost: f64, now: Timestamp) {
        for check in self.concerning(subject, Phase::Input) {
            let Kind::Rate { per, tokens: token_limit, cost: cost_limit, window, .. } = &check.kind else { continue };
            let key = format!("{}\0{}", check.name, whose(*per, subject));
            #[expect(clippy::cast_precision_loss, reason = "tokens of a request are far below 2^52")]
            if token_limit.is_some() {
                tools.limiter.add(&key, Unit::Tokens, tokens as f64, *window, now);
            }
            if cost_limit.is_some() {
                tools.limiter.add(&key, Unit::Cost, cost, *window, now);
            }
        }
    }

    pub(crate) fn concerning<'a>(
        &'a self,
        subject: &'a Subject<'_>,
        phase: Phase,
    ) -> impl Iterator<Item = &'a Configured> {
        self.checks.iter().filter(move |check| check.lane.is_none() && check.when.concerns(subject, phase))
    }

    fn limits(
        &self,
        check: &Configured,
        subject: &Subject<'_>,
        tools: &Toolbox,
        now: Timestamp,
        judgement: &mut Judgement,
    ) {
        match &check.kind {
            Kind::Model { allow, deny, action } => {
                let refused = subject.model.is_some_and(|model| !permitted(model, allow, deny));
                if refused {
                    note(judgement, check, result(check, Phase::Input, *action, "model_denied"), *action);
                }
            }
            Kind::Rate { per, requests, tokens, cost, window } => {
                let key = format!("{}\0{}", check.name, whose(*per, subject));
                let units = [(Unit::Requests, requests, 1.0), (Unit::Tokens, tokens, 0.0), (Unit::Cost, cost, 0.0)];
                for (unit, limit, amount) in units {
                    let Some(limit) = limit else { continue };
                    if let Err(wait) = tools.limiter.take(&key, unit, amount, *limit, *window, now) {
                        judgement.retry_after =
                            Some(judgement.retry_after.unwrap_or_default().max(wait).max(Duration::from_secs(1)));
                        note(judgement, check, result(check, Phase::Input, Action::Block, "rate_limit"), Action::Block);
                        break;
                    }
                }
            }
            Kind::Content { .. }
            | Kind::Custom(_)
            | Kind::Remote(_)
            | Kind::Tool { .. }
            | Kind::Duplicate { .. }
            | Kind::Human
            | Kind::Audit => {}
        }
    }

    fn tools(
        &self,
        check: &Configured,
        names: &[String],
        (allow, deny): (&[Glob], &[Glob]),
        action: Action,
        phase: Phase,
        judgement: &mut Judgement,
    ) {
        if let Some(denied) = names.iter().find(|name| !permitted(name, allow, deny)) {
            judgement.tool.get_or_insert_with(|| denied.clone());
            note(judgement, check, result(check, phase, action, "tool_denied"), action);
        }
    }

    fn content(
        &self,
        check: &Configured,
        document: &Document,
        Place { phase, confidence, excepted, seams, readings }: Place<'_>,
        tools: &Toolbox,
        past: &dyn Fn(Option<u32>) -> Past,
        judgement: &mut Judgement,
    ) {
        let Kind::Content { check: what, action, entities, threshold, settings } = &check.kind else { return };
        // Only an answer can tell what its request said in confidence.
        if *what == Check::PromptLeak && confidence.is_none() {
            return;
        }
        let begin = Instant::now();
        let threshold = threshold.unwrap_or_else(|| tools.detectors.threshold(*what));
        let (mut found, mut aside, mut doubts) = (Found::default(), Aside::default(), Doubts::of(check, tools));
        for (index, (part, reading)) in document.parts().iter().zip(readings).enumerate() {
            let context = Context { role: part.role, phase };
            let text = reading.text();
            let look = || match confidence.filter(|_| *what == Check::PromptLeak) {
                Some(confidence) => leak::scan(text, confidence),
                None => tools.detectors.scan_with(*what, entities, settings, reading, &context),
            };
            let Ok(report) = guarded(look) else {
                failed(judgement, check, phase, &document.pointer(part));
                continue;
            };
            if doubts.take(report.score, || remote::text(document, (index, part), past)) {
                continue;
            }
            if report.hits.is_empty() || report.score < threshold {
                found.score = found.score.max(report.score);
                continue;
            }
            if !seams.is_empty() {
                found.counted.insert(index, report.hits.iter().map(|hit| hit.start..hit.end).collect());
            }
            let at = (check.name.as_str(), phase);
            let split = exception::split(excepted, at, report.kind, Some(text), report.hits);
            if !split.aside.is_empty() {
                let place = (document.pointer(part), text);
                aside.take(check, (&place.0, place.1), (report.score, report.kind), split.aside, judgement);
            }
            if split.hits.is_empty() {
                continue;
            }
            found.score = found.score.max(report.score);
            found.past = found.past.min(past(part.message));
            found.kind = report.kind.or(found.kind);
            found.take(check, (&document.pointer(part), text), &split.hits, judgement);
            if check.enforce && removes(check, *action, report.score) {
                judgement.edits.extend(edits(index, &split.hits));
            }
        }
        if let Some(across) = across(*what) {
            let look = |text: &str, role: Role| {
                let context = Context { role, phase };
                guarded(|| tools.detectors.scan_with(*what, entities, settings, &Reading::of(text), &context)).ok()
            };
            let mut failures = Vec::new();
            let counted = std::mem::take(&mut found.counted);
            let crossings = seams.find(document, (across, threshold), counted, &look, &mut |part| failures.push(part));
            for part in failures.into_iter().filter_map(|part| document.parts().get(part)) {
                failed(judgement, check, phase, &document.pointer(part));
            }
            for mut crossing in crossings {
                aside.cross((check, phase), document, (excepted, &mut crossing), judgement);
                if crossing.hits.is_empty() {
                    continue;
                }
                found.cross(check, document, &crossing, past, judgement);
                if check.enforce && removes(check, *action, crossing.score) {
                    judgement.edits.extend(crossing.hits.iter().flat_map(|(part, hits)| edits(*part, hits)));
                }
            }
        }
        aside.conclude(check, phase, |_, score| check.asked(*action, score), judgement);
        doubts.ask(check, (phase, excepted, false), &mut found, judgement);
        self.conclude(check, phase, (found, *action), begin, judgement);
    }

    /// Takes what a check found in all texts into the judgement.
    fn conclude(
        &self,
        check: &Configured,
        phase: Phase,
        (found, action): (Found, Action),
        begin: Instant,
        judgement: &mut Judgement,
    ) {
        let us = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        let action = check.asked(action, found.score);
        let verdict = found.kind.map_or(Action::Allow, |_| self.verdict(action, found.past));
        judgement.repeat |= found.kind.is_some() && found.past != Past::Fresh;
        let result = PolicyResult {
            policy: check.name.clone(),
            phase,
            verdict,
            score: (found.score > 0.0).then(|| picket_event::score::rounded(f64::from(found.score))),
            finding_type: found.kind.map(str::to_owned),
            spans: found.spans,
            us: Some(us),
            monitored: (!check.enforce).then_some(true),
            exception: None,
        };
        if found.kind.is_some() { note(judgement, check, result, verdict) } else { judgement.results.push(result) }
    }

    /// What a check's action comes to where it found something. History keeps its verdict: what was refused does not pass
    /// because something was said after it. Only what a person let pass, or was told about without being waited for, is not
    /// told again.
    fn verdict(&self, action: Action, past: Past) -> Action {
        let is_told = match past {
            Past::Fresh => false,
            Past::Judged => !self.oversight.require_review,
            Past::Approved => true,
        };
        if action == Action::Escalate && is_told { Action::Flag } else { action }
    }

    fn hold(&self, judgement: &mut Judgement) {
        judgement.held = judgement.action() == Action::Escalate && self.oversight.require_review;
        if judgement.action() == Action::Escalate {
            judgement.priority = self.oversight.priority.max(judgement.severity);
            judgement.expires = Some(self.oversight.expires);
            if judgement.held {
                judgement.code = "review_required";
            }
        }
    }
}

/// Runs a detector. One that panics must neither let a text pass unseen nor take the request's record with it.
fn guarded<T>(scan: impl FnOnce() -> T) -> std::thread::Result<T> {
    std::panic::catch_unwind(AssertUnwindSafe(|| {
        fail_point!("policy::scan");
        scan()
    }))
}

/// Whether hits are removed: not where their band lets them pass.
fn removes(check: &Configured, action: Action, score: f32) -> bool {
    action == Action::Redact && check.asked(action, score) >= Action::Redact
}

/// Takes note of a text that a check failed on: not scanned, and judged by the check's `on_error`.
fn failed(judgement: &mut Judgement, check: &Configured, phase: Phase, place: &str) {
    judgement.scanned = Some(Scanned::Partial);
    if judgement.unscanned.len() < UNSCANNED_MAX {
        judgement.unscanned.push(place.to_owned());
    }
    note(judgement, check, result(check, phase, check.on_error, "check_failed"), check.on_error);
}

/// Whether a check finds something where texts meet. Topics and prompts that leak are judged by whole texts.
fn across(check: Check) -> Option<Across> {
    match check {
        Check::Pii | Check::Secret | Check::Exfiltration | Check::Custom => Some(Across::Values),
        Check::PromptInjection | Check::Safety => Some(Across::Sentences),
        Check::PromptLeak | Check::Topic => None,
    }
}

fn result(check: &Configured, phase: Phase, verdict: Action, finding: &str) -> PolicyResult {
    PolicyResult {
        policy: check.name.clone(),
        phase,
        verdict,
        score: None,
        finding_type: Some(finding.to_owned()),
        spans: Vec::new(),
        us: None,
        monitored: (!check.enforce).then_some(true),
        exception: None,
    }
}

/// Takes the result of a check that found something.
fn note(judgement: &mut Judgement, check: &Configured, result: PolicyResult, verdict: Action) {
    let verdict = if check.enforce { verdict } else { verdict.min(Action::Flag) };
    let finding = result.finding_type.clone().unwrap_or_default();
    let (category, severity, code) = classify(&finding, result.phase, verdict);
    judgement.severity = judgement.severity.max(Some(severity));
    judgement.risk_score = match (judgement.risk_score, result.score) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    };
    if !judgement.triggered.contains(&check.name) {
        judgement.triggered.push(check.name.clone());
    }
    if judgement.action.is_none_or(|action| verdict > action) {
        judgement.action = Some(verdict);
        judgement.violated = Some(check.name.clone());
        judgement.category = category;
        judgement.code = code;
        let place = result.spans.first().map_or_else(String::new, |span| format!(" at {}", span.at));
        judgement.reason = Some(format!("{}: {finding} in {}{place}; action {verdict}", check.name, result.phase));
        judgement.finding_type = Some(finding);
    }
    judgement.results.push(result);
}

fn permitted(name: &str, allow: &[Glob], deny: &[Glob]) -> bool {
    let any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(name));
    !any(deny) && (allow.is_empty() || any(allow))
}

/// Whose use is counted together. Those without a name share one limit: they have no other.
fn whose<'a>(per: Per, subject: &Subject<'a>) -> &'a str {
    let name = match per {
        Per::Key => subject.key_id,
        Per::User => subject.user.or(subject.key_id),
        Per::Team => subject.team.or(subject.key_id),
        Per::Address => subject.address,
    };
    name.unwrap_or_default()
}
