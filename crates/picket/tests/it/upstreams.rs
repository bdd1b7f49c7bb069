//! Providers that refuse, or cannot be reached: what the caller is told, and what the operator sees.

use crate::commands::run;
use crate::harness::{Answer, Product};
use http::Method;
use serde_json::{Value, json};

fn models(product: &Product, dialect: &str) -> Answer {
    let bearer = format!("Bearer {}", product.key);
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend((dialect == "anthropic").then_some(("anthropic-version", "2023-06-01")));
    product.send(&product.gateway, Method::GET, "/v1/models", &headers, "".into())
}

fn doctor(product: &Product) -> (Option<i32>, String) {
    let output = run(product, "picket doctor --format csv");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_caller_is_not_told_that_his_key_is_bad_when_it_is_the_operators() {
    let product = Product::start();
    assert!(doctor(&product).1.contains("provider openai"), "{}", doctor(&product).1);
    let messages = json!([{"role": "user", "content": "#status=401"}]);
    for (path, body) in [
        ("/v1/chat/completions", json!({"model": "gpt-4o", "messages": messages})),
        ("/v1/chat/completions", json!({"model": "gpt-4o", "messages": messages, "stream": true})),
        ("/v1/chat/completions", json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "#status=403"}]})),
        ("/v1/messages", json!({"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": messages})),
    ] {
        let answer = product.ask(path, &body);
        assert_eq!(answer.status, 502, "{path}: {}", answer.text);
        let error = answer.json()["error"].clone();
        match path {
            "/v1/messages" => {
                assert_eq!((answer.json()["type"].as_str(), &error["type"]), (Some("error"), &json!("api_error")))
            }
            _ => assert_eq!(error["code"], "provider_credentials_refused"),
        }
        assert!(error["message"].as_str().unwrap().contains("the gateway's own credentials"), "{error}");
        assert_eq!(answer.headers["x-should-retry"], "false", "trying again does not help");
        let event = product.event_of(&answer);
        assert_eq!((event["outcome"].as_str(), event["decision"].as_str()), (Some("upstream_error"), Some("error")));
        assert!(event["reason"].as_str().unwrap().contains("(status 40"), "{event}");
    }
    let metrics = product.admin(Method::GET, "/v1/metrics", &Value::Null).text;
    assert!(metrics.contains("picket_gateway_provider_keys_refused_total 4\n"), "{metrics}");
    assert!(metrics.contains("picket_gateway_upstream_errors_total 4\n"), "{metrics}");
    let (code, told) = doctor(&product);
    assert_eq!(code, Some(6), "{told}");
    assert_eq!(
        told.matches("it refuses the operator's key since").count(),
        4,
        "beside `ready` and by themselves: {told}"
    );
    // One that takes the key again is well again.
    assert_eq!(product.chat("hello").status, 200);
    let health = product.get("/v1/health");
    assert_eq!(health["ready"], true, "requests are still taken");
    let openai = health["providers"].as_array().unwrap().iter().find(|one| one["name"] == "openai").unwrap();
    assert_eq!(openai.get("error"), None, "{health}");
    // Another configuration may bring another key.
    assert_eq!(product.admin(Method::POST, "/v1/reload", &Value::Null).status, 200);
    assert_eq!(doctor(&product).0, Some(0));
}

#[test]
fn under_passthrough_the_providers_word_on_the_callers_key_goes_through() {
    let product = Product::with(crate::harness::POLICY, ", auth: passthrough");
    for status in [401, 403] {
        let answer = product.chat(&format!("#status={status}"));
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.json()["error"]["message"], "the provider failed as it was asked to");
        assert_eq!(product.event_of(&answer)["outcome"], "upstream_error");
    }
    assert_eq!(doctor(&product).0, Some(0), "the operator has nothing to mend");
}

#[test]
fn a_list_of_models_is_whole_or_says_what_is_missing_or_is_an_error() {
    let mut product = Product::start();
    for dialect in ["openai", "anthropic"] {
        let whole = models(&product, dialect);
        assert_eq!((whole.status, whole.headers.get("picket-unavailable")), (200, None), "{}", whole.text);
        assert!(!whole.json()["data"].as_array().unwrap().is_empty());
        let asked = product.provider.headers().pop().unwrap();
        assert_eq!(asked["x-request-id"], whole.headers["x-request-id"], "one id joins caller and provider");
    }
    // A port that nothing listens on.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let other = format!("providers:\n  other: {{ dialect: openai, base_url: \"http://{closed}/v1\" }}\n");
    product.reconfigure(|text, _| text.replace("providers:\n", &other));
    let partial = models(&product, "openai");
    assert_eq!((partial.status, partial.headers["picket-unavailable"].to_str().unwrap()), (200, "other"));
    assert!(partial.json()["data"].as_array().unwrap().iter().any(|model| model["id"] == "gpt-4o"), "{}", partial.text);
    let event = product.event_of(&partial);
    assert_eq!((&event["outcome"], &event["reason"]), (&json!("completed"), &json!("no list of models from other")));
    let (openai, anthropic) = (product.provider.openai_url(), product.provider.anthropic_url());
    product.reconfigure(|text, _| {
        text.replace(&openai, &format!("http://{closed}/v1"))
            .replace(&format!("\"{anthropic}\""), &format!("\"http://{closed}\""))
    });
    for dialect in ["openai", "anthropic"] {
        let none = models(&product, dialect);
        assert_eq!(none.status, 502, "{}", none.text);
        let error = none.json()["error"].clone();
        assert!(error["message"].as_str().unwrap().starts_with("the provider cannot be reached"), "{error}");
        assert_eq!(product.event_of(&none)["outcome"], "upstream_error");
    }
}

#[test]
fn probes_of_the_gateways_port_are_answered_to_anybody_and_not_written_down() {
    let product = Product::start();
    let before = product.log().size();
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n"), ("/readyz?a=%3Cscript%3E", "ready\n")] {
        let answer = product.send(&product.gateway, Method::GET, path, &[("x-request-id", "mine")], "".into());
        assert_eq!((answer.status, answer.text.as_str()), (200, text), "{path}");
        assert_eq!((answer.headers.get("picket-event"), answer.headers.get("x-request-id")), (None, None));
        let head = product.send(&product.gateway, Method::HEAD, path, &[], "".into());
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
    }
    let posted = product.send(&product.gateway, Method::POST, "/healthz", &[], "".into());
    assert_eq!(posted.status, 401, "only reading is a probe");
    assert_eq!(product.log().size(), before);
    assert!(product.provider.requests().is_empty());
}
