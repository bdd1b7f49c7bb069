//! Signing in through an identity provider: one that does as it should, and one that is down, lies, or changes its keys.

use crate::harness::{Answer, Product};
use crate::identity::{self, PASSWORD, post};
use http::Method;
use picket_stdx::{Clock, Timestamp};
use picket_testkit::idp::{Idp, Mood};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const ROLES: &str = "roles: { picket-admins: [admin], soc: [responder, policy-editor], law: [auditor] }";

struct Sso {
    product: Product,
    idp: Idp,
    clock: Clock,
}

impl Sso {
    fn start(more: &str) -> Self {
        let clock = Clock::manual(START);
        let mut product = Product::at(&clock, "policies:\n  chain: [audit-logger]\n", "");
        let idp = product.runtime.block_on(Idp::start(&clock)).unwrap();
        let secret = product.folder.path().join("client.secret");
        std::fs::write(&secret, idp.secret()).unwrap();
        let oidc = format!(
            "issuer: \"{}\", client_id: picket, client_secret: {{ file: \"{}\" }}, redirect_uri: \"http://127.0.0.1:9/v1/auth/oidc/callback\", {ROLES}",
            idp.issuer(),
            secret.display()
        );
        product.reconfigure(|text, _folder| format!("{text}identity: {{ {more}oidc: {{ {oidc} }} }}\n"));
        Self { product, idp, clock }
    }

    fn get(&self, base: &str, path: &str, cookie: &str) -> Answer {
        let headers: &[(&str, &str)] = if cookie.is_empty() { &[] } else { &[("cookie", cookie)] };
        self.product.send(base, Method::GET, path, headers, "".into())
    }

    /// What a browser does until the provider sends it back: where it is sent, and the cookie that it keeps.
    fn away(&self, query: &str) -> (String, String) {
        let begun = self.get(&self.product.api, &format!("/v1/auth/oidc{query}"), "");
        assert_eq!(begun.status, 303, "{}", begun.text);
        let cookie = begun.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let there = location(&begun);
        let path = there.strip_prefix(self.idp.issuer()).unwrap();
        let sent_back = location(&self.get(self.idp.issuer(), path, ""));
        (sent_back.strip_prefix("http://127.0.0.1:9").unwrap().to_owned(), cookie)
    }

    /// Goes there and comes back.
    fn sign_in(&self) -> Answer {
        let (back, cookie) = self.away("");
        self.get(&self.product.api, &back, &cookie)
    }

    fn users(&self) -> Vec<Value> {
        self.product.get("/v1/users").as_array().unwrap().clone()
    }
}

fn location(answer: &Answer) -> String {
    answer.headers["location"].to_str().unwrap().to_owned()
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

/// The session in the cookie that an answer sets.
fn session(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut found = cookies.filter_map(|cookie| cookie.strip_prefix("__Host-picket=")?.split(';').next());
    found.next().unwrap().to_owned()
}

fn whoami(sso: &Sso, session: &str) -> Answer {
    sso.product.admin_as(session, Method::GET, "/v1/whoami", &Value::Null)
}

#[test]
fn whom_the_provider_vouches_for_comes_in_with_the_roles_of_his_groups() {
    let sso = Sso::start("");
    let first = session(&sso.sign_in());
    let who = whoami(&sso, &first).json();
    assert_eq!((who["name"].as_str(), who["role"].as_str()), (Some("alice"), Some("admin")));
    let users = sso.users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["external"], json!([{"issuer": sso.idp.issuer(), "subject": "u-1"}]));
    assert_eq!(
        (users[0]["email"].as_str(), users[0]["has_password"].as_bool()),
        (Some("alice@example.test"), Some(false))
    );
    let listed = sso.product.get("/v1/sessions?all=true");
    assert_eq!((listed[0]["method"].as_str(), listed[0]["strong"].as_bool()), (Some("sso"), Some(true)));
    assert_eq!(
        sso.product.admin_as(&first, Method::GET, "/v1/keys", &Value::Null).status,
        200,
        "the provider is enough"
    );
    let again = session(&sso.sign_in());
    assert_eq!(whoami(&sso, &first).status, 200);
    sso.idp.change(|mood| mood.claims = json!({"groups": ["soc", "law", "others"], "preferred_username": "renamed"}));
    let other = session(&sso.sign_in());
    let who = whoami(&sso, &other).json();
    let expected = (Some("alice"), Some("policy-editor,responder,auditor"));
    assert_eq!((who["name"].as_str(), who["role"].as_str()), expected, "the subject counts, not the name");
    assert_eq!(
        (whoami(&sso, &first).status, whoami(&sso, &again).status),
        (401, 401),
        "who may other things comes again"
    );
    assert_eq!(sso.users().len(), 1);
    let logins = sso.product.events("?event_type=auth.login", 3);
    assert!(logins.iter().all(|event| event["actor"] == users[0]["id"]));
    sso.product.admin(Method::PATCH, "/v1/users/alice", &json!({"state": "suspended"}));
    assert_eq!(code(&sso.sign_in()), (403, "sso_suspended".to_owned()));
}

