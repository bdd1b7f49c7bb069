//! What the operator says about signing in.

use super::list;
use picket_identity::Rules;
use picket_policy::document::{Node, Problems};
use picket_store::{Role, Roles};

/// Reads `identity: { second_factor: [owner, admin], sso_only: false }`.
pub(super) fn identity(node: &Node, problems: &mut Problems) -> Rules {
    let mut rules = Rules::default();
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "second_factor" => rules.strong = roles(node, problems),
            "sso_only" => rules.sso_only = node.bool(problems).unwrap_or(false),
            _ => key.unknown(&["second_factor", "sso_only"], problems),
        }
    }
    rules
}

/// A list of roles.
pub(super) fn roles(node: &Node, problems: &mut Problems) -> Roles {
    let words: Vec<(&str, Role)> = Role::ALL.iter().map(|role| (role.as_str(), *role)).collect();
    let roles: Vec<Role> = list(node, problems).iter().filter_map(|node| node.word(&words, problems)).collect();
    Roles::of(&roles)
}
