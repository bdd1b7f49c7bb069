//! Who may do what: every route with every role, generated from the table of routes.

use crate::harness::Product;
use http::Method;
use picket_store::Role;
use serde_json::{Value, json};

#[test]
fn every_route_answers_every_role_as_the_table_says() {
    let product = Product::start();
    let tokens: Vec<(Role, String)> = Role::ALL
        .iter()
        .map(|role| {
            let created =
                product.admin(Method::POST, "/v1/tokens", &json!({"name": format!("a {role}"), "role": role.as_str()}));
            assert_eq!(created.status, 201, "{}", created.text);
            (*role, created.json()["token"].as_str().unwrap().to_owned())
        })
        .collect();
    for route in picket_api::ROUTES.iter().filter(|route| !route.path.ends_with("/tail") && route.path != "/v1/setup") {
        let path = route
            .path
            .replace("{id}", "evt_00000000000000000000000000")
            .replace("{version}", "1")
            .replace("{log}", "t_x")
            .replace("{*path}", "0/000");
        let method: Method = route.method.parse().unwrap();
        for wrong in ["", "junk", &product.key] {
            let answer = product.admin_as(wrong, method.clone(), &path, &Value::Null);
            assert_eq!(answer.status, 401, "{} {path} with {wrong:?}: {}", route.method, answer.text);
        }
        for (role, token) in &tokens {
            let answer = product.admin_as(token, method.clone(), &path, &Value::Null);
            assert_eq!(
                answer.status == 403,
                !role.may(route.permission),
                "{} {path} as {role}: {} {}",
                route.method,
                answer.status,
                answer.text
            );
            assert!(answer.status < 500, "{} {path} as {role}: {}", route.method, answer.text);
        }
    }
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
    for (method, path, media, body, status, code) in [
        ("GET", "/nowhere", json, "", 404, "not_found"),
        ("GET", "/v1/nowhere", json, "", 404, "not_found"),
        ("GET", "/v1/events/evt_00000000000000000000000001", json, "", 404, "not_found"),
        ("GET", "/v1/events/nonsense", json, "", 400, "invalid_request"),
        ("GET", "/v1/policies/nonsense", json, "", 404, "not_found"),
        ("GET", "/v1/log/t_x/checkpoint", json, "", 404, "not_found"),
        ("DELETE", "/v1/events", json, "", 405, "method_not_allowed"),
        ("PUT", "/healthz", json, "", 405, "method_not_allowed"),
        ("POST", "/v1/keys", json, &long, 413, "body_too_large"),
        ("POST", "/v1/keys", text, "{}", 415, "unsupported_media_type"),
        ("POST", "/v1/keys", json, "{\"name\":", 400, "malformed_json"),
        ("POST", "/v1/keys", json, "", 400, "malformed_json"),
        ("POST", "/v1/keys", json, "{\"id\":\"key_1\"}", 422, "invalid_body"),
        ("POST", "/v1/keys", json, "{\"name\":\"a\",\"name\":\"b\"}", 422, "invalid_body"),
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
    let metrics = open("/metrics").text;
    assert!(metrics.contains("picket_gateway_requests_total{decision=\"allowed\"} 1\n"), "{metrics}");
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("picket_") && value.parse::<u64>().is_ok(), "{line}");
    }
    let document = open("/openapi.json").json();
    for route in picket_api::ROUTES {
        let operation = &document["paths"][route.path.replace("{*", "{")][route.method.to_lowercase()];
        assert!(operation["responses"]["200"].is_object(), "{} {}", route.method, route.path);
    }
}
