//! Judging streamed answers piece by piece: for the checks that know what a piece completes before it leaves.
//!
//! What is found here cannot be taken out any more, since it began in pieces that are out: `redact` ends the stream.

use super::found::set_aside;
use super::{failed, guarded, note};
use crate::compile::{Check as Configured, Policy};
use crate::judgement::{Judgement, Subject};
use crate::kind::Kind;
use picket_content::exfiltration::{self, Limits};
use picket_content::{Check, Hit, Settings, leak};
use picket_event::{Action, Phase, PolicyResult, SpanRef};
use std::collections::HashMap;

/// Channels that are kept apart; a stream that opens more is watched with what it has.
const CHANNELS_MAX: usize = 64;
/// Stands for all channels beyond them.
const OTHERS: u32 = u32::MAX;

/// What the channels of one stream said so far, as far as it may yet become a finding. Bounded.
#[derive(Debug, Default)]
pub struct Watch {
    channels: HashMap<u32, Vec<State>>,
}

/// What one check knows of one channel.
#[derive(Debug)]
enum State {
    Exfiltration(Box<exfiltration::Stream>),
    /// With whether it was told.
    Leak(Box<leak::Stream>, bool),
}

impl State {
    /// What a check needs to watch a channel, if it does.
    fn of(check: &Configured, subject: &Subject<'_>) -> Option<Self> {
        match check.kind {
            Kind::Content { check: Check::Exfiltration, .. } => Some(Self::Exfiltration(Box::default())),
            Kind::Content { check: Check::PromptLeak, .. } => {
                subject.confidence.map(|confidence| Self::Leak(Box::new(leak::Stream::new(confidence)), false))
            }
            _ => None,
        }
    }

    /// What a piece completes, or the end where there is none.
    fn take(&mut self, check: &Configured, piece: Option<&str>, subject: &Subject<'_>) -> Vec<Hit> {
        let Kind::Content { settings, threshold, .. } = &check.kind else { return Vec::new() };
        let hits = match self {
            Self::Exfiltration(stream) => {
                let usual = Limits::default();
                let limits = if let Settings::Exfiltration(limits) = settings { limits } else { &usual };
                match piece {
                    Some(text) => stream.push(text, limits),
                    None => stream.finish(limits),
                }
            }
            Self::Leak(stream, told) => {
                let Some(confidence) = subject.confidence else { return Vec::new() };
                match piece {
                    Some(text) => stream.push(text, confidence),
                    None => stream.finish(confidence),
                }
                if *told || stream.score() < threshold.unwrap_or(leak::THRESHOLD) {
                    return Vec::new();
                }
                *told = true;
                return stream.report().hits;
            }
        };
        hits.into_iter().filter(|hit| threshold.is_none_or(|threshold| hit.score >= threshold)).collect()
    }
}

impl Watch {
    /// Channels that did not end.
    pub fn open(&self) -> Vec<u32> {
        let mut open: Vec<u32> = self.channels.keys().copied().collect();
        open.sort_unstable();
        open
    }
}

impl Policy {
    /// What watches a streamed answer piece by piece, if anything does.
    pub fn watch(&self, subject: &Subject<'_>) -> Option<Watch> {
        self.concerning(subject, Phase::Output).any(|check| State::of(check, subject).is_some()).then(Watch::default)
    }

    /// Judges a piece before it leaves.
    pub fn judge_piece(&self, watch: &mut Watch, (channel, text): (u32, &str), subject: &Subject<'_>) -> Judgement {
        self.watched(watch, channel, Some(text), subject)
    }

    /// Judges what the end of a channel completes.
    pub fn judge_end(&self, watch: &mut Watch, channel: u32, subject: &Subject<'_>) -> Judgement {
        let judgement = self.watched(watch, channel, None, subject);
        watch.channels.remove(&channel);
        judgement
    }

    fn watched(&self, watch: &mut Watch, channel: u32, piece: Option<&str>, subject: &Subject<'_>) -> Judgement {
        let mut judgement = Judgement { code: "allowed", ..Judgement::default() };
        let full = watch.channels.len() >= CHANNELS_MAX && !watch.channels.contains_key(&channel);
        let watching =
            self.concerning(subject, Phase::Output).filter_map(|check| Some((check, State::of(check, subject)?)));
        let place = format!("channel:{channel}");
        let states = watch.channels.entry(if full { OTHERS } else { channel }).or_default();
        for (at, (check, fresh)) in watching.enumerate() {
            let Kind::Content { action, .. } = &check.kind else { continue };
            if states.len() <= at {
                states.push(fresh);
            }
            let Some(state) = states.get_mut(at) else { continue };
            let Ok(hits) = guarded(|| state.take(check, piece, subject)) else {
                failed(&mut judgement, check, Phase::Output, &place);
                continue;
            };
            let surest = hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
            let verdict = if *action == Action::Redact { Action::Block } else { check.asked(*action, surest) };
            // What they find has types of its own, and may be of several.
            let covering = |hit: &Hit| {
                let at = (check.name.as_str(), Phase::Output);
                subject.excepted.and_then(|excepted| excepted.covering(at, &finding(hit), &[hit.kind], None).cloned())
            };
            let (aside, hits): (Vec<_>, Vec<_>) =
                hits.into_iter().map(|hit| (covering(&hit), hit)).partition(|(exception, _)| exception.is_some());
            for (exception, hit) in aside {
                let Some(exception) = exception else { continue };
                let told = result(check, verdict, std::slice::from_ref(&hit), &place);
                let what = (told.score, told.finding_type.as_deref().unwrap_or_default());
                let told = set_aside(check, (Phase::Output, verdict), what, told.spans.clone(), &exception);
                judgement.results.push(told);
            }
            let hits: Vec<Hit> = hits.into_iter().map(|(_, hit)| hit).collect();
            if !hits.is_empty() {
                note(&mut judgement, check, result(check, verdict, &hits, &place), verdict);
            }
        }
        judgement
    }
}

/// What a hit is in the vocabulary of events.
fn finding(hit: &Hit) -> String {
    let finding = if hit.check == Check::PromptLeak { "prompt_leak" } else { exfiltration::finding(hit.kind) };
    finding.to_owned()
}

/// The result of hits of one check.
fn result(check: &Configured, verdict: Action, hits: &[Hit], place: &str) -> PolicyResult {
    let surest = hits.iter().max_by(|a, b| a.score.total_cmp(&b.score));
    let span = |hit: &Hit| SpanRef { at: place.to_owned(), start: hit.start, end: hit.end, kind: hit.kind.to_owned() };
    PolicyResult {
        policy: check.name.clone(),
        phase: Phase::Output,
        verdict,
        score: surest.map(|hit| picket_event::score::rounded(f64::from(hit.score))),
        finding_type: surest.map(finding),
        spans: hits.iter().take(super::SPANS_MAX).map(span).collect(),
        us: None,
        monitored: (!check.enforce).then_some(true),
        exception: None,
    }
}
