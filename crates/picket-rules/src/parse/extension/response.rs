//! What a rule does by itself.

use super::{entity, lasts, only};
use crate::extension::{Effect, Entity, EntityKind, Extent, Response};
use crate::issue::Report;
use picket_yaml::{Node, Value};
use std::time::Duration;

const KEYS: &[&str] = &["action", "target", "requests", "per", "ttl", "max-per-hour", "approval", "dry"];
/// Responses of one rule.
const RESPONSES_MAX: usize = 8;
/// Requests of a throttle, and of responses in an hour.
const COUNT_MAX: i64 = 1_000_000;

/// The word of a rule: an effect, of which requests, and of whom alone.
#[derive(Debug, Clone, Copy)]
struct Action {
    effect: Effect,
    extent: Extent,
    halts: bool,
}

const fn action(effect: Effect, extent: Extent, halts: bool) -> Action {
    Action { effect, extent, halts }
}

const ACTIONS: &[(&str, Action)] = &[
    ("block", action(Effect::Block, Extent::All, false)),
    ("review", action(Effect::Review, Extent::All, false)),
    ("strict", action(Effect::Strict, Extent::All, false)),
    ("throttle", action(Effect::Throttle, Extent::All, false)),
    ("halt", action(Effect::Block, Extent::All, true)),
    ("disable-feature", action(Effect::Block, Extent::Feature, false)),
    ("disable-model", action(Effect::Block, Extent::Model, false)),
    ("keep", action(Effect::Keep, Extent::All, false)),
];

/// Reads one response, or a list of them.
pub(super) fn read(node: &Node, about: Option<&Entity>, report: &mut Report<'_>) -> Vec<Response> {
    if node.items().len() > RESPONSES_MAX {
        report.at(node, format!("more than {RESPONSES_MAX} responses; keep those that matter"));
        return Vec::new();
    }
    node.items().iter().filter_map(|node| response(node, about, report)).collect()
}

fn response(node: &Node, about: Option<&Entity>, report: &mut Report<'_>) -> Option<Response> {
    if !matches!(node.value, Value::Map(_)) {
        report.at(node, "expected a response, such as `{ action: block, target: user, ttl: 1h }`");
        return None;
    }
    only(node, KEYS, report);
    let Some(word) = node.member("action") else {
        let words: Vec<&str> = ACTIONS.iter().map(|(word, _)| *word).collect();
        report.at(node, format!("`action` is missing; say one of {}", words.join(", ")));
        return None;
    };
    let Action { effect, extent, halts } = report.with(|problems| word.word(ACTIONS, problems))?;
    // What is wrong leaves the whole document out.
    let target = target(node, effect, halts, about, report);
    let rate = rate(node, effect, report);
    let ttl = node.member("ttl").and_then(|node| lasts(node, report));
    let max_per_hour = node.member("max-per-hour").and_then(|node| count(node, report));
    let mut flag = |name: &str| node.member(name).and_then(|node| report.with(|problems| node.bool(problems)));
    let (approval, is_dry) = (flag("approval").unwrap_or(false), flag("dry").unwrap_or(false));
    Some(Response { effect, target, extent, rate, ttl, max_per_hour, approval, is_dry })
}

/// To whom it is done.
fn target(node: &Node, effect: Effect, halts: bool, about: Option<&Entity>, report: &mut Report<'_>) -> Option<Entity> {
    let said = node.member("target");
    if effect == Effect::Keep {
        if let Some(said) = said {
            report.at(said, "what is kept are the requests that the finding rests on; take `target` out");
        }
        return None;
    }
    let target = match said {
        Some(said) => entity(said, report)?,
        None if halts => Entity::from(EntityKind::Agent),
        None => match about {
            Some(about) => about.clone(),
            None => {
                report.at(node, "`target` is missing; say `target` here, or `entity` for the whole rule");
                return None;
            }
        },
    };
    let place = said.unwrap_or(node);
    if target.kind == EntityKind::Model {
        report.at(place, "nothing can be done to a model; say `disable-model`, and whom it is disabled for");
        return None;
    }
    if halts && !matches!(target.kind, EntityKind::Agent | EntityKind::Session) {
        report.at(place, "`halt` is for an agent or a session; say `block` for others");
        return None;
    }
    Some(target)
}

/// The rate of a throttle, which nothing else has.
fn rate(node: &Node, effect: Effect, report: &mut Report<'_>) -> Option<(u32, Duration)> {
    match (node.member("requests"), node.member("per")) {
        (Some(requests), Some(per)) if effect == Effect::Throttle => {
            Some((count(requests, report)?, lasts(per, report)?))
        }
        (None, None) if effect != Effect::Throttle => None,
        _ => {
            report.at(node, "a throttle, and nothing else, has `requests` and `per`: so many pass in that time");
            None
        }
    }
}

fn count(node: &Node, report: &mut Report<'_>) -> Option<u32> {
    let count = match node.value {
        Value::Integer(count) if (1..=COUNT_MAX).contains(&count) => u32::try_from(count).ok(),
        _ => None,
    };
    if count.is_none() {
        report.at(node, format!("expected a whole number from 1 to {COUNT_MAX}"));
    }
    count
}
