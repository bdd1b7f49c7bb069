//! Signals of other systems: taken once, told one by one, events like others.

use crate::commands::run;
use crate::harness::{Answer, Product};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

fn login(id: &str, more: &Value) -> Value {
    let mut signal = json!({"type": "login", "source": "okta", "id": id, "user": "ana@example.com", "src_ip": "192.0.2.7",
        "attributes": {"result": "success", "method": "vpn"}});
    signal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    signal
}

fn send(product: &Product, body: &Value) -> Value {
    let sent = product.admin(Method::POST, "/v1/signals", body);
    assert_eq!(sent.status, 200, "{}", sent.text);
    sent.json()
}

fn post(product: &Product, token: &str, media: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", media)];
    product.send(&product.api, Method::POST, "/v1/signals", &headers, Bytes::copy_from_slice(body.as_bytes()))
}

fn counts(output: &std::process::Output) -> Value {
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    json!([said["new"], said["known"], said["refused"], said["passed_over"]])
}

#[test]
fn a_signal_is_one_event_however_often_it_is_sent_and_says_when_it_happened() {
    let product = Product::start();
    let sent = send(&product, &login("1", &json!({"timestamp": "2026-01-02T03:04:05Z"})));
    assert_eq!(sent[0]["status"], 201, "{sent}");
    let id = sent[0]["event_id"].as_str().unwrap();
    let again = send(&product, &json!([login("1", &json!({})), login("2", &json!({})), login("2", &json!({}))]));
    let statuses: Vec<&Value> = again.as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [200, 201, 200], "{again}");
    assert_eq!(again[0]["event_id"], id);
    let found = product.events("?event_type=external.login&order=asc", 2);
    let event = &found[0];
    for (field, value) in [
        ("event_id", json!(id)),
        ("timestamp", json!("2026-01-02T03:04:05.000Z")),
        ("user", json!("ana@example.com")),
        ("identity", json!("asserted")),
        ("src_ip", json!("192.0.2.7")),
        ("source", json!("okta")),
        ("attributes", json!({"method": "vpn", "result": "success"})),
    ] {
        assert_eq!(event[field], value, "{field}: {event}");
    }
    assert!(event["actor"].is_string(), "who sent it is told: {event}");
    assert_eq!(product.events("?event_type=*&filter=source:okta", 2).len(), 2);
    // A filter that asks for types is asked of all types.
    assert_eq!(product.events("?filter=event_type:external.*%20source:okta", 2).len(), 2);
    assert_eq!(product.events("?filter=-event_type:request%20source:okta", 2).len(), 2);
    assert_eq!(product.get("/v1/events").as_array().unwrap().len(), 0, "it is no request");
    assert!(!product.get("/v1/audit-log").to_string().contains("external.login"), "it is no act");
}

#[test]
fn each_of_many_stands_or_falls_by_itself_and_what_is_no_list_of_signals_is_refused_whole() {
    let product = Product::start();
    let mixed = json!([login("1", &json!({})), {"type": "login", "source": "x"}, login("2", &json!({"__proto__": 1})), login("3", &json!({}))]);
    let results = send(&product, &mixed);
    let statuses: Vec<&Value> = results.as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [201, 422, 422, 201], "{results}");
    assert!(results[1]["error"].as_str().unwrap().contains("attributes.result"), "{results}");
    let lines = format!("{}\n\n{}\n", login("4", &json!({})), login("1", &json!({})));
    let sent = post(&product, &product.token, "application/x-ndjson", &lines);
    assert_eq!(sent.json()[0]["status"], 201, "{}", sent.text);
    assert_eq!(sent.json()[1]["status"], 200, "{}", sent.text);
    let lines = format!("{}\n{{broken\n\n{}\n", login("5", &json!({})), login("6", &json!({"user": null})));
    let sent = post(&product, &product.token, "application/x-ndjson", &lines);
    let statuses: Vec<Value> = (0..3).map(|at| sent.json()[at]["status"].clone()).collect();
    assert_eq!((statuses, sent.status), (vec![json!(201), json!(422), json!(422)], 200), "{}", sent.text);
    assert!(sent.json()[1]["error"].as_str().unwrap().starts_with("line 2: "), "{}", sent.text);
    let many = Value::from(vec![json!({}); 1_001]).to_string();
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let keys: serde_json::Map<String, Value> = (0..100_000).map(|at| (format!("k{at}"), json!(1))).collect();
    let keys = Value::Object(keys).to_string();
    for (media, body, status) in [
        ("application/json", "[]", 400),
        ("application/json", many.as_str(), 400),
        ("application/json", deep.as_str(), 400),
        ("application/json", "{\"type\":\"custom\",\"type\":\"login\"}", 400),
        ("application/json", "{", 400),
        ("application/x-ndjson", "{\"type\":\n", 400),
        ("text/csv", "type,source\ncustom,x\n", 415),
        ("application/json", keys.as_str(), 422),
        ("application/json", "7", 422),
        ("application/json", "[7]", 200),
    ] {
        let sent = post(&product, &product.token, media, body);
        assert_eq!(sent.status, status, "{media} {}: {}", &body[..body.len().min(40)], sent.text);
        if status == 200 {
            assert_eq!(sent.json()[0]["status"], 422, "{}", sent.text);
        }
    }
    assert_eq!(product.events("?event_type=external.login", 4).len(), 4);
}

