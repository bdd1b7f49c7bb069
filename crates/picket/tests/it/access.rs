//! Who may do what: every route with every role, generated from the table of routes.

use crate::harness::Product;
use crate::identity;
use http::Method;
use picket_api::Route;
use picket_db::{Db, Lane, OpenError, Options, Ticket};
use picket_event::Workspace;
use picket_keys::{Keyring, RootKey, RootSource};
use picket_server::{Config, Server, StartError};
use picket_stdx::{Clock, Timestamp};
use picket_store::credentials::Details;
use picket_store::{Credentials, NewCredential, Permission, Role, Secret, TokenKind};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A way to come to the door: what is shown there, and the role behind it.
struct Visitor {
    who: String,
    token: String,
    role: Option<Role>,
    /// Somebody who signed in; tokens have no account of their own.
    is_person: bool,
}

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn secret(made: &Value) -> String {
    made["token"].as_str().unwrap().to_owned()
}

fn make(product: &Product, wanted: &Value) -> Value {
    let made = product.admin(Method::POST, "/v1/tokens", wanted);
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()
}

fn visitors(product: &Product, clock: &Clock, other: String) -> Vec<Visitor> {
    let nobody = |who: &str, token: String| Visitor { who: who.to_owned(), token, role: None, is_person: false };
    let brief = secret(&make(product, &json!({"name": "brief", "role": "owner", "expires": "1h"})));
    identity::user(product, "leaver", &["owner"]);
    let left = identity::login(product, "leaver");
    let suspended = product.admin(Method::PATCH, "/v1/users/leaver", &json!({"state": "suspended"}));
    assert_eq!(suspended.status, 200, "{}", suspended.text);
    identity::user(product, "sleeper", &["owner"]);
    let slept = identity::login(product, "sleeper");
    clock.advance(Duration::from_secs(2 * 3_600));
    let revoked = make(product, &json!({"name": "revoked", "role": "owner"}));
    let path = format!("/v1/tokens/{}", revoked["credential"]["id"].as_str().unwrap());
    assert_eq!(product.admin(Method::DELETE, &path, &Value::Null).status, 200);
    let mut forged = secret(&make(product, &json!({"name": "forged", "role": "owner"})));
    forged.pop();
    let mut visitors: Vec<Visitor> = Vec::new();
    for role in Role::ALL {
        let token = secret(&make(product, &json!({"name": "a visitor", "role": role.as_str()})));
        visitors.push(Visitor { who: role.to_string(), token, role: Some(*role), is_person: false });
        identity::user(product, role.as_str(), &[role.as_str()]);
        let token = identity::login(product, role.as_str());
        visitors.push(Visitor { who: format!("a user, {role}"), token, role: Some(*role), is_person: true });
    }
    visitors.extend([
        nobody("nobody", String::new()),
        nobody("junk", "junk".to_owned()),
        nobody("a gateway key", product.key.clone()),
        nobody("a revoked owner", secret(&revoked)),
        nobody("a forged owner", forged),
        nobody("an expired owner", brief),
        nobody("a suspended owner", left),
        nobody("an owner who was away too long", slept),
        nobody("an owner of another workspace", other),
    ]);
    visitors
}

/// A credential of another workspace, in the same store. The server is stopped then.
fn of_another_workspace(product: &mut Product, kind: TokenKind, role: Role) -> String {
    product.stop();
    let data = product.folder.path().join("data");
    let deadline = Instant::now() + Duration::from_secs(20);
    // Another test may be starting a program, which has a copy of the lock until it runs.
    let db = loop {
        match Db::open(Options::new(data.join("picket.db")), &[]) {
            Err(OpenError::Locked(_)) if Instant::now() < deadline => std::thread::yield_now(),
            opened => break opened.unwrap(),
        }
    };
    let root = RootSource::File(product.folder.path().join("keys/root.key"));
    let keyring = Keyring::open(&db, RootKey::load(&root, &data, false).unwrap()).unwrap();
    let credentials = Credentials::open(&db, keyring.pepper()).unwrap();
    let new = NewCredential {
        kind,
        roles: role.into(),
        workspace: Workspace::parse("ws_other").unwrap(),
        name: None,
        details: Details::default(),
        created_by: "system".to_owned(),
        created_at: START,
        expires_at: None,
    };
    let made: Ticket<(Secret, String), OpenError> =
        db.write(Lane::Admin, "test", move |tx| Ok(credentials.create(tx, &new)?));
    made.wait().unwrap().0.reveal().to_owned()
}

