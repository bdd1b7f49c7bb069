//! What the operator says about users that an identity provider sends.

use super::identity::{self, roles};
use picket_identity::ScimSettings;
use picket_policy::document::{Node, Problems};
use picket_store::Role;

const KEYS: &[&str] = &["issuer", "roles"];

/// Reads `scim: { issuer: .., roles: { GROUP: [role] } }`; without an issuer it is the one that people sign in through.
pub(super) fn scim(whole: &Node, sign_in: Option<&str>, problems: &mut Problems) -> Option<ScimSettings> {
    let (mut issuer, mut mapped) = (sign_in.map(str::to_owned), Vec::new());
    for (key, node) in whole.map(problems) {
        match key.name.as_str() {
            "issuer" => issuer = identity::url(node, problems),
            "roles" => {
                for (group, node) in node.map(problems) {
                    let roles = roles(node, problems);
                    if roles.has(Role::Owner) {
                        problems.at(node, "no group makes an owner; owners are made here");
                    }
                    mapped.push((group.name.clone(), roles));
                }
            }
            _ => key.unknown(KEYS, problems),
        }
    }
    let Some(issuer) = issuer else {
        problems.at(whole, "`scim:` needs `issuer:`, since no `oidc:` names one: whose users they are");
        return None;
    };
    Some(ScimSettings { issuer, roles: mapped })
}
