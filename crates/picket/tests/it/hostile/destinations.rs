//! What a request says about destinations and credentials changes neither.

use super::{CHAT, MESSAGES, RESPONSES, Siege, body};
use crate::harness::Product;
use picket_stdx::encode::random_base62;
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::net::TcpListener;

/// A product whose providers have keys of their own, and those keys.
fn siege() -> (Siege, [String; 2]) {
    let mut product = Product::start();
    let keys = ["openai", "anthropic"].map(|dialect| {
        let key = format!("operator-{dialect}-{}", random_base62(20));
        std::fs::write(product.folder.path().join(dialect), &key).unwrap();
        key
    });
    product.reconfigure(|text, folder| {
        ["openai", "anthropic"].iter().fold(text.to_owned(), |text, dialect| {
            let file = folder.join(dialect);
            text.replace(
                &format!("{{ dialect: {dialect},"),
                &format!("{{ dialect: {dialect}, api_key: {{ file: {} }},", file.display()),
            )
        })
    });
    (Siege::new(product), keys)
}

/// Members that some gateways take for instructions.
fn instructions(trap: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("api_base", json!(trap)),
        ("base_url", json!(trap)),
        ("baseURL", json!(trap)),
        ("api_key", json!("sk-of-the-caller")),
        ("api_version", json!("../..")),
        ("api_type", json!("azure")),
        ("custom_llm_provider", json!("azure")),
        ("organization", json!("org-other")),
        ("extra_headers", json!({"authorization": "Bearer other", "host": trap})),
        ("headers", json!({"authorization": "Bearer other", "x-injected": "1"})),
        ("extra_query", json!({"x": 1})),
        ("extra_body", json!({"api_base": trap})),
        ("proxy", json!(trap)),
        ("url", json!(trap)),
        ("endpoint", json!(trap)),
        ("mock_response", json!("made up")),
        ("fallbacks", json!([{"model": "gpt-4o", "api_base": trap}])),
        ("router", json!(trap)),
        ("provider", json!({"order": ["evil"], "base_url": trap})),
        ("litellm_params", json!({"api_base": trap, "api_key": "x"})),
        ("user", json!("root")),
    ]
}

#[test]
fn nothing_in_a_request_alters_destination_or_credentials() {
    let (mut siege, [openai, anthropic]) = siege();
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let url = format!("http://{}", trap.local_addr().unwrap());
    let models = [
        "gpt-4o".to_owned(),
        format!("gpt-{url}/v1"),
        "gpt-4o/../../../v1/messages".to_owned(),
        "gpt-4o?api_base=x#y".to_owned(),
        "gpt-4o\r\nhost: evil.example\r\nx-injected: 1".to_owned(),
        "gpt-4o@evil.example".to_owned(),
        "gpt-{{api_key}}${OPENAI_API_KEY}%s%n".to_owned(),
        format!("gpt-{}", "a".repeat(5_000)),
    ];
    let hostile_headers = [
        ("x-api-base", url.as_str()),
        ("x-base-url", url.as_str()),
        ("openai-base-url", url.as_str()),
        ("openai-organization", "org-other"),
        ("openai-project", "proj-other"),
        ("api-key", "of-the-caller"),
        ("proxy-authorization", "Basic dTpw"),
        ("cookie", "session=1"),
        ("x-forwarded-host", "evil.example"),
        ("x-picket-user", "root@example.com"),
        ("x-injected", "1"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
    ];
    for path in [CHAT, RESPONSES, MESSAGES] {
        for model in &models {
            let mut asked = body(path, "hello");
            asked["model"] = json!(if path == MESSAGES { model.replacen("gpt-", "claude-", 1) } else { model.clone() });
            for (name, value) in instructions(&url) {
                asked[name] = value;
            }
            let text = asked.to_string();
            let answer = siege.post(path, &hostile_headers, text.clone());
            assert_eq!(answer.status, 200, "{path} {model}: {}", answer.text);
            assert_eq!(siege.product.provider.requests().last().unwrap(), &text, "{path} {model}");
            let seen = siege.product.provider.headers().last().unwrap().clone();
            let own = siege.product.provider.address().to_string();
            assert_eq!(seen["host"], own.as_str());
            let (name, credential, other) = match path {
                MESSAGES => ("x-api-key", anthropic.clone(), "authorization"),
                _ => ("authorization", format!("Bearer {openai}"), "x-api-key"),
            };
            assert_eq!(seen.get_all(name).iter().collect::<Vec<_>>(), [credential.as_str()], "{path}");
            assert!(!seen.contains_key(other), "{path}: {seen:?}");
            let stray = hostile_headers.iter().find(|(name, _)| seen.contains_key(*name));
            assert_eq!(stray, None, "{path}");
            let event = siege.product.event_of(&answer);
            assert_eq!((&event["user"], &event["identity"]), (&json!("ana@example.com"), &json!("key")), "{event}");
        }
    }
    assert_eq!(trap.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "someone came to the trap");
    siege.ends_well();
}

#[test]
fn under_passthrough_the_callers_key_goes_up_and_the_operators_stays() {
    let (mut siege, [openai, anthropic]) = siege();
    siege.product.reconfigure(|text, _| text.replace("gateway: {", "gateway: { auth: passthrough,"));
    for (path, header, value) in [
        (CHAT, "authorization", "Bearer sk-of-the-caller"),
        (MESSAGES, "x-api-key", "sk-of-the-caller"),
        (MESSAGES, "authorization", "Bearer sk-of-the-caller"),
    ] {
        siege.asked += 1;
        let headers = [(header, value), ("openai-organization", "org-own")];
        let sent = body(path, "hello").to_string();
        let answer = siege.product.send(&siege.product.gateway, http::Method::POST, path, &headers, sent.into());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let seen = siege.product.provider.headers().last().unwrap().clone();
        assert_eq!(seen[header], value);
        assert_eq!(seen["openai-organization"], "org-own", "the caller's own account");
        let shown = format!("{seen:?}");
        assert!(!shown.contains(&openai) && !shown.contains(&anthropic), "{path}: the operator's key went up");
    }
    siege.ends_well();
}
