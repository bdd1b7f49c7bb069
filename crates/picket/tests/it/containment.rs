//! Containment: whom it concerns and whom it does not, how it ends, who may, and what is written down of it.

use crate::commands::run;
use crate::harness::{Answer, Product};
use crate::proposals::person;
use http::Method;
use serde_json::{Value, json};

fn contain(product: &Product, wanted: Value) -> Value {
    let made = product.admin(Method::POST, "/v1/containments", &wanted);
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()
}

fn wanted(effect: &str, kind: &str, target: &str) -> Value {
    json!({"effect": effect, "kind": kind, "target": target, "reason": "a test"})
}

fn with(mut value: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    value.as_object_mut().unwrap().extend(more);
    value
}

fn undo(product: &Product, one: &Value) {
    let path = format!("/v1/containments/{}/undo", one["id"].as_str().unwrap());
    let undone = product.admin(Method::POST, &path, &json!({"reason": "it was a test"}));
    assert_eq!((undone.status, &undone.json()["state"]), (200, &json!("undone")), "{}", undone.text);
}

fn chat(product: &Product, key: &str, headers: &[(&str, &str)], prompt: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let all = [&[("authorization", bearer.as_str()), ("content-type", "application/json")], headers].concat();
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]});
    product.send(&product.gateway, Method::POST, "/v1/chat/completions", &all, body.to_string().into())
}

#[test]
fn each_kind_of_target_is_blocked_at_once_others_go_on_and_an_undo_ends_it() {
    let product = Product::start();
    let other = product.new_key(json!({"user": "bob@example.com", "application": "cli"}));
    let key = product.get("/v1/keys")[0]["id"].as_str().unwrap().to_owned();
    let headers: &[(&str, &str)] = &[("x-session-id", "s1"), ("x-picket-agent", "builder")];
    for (kind, target) in [
        ("user", "ana@example.com"),
        ("key", key.as_str()),
        ("application", "ide"),
        ("session", "s1"),
        ("agent", "builder"),
    ] {
        let one = contain(&product, wanted("block", kind, target));
        let refused = chat(&product, &product.key, headers, "hello");
        assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (403, Some("contained")), "{kind}");
        assert_eq!(refused.headers["x-should-retry"], "false");
        let event = product.event_of(&refused);
        for (field, value) in [
            ("decision", json!("blocked")),
            ("type", json!("contained")),
            ("policy_violated", json!("containment")),
            ("outcome", json!("refused")),
            ("reason", json!(format!("containment {}: block {kind}", one["id"].as_str().unwrap()))),
        ] {
            assert_eq!(event[field], value, "{kind} {field}: {event}");
        }
        assert!(event.get("category").is_none(), "no rule counts it as a block of a guardrail: {event}");
        assert_eq!(chat(&product, &other, &[], "hello").status, 200, "{kind}");
        assert_eq!(product.get(&format!("/v1/containments/{}", one["id"].as_str().unwrap()))["hits"], 1);
        undo(&product, &one);
        assert_eq!(chat(&product, &product.key, headers, "hello").status, 200, "{kind}");
    }
    let models = |key: &str| {
        let bearer = format!("Bearer {key}");
        product.send(&product.gateway, Method::GET, "/v1/models", &[("authorization", &bearer)], "".into()).status
    };
    let one = contain(&product, wanted("block", "address", "127.0.0.0/8"));
    assert_eq!((chat(&product, &other, &[], "hello").status, models(&other)), (403, 403));
    undo(&product, &one);
    assert_eq!((chat(&product, &other, &[], "hello").status, models(&other)), (200, 200));
}

#[test]
fn a_name_that_is_only_claimed_contains_nobody() {
    let product = Product::start();
    let nobody = product.new_key(json!({}));
    contain(&product, wanted("block", "user", "ana@example.com"));
    let claims = |key: &str| {
        let bearer = format!("Bearer {key}");
        let body =
            json!({"model": "gpt-4o", "user": "ana@example.com", "messages": [{"role": "user", "content": "hello"}]});
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        product.send(&product.gateway, Method::POST, "/v1/chat/completions", &headers, body.to_string().into())
    };
    let answer = claims(&nobody);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(product.event_of(&answer)["identity"], "claimed");
    assert_eq!(claims(&product.key).status, 403);
}

#[test]
fn a_model_is_closed_for_a_user_and_the_others_are_not() {
    let product = Product::start();
    contain(&product, with(wanted("block", "user", "ana@example.com"), json!({"model": "gpt-5*"})));
    let ask = |model: &str| {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "hello"}]});
        product.ask("/v1/chat/completions", &body).status
    };
    assert_eq!((ask("gpt-4o"), ask("gpt-5-mini"), ask("gpt-4o")), (200, 403, 200));
}

#[test]
fn a_throttle_lets_its_rate_through_and_says_when_to_come_again() {
    let product = Product::start();
    let rate = json!({"requests": 2, "per": "1h"});
    contain(&product, with(wanted("throttle", "user", "ana@example.com"), rate));
    let statuses: Vec<_> = (0..3).map(|_| product.chat("hello").status).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let refused = product.chat("hello");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3_600).contains(&wait), "{wait}");
    assert_eq!(product.event_of(&refused)["type"], "contained");
}

