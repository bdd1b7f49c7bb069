//! Prompt injection, jailbreak and prompt extraction: rules and a linear model over the folded text, joined to one score.
//!
//! Each rule is a shape of sentence with a weight; rules of one family count once, families speak for each other. The
//! model has learned from labelled texts. What both say is made comparable by how rare it is among harmless texts of the
//! same length and language, and lowered where the text belongs to the operator.

mod decode;
pub mod model;
mod rules;

pub use model::Stratum;

use crate::boundary;
use crate::check::{Check, Context, Hit, Hits, Report, disjoint};
use crate::view::{Origins, fold, folded};
use picket_event::{Phase, Role};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use rules::{FAMILIES, Family, Rule};
use std::ops::Range;
use std::sync::LazyLock;

struct Compiled {
    /// Whether any rule fires, which is told faster than which of them do.
    any: Regex,
    set: RegexSet,
    single: Vec<(Regex, &'static Rule)>,
}

static COMPILED: LazyLock<Compiled> = LazyLock::new(compile);

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles them")]
fn compile() -> Compiled {
    let rules: Vec<&'static Rule> = rules::RULES.iter().collect();
    let patterns: Vec<String> = rules.iter().map(|rule| boundary::ascii(&folded(rule.pattern))).collect();
    let set = RegexSetBuilder::new(&patterns).size_limit(64 << 20).dfa_size_limit(16 << 20).build();
    let any = RegexBuilder::new(&patterns.join("|")).size_limit(64 << 20).dfa_size_limit(16 << 20).build();
    let single =
        patterns.iter().zip(&rules).map(|(pattern, rule)| (Regex::new(pattern).expect("the rule is a pattern"), *rule));
    Compiled {
        any: any.expect("the rules are patterns"),
        single: single.collect(),
        set: set.expect("the rules are patterns"),
    }
}

/// A text as the rules and the model see it.
pub fn folded_view(text: &str) -> String {
    fold(text)
}

/// What the rules make of a folded text of nobody in particular: 0 to 1.
pub fn rule_score(view: &str) -> f32 {
    fired(view).map_or(0.0, |fired| joined(&fired.weights(&ANYBODY)))
}

/// A text that nobody in particular wrote.
const ANYBODY: Context = Context { role: Role::Other, phase: Phase::Input };
/// One harmless text in three hundred has this much evidence; from here on it counts.
const COUNTS: f32 = 2.5;
/// The score at which a finding counts; see [`Detectors::threshold`](crate::Detectors::threshold).
const THRESHOLD: f32 = 0.6;

/// The rules that fire on a text.
struct Fired(Vec<&'static (Regex, &'static Rule)>);

fn fired(view: &str) -> Option<Fired> {
    let compiled = &*COMPILED;
    if !compiled.any.is_match(view) {
        return None;
    }
    Some(Fired(compiled.set.matches(view).iter().filter_map(|index| compiled.single.get(index)).collect()))
}

impl Fired {
    /// The weight of each family.
    fn weights(&self, context: &Context) -> [f32; FAMILIES] {
        let mut weights = [0.0_f32; FAMILIES];
        for (_, rule) in &self.0 {
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

pub(crate) fn scan(text: &str, context: Context) -> Report {
    let report = plain(text, context);
    if report.score >= THRESHOLD {
        return report;
    }
    // What a text says only when it is decoded counts as if it said so, where the code stands.
    let hidden = decode::decoded(text).into_iter().map(|decoded| (plain(&decoded.text, context), decoded.range));
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

/// What a text says as it stands.
fn plain(text: &str, context: Context) -> Report {
    let view = fold(text);
    let fired = fired(&view);
    let weights = fired.as_ref().map_or([0.0; FAMILIES], |fired| fired.weights(&context));
    let rules = joined(&weights);
    let (score, best) = match &*model::SHIPPED {
        Some(model) => {
            let best = model.best(&view);
            let evidence = model.evidence(Stratum::of(&view), best, rules) * belief(context.role);
            (score(evidence), Some(best).filter(|_| evidence >= COUNTS))
        }
        // Weights that cannot be read leave the rules, which need none.
        None => (rules, None),
    };
    if fired.is_none() && best.is_none() {
        return Report { score, ..Report::default() };
    }
    let origins = Origins::of(text);
    let original = |start: usize, end: usize| (origins.original(start), origins.original(end));
    let mut hits = Hits::default();
    let check = Check::PromptInjection;
    for (regex, rule) in fired.iter().flat_map(|fired| &fired.0) {
        let weight = rule.weight * trust(rule.family, context);
        for found in regex.find_iter(&view).take(8) {
            let (start, end) = original(found.start(), found.end());
            hits.add(Hit { check, kind: rule.family.as_str(), start, end, score: weight, detector: rule.name });
        }
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

/// How much a family says, given whose words the text is: an operator's own system prompt speaks of rules and secrets.
fn trust(family: Family, context: Context) -> f32 {
    match context.role {
        Role::System | Role::Definition => match family {
            Family::Smuggling | Family::Override => 0.6,
            _ => 0.3,
        },
        Role::Assistant | Role::Reasoning => 0.6,
        Role::User | Role::Tool | Role::Document | Role::Other => 1.0,
    }
}

#[cfg(test)]
mod tests;