#[test]
fn every_route_answers_every_visitor_as_the_table_says() {
    let clock = Clock::manual(START);
    let mut product = Product::at(&clock, "policies:\n  chain: [audit-logger]\n", "");
    let other = of_another_workspace(&mut product, TokenKind::Personal, Role::Owner);
    product.reconfigure(|text, _folder| format!("{text}identity: {{ second_factor: [] }}\n"));
    let visitors = visitors(&product, &clock, other);
    // What is asked for is there, so that only the credential keeps it from whoever may not have it.
    let asked = product.chat("hello");
    let event = product.event_of(&asked)["event_id"].as_str().unwrap().to_owned();
    // Whoever has left is nobody.
    let leaving = |route: &&Route| route.path == "/v1/auth/logout";
    let (last, first): (Vec<&Route>, Vec<&Route>) = picket_api::ROUTES.iter().partition(leaving);
    for route in first.into_iter().chain(last) {
        let path = route
            .path
            .replace("/events/{id}", &format!("/events/{event}"))
            .replace("{id}", "evt_00000000000000000000000000")
            .replace("{user}", "usr_00000000000000000000000000")
            .replace("{version}", "1")
            .replace("{log}", product.log().id())
            .replace("{*path}", "0/000");
        // A tail does not end; its head says enough.
        let method = if path.ends_with("/tail") { Method::HEAD } else { route.method.parse().unwrap() };
        for Visitor { who, token, role, is_person } in &visitors {
            let answer = product.admin_as(token, method.clone(), &path, &Value::Null);
            let cell = format!("{} {path} as {who}: {} {}", route.method, answer.status, answer.text);
            assert!(answer.status < 500, "{cell}");
            match role.filter(|_role| path != "/v1/setup") {
                _ if route.permission == Permission::Open => assert!(!matches!(answer.status, 401 | 403), "{cell}"),
                None if who.ends_with("workspace") => {
                    assert!(matches!(answer.status, 401 | 403) && !answer.text.contains(&event), "{cell}")
                }
                None => assert_eq!(answer.status, 401, "{cell}"),
                Some(_) if route.permission == Permission::Provision => assert_eq!(answer.status, 401, "{cell}"),
                Some(role) if !role.may(route.permission) => assert_eq!(answer.status, 403, "{cell}"),
                Some(_) if path.starts_with("/v1/auth/") && !is_person => {
                    assert!(matches!(answer.status, 400 | 403), "{cell}")
                }
                Some(_) => assert!(!matches!(answer.status, 401 | 403), "{cell}"),
            }
        }
    }
}

#[test]
fn a_key_of_another_workspace_opens_the_gateway_no_more_than_none() {
    let mut product = Product::start();
    let own = product.key.clone();
    product.key = of_another_workspace(&mut product, TokenKind::GatewayKey, Role::Service);
    product.restart();
    let asked = product.provider.requests().len();
    let refused = product.chat("hello");
    product.key = "picket_gw_nobody".to_owned();
    let unknown = product.chat("hello");
    assert_eq!((refused.status, unknown.status), (401, 401), "{}", refused.text);
    assert_eq!(refused.json()["error"]["code"], unknown.json()["error"]["code"]);
    assert_eq!(product.provider.requests().len(), asked, "nothing goes to the provider");
    product.key = own;
    assert_eq!(product.chat("hello").status, 200);
}

