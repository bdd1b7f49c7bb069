use super::*;

fn problems(text: &str) -> String {
    Config::parse(text, "picket.yaml", Path::new(".")).map(drop).unwrap_err().to_string()
}

#[test]
fn without_a_file_the_defaults_are_safe() {
    let config = Config::load(None).unwrap();
    assert!(config.gateway.ip().is_loopback() && config.api.ip().is_loopback());
    assert_eq!((config.auth, config.audit, config.capture), (Auth::Keys, Audit::Strict, Capture::All));
}

#[test]
fn all_problems_are_reported_at_once_with_place_and_remedy() {
    let text = "gateway: { listen: here, adit: strict }\nproviders:\n  openai: { dialect: open-ai, base_url: \"ftp://x\", api_key: abc }\nroutes:\n  - { model: \"gpt-*\", provider: nobody }\nretention: { bodies: 30 days }\n";
    let text = text.replace("routes:", "  two: { dialect: openai, base_url: \"http://x\", api_key: { env: PICKET_TEST_NOBODY_SETS_THIS } }\n  three: { dialect: openai, base_url: \"http://x\", api_key: { env: sk-abc } }\nroutes:");
    let found = problems(&text);
    for expected in [
        "picket.yaml:1:20: expected an address such as 127.0.0.1:8080",
        "picket.yaml:1:26: unknown key `adit`; valid here: listen, auth, audit, tls, threads, head_timeout, idle_timeout, body_timeout, send_timeout, jwt; did you mean `audit`?",
        "expected one of openai, anthropic; did you mean `openai`?",
        "is not a usable base URL",
        "a secret does not stand in the configuration; write { env: NAME } or { file: PATH }",
        "picket.yaml:7:33: no provider of this name stands under `providers`",
        "expected a duration such as 30s",
        "the environment variable `PICKET_TEST_NOBODY_SETS_THIS` is not set",
        "the environment variable of that name is not set",
    ] {
        assert!(found.contains(expected), "{expected}\n---\n{found}");
    }
    assert!(!found.contains("abc"), "{found}");
}

#[test]
fn times_and_counts_that_make_no_sense_are_refused_with_place_and_remedy() {
    for (text, place, cause) in [
        ("gateway: { head_timeout: 0s }", "1:26", "0ms is too short: write a time from 100ms to 1h"),
        ("gateway: { head_timeout: 99ms }", "1:26", "too short"),
        ("gateway: { head_timeout: 2h }", "1:26", "2h is too long"),
        ("gateway: { idle_timeout: 0s }", "1:26", "leave the key out for the default"),
        ("gateway: { body_timeout: 0m }", "1:26", "too short"),
        ("gateway: { body_timeout: 365d }", "1:26", "too long"),
        ("gateway: { threads: 0 }", "1:21", "expected a whole number from 1 to 256"),
        ("gateway: { threads: 1.5 }", "1:21", "expected a whole number"),
        ("gateway: { threads: 257 }", "1:21", "expected a whole number"),
        ("gateway: { send_timeout: 0s }", "1:26", "leave the key out for the default, 1m"),
        ("api: { send_timeout: 0s }", "1:22", "leave the key out for the default, 30s"),
        ("api: { downloads: 0 }", "1:19", "from 1 to 1024, or leave the key out for 32"),
        ("retention: { bodies: 0d }", "1:22", "0ms is too short: write a time from 1h"),
        ("retention: { entries: 5000w }", "1:23", ""),
        ("retention: { entries: 9000w }", "1:23", "too long"),
        ("infrastructure: { record: 10ms }", "1:27", "too short: write a time from 1s to 1h"),
        ("infrastructure: { record: 2h }", "1:27", "leave the key out for the default, 1m"),
        ("infrastructure: { record: often }", "1:27", "expected a duration such as 30s"),
        ("infrastructure: { record: never }", "1:27", ""),
        ("providers:\n  one: { dialect: openai, base_url: \"http://x\", timeout: 0s }", "2:58", "too short"),
        ("providers:\n  one: { dialect: openai, base_url: \"http://x\", idle_timeout: 0s }", "2:63", "too short"),
        ("providers:\n  one: { dialect: openai, base_url: \"http://x\", connect_timeout: 0s }", "2:66", "too short"),
    ] {
        if cause.is_empty() {
            Config::parse(text, "picket.yaml", Path::new(".")).unwrap();
            continue;
        }
        let found = problems(text);
        assert!(found.starts_with(&format!("picket.yaml:{place}: ")) && found.contains(cause), "{text}: {found}");
    }
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    for url in ["https://user:secret-word@host.example/v1", "ftp://secret-word@host.example", "secret-word@"] {
        let text = format!("providers:\n  one: {{ dialect: openai, base_url: \"{url}\" }}");
        let found = problems(&text);
        assert!(found.contains("is not a usable base URL") && !found.contains("secret-word"), "{found}");
    }
}

