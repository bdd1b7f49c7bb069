//! Prompt injection, jailbreak and prompt extraction: rules over the folded text, joined to one score.
//!
//! Each rule is a shape of sentence with a weight; rules of one family count once. The score is the noisy or of the
//! families, lowered where the text belongs to the operator.

mod rules;

use crate::boundary;
use crate::check::{Check, Context, Hit, Hits, Report, disjoint};
use crate::view::{Origins, fold, folded};
use picket_event::Role;
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use rules::{FAMILIES, Family, Rule};
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

pub(crate) fn scan(text: &str, context: Context) -> Report {
    let compiled = &*COMPILED;
    let view = fold(text);
    if !compiled.any.is_match(&view) {
        return Report::default();
    }
    let fired = compiled.set.matches(&view);
    let origins = Origins::of(text);
    let mut hits = Hits::default();
    let mut weights = [0.0_f32; FAMILIES];
    for (regex, rule) in fired.iter().filter_map(|index| compiled.single.get(index)) {
        let weight = rule.weight * trust(rule.family, context);
        if let Some(best) = weights.get_mut(rule.family as usize) {
            *best = best.max(weight);
        }
        for found in regex.find_iter(&view).take(8) {
            let (start, end) = (origins.original(found.start()), origins.original(found.end()));
            hits.add(Hit {
                check: Check::PromptInjection,
                kind: rule.family.as_str(),
                start,
                end,
                score: weight,
                detector: rule.name,
            });
        }
    }
    let score = 1.0 - weights.iter().map(|weight| 1.0 - weight).product::<f32>();
    let kind = Family::ALL.iter().zip(weights).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(family, _)| family.finding());
    Report { score, kind, hits: disjoint(hits.into_vec()) }
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
