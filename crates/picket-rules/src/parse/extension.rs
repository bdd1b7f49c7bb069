//! The block `x-picket` of a rule: what Sigma has no words for.

mod behaviour;
mod named;
mod response;

use super::examples;
use crate::extension::{Entity, EntityKind, Extension, Reason, Risk, Suppress};
use crate::issue::{Report, shown};
use crate::model::Example;
pub(super) use named::fields;
use picket_event::Category;
use picket_yaml::{Node, Value};
use std::time::Duration;

const KEYS: &[&str] = &[
    "category",
    "confidence",
    "entity",
    "risk",
    "suppress",
    "response",
    "reason",
    "atlas",
    "owasp",
    "equivalents",
    "baseline",
    "first-seen",
    "trend",
    "absent",
    "near-duplicate",
    "schedule",
    "tests",
];
const RISK_KEYS: &[&str] = &["score", "entity", "half-life"];
const SUPPRESS_KEYS: &[&str] = &["by", "for"];
const ENTITY_KEYS: &[&str] = &["kind", "field"];
const CATEGORIES: &[(&str, Category)] = &[
    ("guardrail-block", Category::GuardrailBlock),
    ("judge-flag", Category::JudgeFlag),
    ("anomaly", Category::Anomaly),
    ("prompt-attack", Category::PromptAttack),
    ("data-exfiltration", Category::DataExfiltration),
    ("agent-boundary-violation", Category::AgentBoundaryViolation),
    ("model-drift", Category::ModelDrift),
];
/// The largest score of a risk.
const SCORE_MAX: f64 = 100.0;
/// After so long half of a risk is left, where a rule says nothing else.
const HALF_LIFE: Duration = Duration::from_secs(7 * 86_400);
/// The longest time that something of a rule lasts.
const LASTS_MAX: Duration = Duration::from_secs(400 * 86_400);
/// Elements of a list.
const LIST_MAX: usize = 64;

/// Reads the block. What is not understood is refused: it would not happen.
pub(super) fn read(node: &Node, report: &mut Report<'_>) -> (Extension, Vec<Example>) {
    let (mut extension, mut tests) = (Extension::default(), Vec::new());
    // Responses are against the one whom the finding is about, unless they say otherwise.
    extension.entity = node.member("entity").and_then(|node| entity(node, report));
    for (key, value) in report.with(|problems| node.map(problems).to_vec()) {
        match key.name.as_str() {
            "category" => extension.category = report.with(|problems| value.word(CATEGORIES, problems)),
            "confidence" => extension.confidence = number(&value, 1.0, report),
            "entity" => {}
            "risk" => extension.risk = risk(&value, report),
            "suppress" => extension.suppress = suppress(&value, report),
            "response" => extension.responses = response::read(&value, extension.entity.as_ref(), report),
            "reason" => extension.reason = reason(&value, report),
            "atlas" => extension.atlas = ids(&value, is_atlas, "an id of MITRE ATLAS such as AML.T0051.000", report),
            "owasp" => extension.owasp = ids(&value, is_owasp, "an id such as LLM01 or ASI02", report),
            "equivalents" => {
                extension.equivalents =
                    ids(&value, is_equivalent, "a public rule as `source:name`, such as `elastic:name`", report);
            }
            "schedule" => extension.schedule = behaviour::schedule(&value, report),
            "tests" => tests = examples::read(&value, report),
            name => match behaviour::BLOCKS.iter().find(|(block, _)| *block == name) {
                Some((_, read)) if extension.behaviour.is_none() => extension.behaviour = read(&value, report),
                Some(_) => report.at_key(&key, "a document has one such block; give the other a document of its own"),
                None => report.with(|problems| key.unknown(KEYS, problems)),
            },
        }
    }
    (extension, tests)
}

/// Complains of members that mean nothing there.
fn only(node: &Node, valid: &[&str], report: &mut Report<'_>) {
    for (key, _) in report.with(|problems| node.map(problems).to_vec()) {
        if !valid.contains(&key.name.as_str()) {
            report.with(|problems| key.unknown(valid, problems));
        }
    }
}