#[test]
fn what_is_a_credential_of_one_store_is_none_of_another() {
    let (one, mut other) = (Product::start(), Product::start());
    let path = format!("/v1/log/{}/checkpoint", one.log().id());
    assert_eq!(other.admin(Method::GET, &path, &Value::Null).status, 404, "its log is not there either");
    assert_eq!(other.admin_as(&one.token, Method::GET, "/v1/events", &Value::Null).status, 401);
    other.key.clone_from(&one.key);
    assert_eq!((one.chat("hello").status, other.chat("hello").status), (200, 401));
}

#[test]
fn a_data_folder_is_opened_for_the_workspace_that_the_configuration_names_and_for_no_other() {
    let mut product = Product::start();
    let own = product.get("/v1/whoami")["workspace_id"].as_str().unwrap().to_owned();
    product.reconfigure(|text, _folder| format!("{text}workspace: {own}\n"));
    assert_eq!(product.get("/v1/whoami")["workspace_id"], json!(own));
    let file = product.folder.path().join("picket.yaml");
    let text = std::fs::read_to_string(&file).unwrap().replace(&own, "ws_another");
    std::fs::write(&file, text).unwrap();
    let reloaded = product.admin(Method::POST, "/v1/reload", &Value::Null);
    assert_eq!(reloaded.status, 422, "{}", reloaded.text);
    assert!(reloaded.text.contains("the configuration names ws_another"), "{}", reloaded.text);
    product.stop();
    let config = Config::load(Some(&file)).unwrap();
    let refused = loop {
        // Another test may be starting a program, which has a copy of the lock until it runs.
        match Server::start(config.clone(), &Clock::system()) {
            Err(StartError::Database(OpenError::Locked(_))) => std::thread::yield_now(),
            Err(error) => break error.to_string(),
            Ok(_) => panic!("the store of somebody else was opened"),
        }
    };
    let expected = format!("this data folder is of workspace {own}, and the configuration names ws_another");
    assert!(refused.contains(&expected) && refused.contains("/data: "), "{refused}");
    let named = Config::parse("workspace: acme", "picket.yaml", product.folder.path()).unwrap_err().to_string();
    assert!(named.contains("picket.yaml:1:12: `acme` names no workspace"), "{named}");
    let fresh = product.folder.path().join("fresh");
    let text = std::fs::read_to_string(&file).unwrap().replace("/data\n", "/fresh\n");
    std::fs::write(&file, text).unwrap();
    product.restart();
    assert!(fresh.join("picket.db").is_file());
    product.take_administrator();
    assert_eq!(product.get("/v1/whoami")["workspace_id"], json!("ws_another"), "a new store is of whom it is made for");
}

#[test]
fn no_other_spelling_of_a_path_and_no_header_leads_past_the_gate() {
    let product = Product::start();
    let viewer = secret(&make(&product, &json!({"name": "v", "role": "viewer"})));
    let bearer = format!("Bearer {viewer}");
    for path in ["/v1/users", "/v1/keys", "/v1/audit-log", "/v1/tokens"] {
        let (first, last) = path.rsplit_once('/').unwrap();
        for spelling in [
            path.to_owned(),
            format!("/{path}"),
            path.to_uppercase(),
            format!("{path}/"),
            format!("{path}//"),
            format!("{path};x=1"),
            format!("{path}%00"),
            format!("{path}%20"),
            format!("{path}/."),
            format!("{path}/..{path}"),
            format!("{first}//{last}"),
            format!("{first}/./{last}"),
            format!("{first}/x/../{last}"),
            format!("{first}/%2e%2e/v1/{last}"),
            format!("{first}%2f{last}"),
            format!("{first}/{last}?x=/v1/whoami"),
            format!("/v1/whoami/..{path}"),
            format!("/healthz/..{path}"),
            format!("/healthz%2f..%2f{}", path.trim_start_matches('/')),
        ] {
            for header in [
                ("x-original-url", "/v1/whoami"),
                ("x-rewrite-url", "/v1/whoami"),
                ("x-forwarded-host", "localhost"),
                ("x-forwarded-prefix", "/v1/whoami"),
                ("x-http-method-override", "HEAD"),
                ("forwarded", "for=127.0.0.1;host=localhost"),
            ] {
                let with = [("authorization", bearer.as_str()), header];
                let answer = product.send(&product.api, Method::GET, &spelling, &with, "".into());
                assert!(matches!(answer.status, 403..=405), "{spelling} {header:?}: {} {}", answer.status, answer.text);
                let without = product.send(&product.api, Method::GET, &spelling, &[header], "".into());
                assert!(matches!(without.status, 401 | 404 | 405), "{spelling} {header:?}: {}", without.status);
            }
        }
    }
    // The other way round: nothing open is closed by it, and what is asked for decides.
    let asked = [("authorization", bearer.as_str()), ("x-original-url", "/v1/users")];
    assert_eq!(product.send(&product.api, Method::GET, "/v1/whoami", &asked, "".into()).status, 200);
}

