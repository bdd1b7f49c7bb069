//! Checks that ask a service: on requests, on answers and on streams, with whatever the service does.

use crate::harness::{Answer, Product};
use http::Method;
use picket_testkit::service::{Question, Reply, Service};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn policy(url: &str, settings: &str) -> String {
    format!(
        "policies:\n  chain: [pii-detector, acme, audit-logger]\npolicy:\n  pii-detector: {{ action: flag }}\n  acme: {{ kind: remote, url: \"{url}\", timeout: 10s{settings} }}\n"
    )
}

/// Finds a word behind a space, and where it stands.
fn bad(question: &Question) -> Reply {
    Reply::each(question, |text| match text.find(" bad") {
        Some(at) => {
            let start = text[..at].chars().count() + 1;
            json!({"score": 0.9, "type": "toxicity", "spans": [{"start": start, "end": start + 3}]})
        }
        None => json!({"score": 0.1}),
    })
}

fn product(service: &Service, settings: &str) -> Product {
    Product::with(&policy(&service.url(), settings), "")
}

fn result<'a>(event: &'a Value, phase: &str) -> &'a Value {
    let results = event["policy_results"].as_array().unwrap();
    results.iter().find(|result| result["policy"] == "acme" && result["phase"] == phase).unwrap_or(&Value::Null)
}

fn reload(product: &Product) -> Answer {
    product.admin(Method::POST, "/v1/reload", &Value::Null)
}

#[test]
fn requests_and_answers_are_judged_by_the_service_and_the_event_shows_it() {
    let service = Service::start(bad).unwrap();
    let product = product(&service, "");
    let good = product.chat("an ordinary question");
    assert_eq!(good.status, 200, "{}", good.text);
    let event = product.event_of(&good);
    for phase in ["input", "output"] {
        let result = result(&event, phase);
        assert_eq!((&result["verdict"], &result["score"]), (&json!("allow"), &json!(0.1)), "{event}");
    }
    assert_eq!((&event["scanned"], &event["decision"]), (&json!("full"), &json!("allowed")));
    let asked = product.provider.count();
    let refused = product.chat("é a bad question");
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (403, Some("content_blocked")));
    assert_eq!(product.provider.count(), asked, "the provider was asked");
    let event = product.event_of(&refused);
    let span = json!([{"at": "/messages/0/content", "start": 4, "end": 7, "type": "toxicity"}]);
    assert_eq!((&event["type"], &result(&event, "input")["spans"]), (&json!("toxicity"), &span));
    let withheld = product.chat("#say=a_bad_answer");
    assert_eq!(withheld.status, 403, "{}", withheld.text);
    let event = product.event_of(&withheld);
    assert_eq!((&event["outcome"], &result(&event, "output")["verdict"]), (&json!("cut"), &json!("block")), "{event}");
    let request_id = product.event_of(&withheld)["request_id"].clone();
    assert_eq!(service.questions().last().unwrap().body["request_id"], request_id);
}

#[test]
fn what_the_service_names_is_removed_before_the_provider_sees_it() {
    let service = Service::start(bad).unwrap();
    let product = product(&service, ", action: redact");
    let answer = product.chat("é a bad \"question\" #echo");
    assert_eq!(answer.status, 200);
    let sent: Value = serde_json::from_slice(product.provider.requests().last().unwrap()).unwrap();
    assert_eq!(sent["messages"][0]["content"], "é a [TOXICITY] \"question\" #echo");
    assert_eq!(product.event_of(&answer)["decision"], "redacted");
}

#[test]
fn a_stream_that_the_service_refuses_ends_with_the_dialects_error_before_its_end() {
    let service = Service::start(bad).unwrap();
    let said = "#say=this_is_a_bad_answer";
    for (action, decision) in [("block", "blocked"), ("redact", "blocked"), ("flag", "allowed")] {
        let product = product(&service, &format!(", action: {action}"));
        let cases = [
            (
                "/v1/chat/completions",
                json!({"model": "gpt-4o", "stream": true, "n": 2, "messages": [{"role": "user", "content": said}]}),
                "[DONE]",
            ),
            (
                "/v1/messages",
                json!({"model": "claude-x", "max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": said}]}),
                "message_stop",
            ),
            ("/v1/responses", json!({"model": "gpt-4o", "stream": true, "input": said}), "response.completed"),
            ("/v1/completions", json!({"model": "gpt-4o", "stream": true, "prompt": said}), "[DONE]"),
        ];
        for (path, body, end) in cases {
            let asked = service.questions().len();
            let answer = product.ask(path, &body);
            let blocked = decision == "blocked";
            assert_eq!(answer.text.contains("content_blocked"), blocked, "{path} {action}: {}", answer.text);
            assert_ne!(answer.text.contains(end), blocked, "{path} {action}: {}", answer.text);
            let event = product.event_of(&answer);
            assert_eq!(event["decision"], decision, "{path} {action}: {event}");
            let found = result(&event, "output");
            assert_eq!(found["type"], "toxicity", "{path} {action}: {event}");
            let asked = service.questions().len() - asked;
            assert!(!blocked || asked <= 4, "{path} {action}: asked {asked} times");
        }
    }
}