#[test]
fn a_provider_that_lies_or_is_down_lets_nobody_in() {
    let sso = Sso::start("");
    let elsewhere = sso.product.runtime.block_on(Idp::start(&sso.clock)).unwrap();
    let steal = format!("{}/token", elsewhere.issuer());
    let past = START.as_secs() - 3_600;
    let claim = |name: &str, value: Value| Mood { claims: json!({ name: value }), ..Mood::default() };
    let refused = "sso_token_refused";
    let lies = "sso_provider_failed";
    // What is known of the provider is believed for an hour.
    let forget = || sso.clock.advance(Duration::from_secs(3_601));
    for (name, mood, status, expected) in [
        ("another issuer's token", claim("iss", json!("http://127.0.0.1:1")), 401, refused),
        ("for somebody else", claim("aud", json!("other")), 401, refused),
        ("another nonce", claim("nonce", json!("x")), 401, refused),
        ("no nonce", claim("nonce", json!(null)), 401, refused),
        ("over", claim("exp", json!(past)), 401, refused),
        ("without end", claim("exp", json!(null)), 401, refused),
        ("about nobody", claim("sub", json!(null)), 401, refused),
        ("unsigned", Mood { algorithm: "none".to_owned(), ..Mood::default() }, 401, refused),
        ("keyed hash", Mood { algorithm: "HS256".to_owned(), ..Mood::default() }, 401, refused),
        ("another algorithm", Mood { algorithm: "RS256".to_owned(), ..Mood::default() }, 401, refused),
        ("a key of nobody", Mood { hides_key: true, ..Mood::default() }, 401, refused),
        ("no groups", claim("groups", json!(null)), 403, "sso_no_role"),
        ("groups without roles", claim("groups", json!(["Picket-Admins", "picket-admins "])), 403, "sso_no_role"),
        ("a refusal", Mood { error: Some("access_denied".to_owned()), ..Mood::default() }, 401, "sso_denied"),
        (
            "no name",
            Mood {
                claims: json!({"preferred_username": "a\u{202e}", "email": "x", "sub": "\u{430}"}),
                ..Mood::default()
            },
            403,
            "sso_unnamed",
        ),
    ] {
        sso.idp.change(|now| *now = mood);
        let answer = sso.sign_in();
        assert_eq!(code(&answer), (status, expected.to_owned()), "{name}: {}", answer.text);
        assert!(!answer.headers.contains_key("set-cookie"), "{name}");
    }
    for (name, mood) in [
        ("another issuer's document", Mood { issuer: Some("https://idp.example".to_owned()), ..Mood::default() }),
        ("tokens from elsewhere", Mood { token_endpoint: Some(steal), ..Mood::default() }),
        ("down", Mood { is_down: true, ..Mood::default() }),
    ] {
        forget();
        sso.idp.change(|now| *now = mood);
        let answer = sso.get(&sso.product.api, "/v1/auth/oidc", "");
        assert_eq!(code(&answer), (502, lies.to_owned()), "{name}: {}", answer.text);
    }
    assert_eq!(elsewhere.count("token"), 0, "the client's secret goes nowhere else");
    sso.idp.change(|mood| *mood = Mood::default());
    let (back, cookie) = sso.away("");
    sso.idp.change(|mood| mood.is_down = true);
    assert_eq!(code(&sso.get(&sso.product.api, &back, &cookie)), (502, lies.to_owned()), "it went down in between");
    assert!(sso.users().is_empty() && sso.product.get("/v1/sessions?all=true").as_array().unwrap().is_empty());
    sso.idp.change(|mood| *mood = Mood::default());
    session(&sso.sign_in());
    let counted = |events: &[Value]| events.iter().filter_map(|event| event["count"].as_u64()).sum::<u64>();
    sso.product.wait("the failures", |product| {
        let told = product.get("/v1/events?event_type=auth.failed");
        (counted(told.as_array().unwrap()) == 16).then_some(())
    });
}

