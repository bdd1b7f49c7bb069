//! A real identity provider, where one runs: `cargo xt ci --full` starts it and names its environment.

use crate::harness::{Answer, Product};
use http::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What the script that started it wrote down.
fn environment() -> Option<HashMap<String, String>> {
    let file = std::env::var("PICKET_TEST_KEYCLOAK").ok()?;
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let pairs = text.split_whitespace().filter_map(|word| word.split_once('='));
    Some(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn location(answer: &Answer) -> String {
    assert!(matches!(answer.status, 302 | 303), "{}: {}", answer.status, answer.text);
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// Names and values of the cookies that an answer sets.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    set.filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
}

/// A URL as server and path.
fn parts(url: &str) -> (&str, &str) {
    url.split_at(url.match_indices('/').nth(2).unwrap().0)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What a browser does: it shows the form, and somebody fills it in. Where it is sent back to.
fn through_the_form(product: &Product, url: &str, (user, password): (&str, &str)) -> Answer {
    let (base, path) = parts(url);
    let page = product.send(base, Method::GET, path, &[], "".into());
    assert_eq!(page.status, 200, "{}", page.text);
    let form = page.text.split("id=\"kc-form-login\"").nth(1).unwrap();
    let action = form.split("action=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let (base, path) = parts(&action);
    let cookies = cookies(&page);
    let headers = [("cookie", cookies.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("username={}&password={}", encoded(user), encoded(password));
    product.send(base, Method::POST, path, &headers, body.into())
}

/// What the provider gives a program that shows its secret and somebody's password.
fn access_token(product: &Product, environment: &HashMap<String, String>) -> String {
    let (base, path) = parts(&environment["OIDC_ISSUER"]);
    let form = format!(
        "grant_type=password&scope=openid&client_id={}&client_secret={}&username={}&password={}",
        encoded(&environment["OIDC_CLIENT_ID"]),
        encoded(&environment["OIDC_CLIENT_SECRET"]),
        encoded(&environment["OIDC_USER"]),
        encoded(&environment["OIDC_PASSWORD"])
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let path = format!("{path}/protocol/openid-connect/token");
    let answer = product.send(base, Method::POST, &path, &headers, form.into());
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_token_of_a_real_provider_lets_somebody_in_at_the_gateway_and_one_for_others_does_not() {
    let Some(environment) = environment() else { return };
    let mut product = Product::start();
    let jwt = format!(
        "jwt: {{ issuer: \"{}\", audience: picket-gateway, algorithms: [RS256], claims: {{ team: groups, application: azp }} }}",
        environment["OIDC_ISSUER"]
    );
    product.reconfigure(|text, _folder| text.replace("threads: 1", &format!("threads: 1, {jwt}")));
    let ask = |product: &Product| {
        let bearer = format!("Bearer {}", access_token(product, &environment));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}).to_string();
        product.send(&product.gateway, Method::POST, "/v1/chat/completions", &headers, body.into())
    };
    let answer = ask(&product);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let event = product.event_of(&answer);
    let texts = ["user", "team", "application", "identity"].map(|name| event[name].as_str().unwrap_or_default());
    assert_eq!(texts, ["alice", "picket-admins", environment["OIDC_CLIENT_ID"].as_str(), "jwt"], "{event}");
    product.reconfigure(|text, _folder| text.replace("audience: picket-gateway", "audience: another"));
    assert_eq!(ask(&product).status, 401);
}

#[test]
fn somebody_comes_in_through_a_real_provider_once_for_each_time_that_he_signs_in() {
    let Some(environment) = environment() else { return };
    let mut product = Product::start();
    let secret = product.folder.path().join("client.secret");
    std::fs::write(&secret, &environment["OIDC_CLIENT_SECRET"]).unwrap();
    let oidc = format!(
        "issuer: \"{}\", client_id: \"{}\", client_secret: {{ file: \"{}\" }}, redirect_uri: \"http://127.0.0.1:9/v1/auth/oidc/callback\", algorithms: [RS256], roles: {{ picket-admins: [admin] }}",
        environment["OIDC_ISSUER"],
        environment["OIDC_CLIENT_ID"],
        secret.display()
    );
    product.reconfigure(|text, _folder| format!("{text}identity: {{ sso_only: true, oidc: {{ {oidc} }} }}\n"));
    let come =
        |path: &str, cookie: &str| product.send(&product.api, Method::GET, path, &[("cookie", cookie)], "".into());
    let sign_in = || {
        let begun = product.send(&product.api, Method::GET, "/v1/auth/oidc", &[], "".into());
        let who = (environment["OIDC_USER"].as_str(), environment["OIDC_PASSWORD"].as_str());
        let back = location(&through_the_form(&product, &location(&begun), who));
        (back.strip_prefix("http://127.0.0.1:9").unwrap().to_owned(), cookies(&begun))
    };
    let (back, cookie) = sign_in();
    let entered = come(&back, &cookie);
    assert_eq!(entered.status, 200, "{}", entered.text);
    let session = cookies(&entered);
    let session = session.split("; ").find_map(|cookie| cookie.strip_prefix("__Host-picket=")).unwrap();
    let who = product.admin_as(session, Method::GET, "/v1/whoami", &Value::Null).json();
    assert_eq!((who["name"].as_str(), who["role"].as_str()), (Some("alice"), Some("admin")), "{who}");
    assert_eq!(come(&back, &cookie).status, 400, "replayed");
    let user = product.get("/v1/users/alice");
    assert_eq!(user["external"][0]["issuer"], environment["OIDC_ISSUER"].as_str());
    let (back, cookie) = sign_in();
    assert_eq!(come(&back, &cookie).status, 200);
    assert_eq!(product.get("/v1/users").as_array().unwrap().len(), 1, "the same user");
    // A code of the provider that was not given for this sign-in.
    let (back, cookie) = sign_in();
    let code = |path: &str| path.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let mixed = back.replace(&code(&back), &code(&sign_in().0));
    assert_eq!(come(&mixed, &cookie).status, 502, "its proof is another one");
}