#[test]
fn what_vouches_for_a_provider_is_looked_at_when_the_configuration_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "no certificate").unwrap();
    for (path, cause) in
        [(file.as_path(), "no certificates of authorities"), (Path::new("nowhere.pem"), "cannot be read")]
    {
        let text = format!(
            "providers:\n  one: {{ dialect: openai, base_url: \"http://x\", total_timeout: 0s, ca: \"{}\" }}\n",
            path.display()
        );
        let found = problems(&text);
        assert!(found.contains(cause) && found.contains("too short"), "{found}");
    }
}

const OIDC: &str = "issuer: \"https://idp.example/realms/one\", client_id: picket, redirect_uri: \"https://picket.example/v1/auth/oidc/callback\", roles: { soc: [responder] }";

#[test]
fn what_is_said_of_signing_in_is_read_and_roles_that_run_the_system_need_a_second_factor_by_default() {
    use picket_identity::Algorithm;
    use picket_store::{Role, Roles};
    let parse = |text: &str| Config::parse(text, "picket.yaml", Path::new(".")).unwrap();
    let usual = parse("");
    assert_eq!(usual.rules.strong, Roles::of(&[Role::Owner, Role::Admin]));
    assert!(!usual.rules.sso_only && usual.oidc.is_none());
    assert!(parse("identity: { second_factor: [] }").rules.strong.is_empty());
    let config = parse(&format!("identity: {{ sso_only: true, second_factor: [dpo], oidc: {{ {OIDC} }} }}"));
    let provider = config.oidc.unwrap();
    assert!(config.rules.sso_only && config.rules.strong.has(Role::Dpo));
    assert_eq!((provider.algorithms.len(), provider.groups.as_str()), (3, "groups"));
    assert_eq!(provider.roles, [("soc".to_owned(), Role::Responder.into())]);
    let narrow = parse(&format!("identity: {{ oidc: {{ {OIDC}, algorithms: [ES256], groups: realm_access.roles }} }}"));
    assert_eq!(narrow.oidc.unwrap().algorithms, [Algorithm::Es256]);
    parse(&format!("identity: {{ oidc: {{ {} }} }}", OIDC.replace("https://idp.example", "http://127.0.0.1:8080")));
}