#[test]
fn what_was_sent_along_is_good_once_in_one_browser_and_not_for_long() {
    let sso = Sso::start("");
    sso.idp.change(|mood| mood.forgets = true);
    let come = |path: &str, cookie: &str| sso.get(&sso.product.api, path, cookie);
    let state = (400, "sso_state".to_owned());
    let (back, cookie) = sso.away("");
    session(&come(&back, &cookie));
    assert_eq!(code(&come(&back, &cookie)), state, "replayed");
    let (back, cookie) = sso.away("");
    assert_eq!(code(&come(&back, "")), state, "in another browser");
    assert_eq!(code(&come(&back, &cookie)), state, "whoever tried used it up");
    let ((_, victim), (attacker, _)) = (sso.away(""), sso.away(""));
    assert_eq!(code(&come(&attacker, &victim)), state, "nobody is signed in as somebody else");
    let (back, cookie) = sso.away("");
    let made_up = back.replace("state=", "state=x");
    for path in ["/v1/auth/oidc/callback", "/v1/auth/oidc/callback?code=x", made_up.as_str()] {
        assert_eq!(code(&come(path, &cookie)), state, "{path}");
    }
    let (back, cookie) = sso.away("");
    let mixed = back.replace("iss=http", "iss=https");
    assert_eq!(code(&come(&mixed, &cookie)), (502, "sso_provider_failed".to_owned()), "another provider answers");
    let (back, cookie) = sso.away("");
    sso.clock.advance(Duration::from_secs(600));
    assert_eq!(code(&come(&back, &cookie)), state, "too late");
    assert_eq!(sso.product.get("/v1/sessions?all=true").as_array().unwrap().len(), 1);
}

#[test]
fn a_provider_may_change_its_keys_and_is_not_asked_for_them_without_end() {
    let sso = Sso::start("");
    session(&sso.sign_in());
    sso.clock.advance(Duration::from_secs(11));
    sso.idp.rotate().unwrap();
    session(&sso.sign_in());
    let asked = sso.idp.count("keys");
    assert_eq!((sso.idp.count("document"), asked), (1, 2));
    sso.idp.change(|mood| mood.hides_key = true);
    for _ in 0..20 {
        assert_eq!(sso.sign_in().status, 401);
    }
    assert!(sso.idp.count("keys") <= asked + 1, "{}", sso.idp.count("keys"));
}

#[test]
fn nobody_becomes_somebody_else_by_a_name_a_mail_address_or_an_id_that_looks_alike() {
    let sso = Sso::start("");
    let local = sso.product.admin(
        Method::POST,
        "/v1/users",
        &json!({"name": "alice", "roles": ["owner"], "email": "alice@example.test"}),
    );
    let local = local.json()["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(code(&sso.sign_in()), (409, "sso_name_taken".to_owned()));
    let come = |subject: &str, name: &str| {
        sso.idp.change(|mood| mood.claims = json!({"sub": subject, "preferred_username": name, "groups": ["soc"]}));
        let session = session(&sso.sign_in());
        whoami(&sso, &session).json()["id"].as_str().unwrap().to_owned()
    };
    let ids: Vec<String> =
        [("1", "one"), ("01", "two"), ("u-1", "three"), ("U-1", "four"), (local.as_str(), "five"), ("alice", "six")]
            .iter()
            .map(|(subject, name)| come(subject, name))
            .collect();
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len());
    assert!(!ids.contains(&local));
    assert_eq!(come("U-1", "one"), ids[3], "the subject counts");
    assert_eq!(sso.product.get("/v1/users/alice")["roles"], json!(["owner"]));
}

