//! Exports that come after each period: what each covers, whatever stops the server, and how failures show.

use crate::commands::run;
use crate::exports::digest;
use crate::harness::{POLICY, Product};
use http::Method;
use picket_stdx::{Clock, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

fn clock() -> Clock {
    // A quarter to an hour.
    Clock::manual(Timestamp::from_millis(1_800_000_000_000 - 900_000))
}

fn schedule(product: &Product, wanted: &Value) -> String {
    let made = product.admin(Method::POST, "/v1/export-schedules", wanted);
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

/// Waits until so many exports of a schedule ended and none is under way; oldest first.
fn exports(product: &Product, id: &str, count: usize) -> Vec<Value> {
    let ended = |product: &Product| {
        let all = product.get("/v1/exports");
        let mut own: Vec<Value> = all.as_array().unwrap().iter().filter(|one| one["schedule"] == id).cloned().collect();
        // Those that are made at one time have the order of their windows.
        own.sort_by_key(|one| (one["created_at"].to_string(), one["window"]["to"].to_string()));
        let is_quiet = own.iter().all(|one| !matches!(one["state"].as_str(), Some("queued" | "running")));
        (own.len() == count && is_quiet).then_some(own)
    };
    product.wait(&format!("{count} exports of {id}"), |product| {
        // What is there and ended, whether the last of it is settled, and then what there is: settling lets old files go.
        ended(product)?;
        let is_settled = product.get(&format!("/v1/export-schedules/{id}")).get("export").is_none();
        is_settled.then(|| ended(product)).flatten()
    })
}

fn ids(product: &Product, export: &Value) -> Vec<String> {
    let file = product.bytes(&format!("/v1/exports/{}/file", export["id"].as_str().unwrap()));
    assert_eq!(digest(&file), export["sha256"].as_str().unwrap());
    let text = String::from_utf8(file.to_vec()).unwrap();
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["event_id"].as_str().unwrap().to_owned();
    text.lines().map(id).collect()
}

/// Windows follow one another without a gap.
fn assert_windows_meet(exports: &[Value]) {
    for (one, next) in exports.iter().zip(exports.iter().skip(1)) {
        assert_eq!(one["window"]["until"], next["window"]["begin"], "{one} {next}");
        assert_eq!(one["window"]["to"], next["window"]["from"], "{one} {next}");
    }
}

#[test]
fn each_period_has_an_export_of_what_came_in_it_across_restarts_and_missed_periods() {
    let clock = clock();
    let mut product = Product::at(&clock, POLICY, "");
    let said = |product: &Product, count: usize| {
        for number in 0..count {
            assert_eq!(product.chat(&format!("number {number}")).status, 200);
        }
    };
    said(&product, 2);
    let output = run(
        &product,
        "kt export create --type events --format ndjson --every 1h --since 30m --description \"Hourly SIEM feed\"",
    );
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && shown.contains("every: 1h"), "{shown}");
    let list = product.get("/v1/export-schedules");
    let id = list[0]["id"].as_str().unwrap().to_owned();
    assert_eq!((&list[0]["state"], &list[0]["description"]), (&json!("active"), &json!("Hourly SIEM feed")));
    said(&product, 1);
    // An answer comes before its request has ended in the log.
    product.events("", 3);
    clock.advance(Duration::from_secs(900));
    let first = exports(&product, &id, 1);
    assert_eq!(first[0]["rows"], 3, "what was recorded since, too");
    assert_eq!(first[0]["description"], "Hourly SIEM feed");
    // Nobody runs when the next periods end.
    said(&product, 4);
    product.events("", 7);
    product.stop();
    clock.advance(HOUR * 3);
    product.restart();
    said(&product, 2);
    let four = exports(&product, &id, 4);
    product.events("", 9);
    assert_eq!(four.iter().map(|one| one["rows"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 4, 0, 0]);
    clock.advance(HOUR);
    let all = exports(&product, &id, 5);
    assert_windows_meet(&all);
    assert_eq!(all[1]["window"]["to"], "2027-01-15T09:00:00.000Z", "periods end at whole hours");
    let exported: Vec<String> = all.iter().flat_map(|export| ids(&product, export)).collect();
    let recorded = product.events("", 9);
    let recorded: BTreeSet<String> =
        recorded.iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(exported.len(), recorded.len(), "each once");
    assert_eq!(exported.into_iter().collect::<BTreeSet<_>>(), recorded);
    let completed = product.events("?event_type=export.completed", 5);
    assert!(completed.iter().all(|event| event["reason"] == format!("by the schedule {id}")), "{completed:?}");
}

#[test]
fn a_failure_shows_is_tried_again_and_leaves_no_gap() {
    let clock = clock();
    let product = Product::at(&clock, POLICY, "");
    let id = schedule(&product, &json!({"format": "ndjson", "every": "1h"}));
    product.chat("hello");
    product.events("", 1);
    let folder = product.folder.path().join("data/exports");
    std::fs::write(&folder, "in the way").unwrap();
    clock.advance(Duration::from_secs(900));
    let failed = exports(&product, &id, 1);
    assert_eq!(failed[0]["state"], "failed", "{}", failed[0]);
    let shown = product.get(&format!("/v1/export-schedules/{id}"));
    assert_eq!(shown["failures"], 1);
    assert!(shown["error"].as_str().unwrap().contains("make room"), "{shown}");
    assert_eq!(
        shown["next_at"].as_str().unwrap().parse::<Timestamp>().unwrap(),
        clock.now().plus(Duration::from_secs(60))
    );
    let metrics = product.admin(Method::GET, "/metrics", &Value::Null).text;
    assert!(metrics.contains(&format!("picket_export_schedule_failures{{schedule=\"{id}\"}} 1")), "{metrics}");
    assert_eq!(product.events("?event_type=export.failed", 1)[0]["reason"], format!("by the schedule {id}"));
    std::fs::remove_file(&folder).unwrap();
    clock.advance(Duration::from_secs(61));
    let two = exports(&product, &id, 2);
    assert_eq!((two[1]["state"].as_str(), two[1]["rows"].as_u64()), (Some("done"), Some(1)), "{}", two[1]);
    assert_eq!(two[0]["window"], two[1]["window"]);
    assert_eq!(product.get(&format!("/v1/export-schedules/{id}"))["failures"], 0);
}

#[test]
fn a_schedule_is_paused_goes_on_with_what_came_meanwhile_and_keeps_so_many_files() {
    let clock = clock();
    let product = Product::at(&clock, POLICY, "");
    let id = schedule(&product, &json!({"format": "ndjson", "every": "1h", "keep": 2}));
    let act = |verb: &str| run(&product, &format!("kt export schedules {verb} {id} --format json"));
    assert!(act("pause").status.success());
    assert_eq!(act("pause").status.code(), Some(5), "it is so already");
    product.chat("hello");
    product.events("", 1);
    clock.advance(HOUR * 2);
    assert_eq!(product.get("/v1/exports"), json!([]));
    assert!(act("resume").status.success());
    let two = exports(&product, &id, 2);
    assert_eq!(two.iter().map(|one| one["rows"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 0]);
    clock.advance(HOUR);
    let three = exports(&product, &id, 3);
    assert_windows_meet(&three);
    let states: Vec<_> = three.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["expired", "done", "done"]);
    let oldest = three[0]["id"].as_str().unwrap();
    let file = product.folder.path().join(format!("data/exports/{oldest}.ndjson"));
    // The file goes after the record of it.
    product.wait("the oldest file is gone", |_| (!file.exists()).then_some(()));
    let expired = product.events("?event_type=export.expired", 1);
    assert_eq!(expired[0]["reason"], format!("the schedule {id} keeps 2 files"));
    let deleted = run(&product, &format!("kt export schedules delete {id} --yes"));
    assert!(deleted.status.success(), "{}", String::from_utf8_lossy(&deleted.stderr));
    clock.advance(HOUR * 5);
    assert_eq!(product.admin(Method::GET, &format!("/v1/export-schedules/{id}"), &Value::Null).status, 404);
    assert_eq!(product.get("/v1/exports").as_array().unwrap().len(), 3, "its exports stay");
    for kind in ["created", "paused", "resumed", "deleted"] {
        let told = product.events(&format!("?event_type=export.schedule_{kind}"), 1);
        assert_eq!(told[0]["target"], format!("schedule:{id}"), "{kind}");
    }
}

#[test]
fn what_cannot_be_scheduled_is_refused_with_the_remedy() {
    let product = Product::start();
    for (wanted, said) in [
        (json!({"format": "json", "every": "1s"}), "1m to 31d"),
        (json!({"format": "json", "every": "32d"}), "1m to 31d"),
        (json!({"format": "json", "every": "often"}), "not a duration"),
        (json!({"format": "json", "every": "1h", "keep": 0}), "1 to 1000 files"),
        (json!({"format": "json", "every": "1h", "filter": "tem:x"}), "team"),
        (json!({"type": "findings", "format": "json", "every": "1h"}), "events"),
    ] {
        let refused = product.admin(Method::POST, "/v1/export-schedules", &wanted);
        assert!(refused.status == 400 && refused.text.contains(said), "{wanted}: {}", refused.text);
    }
    for _ in 0..50 {
        schedule(&product, &json!({"format": "csv", "every": "1d"}));
    }
    let one_more = product.admin(Method::POST, "/v1/export-schedules", &json!({"format": "csv", "every": "1d"}));
    assert!(one_more.status == 409 && one_more.text.contains("50 schedules"), "{}", one_more.text);
}
