//! Reading the configuration again while the server runs.

use crate::commands::run;
use crate::harness::Product;
use crate::served::begun;
use http::Method;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

fn rewrite(product: &Product, from: &str, to: &str) {
    let file = product.folder.path().join("picket.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn what_needs_a_restart_is_told_until_it_comes() {
    let mut product = Product::start();
    let reload = |product: &Product| product.admin(Method::POST, "/v1/reload", &Value::Null).json();
    rewrite(&product, "api: { listen: 127.0.0.1:0 }", "api: { listen: 127.0.0.1:0, downloads: 3 }");
    for _ in 0..2 {
        assert_eq!(reload(&product)["restart_needed"], json!(["api.downloads"]));
    }
    product.restart();
    assert_eq!(reload(&product)["restart_needed"], json!([]));
}

#[test]
fn another_configuration_is_an_act_that_says_what_changed_and_the_same_one_is_none() {
    let mut product = Product::start();
    let changes = |product: &Product| {
        let acts = product.get("/v1/audit-log");
        let acts = acts.as_array().unwrap().iter().filter(|act| act["event_type"] == "admin.config_changed");
        acts.cloned().collect::<Vec<_>>()
    };
    let reload = |product: &Product| product.admin(Method::POST, "/v1/reload", &Value::Null);
    assert_eq!(reload(&product).status, 200);
    product.restart();
    assert_eq!(changes(&product), Vec::<Value>::new());
    rewrite(&product, "threads: 1", "threads: 1, audit: buffered");
    let version = reload(&product).json()["config_version"].clone();
    assert_eq!(reload(&product).status, 200);
    let changed = product.wait("the event", |product| changes(product).pop());
    let reason = changed["reason"].as_str().unwrap();
    assert!(reason.ends_with("; audit: buffered, was strict") && changed["config_version"] == version, "{changed}");
    assert!(changed["actor"].as_str().unwrap().starts_with("tok_"), "{changed}");
    // At a start, the file is what changed it.
    product.reconfigure(|text, _| text.replace("audit: buffered", "audit: ahead") + "retention: { bodies: 1d }\n");
    let all = product.wait("the second event", |product| Some(changes(product)).filter(|all| all.len() == 2));
    let last = all.iter().find(|act| act["event_id"] != changed["event_id"]).unwrap();
    let reason = last["reason"].as_str().unwrap();
    assert!(reason.contains("; audit: ahead, was buffered; retention.bodies: 1d, was 30d"), "{reason}");
    assert_eq!(last["actor"], "file");
}

#[test]
fn a_hangup_with_a_mistake_in_the_file_says_what_is_wrong_and_where() {
    let mut product = Product::start();
    product.stop();
    let (mut child, lines) = begun(&product);
    let (said, heard) = mpsc::channel();
    std::thread::spawn(move || lines.for_each(|line| said.send(line).unwrap_or_default()));
    let all = RefCell::new(Vec::new());
    let until = |what: &str| loop {
        let heard = heard.recv_timeout(Duration::from_secs(120));
        let line = heard.unwrap_or_else(|error| panic!("nobody said `{what}` ({error}), but {:?}", all.borrow()));
        let is_it = line.contains(what);
        all.borrow_mut().push(line);
        if is_it {
            return;
        }
    };
    until("control API");
    let hangup = || assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
    rewrite(&product, "routes:", "rotes: []\nroutes:");
    hangup();
    until("unknown key `rotes`");
    rewrite(&product, "rotes: []\n", "");
    rewrite(&product, "threads: 1", "threads: 2");
    hangup();
    until("gateway.threads");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_store_that_was_set_up_is_marked_before_its_first_start() {
    let product = Product::start();
    std::fs::write(
        product.folder.path().join("new.yaml"),
        "data: ./new/data\nstate: ./new/state\nkeys: { root: ./new/root.key }\n",
    )
    .unwrap();
    let made = run(&product, "kt init --config new.yaml");
    assert!(made.status.success(), "{made:?}");
    let mark = std::fs::read_to_string(product.folder.path().join("new/state/high-water.json")).unwrap();
    assert_eq!(mark.matches("\"t_").count(), 2, "both logs: {mark}");
}

#[test]
fn the_doctor_tells_a_server_without_a_token_from_no_server() {
    let product = Product::start();
    for (command, reachable) in [("API_TOKEN= kt doctor", true), ("PICKET_URL=http://127.0.0.1:9 kt doctor", false)] {
        let seen = run(&product, &format!("{command} --format json"));
        let checks: Value = serde_json::from_slice(&seen.stdout).unwrap();
        assert_eq!(seen.status.code(), Some(6), "{checks}");
        assert_eq!((&checks[0]["check"], &checks[0]["passed"]), (&json!("server reachable"), &json!(reachable)));
        assert_eq!((&checks[1]["check"], &checks[1]["passed"]), (&json!("token valid"), &json!(false)));
    }
}