#[test]
fn where_only_the_provider_lets_people_in_no_password_does() {
    let mut sso = Sso::start("");
    identity::user(&sso.product, "bob", &["viewer"]);
    let bob = identity::login(&sso.product, "bob");
    assert_eq!(whoami(&sso, &bob).status, 200);
    sso.product.reconfigure(|text, _folder| text.replace("identity: { ", "identity: { sso_only: true, "));
    let needed = (403, "sso_needed".to_owned());
    for body in [json!({"name": "bob", "password": PASSWORD}), json!({"name": "nobody", "password": "x"})] {
        assert_eq!(code(&post(&sso.product, "/v1/auth/login", &body)), needed, "{body}");
    }
    let change = json!({"name": "bob", "password": PASSWORD, "new_password": "other words make another"});
    assert_eq!(code(&post(&sso.product, "/v1/auth/password", &change)), needed);
    assert_eq!(whoami(&sso, &bob).status, 401, "sessions of before end too");
    let reset = sso.product.admin(Method::POST, "/v1/users/bob/password", &Value::Null);
    assert_eq!(code(&reset), needed);
    let invited = json!({"name": "carl", "roles": ["viewer"], "password": true});
    assert_eq!(code(&sso.product.admin(Method::POST, "/v1/users", &invited)), needed);
    let alice = session(&sso.sign_in());
    let confirm = sso.product.admin_as(&alice, Method::POST, "/v1/auth/confirm", &json!({"password": "x"}));
    assert_eq!(code(&confirm), needed);
    assert_eq!(whoami(&sso, &alice).status, 200);
    assert_eq!(sso.product.get("/v1/users").as_array().unwrap().len(), 2, "tokens still open the door to owners");
}

#[test]
fn a_program_gets_its_session_by_what_only_it_knows() {
    let sso = Sso::start("");
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    for query in ["?port=80&challenge=x", "?port=5000", "?port=5000&challenge=x", "?port=x&challenge=y", "?prt=1"] {
        assert_eq!(sso.get(&sso.product.api, &format!("/v1/auth/oidc{query}"), "").status, 400, "{query}");
    }
    let handed = || {
        let (back, cookie) = sso.away(&format!("?port=5000&challenge={challenge}"));
        let answer = sso.get(&sso.product.api, &back, &cookie);
        assert_eq!(answer.status, 303, "{}", answer.text);
        location(&answer).strip_prefix("http://127.0.0.1:5000/?code=").unwrap().to_owned()
    };
    let fetch = |code: &str, verifier: &str| {
        post(&sso.product, "/v1/auth/oidc/session", &json!({"code": code, "verifier": verifier}))
    };
    let given = handed();
    assert_eq!(code(&fetch(&given, "guessed")), (400, "sso_state".to_owned()));
    assert_eq!(code(&fetch(&given, verifier)), (400, "sso_state".to_owned()), "whoever tried used it up");
    let given = handed();
    let fetched = fetch(&given, verifier).json();
    assert_eq!(whoami(&sso, fetched["session"].as_str().unwrap()).json()["name"], "alice");
    assert_eq!(fetch(&given, verifier).status, 400);
    let given = handed();
    sso.clock.advance(Duration::from_secs(60));
    assert_eq!(fetch(&given, verifier).status, 400, "too late");
}

#[test]
fn somebody_signs_in_from_the_command_line_with_his_browser() {
    let sso = Sso::start("");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kt"));
    command.args(["auth", "login", "--sso", "--url", &sso.product.api]).env("HOME", sso.product.folder.path());
    command.env_remove("XDG_CONFIG_HOME").env_remove("PICKET_TOKEN").env_remove("API_TOKEN");
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.find_map(|line| line.trim().strip_prefix(&sso.product.api).map(str::to_owned)).unwrap();
    let (back, cookie) = sso.away(url.strip_prefix("/v1/auth/oidc").unwrap());
    let place = location(&sso.get(&sso.product.api, &back, &cookie));
    let (base, path) = place.split_at(place.find("/?").unwrap());
    assert_eq!(sso.get(base, "/favicon.ico", "").status, 404, "others may knock");
    assert!(sso.get(base, path, "").text.contains("You are signed in"));
    assert!(child.wait().unwrap().success(), "{:?}", lines.collect::<Vec<_>>());
    let status = Command::new(env!("CARGO_BIN_EXE_kt"))
        .args(["auth", "status", "--format", "json"])
        .env("HOME", sso.product.folder.path())
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&status.stdout).unwrap()["name"], "alice");
}

#[test]
fn without_a_provider_nobody_is_sent_anywhere() {
    let product = Product::start();
    let answer = product.send(&product.api, Method::GET, "/v1/auth/oidc", &[], "".into());
    assert_eq!(code(&answer), (404, "sso_not_configured".to_owned()));
}