#[test]
fn the_table_of_roles_is_as_the_documents_say() {
    let may = |role: Role| -> Vec<&str> {
        let allowed = picket_api::ROUTES.iter().filter(|route| role.may(route.permission));
        allowed.map(|route| route.path).collect()
    };
    let sending = picket_api::ROUTES.iter().filter(|route| route.permission == Permission::Provision);
    assert_eq!(may(Role::Owner).len() + sending.count(), picket_api::ROUTES.len(), "no role sends users");
    let erasing = picket_api::ROUTES.iter().filter(|route| route.permission == Permission::EraseSubjects);
    let erasing: Vec<&str> = erasing.map(|route| route.path).collect();
    let but_erasing: Vec<&str> = may(Role::Owner).into_iter().filter(|path| !erasing.contains(path)).collect();
    assert_eq!(may(Role::Admin), but_erasing, "they differ in whose tokens they may make and end, and in erasing");
    assert!(!Role::Admin.may(Permission::EraseSubjects));
    for (role, path, allowed) in [
        (Role::Viewer, "/v1/events", true),
        (Role::Viewer, "/v1/escalations", true),
        (Role::Viewer, "/v1/events/{id}/bodies", false),
        (Role::Viewer, "/v1/exports", false),
        (Role::Service, "/v1/events/tail", true),
        (Role::Service, "/v1/events/{id}/excerpts", false),
        (Role::Service, "/v1/escalations", false),
        (Role::Service, "/v1/policies/active", false),
        (Role::Responder, "/v1/escalations/{id}/resolve", true),
        (Role::Responder, "/v1/exports/{id}/cancel", true),
        (Role::Responder, "/v1/keys", false),
        (Role::Responder, "/v1/audit-log", false),
        (Role::PolicyEditor, "/v1/policies/rollback", true),
        (Role::PolicyEditor, "/v1/keys", false),
        (Role::PolicyApprover, "/v1/policies/rollback", false),
        (Role::Auditor, "/v1/audit-log", true),
        (Role::Auditor, "/v1/keys/{id}", false),
        (Role::Auditor, "/v1/users", true),
        (Role::Auditor, "/v1/users/{id}/password", false),
        (Role::Responder, "/v1/users", false),
        (Role::Service, "/v1/auth/totp", true),
        (Role::Auditor, "/v1/events/{id}/bodies", false),
        (Role::Dpo, "/v1/events/{id}/bodies", true),
        (Role::Dpo, "/v1/escalations/{id}/resolve", false),
    ] {
        assert_eq!(may(role).contains(&path), allowed, "{role} {path}");
    }
}

