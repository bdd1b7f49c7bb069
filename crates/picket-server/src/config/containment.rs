//! `containment: { never: …, four_eyes: […], max_per_hour: 20, lasts: 1h, lasts_max: 30d }`: what responses may do.

use super::{bounds, list, network};
use picket_contain::Rules;
use picket_policy::document::{Node, Problems};
use picket_store::containments::{Effect, Never};

const KEYS: &[&str] = &["never", "four_eyes", "max_per_hour", "lasts", "lasts_max"];

/// The section.
pub(super) fn rules(node: &Node, problems: &mut Problems) -> Rules {
    let mut rules = Rules::default();
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "never" => rules.never = never(node, problems),
            "four_eyes" => {
                rules.four_eyes = list(node, problems).iter().filter_map(|node| effect(node, problems)).collect();
            }
            "max_per_hour" => {
                let usual = usize::try_from(rules.max_per_hour).unwrap_or(usize::MAX);
                let count = bounds::count(node, bounds::CONTAINED, usual, problems);
                rules.max_per_hour = u64::try_from(count).unwrap_or(u64::MAX);
            }
            "lasts" => rules.lasts_usual = bounds::time(node, bounds::LASTS, rules.lasts_usual, problems),
            "lasts_max" => rules.lasts_max = bounds::time(node, bounds::LASTS, rules.lasts_max, problems),
            _ => key.unknown(KEYS, problems),
        }
    }
    rules
}

fn never(node: &Node, problems: &mut Problems) -> Never {
    let mut never = Never::default();
    let names = |node: &Node, problems: &mut Problems| -> Vec<String> {
        list(node, problems).iter().filter_map(|node| node.text(problems).map(str::to_owned)).collect()
    };
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "users" => never.users = names(node, problems),
            "keys" => never.keys = names(node, problems),
            "addresses" => {
                never.networks = list(node, problems).iter().filter_map(|node| network(node, problems)).collect();
            }
            _ => key.unknown(&["users", "keys", "addresses"], problems),
        }
    }
    never
}

fn effect(node: &Node, problems: &mut Problems) -> Option<Effect> {
    node.text(problems)?
        .parse()
        .map_err(|_error| problems.at(node, "an effect is throttle, strict, review or block"))
        .ok()
}