#[test]
fn what_would_only_be_flagged_is_refused_under_a_stricter_policy() {
    let policy = "policies:\n  chain: [pii-detector, audit-logger]\npolicy:\n  pii-detector: { action: flag }\n";
    let product = Product::with(policy, "");
    assert_eq!(product.chat("mail ana.lopez@corp.example.net").status, 200);
    contain(&product, wanted("strict", "application", "ide"));
    let refused = product.chat("mail bob.lopez@corp.example.net");
    assert_eq!(
        (refused.status, refused.json()["error"]["code"].as_str()),
        (403, Some("contained")),
        "{}",
        refused.text
    );
    let event = product.event_of(&refused);
    assert_eq!((&event["decision"], &event["type"]), (&json!("blocked"), &json!("pii")), "{event}");
    assert_eq!(event["policies_triggered"], json!(["pii-detector", "containment"]));
    assert_eq!(product.chat("what is the capital of France?").status, 200);
}

#[test]
fn under_review_every_request_waits_for_a_person_and_an_approved_one_runs_once() {
    let product = Product::start();
    contain(&product, wanted("review", "user", "ana@example.com"));
    let held = product.chat("hello");
    assert_eq!((held.status, held.json()["error"]["code"].as_str()), (403, Some("review_required")), "{}", held.text);
    let id = held.headers["picket-escalation"].to_str().unwrap().to_owned();
    let path = format!("/v1/escalations/{id}");
    let entry = product.wait("the escalation", |product| {
        let found = product.admin(Method::GET, &path, &Value::Null);
        (found.status == 200).then(|| found.json())
    });
    assert_eq!((&entry["type"], &entry["status"]), (&json!("contained"), &json!("pending")), "{entry}");
    let done = product.admin(Method::POST, &format!("{path}/resolve"), &json!({"resolution": "approved"}));
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(product.chat("hello").status, 200);
    assert_eq!(product.chat("hello").status, 403, "an approval is good for one use");
}

#[test]
fn a_dry_run_counts_and_stops_nobody_and_one_that_is_over_ends_by_itself() {
    let product = Product::start();
    let one = contain(&product, with(wanted("block", "user", "ana@example.com"), json!({"dry_run": true})));
    assert_eq!(product.chat("hello").status, 200);
    let path = format!("/v1/containments/{}", one["id"].as_str().unwrap());
    assert_eq!((&product.get(&path)["hits"], &product.get(&path)["dry_run"]), (&json!(1), &json!(true)));
    let short = contain(&product, with(wanted("block", "user", "ana@example.com"), json!({"ttl": "1s"})));
    let path = format!("/v1/containments/{}", short["id"].as_str().unwrap());
    product.wait("the end", |product| (product.get(&path)["state"] == "expired").then_some(()));
    assert_eq!(product.chat("hello").status, 200);
    let events = product.events("?event_type=containment.expired", 1);
    assert_eq!(events[0]["target"], format!("containment:{}", short["id"].as_str().unwrap()));
    assert_eq!(events[0]["actor"], "picket");
}

#[test]
fn containments_outlive_a_restart_and_each_change_is_an_event() {
    let mut product = Product::start();
    let one = contain(&product, wanted("block", "user", "ana@example.com"));
    product.restart();
    assert_eq!(product.chat("hello").status, 403);
    undo(&product, &one);
    let events = product.events("?event_type=*&filter=event_type:containment.*", 2);
    let types: Vec<_> = events.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["containment.applied", "containment.undone"]);
    for event in &events {
        assert_eq!(event["user"], "ana@example.com", "{event}");
        assert!(event["actor"].is_string() && event["log"]["completed"].is_u64(), "{event}");
    }
    assert!(events[0]["reason"].as_str().unwrap().ends_with(": a test"), "{}", events[0]);
    assert!(events[1]["reason"].as_str().unwrap().ends_with(": it was a test"), "{}", events[1]);
    let audit = product.get("/v1/audit-log?filter=event_type:containment.*");
    assert_eq!(audit.as_array().unwrap().len(), 2, "{audit}");
}

