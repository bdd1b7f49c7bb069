//! Destinations of a running server: whatever receivers do, and whenever the server dies, every event arrives, and the
//! sums show it.

mod campaign;
mod commanded;
mod sink;

use crate::harness::{Answer, Product};
use http::Method;
use picket_testkit::receivers::http::{Fault, Reply};
use serde_json::{Value, json};
use sink::Sink;
use std::time::Instant;

const POLICY: &str = "policies:\n  chain: [audit-logger]\npolicy:\n  audit-logger: { immutable: true }\n";

/// A server whose destinations may be on this machine, and are not left alone for long.
fn product() -> Product {
    let mut product = Product::with(POLICY, "");
    std::fs::create_dir(product.folder.path().join("siem")).unwrap();
    product.reconfigure(|text, _| {
        format!(
            "{text}destinations: {{ allow: [127.0.0.0/8], folder: siem, timeout: 1s, probe: 50ms, retry_from: 2ms, retry_to: 20ms }}\n"
        )
    });
    product
}

/// Settings of a destination that a sink is.
fn to_sink(sink: &Sink, batch: usize) -> Value {
    json!({
        "to": {
            "kind": "generic_https", "url": format!("{}/intake", sink.url()), "batch": {"events": batch},
            "rendering": {"extra": ["user"]},
        },
        "wanted": {"events": ["external.*"]},
    })
}

fn to_file(name: &str) -> Value {
    json!({"to": {"kind": "file", "name": name}, "wanted": {"events": ["external.*"]}})
}

