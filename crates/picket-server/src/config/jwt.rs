//! What the operator says about tokens of an identity provider at the gateway.

use super::{authorities, bounds, identity, list};
use picket_gateway::{Algorithm, JwtClaims, JwtSettings};
use picket_policy::document::{Node, Problems};
use std::time::Duration;

const KEYS: &[&str] =
    &["issuer", "audience", "jwks_uri", "origins", "ca", "algorithms", "claims", "models", "keys_kept"];
const CLAIMS: &[&str] = &["subject", "user", "team", "application"];
/// How long keys count that cannot be had again.
const KEYS_KEPT: Duration = Duration::from_secs(3_600);

/// Reads `jwt: { issuer: .., audience: .., claims: { .. } }`.
pub(super) fn jwt(whole: &Node, problems: &mut Problems) -> Option<JwtSettings> {
    let (mut issuer, mut audience, mut jwks_uri, mut ca) = (None, None, None, None);
    let (mut origins, mut models, mut claims) = (Vec::new(), Vec::new(), JwtClaims::default());
    let (mut algorithms, mut keys_kept) = (Algorithm::ALL.to_vec(), KEYS_KEPT);
    for (key, node) in whole.map(problems) {
        match key.name.as_str() {
            "issuer" => issuer = identity::url(node, problems),
            "audience" => audience = filled(node, problems),
            "jwks_uri" => jwks_uri = identity::url(node, problems),
            "origins" => {
                origins = list(node, problems).iter().filter_map(|node| identity::url(node, problems)).collect();
            }
            "ca" => ca = authorities(node, problems),
            "algorithms" => {
                algorithms = identity::words(node, identity::ALGORITHMS, problems);
                if algorithms.is_empty() {
                    problems.at(node, "no token could be signed: name an algorithm, or leave the key out for all");
                }
            }
            "claims" => claims = named(node, problems),
            "models" => models = node.texts(problems),
            "keys_kept" => keys_kept = bounds::time(node, bounds::KEYS_KEPT, keys_kept, problems),
            _ => key.unknown(KEYS, problems),
        }
    }
    let (Some(issuer), Some(audience)) = (issuer, audience) else {
        problems.at(whole, "`jwt:` needs `issuer:` and `audience:`; a token for somebody else lets nobody in");
        return None;
    };
    Some(JwtSettings { issuer, audience, jwks_uri, origins, ca, algorithms, claims, models, keys_kept })
}

fn named(node: &Node, problems: &mut Problems) -> JwtClaims {
    let mut claims = JwtClaims::default();
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "subject" => claims.subject = filled(node, problems).unwrap_or(claims.subject),
            "user" => claims.user = filled(node, problems),
            "team" => claims.team = filled(node, problems),
            "application" => claims.application = filled(node, problems),
            _ => key.unknown(CLAIMS, problems),
        }
    }
    claims
}

/// A text that says something.
fn filled(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?.to_owned();
    if text.is_empty() {
        problems.at(node, "this is empty; leave the key out instead");
    }
    (!text.is_empty()).then_some(text)
}
