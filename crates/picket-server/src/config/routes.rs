//! Which models go where, and what they cost.

use picket_gateway::{Price, Route};
use picket_policy::Glob;
use picket_policy::document::{Key, Node, Problems, Value};

/// The names of providers in a list of routes.
pub(super) fn providers_named(routes: &Node) -> Vec<(&Key, &Node)> {
    let Value::List(items) = &routes.value else { return Vec::new() };
    let members = items.iter().flat_map(|item| match &item.value {
        Value::Map(members) => members.as_slice(),
        _ => &[],
    });
    members.filter(|(key, _)| key.name == "provider").map(|(key, node)| (key, node)).collect()
}

pub(super) fn route(node: &Node, problems: &mut Problems) -> Option<Route> {
    let (mut model, mut provider) = (None, None);
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "model" => model = node.text(problems).map(Glob::new),
            "provider" => provider = node.text(problems).map(str::to_owned),
            _ => key.unknown(&["model", "provider"], problems),
        }
    }
    let both = model.zip(provider);
    if both.is_none() {
        problems.at(node, "a route needs `model:` and `provider:`");
    }
    both.map(|(model, provider)| Route { model, provider })
}

pub(super) fn price(node: &Node, problems: &mut Problems) -> Option<Price> {
    let (mut model, mut input, mut output) = (None, None, None);
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "model" => model = node.text(problems).map(Glob::new),
            "input" => input = node.number(problems),
            "output" => output = node.number(problems),
            _ => key.unknown(&["model", "input", "output"], problems),
        }
    }
    if model.is_none() {
        problems.at(node, "a price needs `model:`, and `input:` and `output:` in US dollars for a million tokens");
    }
    Some(Price { model: model?, input: input.unwrap_or(0.0), output: output.unwrap_or(0.0) })
}
