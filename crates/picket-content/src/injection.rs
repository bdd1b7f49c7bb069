//! Prompt injection, jailbreak and prompt extraction: rules and a linear model over the folded text, joined to one score.
//!
//! Each rule is a shape of sentence with a weight; rules of one family count once, families speak for each other. The
//! model has learned from labelled texts. What both say is made comparable by how rare it is among harmless texts of the
//! same length and language, and lowered where the text belongs to the operator.

mod decode;
mod explain;
mod finder;
mod rules;

pub use crate::linear::Stratum;
pub(crate) use decode::decoded;
pub use explain::{Learned, Matched, View, views};

use crate::Reading;
use crate::linear::{SHIPPED, Shipped};
use picket_event::{Phase, Role};
use picket_text::{Check, Context, Hit, Hits, Report, disjoint};
use picket_text::{Origins, fold};
use rules::{FAMILIES, Family, Rule};
use std::ops::Range;

/// A text as the rules and the model see it.
pub fn folded_view(text: &str) -> String {
    fold(text)
}

/// A text as the model sees it: as it stands, unless most of it is code, and decoded in each way that it has signs of.
pub fn folded_views(text: &str) -> Vec<String> {
    let decoded = decoded(text);
    let stands = !decoded.iter().any(|decoded| decoded.covers);
    stands.then_some(text).into_iter().chain(decoded.iter().map(|decoded| decoded.text.as_str())).map(fold).collect()
}

/// What the rules make of a folded text of nobody in particular: 0 to 1.
pub fn rule_score(view: &str) -> f32 {
    fired(view).map_or(0.0, |fired| joined(&fired.weights(&ANYBODY)))
}

/// A text that nobody in particular wrote.
const ANYBODY: Context = Context { role: Role::Other, phase: Phase::Input };
/// One harmless text in five hundred has this much evidence; from here on it counts.
const COUNTS: f32 = 2.7;
/// The score at which a finding counts; see [`Detectors::threshold`](crate::Detectors::threshold).
const THRESHOLD: f32 = 0.6;

/// The rules that fire on a text, and where.
struct Fired(Vec<(&'static Rule, Range<usize>)>);

fn fired(view: &str) -> Option<Fired> {
    let found = finder::find(view);
    (!found.is_empty()).then_some(Fired(found))
}

impl Fired {
    /// The weight of each family.
    fn weights(&self, context: &Context) -> [f32; FAMILIES] {
        let mut weights = [0.0_f32; FAMILIES];
        for (rule, _) in &self.0 {
            if let Some(best) = weights.get_mut(rule.family as usize) {
                *best = best.max(rule.weight * trust(rule.family, *context));
            }
        }
        weights
    }
}

/// Families speak for each other: the noisy or.
fn joined(weights: &[f32; FAMILIES]) -> f32 {
    1.0 - weights.iter().map(|weight| 1.0 - weight).product::<f32>()
}

pub(crate) fn scan(reading: &Reading<'_>, context: Context) -> Report {
    let decoded = decoded(reading.text());
    let report = plain(reading, context, !decoded.iter().any(|decoded| decoded.covers));
    if report.score >= THRESHOLD {
        return report;
    }
    // What a text says only when it is decoded counts as if it said so, where the code stands.
    let hidden = decoded.into_iter().map(|decoded| (plain(&Reading::of(&decoded.text), context, true), decoded.range));
    match hidden.max_by(|(a, _), (b, _)| a.score.total_cmp(&b.score)).filter(|(found, _)| found.score > report.score) {
        Some((found, Range { start, end })) => {
            let (check, score) = (Check::PromptInjection, found.score);
            let hit = Hit { check, kind: "encoded", start, end, score, detector: "decoded text" };
            let hits = if found.hits.is_empty() { Vec::new() } else { vec![hit] };
            Report { score, kind: found.kind, hits }
        }
        None => report,
    }
}

/// What a text says as it stands; the model is asked where its letters are words.
fn plain(reading: &Reading<'_>, context: Context, has_words: bool) -> Report {
    let view = reading.folded();
    let fired = fired(view);
    let weights = fired.as_ref().map_or([0.0; FAMILIES], |fired| fired.weights(&context));
    let rules = joined(&weights);
    let (score, best) = match SHIPPED.injection.as_ref().filter(|_| has_words) {
        Some(model) => {
            let best = model.best_of(reading.ends().iter().map(|ends| ends.of(Shipped::INJECTION)));
            let evidence = model.evidence(Stratum::of(view), best, rules) * belief(context.role);
            (score(evidence), Some(best).filter(|_| evidence >= COUNTS))
        }
        // Weights that cannot be read leave the rules, which need none.
        None => (rules, None),
    };
    if fired.is_none() && best.is_none() {
        return Report { score, ..Report::default() };
    }
    let origins = Origins::of(reading.text());
    let original = |start: usize, end: usize| (origins.original(start), origins.original(end));
    let mut hits = Hits::default();
    let check = Check::PromptInjection;
    for (rule, found) in fired.iter().flat_map(|fired| &fired.0) {
        let (start, end) = original(found.start, found.end);
        let score = rule.weight * trust(rule.family, context);
        hits.add(Hit { check, kind: rule.family.as_str(), start, end, score, detector: rule.name });
    }
    let mut hits = disjoint(hits.into_vec());
    if let Some(best) = best.filter(|_| hits.is_empty()) {
        let (start, end) = original(best.start, best.end);
        hits.push(Hit { check, kind: "learned", start, end, score, detector: "linear model" });
    }
    let strongest = Family::ALL.iter().zip(weights).max_by(|a, b| a.1.total_cmp(&b.1));
    let kind = strongest.filter(|(_, weight)| *weight > 0.0).map_or("prompt_injection", |(family, _)| family.finding());
    Report { score, kind: Some(kind), hits }
}

/// Evidence on the scale of scores, where what counts is at the threshold.
fn score(evidence: f32) -> f32 {
    1.0 - (1.0 - THRESHOLD).powf(evidence / COUNTS)
}

/// How far what is learned from everybody's texts holds for a role.
fn belief(role: Role) -> f32 {
    match role {
        Role::System | Role::Definition => 0.3,
        Role::Assistant | Role::Reasoning => 0.8,
        Role::User | Role::Tool | Role::Document | Role::Other => 1.0,
    }
}

/// How much a family says, given whose words the text is: an operator's own system prompt speaks of rules and secrets,
/// and a user may tell a model what to do with a text.
fn trust(family: Family, context: Context) -> f32 {
    match context.role {
        Role::System | Role::Definition => match family {
            Family::Smuggling | Family::Override => 0.6,
            _ => 0.3,
        },
        Role::Assistant | Role::Reasoning => 0.6,
        Role::User if family == Family::Planted => 0.6,
        Role::User | Role::Tool | Role::Document | Role::Other => 1.0,
    }
}

#[cfg(test)]
mod tests;