#[test]
fn the_operators_list_bounds_and_the_second_person_hold() {
    let mut product = Product::start();
    product.reconfigure(|text, _| {
        format!("{text}containment: {{ never: {{ users: [root@example.com], addresses: [10.1.0.0/16] }}, four_eyes: [block], lasts_max: 2h }}\n")
    });
    let (eve, bob) = (person(&product, "eve", "responder"), person(&product, "bob", "responder"));
    let status = |wanted: Value| {
        let answer = product.admin_as(&eve, Method::POST, "/v1/containments", &wanted);
        (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    for (wanted, expected) in [
        (wanted("block", "user", "root@example.com"), (403, "not_contained")),
        (wanted("block", "address", "10.0.0.0/8"), (403, "not_contained")),
        (wanted("block", "address", "0.0.0.0/0"), (400, "invalid_request")),
        (wanted("block", "key", "key_0000000000"), (400, "invalid_request")),
        (wanted("erase", "user", "ana@example.com"), (400, "invalid_request")),
        (wanted("block", "planet", "earth"), (400, "invalid_request")),
        (with(wanted("block", "user", "ana"), json!({"ttl": "3h"})), (400, "invalid_request")),
        (with(wanted("block", "user", "ana"), json!({"ttl": "soon"})), (400, "invalid_request")),
        (with(wanted("block", "user", "ana"), json!({"requests": 3})), (400, "invalid_request")),
        (with(wanted("block", "user", "ana"), json!({"reason": ""})), (400, "invalid_request")),
        (with(wanted("block", "user", "ana"), json!({"cause": "me"})), (422, "invalid_body")),
    ] {
        assert_eq!(status(wanted.clone()), (expected.0, expected.1.to_owned()), "{wanted}");
    }
    let unproven = product.admin(Method::POST, "/v1/containments", &wanted("block", "user", "ana@example.com"));
    assert_eq!((unproven.status, unproven.json()["code"].as_str()), (403, Some("not_permitted")), "{}", unproven.text);
    let proposed =
        product.admin_as(&eve, Method::POST, "/v1/containments", &wanted("block", "user", "ana@example.com"));
    assert_eq!(proposed.status, 201, "{}", proposed.text);
    let proposed = proposed.json();
    assert_eq!(proposed["state"], "proposed");
    assert_eq!(product.chat("hello").status, 200, "nobody agreed yet");
    let path = |verb: &str| format!("/v1/containments/{}/{verb}", proposed["id"].as_str().unwrap());
    let own = product.admin_as(&eve, Method::POST, &path("approve"), &json!({}));
    assert_eq!((own.status, own.json()["code"].as_str()), (403, Some("not_contained")), "{}", own.text);
    let made = product.admin(Method::POST, "/v1/tokens", &json!({"name": "second", "role": "responder"})).json();
    let nobodys = product.admin_as(made["token"].as_str().unwrap(), Method::POST, &path("approve"), &json!({}));
    assert_eq!(nobodys.status, 403, "two tokens can be one person's: {}", nobodys.text);
    let agreed = product.admin_as(&bob, Method::POST, &path("approve"), &json!({}));
    assert_eq!((agreed.status, &agreed.json()["state"]), (200, &json!("active")), "{}", agreed.text);
    assert_eq!(product.chat("hello").status, 403);
    for verb in ["approve", "refuse"] {
        let late = product.admin_as(&bob, Method::POST, &path(verb), &json!({}));
        assert_eq!(late.status, 409, "{verb}: {}", late.text);
    }
}

#[test]
fn names_are_texts_in_utf_8_and_one_that_cannot_be_read_is_nobodys() {
    let product = Product::start();
    let key = product.new_key(json!({"user": "service@example.com", "application": "desk", "service": true}));
    contain(&product, wanted("block", "user", "jörg"));
    contain(&product, with(wanted("block", "user", "ana"), json!({"feature": "süche"})));
    for (headers, code) in [
        (&[("x-picket-user", "jörg")][..], Some("contained")),
        (&[("x-picket-user", "björn")], None),
        (&[("x-picket-user", "ana"), ("x-picket-feature", "süche")], Some("contained")),
        (&[("x-picket-user", "ana"), ("x-picket-feature", "SÜCHE")], Some("contained")),
        (&[("x-picket-user", "ana")], None),
        (&[("x-picket-user", "ana"), ("x-picket-user", "ben")], Some("invalid_header")),
        (&[("x-picket-agent", "a\tb")], Some("invalid_header")),
        (&[("x-picket-feature", &"x".repeat(257))], Some("invalid_header")),
    ] {
        let answer = chat(&product, &key, headers, "hello");
        assert_eq!(answer.json()["error"]["code"].as_str(), code, "{headers:?}: {}", answer.text);
        if code == Some("invalid_header") {
            assert!(product.event_of(&answer)["user"] != "service@example.com" || headers[0].0 != "x-picket-user");
        }
    }
}

#[test]
fn the_command_line_contains_and_lets_go() {
    let product = Product::start();
    let ok = |line: &str| {
        let done = run(&product, line);
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<Value>(&done.stdout).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    let made = ok("kt contain block user ana@example.com --ttl 10m --reason 'a test' --format json");
    assert_eq!((&made["effect"], &made["ttl"], &made["state"]), (&json!("block"), &json!("10m"), &json!("active")));
    let id = made["id"].as_str().unwrap();
    assert_eq!(product.chat("hello").status, 403);
    assert_eq!(ok("kt contain list --state active --format json")[0]["hits"], 1);
    assert_eq!(ok(&format!("kt contain undo {id} --reason done --format json"))[0]["state"], "undone");
    assert_eq!(product.chat("hello").status, 200);
    let twice = run(&product, &format!("kt contain undo {id}"));
    assert_eq!(twice.status.code(), Some(5), "{}", String::from_utf8_lossy(&twice.stderr));
    let slow = ok("kt contain throttle user ana@example.com --requests 5 --reason 'a test' --format json");
    assert_eq!((&slow["requests"], &slow["per"]), (&json!(5), &json!("1m")));
}
