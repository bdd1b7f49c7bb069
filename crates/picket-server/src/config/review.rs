//! `review: { teams: […], four_eyes: […], exceptions: true }`: who decides what, and whether exceptions come of it.

use super::list;
use picket_event::{Category, Severity};
use picket_policy::document::{Node, Problems};
use picket_review::{Route, Routing};

const KEYS: &[&str] = &["teams", "four_eyes", "exceptions"];
const ROUTE_KEYS: &[&str] = &["to", "category", "type", "severity", "team", "application"];

/// The section: who decides what, and whether the API makes exceptions, if that is said.
pub(super) fn review(node: &Node, problems: &mut Problems) -> (Routing, Option<bool>) {
    let (mut routing, mut exceptions) = (Routing::default(), None);
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "teams" => routing.routes = list(node, problems).iter().filter_map(|node| route(node, problems)).collect(),
            "four_eyes" => {
                routing.two_for = list(node, problems).iter().filter_map(|node| severity(node, problems)).collect();
            }
            "exceptions" => exceptions = node.bool(problems),
            _ => key.unknown(KEYS, problems),
        }
    }
    (routing, exceptions)
}

fn route(node: &Node, problems: &mut Problems) -> Option<Route> {
    let mut route = Route::default();
    let mut to = None;
    for (key, node) in node.map(problems) {
        let text = |problems: &mut Problems| node.text(problems).map(str::to_owned);
        match key.name.as_str() {
            "to" => to = text(problems),
            "category" => route.category = category(node, problems),
            "type" => route.kind = text(problems).map(|kind| kind.replace('-', "_")),
            "severity" => route.severity = severity(node, problems),
            "team" => route.user_team = text(problems),
            "application" => route.application = text(problems),
            _ => key.unknown(ROUTE_KEYS, problems),
        }
    }
    if to.as_deref().is_none_or(str::is_empty) {
        problems.at(node, "an entry of `teams` needs `to:`, the team that decides");
        return None;
    }
    Some(Route { to: to.unwrap_or_default(), ..route })
}

fn severity(node: &Node, problems: &mut Problems) -> Option<Severity> {
    let parsed = node.text(problems)?.parse();
    parsed.map_err(|_error| problems.at(node, "a severity is info, low, medium, high or critical")).ok()
}

fn category(node: &Node, problems: &mut Problems) -> Option<Category> {
    let parsed = node.text(problems)?.replace('-', "_").parse();
    let words = || Category::ALL.iter().map(|category| category.as_str()).collect::<Vec<_>>().join(", ");
    parsed.map_err(|_error| problems.at(node, format!("a category is one of {}", words()))).ok()
}
