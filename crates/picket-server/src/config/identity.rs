//! What the operator says about signing in.

use super::{authorities, list, scim, secret};
use http::Uri;
use picket_identity::{Algorithm, OidcSettings, Rules, ScimSettings};
use picket_policy::document::{Node, Problems};
use picket_store::{Role, Roles};
use std::net::IpAddr;

const KEYS: &[&str] = &["second_factor", "sso_only", "oidc", "scim"];
const OIDC_KEYS: &[&str] = &[
    "issuer",
    "client_id",
    "client_secret",
    "redirect_uri",
    "algorithms",
    "scopes",
    "groups",
    "roles",
    "origins",
    "ca",
];
/// As they are compared: in any case.
pub(super) const ALGORITHMS: &[(&str, Algorithm)] =
    &[("rs256", Algorithm::Rs256), ("es256", Algorithm::Es256), ("eddsa", Algorithm::EdDsa)];
/// Where the control API takes those who come back.
const CALLBACK: &str = "/v1/auth/oidc/callback";

/// Who may sign in how, through whom, and who sends users.
pub(super) type Who = (Rules, Option<OidcSettings>, Option<ScimSettings>);

/// Reads `identity: { second_factor: [owner, admin], sso_only: false, oidc: { .. }, scim: { .. } }`.
pub(super) fn identity(node: &Node, problems: &mut Problems) -> Who {
    let (mut rules, mut provider, mut only, mut sent) = (Rules::default(), None, None, None);
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "second_factor" => rules.strong = roles(node, problems),
            "sso_only" => {
                rules.sso_only = node.bool(problems).unwrap_or(false);
                only = rules.sso_only.then_some(node);
            }
            "oidc" => provider = Some(oidc(node, problems)),
            "scim" => sent = Some(node),
            _ => key.unknown(KEYS, problems),
        }
    }
    if let Some(node) = only.filter(|_node| provider.is_none()) {
        problems.at(node, "nobody could sign in: `sso_only: true` needs `oidc:`");
    }
    let provider = provider.flatten();
    let sign_in = provider.as_ref().map(|provider| provider.issuer.as_str());
    let sent = sent.and_then(|node| scim::scim(node, sign_in, problems));
    (rules, provider, sent)
}

fn oidc(whole: &Node, problems: &mut Problems) -> Option<OidcSettings> {
    let (mut issuer, mut client_id, mut client_secret, mut redirect_uri, mut ca) = (None, None, None, None, None);
    let mut algorithms = Algorithm::ALL.to_vec();
    let mut scopes: Vec<String> = ["openid", "profile", "email"].map(str::to_owned).into();
    let (mut groups, mut mapped, mut origins) = ("groups".to_owned(), Vec::new(), Vec::new());
    for (key, node) in whole.map(problems) {
        match key.name.as_str() {
            "issuer" => issuer = url(node, problems),
            "client_id" => client_id = node.text(problems).map(str::to_owned),
            "client_secret" => client_secret = secret(node, problems),
            "redirect_uri" => redirect_uri = redirect(node, problems),
            "algorithms" => algorithms = words(node, ALGORITHMS, problems),
            "scopes" => scopes = node.texts(problems),
            "groups" => node.text(problems).unwrap_or_default().clone_into(&mut groups),
            "roles" => {
                mapped =
                    node.map(problems).iter().map(|(group, node)| (group.name.clone(), roles(node, problems))).collect()
            }
            "origins" => origins = list(node, problems).iter().filter_map(|node| url(node, problems)).collect(),
            "ca" => ca = authorities(node, problems),
            _ => key.unknown(OIDC_KEYS, problems),
        }
    }
    if !scopes.iter().any(|scope| scope == "openid") {
        problems.at(whole, "`scopes:` needs `openid`, which makes it a sign-in");
    }
    if algorithms.is_empty() || mapped.is_empty() {
        problems.at(whole, "`oidc:` needs `roles:` from groups to roles, and an algorithm where `algorithms:` stands");
    }
    let (Some(issuer), Some(client_id), Some(redirect_uri)) = (issuer, client_id, redirect_uri) else {
        problems.at(whole, "`oidc:` needs `issuer:`, `client_id:` and `redirect_uri:`");
        return None;
    };
    Some(OidcSettings {
        issuer,
        client_id,
        client_secret,
        redirect_uri,
        algorithms,
        scopes,
        groups,
        roles: mapped,
        origins,
        ca,
    })
}

/// A URL that nobody reads along on the way to.
pub(super) fn url(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let uri = text.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(|uri| uri.host()).unwrap_or_default();
    let is_here = host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let has_password = uri.as_ref().and_then(|uri| uri.authority()).is_some_and(|host| host.as_str().contains('@'));
    match uri.as_ref().and_then(|uri| uri.scheme_str()) {
        Some("https") if !has_password => Some(text.to_owned()),
        Some("http") if is_here && !has_password => Some(text.to_owned()),
        _ => {
            problems.at(node, "expected https://host[/path], or http:// on this machine, without user or password");
            None
        }
    }
}

fn redirect(node: &Node, problems: &mut Problems) -> Option<String> {
    let uri = url(node, problems)?;
    if uri.parse::<Uri>().is_ok_and(|uri| uri.path_and_query().is_some_and(|path| path.as_str() == CALLBACK)) {
        return Some(uri);
    }
    problems.at(node, format!("expected the control API's own address, ending in {CALLBACK}"));
    None
}

/// A list of roles.
pub(super) fn roles(node: &Node, problems: &mut Problems) -> Roles {
    let all: Vec<(&str, Role)> = Role::ALL.iter().map(|role| (role.as_str(), *role)).collect();
    Roles::of(&words(node, &all, problems))
}

/// A list of words that there are.
pub(super) fn words<T: Copy>(node: &Node, all: &[(&str, T)], problems: &mut Problems) -> Vec<T> {
    list(node, problems).iter().filter_map(|node| node.word(all, problems)).collect()
}