#[test]
fn a_service_that_is_gone_is_told_by_the_event_its_evidence_and_the_metrics() {
    let service = Service::start(bad).unwrap();
    // Where nothing listens, whatever port others are given meanwhile.
    let url = service.url().replace("127.0.0.1", "127.0.0.2");
    let product = Product::with(&policy(&url, ", breaker: { failures: 2, pause: 1h }"), "");
    for cause in ["unreachable", "unreachable", "circuit_open"] {
        let answer = product.chat("hello");
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (403, Some("check_failed")));
        let event = product.event_of(&answer);
        assert_eq!((&event["scanned"], &event["unscanned"]), (&json!("partial"), &json!(["/messages/0/content"])));
        let id = event["event_id"].as_str().unwrap();
        let evidence = product.get(&format!("/v1/events/{id}/bodies?reason=test"));
        assert!(evidence.to_string().contains(cause), "{evidence}");
    }
    let metrics = product.admin(Method::GET, "/metrics", &Value::Null).text;
    for line in [
        "picket_remote_questions_total{policy=\"acme\",outcome=\"unreachable\"} 2",
        "picket_remote_questions_total{policy=\"acme\",outcome=\"circuit_open\"} 1",
        "picket_remote_circuit{policy=\"acme\"} 2",
        "picket_remote_questions_in_flight{policy=\"acme\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let health = product.get("/v1/health");
    let cause = "check acme: its service fails, and is left alone for a while";
    assert!(health["ready"] == true && health["causes"].as_array().unwrap().contains(&json!(cause)), "{health}");
    // The same service keeps its breaker; one with other settings begins anew.
    assert_eq!(reload(&product).status, 200);
    assert!(
        product.admin(Method::GET, "/metrics", &Value::Null).text.contains("picket_remote_circuit{policy=\"acme\"} 2")
    );
    let service = Service::start(bad).unwrap();
    std::fs::write(product.folder.path().join("policy.yaml"), policy(&service.url(), "")).unwrap();
    assert_eq!(reload(&product).status, 200);
    assert_eq!(product.chat("hello").status, 200);
}

#[test]
fn a_service_that_fails_during_a_stream_ends_it_and_one_that_is_allowed_to_fail_does_not() {
    let ill = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&ill);
    let service = Service::start(move |question| {
        let is_output = question.body["direction"] == "output";
        if is_output && told.load(Ordering::SeqCst) { Reply::Raw(Vec::new()) } else { bad(question) }
    });
    let service = service.unwrap();
    ill.store(true, Ordering::SeqCst);
    for (on_error, ends) in [("block", true), ("allow", false)] {
        let product = product(&service, &format!(", on_error: {on_error}"));
        let answer = product.chat_stream("hello");
        assert_eq!(answer.text.contains("[DONE]"), !ends, "{}", answer.text);
        let event = product.event_of(&answer);
        assert_eq!((&event["scanned"], &result(&event, "output")["type"]), (&json!("partial"), &json!("check_failed")));
    }
}

#[test]
fn a_token_comes_from_where_the_policy_says_and_is_seen_by_the_service_alone() {
    let service = Service::start(bad).unwrap();
    let mut product = Product::with(&policy(&service.url(), ""), "");
    let token = format!("tok-{}", "x7".repeat(9));
    let file = product.folder.path().join("token");
    let with = |settings: &str| policy(&service.url(), &format!(", token: {settings}"));
    let named = with(&format!("{{ file: {} }}", file.display()));
    std::fs::write(product.folder.path().join("policy.yaml"), &named).unwrap();
    let refused = reload(&product);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("5:") && refused.text.contains("cannot be read"), "{}", refused.text);
    std::fs::write(&file, format!("{token}\n")).unwrap();
    assert_eq!(reload(&product).status, 200);
    let answer = product.chat("hello");
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(service.questions().last().unwrap().head.contains(&format!("authorization: bearer {token}\r\n")));
    for path in ["/v1/policies/active", "/v1/events?event_type=*"] {
        assert!(!product.get(path).to_string().contains(&token), "{path}");
    }
    // Whoever changes policies through the API does not read the server's files and variables.
    std::fs::write(product.folder.path().join("policy.yaml"), policy(&service.url(), "")).unwrap();
    assert_eq!(reload(&product).status, 200);
    product.reconfigure(|text, _| text.replace("policies: { file: policy.yaml, managed: file }", ""));
    for (text, message) in [
        (named, "names no files of the server"),
        (with("{ env: PICKET_ROOT_KEY }"), "begin with PICKET_REMOTE_"),
        (with("{ env: PICKET_REMOTE_NOT_SET }"), "is not set"),
    ] {
        let refused = product.admin(Method::POST, "/v1/policies", &json!({ "text": text }));
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains(message) && refused.text.contains("5:"), "{}", refused.text);
    }
    // Nor does it reach this machine, unless the operator says so.
    let applied = product.admin(Method::POST, "/v1/policies", &json!({ "text": policy(&service.url(), "") }));
    assert!(applied.status < 300, "{}", applied.text);
    let asked = service.questions().len();
    assert_eq!(product.chat("hello").json()["error"]["code"], "check_failed");
    assert_eq!(service.questions().len(), asked);
    product.reconfigure(|text, _| text.to_owned() + "remotes: { networks: [127.0.0.1] }\n");
    assert_eq!(product.chat("hello").status, 200);
}

#[test]
fn the_service_that_the_reference_prints_keeps_the_contract() {
    let page = include_str!("../../../../docs/reference/remote.md");
    let program = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("python3");
    command.args(["-c", program, &port.to_string()]).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        return eprintln!("there is no python3 here");
    };
    let product = Product::with(&policy(&format!("http://127.0.0.1:{port}/judge"), ", types: [brand_voice]"), "");
    product.wait("the service", |_| TcpStream::connect(("127.0.0.1", port)).ok());
    let answers = ["our own shoes", "our rival's shoes"].map(|text| product.chat(text));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 403], "{}", answers[0].text);
    let event = product.event_of(&answers[1]);
    let spans = json!([{"at": "/messages/0/content", "start": 4, "end": 9, "type": "brand_voice"}]);
    assert_eq!((&event["type"], &result(&event, "input")["spans"]), (&json!("brand_voice"), &spans));
}