#[test]
fn what_is_wrong_about_signing_in_is_told_with_place_and_remedy() {
    for (text, place, cause) in [
        ("identity: { second_factor: [root] }", "1:29", "expected one of owner, admin"),
        ("identity: { second_factor: owner }", "1:28", "expected a list"),
        ("identity: { sso_onyl: true }", "1:13", "did you mean `sso_only`?"),
        ("identity: { sso_only: true }", "1:23", "`sso_only: true` needs `oidc:`"),
        ("identity: { oidc: {} }", "1:19", "needs `issuer:`, `client_id:` and `redirect_uri:`"),
        ("identity: { oidc: { OIDC, client_secret: abc } }", "", "write { env: NAME } or { file: PATH }"),
        ("identity: { oidc: { OIDC, algorithms: [HS256] } }", "", "expected one of rs256, es256, eddsa"),
        ("identity: { oidc: { OIDC, algorithms: [none] } }", "", "expected one of rs256, es256, eddsa"),
        ("identity: { oidc: { OIDC, scopes: [email] } }", "", "needs `openid`"),
        ("identity: { oidc: { OIDC, isuer: x } }", "", "did you mean `issuer`?"),
        ("identity: { oidc: { OIDC, origins: [\"ftp://x\"] } }", "", "expected https://host[/path]"),
    ] {
        let found = problems(&text.replace("OIDC", OIDC));
        let place = if place.is_empty() { "picket.yaml:1:".to_owned() } else { format!("picket.yaml:{place}: ") };
        assert!(found.starts_with(&place) && found.contains(cause), "{text}: {found}");
        assert!(!found.contains("abc"), "{found}");
    }
    for (right, wrong, cause) in [
        ("https://idp.example", "http://idp.example", "http:// on this machine"),
        ("https://idp.example", "https://user:word@idp.example", "without user or password"),
        ("https://idp.example", "idp.example", "expected https://host"),
        ("/v1/auth/oidc/callback", "/callback", "ending in /v1/auth/oidc/callback"),
        ("/v1/auth/oidc/callback", "/v1/auth/oidc/callback?x=1", "ending in /v1/auth/oidc/callback"),
        ("[responder]", "[respnder]", "did you mean `responder`?"),
        (", roles: { soc: [responder] }", "", "needs `roles:`"),
    ] {
        let found = problems(&format!("identity: {{ oidc: {{ {} }} }}", OIDC.replace(right, wrong)));
        assert!(found.contains(cause), "{wrong}: {found}");
    }
}

const JWT: &str = "issuer: \"https://idp.example/realms/one\", audience: picket-gateway";

#[test]
fn what_is_said_of_tokens_and_of_users_that_a_provider_sends_is_read() {
    use picket_gateway::Algorithm;
    use picket_store::{Role, Roles};
    let parse = |text: &str| Config::parse(text, "picket.yaml", Path::new(".")).unwrap();
    assert!(parse("").jwt.is_none() && parse("").scim.is_none());
    let jwt = parse(&format!("gateway: {{ jwt: {{ {JWT} }} }}")).jwt.unwrap();
    assert_eq!(
        (jwt.audience.as_str(), jwt.claims.subject.as_str(), jwt.algorithms.len()),
        ("picket-gateway", "sub", 3)
    );
    assert_eq!((jwt.keys_kept, jwt.jwks_uri), (Duration::from_secs(3_600), None));
    let more = "jwks_uri: \"https://keys.example/jwks\", algorithms: [RS256], claims: { team: groups, subject: oid }, models: [\"gpt-*\"], keys_kept: 5m";
    let jwt = parse(&format!("gateway: {{ jwt: {{ {JWT}, {more} }} }}")).jwt.unwrap();
    assert_eq!((jwt.algorithms, jwt.claims.team.as_deref()), (vec![Algorithm::Rs256], Some("groups")));
    assert_eq!((jwt.claims.subject.as_str(), jwt.models.len(), jwt.keys_kept), ("oid", 1, Duration::from_secs(300)));
    let scim = parse(&format!("identity: {{ scim: {{ roles: {{ SOC: [responder, dpo] }} }}, oidc: {{ {OIDC} }} }}"));
    let scim = scim.scim.unwrap();
    assert_eq!(scim.issuer, "https://idp.example/realms/one", "through which people sign in");
    assert_eq!(scim.roles, [("SOC".to_owned(), Roles::of(&[Role::Responder, Role::Dpo]))]);
    assert_eq!(
        parse("identity: { scim: { issuer: \"https://two.example\" } }").scim.unwrap().issuer,
        "https://two.example"
    );
}