#[test]
fn a_token_is_never_wider_than_its_maker() {
    let product = Product::start();
    let make = |token: &str, wanted: Value| product.admin_as(token, Method::POST, "/v1/tokens", &wanted);
    let bound = make(&product.token, json!({"name": "bound", "role": "admin", "addresses": ["127.0.0.0/8"]})).json();
    let bound = bound["token"].as_str().unwrap();
    for (addresses, status) in [
        (json!(["127.0.0.0/16", "127.1.2.3"]), 201),
        (json!(["0.0.0.0/0"]), 403),
        (json!(["127.0.0.1", "10.0.0.0/8"]), 403),
        (json!(["::/0"]), 403),
        (json!(["nonsense"]), 400),
    ] {
        let answer = make(bound, json!({"name": "x", "role": "viewer", "addresses": addresses}));
        assert_eq!(answer.status, status, "{addresses}: {}", answer.text);
    }
    assert_eq!(make(bound, json!({"name": "x", "role": "owner"})).status, 403);
    let elsewhere = make(&product.token, json!({"name": "e", "role": "admin", "addresses": ["192.0.2.0/24"]})).json();
    let whoami = |token: &str| product.admin_as(token, Method::GET, "/v1/whoami", &Value::Null).status;
    assert_eq!(whoami(elsewhere["token"].as_str().unwrap()), 401, "it is checked when it is used");
    assert_eq!(whoami(bound), 200);
    for (role, others) in [
        ("responder", ["viewer", "responder"]),
        ("viewer", ["viewer", "owner"]),
        ("service", ["service", "admin"]),
        ("auditor,dpo", ["viewer", "dpo"]),
        ("policy-editor", ["policy-editor", "policy-approver"]),
    ] {
        let maker = make(&product.token, json!({"name": "m", "role": role})).json();
        for other in others {
            let answer = make(maker["token"].as_str().unwrap(), json!({"name": "x", "role": other}));
            assert_eq!(answer.status, 403, "{role} makes {other}");
        }
    }
}

#[test]
fn scopes_of_a_token_narrow_it_and_what_it_makes() {
    let product = Product::start();
    let make = |token: &str, wanted: Value| product.admin_as(token, Method::POST, "/v1/tokens", &wanted);
    let secret = |made: Value| made["token"].as_str().unwrap().to_owned();
    let scopes = json!(["tokens:write", "events:read"]);
    let narrow = secret(make(&product.token, json!({"name": "n", "role": "owner", "scopes": scopes})).json());
    let status = |token: &str, path: &str| product.admin_as(token, Method::GET, path, &Value::Null).status;
    assert_eq!((status(&narrow, "/v1/events"), status(&narrow, "/v1/keys")), (200, 403));
    for (wanted, expected) in [
        (json!({"name": "x", "role": "owner"}), 201),
        (json!({"name": "x", "role": "viewer", "scopes": ["events:read"]}), 201),
        (json!({"name": "x", "role": "owner", "scopes": ["keys:write"]}), 403),
        (json!({"name": "x", "role": "viewer", "scopes": ["escalations:read"]}), 403),
        (json!({"name": "x", "role": "viewer", "scopes": ["events:rea"]}), 400),
        (json!({"name": "x", "role": "viewer", "scopes": ["*"]}), 400),
    ] {
        let answer = make(&narrow, wanted.clone());
        assert_eq!(answer.status, expected, "{wanted}: {}", answer.text);
    }
    let child = secret(make(&narrow, json!({"name": "x", "role": "owner"})).json());
    assert_eq!(status(&child, "/v1/keys"), 403, "what names no scopes has its maker's");
    assert_eq!(status(&product.token, "/v1/keys"), 200);
}

#[test]
fn the_last_owner_cannot_lock_everybody_out() {
    let product = Product::start();
    let id = product.get("/v1/whoami")["id"].as_str().unwrap().to_owned();
    let end = || product.admin(Method::DELETE, &format!("/v1/tokens/{id}"), &Value::Null);
    let refused = end();
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("conflict")), "{}", refused.text);
    product.admin(Method::POST, "/v1/tokens", &json!({"name": "second", "role": "owner"}));
    assert_eq!(end().status, 200);
}

#[test]
fn nobody_makes_a_token_wider_than_his_own_and_revoked_ones_end_at_once() {
    let product = Product::start();
    let admin = product.admin(Method::POST, "/v1/tokens", &json!({"name": "adm", "role": "admin"})).json();
    let token = admin["token"].as_str().unwrap().to_owned();
    assert_eq!(
        product.admin_as(&token, Method::POST, "/v1/tokens", &json!({"name": "x", "role": "owner"})).status,
        403
    );
    assert_eq!(
        product
            .admin_as(&token, Method::POST, "/v1/tokens", &json!({"name": "x", "role": "viewer", "id": "tok_1"}))
            .status,
        422
    );
    assert_eq!(product.admin_as(&token, Method::GET, "/v1/whoami", &Value::Null).json()["role"], "admin");
    let id = admin["credential"]["id"].as_str().unwrap().to_owned();
    assert_eq!(product.admin(Method::DELETE, &format!("/v1/tokens/{id}"), &Value::Null).status, 200);
    assert_eq!(product.admin_as(&token, Method::GET, "/v1/whoami", &Value::Null).status, 401);
}

