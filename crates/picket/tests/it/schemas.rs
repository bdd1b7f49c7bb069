//! The control API against its own document, as somebody reads it who knows nothing else: `cargo xt schema` names the
//! program (schemathesis) that makes requests of the document and holds the answers against it.

use crate::harness::Product;
use http::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::Command;

/// What an answer must not be: a failure of the server, or something that the document does not say; and what the
/// document refuses must not be taken.
const CHECKS: &str = "not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance,response_headers_conformance,negative_data_rejection,ignored_auth";

/// Routes that end what the requests themselves need, or never end: the first pass leaves them out.
const LEFT_OUT: &[(&str, &str)] = &[
    ("GET", "/v1/events/tail"),
    ("DELETE", "/v1/tokens/{id}"),
    ("DELETE", "/v1/users/{id}"),
    ("PATCH", "/v1/users/{id}"),
    ("POST", "/v1/setup"),
];

/// Ids of what is there, by the route and the parameter that takes them.
fn ids(product: &Product) -> Vec<(&'static str, &'static str, String)> {
    let made = |path: &str, body: Value| {
        let answer = product.admin(Method::POST, path, &body);
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
        answer.json()
    };
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
    // A key of its own: the requests before may have ended the others.
    let bearer = format!("Bearer {}", product.new_key(json!({})));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body =
        json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "mail ana@example.com"}]}).to_string();
    let answer = product.send(&product.gateway, Method::POST, "/v1/chat/completions", &headers, body.into());
    let event = text(&product.event_of(&answer)["event_id"]);
    let escalation = || {
        let id = text(&made("/v1/escalations/test", json!({}))["escalation_id"]);
        product.wait("the escalation", |product| {
            let found = product.admin(Method::GET, &format!("/v1/escalations/{id}"), &Value::Null);
            (found.status == 200).then_some(())
        });
        id
    };
    let handed_on = escalation();
    made(&format!("/v1/escalations/{handed_on}/resolve"), json!({"resolution": "investigate", "notes": "look"}));
    let first = |path: &str| text(&product.get(path)[0]["id"]);
    let user = made("/v1/users", json!({"name": "reviewer", "roles": ["responder"]}));
    let export = text(&made("/v1/exports", json!({"type": "events", "format": "json"}))["id"]);
    let log = first("/v1/log");
    vec![
        ("/v1/events/{id}", "id", event),
        ("/v1/escalations/{id}", "id", escalation()),
        ("/v1/incidents/{id}", "id", first("/v1/incidents")),
        ("/v1/users/{id}", "id", text(&user["user"]["id"])),
        ("/v1/teams/{id}", "id", text(&made("/v1/teams", json!({"name": "soc"}))["id"])),
        ("/v1/teams/{id}/members/{user}", "user", text(&user["user"]["id"])),
        ("/v1/exports/{id}", "id", export),
        ("/v1/keys/{id}", "id", first("/v1/keys")),
        ("/v1/log/{log}", "log", log),
        ("/v1/policies/{version}", "version", "1".to_owned()),
    ]
}

/// Its configuration: where a route takes the id of something, half of the requests shall name one that is there.
fn settings(ids: &[(&str, &str, String)]) -> String {
    let mut text = String::new();
    for route in picket_api::ROUTES {
        let taken = ids.iter().filter(|(prefix, parameter, _)| {
            route.path.starts_with(prefix) && route.path.contains(&format!("{{{parameter}}}"))
        });
        let values: Vec<_> = taken.map(|(_, parameter, id)| format!("\"path.{parameter}\" = \"{id}\"")).collect();
        if !values.is_empty() {
            let name = format!("{} {}", route.method, route.path.replace("{*", "{"));
            let values = values.join(", ");
            write!(text, "[[operations]]\ninclude-name = \"{name}\"\nparameters = {{ {values} }}\n\n").unwrap();
        }
    }
    text
}

#[test]
fn no_answer_fails_or_says_what_the_document_does_not() {
    let Some(program) = std::env::var_os("PICKET_TEST_SCHEMATHESIS") else { return };
    let seed = std::env::var("PICKET_TEST_SEED").unwrap_or_else(|_| "1".to_owned());
    let examples = std::env::var("PICKET_TEST_EXAMPLES").unwrap_or_else(|_| "20".to_owned());
    let mut product = Product::start();
    product.reconfigure(|text, _| text.replace("policies: { file: policy.yaml, managed: file }\n", ""));
    let folder = product.folder.path().to_path_buf();
    let pass = |name: &str, settings: &str, choose: &[String]| {
        std::fs::write(folder.join("schemathesis.toml"), settings).unwrap();
        let mut run = Command::new(&program);
        run.current_dir(&folder).arg("run").arg(format!("{}/openapi.json", product.api)).args(choose);
        run.arg("--header").arg(format!("Authorization: Bearer {}", product.token));
        run.args(["--checks", CHECKS, "--max-examples", &examples, "--seed", &seed, "--continue-on-failure"]);
        run.args(["--request-timeout", "30", "--no-color", "--suppress-health-check", "all"]);
        let done = run.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let told = String::from_utf8_lossy(&done.stdout).replace(&product.token, "…");
        assert!(done.status.success(), "{name}: {told}\n{}", String::from_utf8_lossy(&done.stderr));
        let tail: Vec<_> = told.lines().rev().take(24).collect();
        println!("{name}: {}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
    };
    let names = |option: &str, routes: &[(&str, &str)]| -> Vec<String> {
        routes.iter().flat_map(|(method, path)| [option.to_owned(), format!("{method} {path}")]).collect()
    };
    pass("anything", "", &names("--exclude-name", LEFT_OUT));
    pass("what is there", &settings(&ids(&product)), &names("--exclude-name", LEFT_OUT));
    pass("what ends access", "", &names("--include-name", &LEFT_OUT[1..]));
    assert_eq!(product.admin(Method::GET, "/healthz", &Value::Null).status, 200);
}
