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