#[test]
fn names_that_hide_something_are_refused() {
    let product = Product::start();
    for name in ["a\u{0}b", "a\u{202e}b", "", " a", "a\nb", &"x".repeat(300)] {
        assert_eq!(product.admin(Method::POST, "/v1/keys", &json!({"user": name})).status, 400, "{name:?}");
    }
}

#[test]
fn a_file_managed_policy_is_not_changed_by_the_api() {
    let product = Product::start();
    let answer = product.admin(Method::POST, "/v1/policies", &json!({"text": "policies: { chain: [audit-logger] }"}));
    assert_eq!(answer.status, 409, "{}", answer.text);
    assert_eq!(product.get("/v1/policies/active")["version"], 1);
}

#[test]
fn whatever_is_wrong_with_a_request_the_answer_is_a_problem_document_with_its_id() {
    let product = Product::start();
    let bearer = format!("Bearer {}", product.token);
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(3 * 1024 * 1024));
    let (json, text) = ("application/json", "text/plain");
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for (method, path, media, body, status, code) in [
        ("GET", "/nowhere", json, "", 404, "not_found"),
        ("GET", "/v1/nowhere", json, "", 404, "not_found"),
        ("GET", "/v1/events/evt_00000000000000000000000001", json, "", 404, "not_found"),
        ("GET", "/v1/events/nonsense", json, "", 400, "invalid_request"),
        ("GET", "/v1/policies/nonsense", json, "", 404, "not_found"),
        ("GET", "/v1/policies/9223372036854775808", json, "", 404, "not_found"),
        ("POST", "/v1/policies/rollback", json, "{\"version\":9223372036854775808}", 404, "not_found"),
        ("GET", "/v1/log/t_x/checkpoint", json, "", 404, "not_found"),
        ("DELETE", "/v1/events", json, "", 405, "method_not_allowed"),
        ("PUT", "/healthz", json, "", 405, "method_not_allowed"),
        ("POST", "/v1/keys", json, &long, 413, "body_too_large"),
        ("POST", "/v1/keys", text, "{}", 415, "unsupported_media_type"),
        ("POST", "/v1/keys", json, "[null, null]", 422, "invalid_body"),
        ("POST", "/v1/keys", json, "{\"name\":", 400, "malformed_json"),
        ("POST", "/v1/keys", json, "", 400, "malformed_json"),
        ("POST", "/v1/keys", json, "{\"id\":\"key_1\"}", 422, "invalid_body"),
        ("POST", "/v1/keys", json, "{\"name\":\"a\",\"name\":\"b\"}", 400, "malformed_json"),
        ("POST", "/v1/keys", json, &deep, 400, "malformed_json"),
        ("POST", "/v1/exports", json, "{\"format\":\"xml\"}", 422, "invalid_body"),
        (
            "POST",
            "/v1/events/evt_00000000000000000000000001/bodies",
            json,
            "{\"reason\":\"a\",\"x\":1}",
            422,
            "invalid_body",
        ),
        ("POST", "/v1/policies/diff", json, "{\"text\":\"policies: [\"}", 422, "invalid_policy"),
    ] {
        let headers = [("authorization", bearer.as_str()), ("content-type", media)];
        let answer = product.send(&product.api, method.parse().unwrap(), path, &headers, body.to_owned().into());
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{method} {path}");
        let problem = answer.json();
        assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some(code), Some(status.into())), "{path}");
        assert!(problem["request_id"].as_str().unwrap().starts_with("req_"), "{path}");
        assert_eq!(answer.headers["x-request-id"].to_str().unwrap(), problem["request_id"]);
        assert_eq!(answer.headers.contains_key("allow"), status == 405, "{method} {path}");
    }
}