#[test]
fn a_token_that_may_only_send_signals_can_send_them_and_do_nothing_else() {
    let product = Product::start();
    let token = |wanted: Value| {
        let made = product.admin(Method::POST, "/v1/tokens", &wanted);
        made.json()["token"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned()
    };
    let collector = token(json!({"name": "collector", "role": "responder", "scopes": ["signals:write"]}));
    let viewer = token(json!({"name": "viewer", "role": "viewer"}));
    let body = login("1", &json!({})).to_string();
    assert_eq!(post(&product, &collector, "application/json", &body).status, 200);
    assert_eq!(post(&product, &viewer, "application/json", &body).status, 403);
    assert_eq!(product.admin_as(&collector, Method::GET, "/v1/events", &Value::Null).status, 403);
}

#[test]
fn files_of_signals_are_imported_by_the_command_line_and_only_once() {
    let product = Product::start();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let table = write(
        "vpn.csv",
        "user,src_ip,timestamp,result,country\nana,192.0.2.7,2026-02-01T08:00:00Z,success,DE\nbob,nowhere,,failure,FR\n",
    );
    let import = format!("picket signals import {table} --type login --source vpn --format json");
    let first = run(&product, &import);
    assert_eq!((counts(&first), first.status.code()), (json!([1, 0, 1, 0]), Some(8)), "{first:?}");
    let told = String::from_utf8_lossy(&first.stderr);
    assert!(told.contains("line 3: `src_ip`: expected an address"), "{told}");
    assert_eq!(counts(&run(&product, &import)), json!([0, 1, 1, 0]));
    let indicator = |id: &str, pattern: &str| json!({"type": "indicator", "id": format!("indicator--{id}"), "pattern": pattern, "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"});
    let bundle = json!({"type": "bundle", "id": "bundle--1", "objects": [
        indicator("1", "[ipv4-addr:value = '198.51.100.7'] OR [ipv4-addr:value = '198.51.100.8']"),
        indicator("2", "[process:name MATCHES 'x.*']"),
    ]});
    let stix = write("bundle.json", &bundle.to_string());
    let import = format!("picket signals import {stix} --source misp --format json");
    assert_eq!(counts(&run(&product, &import)), json!([2, 0, 0, 1]));
    assert_eq!(counts(&run(&product, &import)), json!([0, 2, 0, 1]));
    let found = product.events("?event_type=external.threat_intel&src_ip=198.51.100.0/24", 2);
    assert_eq!(found[0]["attributes"]["verdict"], "malicious");
    product.events("?event_type=external.login", 1);
    let listed = run(&product, "picket signals list --type login --source vpn --format json");
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["attributes"]["country"]), (1, &json!("DE")), "{listed}");
    for (file, cause) in [("x.txt", "which format"), ("none.csv", "none.csv")] {
        let refused = run(&product, &format!("picket signals import {}/{file}", folder.path().display()));
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(cause), "{refused:?}");
    }
}