fn number(node: &Node, most: f64, report: &mut Report<'_>) -> Option<f64> {
    let number = report.with(|problems| node.number(problems))?;
    if number > most {
        report.at(node, format!("expected a number from 0 to {most}"));
        return None;
    }
    Some(number)
}

/// A time from 1s to the longest.
fn lasts(node: &Node, report: &mut Report<'_>) -> Option<Duration> {
    let lasts = report.with(|problems| node.duration(problems))?;
    if lasts < Duration::from_secs(1) || lasts > LASTS_MAX {
        report.at(node, "expected a time from 1s to 400d");
        return None;
    }
    Some(lasts)
}

fn texts(node: &Node, report: &mut Report<'_>) -> Vec<String> {
    let texts = report.with(|problems| node.texts(problems));
    if texts.len() > LIST_MAX {
        report.at(node, format!("more than {LIST_MAX} of them; name fewer"));
    }
    texts
}

/// `user`, or `{ kind: user, field: owner }`.
fn entity(node: &Node, report: &mut Report<'_>) -> Option<Entity> {
    if matches!(node.value, Value::Text(_)) {
        return report.with(|problems| node.word(EntityKind::WORDS, problems)).map(Entity::from);
    }
    only(node, ENTITY_KEYS, report);
    let Some(kind) = node.member("kind") else {
        report.at(node, "`kind` is missing; say what it is, such as `user`, and in `field` where its name stands");
        return None;
    };
    let mut entity = Entity::from(report.with(|problems| kind.word(EntityKind::WORDS, problems))?);
    if let Some(field) = node.member("field") {
        entity.field = report.with(|problems| field.text(problems).map(str::to_owned))?;
    }
    Some(entity)
}

fn risk(node: &Node, report: &mut Report<'_>) -> Option<Risk> {
    only(node, RISK_KEYS, report);
    let Some(score) = node.member("score") else {
        report.at(node, "`score` is missing; say how much a finding weighs, from 0 to 100");
        return None;
    };
    let half_life = node.member("half-life").and_then(|node| lasts(node, report)).unwrap_or(HALF_LIFE);
    let entity = node.member("entity").and_then(|node| entity(node, report));
    Some(Risk { score: number(score, SCORE_MAX, report)?, entity, half_life })
}

fn suppress(node: &Node, report: &mut Report<'_>) -> Option<Suppress> {
    only(node, SUPPRESS_KEYS, report);
    let Some(time) = node.member("for") else {
        report.at(node, "`for` is missing; say how long, such as 1h");
        return None;
    };
    let by = node.member("by").map(|node| texts(node, report)).unwrap_or_default();
    Some(Suppress { by, lasts: lasts(time, report)? })
}

fn reason(node: &Node, report: &mut Report<'_>) -> Option<Reason> {
    let template = report.with(|problems| node.text(problems).map(str::to_owned))?;
    Reason::parse(&template).map_err(|wrong| report.at(node, wrong)).ok()
}

fn ids(node: &Node, is_id: fn(&str) -> bool, wanted: &str, report: &mut Report<'_>) -> Vec<String> {
    let texts = texts(node, report);
    for (at, text) in texts.iter().enumerate() {
        let item = node.items().get(at).unwrap_or(node);
        if !is_id(text) {
            report.at(item, format!("`{}` is not {wanted}", shown(text)));
        } else if texts.iter().take(at).any(|other| other == text) {
            report.at(item, format!("`{}` stands there twice; keep one", shown(text)));
        }
    }
    texts
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_atlas(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("AML.T") else { return false };
    let (technique, sub) = rest.split_once('.').map_or((rest, None), |(technique, sub)| (technique, Some(sub)));
    digits(technique, 4) && sub.is_none_or(|sub| digits(sub, 3))
}

fn is_owasp(text: &str) -> bool {
    let number = text.strip_prefix("LLM").or_else(|| text.strip_prefix("ASI")).filter(|number| digits(number, 2));
    number.and_then(|number| number.parse().ok()).is_some_and(|number: u8| (1..=10).contains(&number))
}

fn is_equivalent(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.chars().all(|character| character.is_ascii_alphanumeric() || "_-./".contains(character))
    };
    text.split_once(':').is_some_and(|(source, name)| is_part(source) && is_part(name))
}

#[cfg(test)]
mod tests;