fn create(product: &Product, name: &str, settings: Value) -> String {
    let made = product.admin(Method::POST, "/v1/destinations", &json!({"name": name, "settings": settings}));
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

/// Sends signals of a user; the ids of the events that the server says it has.
fn signals(product: &Product, from: usize, count: usize, user: &str) -> Vec<String> {
    let signal = |number: usize| {
        json!({"type": "login", "source": "test", "id": format!("s{number}"), "user": user, "src_ip": "192.0.2.7",
            "attributes": {"result": "success"}})
    };
    let mut ids = Vec::new();
    let numbers: Vec<usize> = (from..from + count).collect();
    for some in numbers.chunks(500) {
        let body: Vec<Value> = some.iter().map(|number| signal(*number)).collect();
        let sent = product.admin(Method::POST, "/v1/signals", &json!(body));
        assert_eq!(sent.status, 200, "{}", sent.text);
        ids.extend(sent.json().as_array().unwrap().iter().map(|one| one["event_id"].as_str().unwrap().to_owned()));
    }
    ids
}

/// The sums of a destination, which add up at every moment.
fn balance(product: &Product, id: &str) -> Value {
    let balance = product.get(&format!("/v1/destinations/{id}/balance"));
    let sum = |names: &[&str]| -> u64 { names.iter().map(|name| balance[name].as_u64().unwrap()).sum() };
    assert_eq!(sum(&["accepted"]), sum(&["delivered", "dead_lettered", "pending", "expired"]), "{balance}");
    assert_eq!(balance["even"], true);
    balance
}

/// Waits until so many events have their fate.
fn settled(product: &Product, id: &str, count: usize) -> Value {
    product.wait(&format!("{count} events of {id}"), |product| {
        let balance = balance(product, id);
        let has = balance["pending"] == 0 && balance["accepted"].as_u64().unwrap() >= u64::try_from(count).unwrap();
        has.then_some(balance)
    })
}

fn state(product: &Product, id: &str) -> Value {
    product.get(&format!("/v1/destinations/{id}"))
}

/// The dead letters of a destination, once so many are written down.
fn letters(product: &Product, id: &str, count: usize) -> Value {
    product.wait("dead letters", |product| {
        let letters = product.get(&format!("/v1/destinations/{id}/dead-letters"));
        (letters.as_array().unwrap().len() == count).then_some(letters)
    })
}

fn act(product: &Product, id: &str, verb: &str, body: &Value) -> Answer {
    product.admin(Method::POST, &format!("/v1/destinations/{id}/{verb}"), body)
}

#[test]
fn whatever_a_receiver_does_every_event_arrives_and_only_what_it_had_is_sent_again() {
    let product = product();
    let sink = Sink::start();
    let id = create(&product, "sink", to_sink(&sink, 50));
    let redirect = Reply::empty(302).with("location", "http://127.0.0.1:1/elsewhere");
    let stuck = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".to_vec();
    // Of each kind one, and in between what is taken: faults that are not in a row pause nothing.
    let before = vec![
        Fault::Reset,
        Fault::Instead(redirect),
        Fault::Instead(Reply::html(503, "<html>busy</html>").with("retry-after", "0")),
        Fault::Instead(Reply::empty(401)),
        Fault::Instead(Reply::html(413, "<html>too large</html>")),
        Fault::Instead(Reply::Stuck(b"HTTP/1.1 2".to_vec())),
        Fault::Instead(Reply::Raw(b"no HTTP at all".to_vec())),
        Fault::Instead(Reply::Endless(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())),
    ];
    let mut sent = 0;
    for fault in before {
        sink.server().fail([fault.clone()]);
        signals(&product, sent, 60, "ana@example.com");
        sent += 60;
        settled(&product, &id, sent);
        assert_eq!(sink.server().faults_left(), 0, "{fault:?} did not happen");
    }
    assert!(sink.taken().values().all(|times| *times == 1), "what a receiver never had is no second copy");
    assert_eq!(sink.taken().len(), sent);
    for fault in [
        Fault::After(Reply::Raw(Vec::new())),
        Fault::After(Reply::Raw(b"HTTP/1.1 20".to_vec())),
        Fault::After(Reply::Stuck(stuck)),
        Fault::After(Reply::empty(500)),
    ] {
        sink.server().fail([fault.clone()]);
        signals(&product, sent, 60, "ana@example.com");
        sent += 60;
        settled(&product, &id, sent);
        assert_eq!(sink.server().faults_left(), 0, "{fault:?} did not happen");
    }
    assert_eq!(sink.taken().len(), sent);
    let twice = sink.taken().values().filter(|times| **times > 1).count();
    assert!((4..=200).contains(&twice), "{twice} came twice, of four requests whose answers were lost");
    let shown = state(&product, &id);
    assert_eq!((&shown["state"], &shown["dead_lettered"]), (&json!("active"), &json!(0)), "{shown}");
    let coverage = product.wait("the hours are counted", |product| {
        let coverage = product.get(&format!("/v1/destinations/{id}/coverage"));
        (coverage["percent"] == 100.0).then_some(coverage)
    });
    assert_eq!(coverage["by"], "acknowledgements");
    let covered = covered(&product);
    assert_eq!((&covered["value"], &covered["alert"]), (&json!(1.0), &json!(false)), "{covered}");
    assert_eq!(covered["detail"], format!("sink has {sent} of {sent} events"));
}

/// The metric that security teams watch.
fn covered(product: &Product) -> Value {
    let metrics = product.get("/v1/metrics/security?since=24h");
    let of = |one: &&Value| one["name"] == "siem_coverage";
    metrics["metrics"].as_array().unwrap().iter().find(of).unwrap().clone()
}

#[test]
fn one_poison_in_a_thousand_is_given_up_alone_and_replayed_when_the_receiver_takes_it() {
    let product = product();
    let sink = Sink::start();
    let id = create(&product, "sink", to_sink(&sink, 1_000));
    act(&product, &id, "pause", &json!({}));
    signals(&product, 0, 500, "ana@example.com");
    let poison = signals(&product, 500, 1, sink::POISON);
    signals(&product, 501, 499, "ana@example.com");
    let before = sink.server().asked().len();
    act(&product, &id, "resume", &Value::Null);
    let sums = settled(&product, &id, 1_000);
    assert_eq!((&sums["delivered"], &sums["dead_lettered"]), (&json!(999), &json!(1)), "{sums}");
    let requests = sink.server().asked().len() - before;
    assert!(requests <= 1 + 20 + 2, "{requests} requests");
    let letters = letters(&product, &id, 1);
    assert_eq!((&letters[0]["event_id"], &letters[0]["status"]), (&json!(poison[0]), &json!(400)), "{letters}");
    assert_eq!(covered(&product)["value"], 0.999, "what a receiver refused is missing there");
    assert!(letters[0]["excerpt"].as_str().unwrap().contains("poison"), "{letters}");
    // As long as nothing changed it comes back, with one attempt more.
    let replay = json!({"positions": [letters[0]["position"]]});
    assert_eq!(act(&product, &id, "dead-letters/replay", &replay).json()["count"], 1);
    product.wait("it is given up again", |product| {
        let letters = product.get(&format!("/v1/destinations/{id}/dead-letters"));
        (letters[0]["at"] != Value::Null && letters[0]["replay"] == false).then_some(())
    });
    sink.heal();
    assert_eq!(act(&product, &id, "dead-letters/replay", &json!({"all": true})).json()["count"], 1);
    product.wait("it is delivered", |product| (balance(product, &id)["delivered"] == 1_000).then_some(()));
    assert_eq!(balance(&product, &id)["dead_lettered"], 0);
    assert_eq!(sink.taken().get(&poison[0]), Some(&1));
}

#[test]
fn a_dead_destination_is_paused_and_moves_nobody_else() {
    let product = product();
    let (dead, slow) = (Sink::start(), Sink::start());
    dead.die();
    slow.hold();
    let ids = [
        create(&product, "dead", to_sink(&dead, 100)),
        create(&product, "slow", to_sink(&slow, 100)),
        create(&product, "file", to_file("all.ndjson")),
    ];
    let mut auto = to_sink(&dead, 100);
    auto["resume"] = json!("auto");
    let auto = create(&product, "auto", auto);
    let sent = signals(&product, 0, 2_000, "ana@example.com");
    let sums = settled(&product, &ids[2], 2_000);
    assert_eq!(sums["delivered"], 2_000);
    product.wait("the dead ones are paused", |product| {
        [&ids[0], &auto].iter().all(|id| state(product, id)["state"] == "paused").then_some(())
    });
    let shown = state(&product, &ids[0]);
    assert!(shown["reason"].as_str().unwrap().starts_with("ten faults in a row"), "{shown}");
    assert_eq!(shown["changed_by"], "system");
    let ready = product.send(&product.api, Method::GET, "/readyz", &[], bytes::Bytes::new());
    assert_eq!(ready.status, 200, "{}", ready.text);
    let paused = product.events("?event_type=destination.paused", 2);
    assert_eq!(paused[0]["severity"], "high");
    // Probes say that it is dead, and then that it is not; only one of the two resumes by itself.
    product.wait("a probe", |product| (state(product, &auto)["health"]["probe"]["passed"] == false).then_some(()));
    dead.heal();
    settled(&product, &auto, 2_000);
    product
        .wait("a good probe", |product| (state(product, &ids[0])["health"]["probe"]["passed"] == true).then_some(()));
    assert_eq!(state(&product, &ids[0])["state"], "paused");
    assert_eq!(act(&product, &ids[0], "resume", &Value::Null).status, 200);
    assert_eq!(act(&product, &ids[0], "resume", &Value::Null).status, 409);
    settled(&product, &ids[0], 2_000);
    slow.heal();
    settled(&product, &ids[1], 2_000);
    for (name, sink) in [("dead", &dead), ("slow", &slow)] {
        assert!(sent.iter().all(|id| sink.taken().contains_key(id)), "{name}");
    }
    let metrics = String::from_utf8(product.bytes("/v1/metrics").to_vec()).unwrap();
    for line in [
        "picket_destination_delivered_total{destination=\"file\",kind=\"file\"} 2000",
        "picket_destination_balanced{destination=\"dead\",kind=\"generic_https\"} 1",
        "picket_destination_paused{destination=\"slow\",kind=\"generic_https\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[test]
fn a_receiver_that_asks_for_a_year_gets_an_hour_and_one_that_refuses_all_ruins_little() {
    let product = product();
    let (year, refusing) = (Sink::start(), Sink::start());
    year.server().fail([Fault::Instead(Reply::empty(429).with("retry-after", "31536000"))]);
    refusing.refuse();
    let waits = create(&product, "year", to_sink(&year, 10));
    let refuses = create(&product, "refusing", to_sink(&refusing, 100));
    signals(&product, 0, 1_000, "ana@example.com");
    product.wait("it asked", |_| (year.server().faults_left() == 0).then_some(()));
    product.wait("the other is paused", |product| (state(product, &refuses)["state"] == "paused").then_some(()));
    let sums = balance(&product, &refuses);
    assert!(sums["dead_lettered"].as_u64().unwrap() <= 200, "{sums}");
    assert!(sums["pending"].as_u64().unwrap() > 0 && sums["delivered"] == 0, "{sums}");
    let shown = state(&product, &waits);
    assert_eq!((&shown["state"], &shown["delivered"]), (&json!("active"), &json!(0)), "{shown}");
    // Whoever knows better pauses and resumes it, and it begins anew.
    assert_eq!(act(&product, &waits, "pause", &json!({"reason": "its clock is wrong"})).status, 200);
    assert_eq!(act(&product, &waits, "resume", &Value::Null).status, 200);
    settled(&product, &waits, 1_000);
    // The stop does not wait for an hour either.
    let begun = Instant::now();
    drop(product);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