#[test]
fn what_needs_no_token_says_only_how_the_server_stands() {
    let product = Product::start();
    let open = |path: &str| product.send(&product.api, Method::GET, path, &[], "".into());
    assert_eq!((open("/healthz").status, open("/healthz").text.as_str()), (200, "ok\n"));
    assert_eq!((open("/readyz").status, open("/readyz").text.as_str()), (200, "ready\n"));
    product.chat("hello");
    // A request counts when it has ended, which is after its answer.
    let counted = "picket_gateway_requests_total{decision=\"allowed\"} 1\n";
    let metrics = product.wait("the count", |_| Some(open("/metrics").text).filter(|text| text.contains(counted)));
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let is_ours = ["picket_", "process_"].iter().any(|prefix| name.starts_with(prefix));
        assert!(is_ours && value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
    }
    let document = open("/openapi.json").json();
    for route in picket_api::ROUTES {
        let operation = &document["paths"][route.path.replace("{*", "{")][route.method.to_lowercase()];
        assert!(operation["responses"]["default"].is_object(), "{} {}", route.method, route.path);
    }
}

#[test]
fn a_set_up_token_makes_one_owner_and_a_bad_name_does_not_use_it_up() {
    let product = Product::start();
    let setup = product.setup.clone().unwrap();
    let trade = |name: &str| product.admin_as(&setup, Method::POST, "/v1/setup", &json!({ "name": name }));
    assert_eq!(trade("a\u{0}b").status, 400);
    let made = trade("first owner");
    assert_eq!(made.status, 201, "{}", made.text);
    let who = product.admin_as(made.json()["token"].as_str().unwrap(), Method::GET, "/v1/whoami", &Value::Null).json();
    assert_eq!(who["role"], "owner");
    assert_eq!(trade("second owner").status, 401);
}

#[test]
fn heads_of_requests_to_the_control_api_are_bounded() {
    use std::io::{Read as _, Write as _};
    let product = Product::start();
    for (length, status) in [(20_000, "200 OK"), (60_000, "431 ")] {
        let mut stream = std::net::TcpStream::connect(product.api.trim_start_matches("http://")).unwrap();
        let head = format!(
            "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-a: {}\r\n\r\n",
            "a".repeat(length)
        );
        // A server that refuses early does not read the rest, and its answer may be lost with the connection then.
        let sent = stream.write_all(head.as_bytes());
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let is_lost = status.starts_with("431") && answer.is_empty() && (sent.is_err() || read.is_err());
        assert!(is_lost || answer.starts_with(&format!("HTTP/1.1 {status}")), "{length}: {answer}");
    }
}

#[test]
fn the_control_api_answers_to_its_own_names_only() {
    use std::io::{Read as _, Write as _};
    let mut product = Product::start();
    let ask = |product: &Product, hosts: &[&str]| {
        let mut stream = std::net::TcpStream::connect(product.api.trim_start_matches("http://")).unwrap();
        let hosts: String = hosts.iter().map(|host| format!("host: {host}\r\n")).collect();
        let head = format!(
            "GET /v1/whoami HTTP/1.1\r\n{hosts}authorization: Bearer {}\r\nconnection: close\r\n\r\n",
            product.token
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    for (hosts, status) in [
        (&["localhost:8081"][..], "200"),
        (&["127.0.0.1"], "200"),
        (&["rebound.example"], "421"),
        (&["localhost", "rebound.example"], "421"),
        (&["picket.example.com"], "421"),
    ] {
        assert_eq!(ask(&product, hosts), status, "{hosts:?}");
    }
    product.reconfigure(|text, _| {
        text.replace("api: { listen: 127.0.0.1:0 }", "api: { listen: 127.0.0.1:0, hosts: [picket.example.com] }")
    });
    assert_eq!(ask(&product, &["picket.example.com"]), "200");
    assert_eq!(ask(&product, &["rebound.example"]), "421");
}