#[test]
fn one_record_that_is_broken_ends_no_import_and_is_counted() {
    let product = Product::start();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let mut table = "user,result\n".to_owned();
    table.extend((0..600).map(|at| format!("user{at},success\n")));
    table.push_str("ana\nben,success\n");
    let table = write("vpn.csv", &table);
    let import = format!("picket signals import {table} --type login --source vpn --format json");
    let taken = run(&product, &import);
    assert_eq!((counts(&taken), taken.status.code()), (json!([601, 0, 1, 0]), Some(8)), "{taken:?}");
    assert!(told(&taken).contains("line 602: it has 1 cells, and the first row has 2"), "{taken:?}");
    let lines = write("some.ndjson", &format!("{}\n{{broken\n{}\n", login("1", &json!({})), login("2", &json!({}))));
    let taken = run(&product, &format!("picket signals import {lines} --format json"));
    assert_eq!((counts(&taken), taken.status.code()), (json!([2, 0, 1, 0]), Some(8)), "{taken:?}");
    assert!(told(&taken).contains("line 2: "), "{taken:?}");
    let twice = write("twice.csv", "user,User\nana,ben\n");
    let refused = run(&product, &format!("picket signals import {twice} --type login --source vpn"));
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("two columns are `user`"), "{refused:?}");
    let indicator = |id: &str, from: &str, pattern: &str| json!({"type": "indicator", "id": format!("indicator--{id}"), "pattern": pattern, "pattern_type": "stix", "valid_from": from});
    let bundle = json!({"type": "bundle", "id": "bundle--1", "objects": [
        indicator("soon", "2999-01-01T00:00:00Z", "[ipv4-addr:value = '198.51.100.7']"),
        indicator("long", "1999-01-01T00:00:00Z", &format!("[domain-name:value = '{}']", "x".repeat(2_000))),
        indicator("now", "2026-01-01T00:00:00Z", "[ipv4-addr:value = '198.51.100.9']"),
    ]});
    let stix = write("bundle.json", &bundle.to_string());
    let taken = run(&product, &format!("picket signals import {stix} --format json"));
    assert_eq!((counts(&taken), taken.status.code()), (json!([1, 0, 1, 1]), Some(8)), "{taken:?}");
    let told = told(&taken);
    assert!(told.contains("indicator--soon: passed over: it is not in force before 2999-01-01"), "{told}");
    assert!(told.contains("indicator--long#xxx"), "{told}");
}

#[test]
fn what_a_signal_says_of_a_person_is_erased_with_him() {
    let product = Product::start();
    let sent = send(
        &product,
        &login("1", &json!({"user": "cyd@example.com", "attributes": {"result": "success", "note": "late again"}})),
    );
    let id = sent[0]["event_id"].as_str().unwrap().to_owned();
    product.events("?event_type=external.login", 1);
    let erased = product.admin(
        Method::POST,
        "/v1/subjects/cyd@example.com/erase",
        &json!({"reason": "asked", "confirm": "cyd@example.com"}),
    );
    assert_eq!(erased.status, 200, "{}", erased.text);
    let event = product.get(&format!("/v1/events/{id}")).to_string();
    assert!(!event.contains("late again") && !event.contains("cyd@"), "{event}");
}

#[test]
fn signals_of_yesterday_that_come_today_change_what_is_found() {
    const RULES: &str = "\
title: Failed sign-in
name: failed
logsource: { product: picket }
detection: { s: { event_type: external.login, attributes.result: failure }, condition: s }
---
title: Many failed sign-ins
id: many-failed
level: high
correlation: { type: event_count, rules: [failed], group-by: [user], timespan: 10m, condition: { gte: 3 } }
x-picket: { category: anomaly, entity: user }
";
    let mut product = Product::start();
    std::fs::create_dir(product.folder.path().join("rules")).unwrap();
    std::fs::write(product.folder.path().join("rules/own.yml"), RULES).unwrap();
    product.reconfigure(|text, _| {
        text.replace("detection: { shipped: false }", "detection: { rules: [rules], shipped: false }")
    });
    let enabled = product.admin(Method::POST, "/v1/rules/many-failed/enable", &json!({"reason": "a test"}));
    assert_eq!(enabled.status, 200, "{}", enabled.text);
    // What happens now says how far the state has come.
    send(&product, &login("now", &json!({})));
    let failed = |minute: u32| {
        let result = json!({"timestamp": format!("2026-01-02T03:0{minute}:00Z"), "attributes": {"result": "failure"}});
        login(&minute.to_string(), &result)
    };
    send(&product, &json!([failed(1), failed(2), failed(3)]));
    let found = product.wait("the finding", |product| product.get("/v1/findings").get(0).cloned());
    assert_eq!((&found["entity"], &found["amended"]), (&json!("ana@example.com"), &json!(true)), "{found}");
    assert_eq!(found["first_at"], "2026-01-02T03:01:00.000Z");
}