#[test]
fn what_is_wrong_about_tokens_and_sent_users_is_told_with_place_and_remedy() {
    for (text, cause) in [
        ("gateway: { jwt: {} }", "needs `issuer:` and `audience:`"),
        ("gateway: { jwt: { audience: x } }", "needs `issuer:` and `audience:`"),
        ("gateway: { auth: passthrough, jwt: { JWT } }", "tokens need `auth: keys`"),
        ("gateway: { jwt: { JWT, algorithms: [HS256] } }", "expected one of rs256, es256, eddsa"),
        ("gateway: { jwt: { JWT, algorithms: [] } }", "no token could be signed"),
        ("gateway: { jwt: { JWT, jwks_uri: \"http://keys.example\" } }", "expected https://host"),
        ("gateway: { jwt: { JWT, claims: { tem: x } } }", "did you mean `team`?"),
        ("gateway: { jwt: { JWT, claims: { team: \"\" } } }", "leave the key out instead"),
        ("gateway: { jwt: { JWT, keys_kept: 30s } }", "write a time from 1m to 1d"),
        ("gateway: { jwt: { JWT, audiance: x } }", "did you mean `audience`?"),
        ("identity: { scim: {} }", "needs `issuer:`"),
        ("identity: { scim: { issuer: \"https://x.example\", roles: { a: [owner] } } }", "no group makes an owner"),
        ("identity: { scim: { isuer: x } }", "did you mean `issuer`?"),
    ] {
        let found = problems(&text.replace("JWT", JWT));
        assert!(found.starts_with("picket.yaml:1:") && found.contains(cause), "{text}: {found}");
    }
}

const INLINE: &str = "# who asks\ndata: ./d\npolicies:\n  chain: [prompt-injection, own]\n  policy:\n    prompt-injection: { action: block }\ngateway: { threads: 1 }\npolicy:\n  own: { kind: tool-guard, deny: [shell] }\nhost: here.example\n";

#[test]
fn a_policy_may_stand_in_the_configuration() {
    let config = Config::parse(INLINE, "picket.yaml", Path::new(".")).unwrap();
    assert_eq!((config.threads, config.host.as_str()), (1, "here.example"));
    let PolicySource::File(text) = config.policy else { panic!("the policy is elsewhere") };
    assert!(text.starts_with("policies:") && text.ends_with("[shell] }\n"), "{text}");
    assert!(!text.contains("threads") && !text.contains("host"), "only the policy is the policy: {text}");
    picket_policy::compile(&text, "policy").unwrap();
    for one in ["policies: { chain: [audit-logger] }", "policies:\n  chain:\n    - audit-logger\n\n# the end\n"] {
        let config = Config::parse(one, "picket.yaml", Path::new(".")).unwrap();
        assert!(matches!(config.policy, PolicySource::File(_)), "{one}");
    }
}

#[test]
fn what_is_wrong_with_a_policy_in_the_configuration_is_told_where_it_stands() {
    for (text, place, cause) in [
        (INLINE.replace("[shell]", "[shell], dney: []"), "9:43", "unknown key `dney`"),
        (INLINE.replace("chain: [prompt-injection, own]", "chain: [prompt-injectoin]"), "4:11", "did you mean"),
        (INLINE.replace("  chain:", "  file: policy.yaml\n  chain:"), "4:3", "leave this out"),
        (INLINE.replace("  chain:", "  managed: file\n  chain:"), "4:3", "move the policy to a file"),
        ("{ host: x, policies: { chain: [audit-logger] } }".to_owned(), "1:12", "lines of its own"),
        ("policy:\n  own: { kind: tool-guard, deny: [shell] }".to_owned(), "", "no chain"),
    ] {
        let found = problems(&text);
        assert!(found.contains(&format!("picket.yaml:{place}")) && found.contains(cause), "{place}: {found}");
    }
}
