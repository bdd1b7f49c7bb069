//! Destinations from the command line, and what becomes of their credentials.

use super::sink::Sink;
use super::{act, product, settled, signals, state};
use crate::commands::run;
use crate::harness::Product;
use http::Method;
use picket_stdx::random;
use serde_json::{Value, json};
use std::process::Output;

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn settings(product: &Product, name: &str, url: &str) {
    let text = format!(
        "to:\n  kind: generic_https\n  url: {url}\n  auth_header: X-Auth\n  batch: {{ events: 100 }}\nwanted: {{ events: [external.*], severity: info }}\n"
    );
    std::fs::write(product.folder.path().join(name), text).unwrap();
}

#[test]
fn a_destination_is_made_tried_changed_and_deleted_from_the_command_line() {
    let product = product();
    let sink = Sink::start();
    settings(&product, "siem.yaml", &format!("{}/intake", sink.url()));
    std::fs::write(product.folder.path().join("table.yaml"), "event_id: event_id\nuser: who\nevent_type: event_type\n")
        .unwrap();
    let made = run(
        &product,
        "SECRET=s3cret picket destinations create siem --settings siem.yaml --credential auth=env:SECRET --format json",
    );
    let made = json_of(&made);
    assert_eq!(
        (&made["name"], &made["kind"], &made["state"]),
        (&json!("siem"), &json!("generic_https"), &json!("active"))
    );
    let tested = json_of(&run(&product, "picket destinations test siem --format json"));
    assert_eq!(
        (&tested["passed"], &tested["status"], &tested["verified"]),
        (&json!(true), &json!(204), &json!("unknown"))
    );
    assert!(tested["request"].as_str().unwrap().contains("system.test"), "{tested}");
    signals(&product, 0, 20, "ana@example.com");
    settled(&product, "siem", 20);
    let balance = json_of(&run(&product, "picket destinations balance --format json"));
    assert_eq!((&balance[0]["delivered"], &balance[0]["even"]), (&json!(20), &json!(true)), "{balance}");
    product.wait("the hours are counted", |product| {
        let hours = json_of(&run(product, "picket destinations coverage siem --format json"));
        let hours = hours.as_array().unwrap().clone();
        (!hours.is_empty() && hours.iter().all(|hour| hour["percent"] == 100.0)).then_some(())
    });
    let preview = json_of(&run(&product, "picket destinations preview siem --limit 1 --format json"));
    assert!(preview[0]["encoded"].as_str().unwrap().contains("external.login"), "{preview}");
    // A table of names from a file stands in what it is told.
    let update = "picket destinations update siem --settings siem.yaml --mapping table.yaml --format json";
    let updated = json_of(&run(&product, update));
    assert_eq!(updated["settings"]["to"]["rendering"]["mapping"]["fields"]["user"], "who", "{updated}");
    let preview = json_of(&run(&product, "picket destinations preview siem --limit 1 --format json"));
    assert!(preview[0]["encoded"].as_str().unwrap().contains(r#""who":"ana@example.com""#), "{preview}");
    // Another host wants the credentials again.
    settings(&product, "moved.yaml", "http://127.0.0.1:1/intake");
    let moved = run(&product, "picket destinations update siem --settings moved.yaml");
    assert_eq!(moved.status.code(), Some(5), "{moved:?}");
    assert!(String::from_utf8_lossy(&moved.stderr).contains("another host"), "{moved:?}");
    let paused = json_of(&run(&product, "picket destinations pause siem --reason works --format json"));
    assert_eq!((&paused["state"], &paused["reason"]), (&json!("paused"), &json!("works")));
    json_of(&run(&product, "picket destinations resume siem --format json"));
    let rotated =
        json_of(&run(&product, "echo n3w | picket destinations rotate siem --credential auth=- --format json"));
    assert_eq!(rotated["credentials"][0]["version"], 2, "{rotated}");
    assert_eq!(json_of(&run(&product, "picket destinations reseal --format json"))["count"], 1);
    signals(&product, 20, 5, "ana@example.com");
    settled(&product, "siem", 25);
    let newest = sink.server().asked().pop().unwrap();
    assert_eq!(newest.header("x-auth"), Some("n3w"));
    for (command, code) in [
        ("picket destinations deadletters list siem", 0),
        ("picket destinations deadletters replay siem --all --yes", 3),
        ("picket destinations get nobody", 3),
        ("picket destinations create siem --settings siem.yaml --credential auth=s3cret", 2),
        ("picket destinations create siem --settings siem.yaml --credential auth=env:HOME", 5),
        ("picket destinations delete siem", 2),
        ("picket destinations delete siem --yes", 0),
    ] {
        let output = run(&product, command);
        assert_eq!(output.status.code(), Some(code), "{command}: {output:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("s3cret"), "{command}");
    }
    let deleted = product.events("?event_type=destination.deleted", 1);
    assert!(deleted[0]["reason"].as_str().unwrap().contains("25 accepted, 25 delivered"), "{deleted:?}");
}

#[test]
fn the_sums_are_held_against_the_log_from_the_command_line() {
    let product = product();
    let sink = Sink::start();
    super::create(&product, "siem", super::to_sink(&sink, 50));
    signals(&product, 0, 20, "ana@example.com");
    settled(&product, "siem", 20);
    let recount = "picket destinations balance siem --recount --format json";
    let recounted = product.wait("the sums are durable", |product| {
        let recounted = json_of(&run(product, recount));
        (recounted["accepted"] == 20).then_some(recounted)
    });
    assert_eq!((&recounted["wanted"], &recounted["agrees"]), (&json!(20), &json!(true)), "{recounted}");
    settings(&product, "siem.yaml", &format!("{}/intake", sink.url()));
    json_of(&run(&product, "picket destinations update siem --settings siem.yaml --format json"));
    let changed = run(&product, recount);
    assert!(String::from_utf8_lossy(&changed.stderr).contains("its settings were changed"), "{changed:?}");
    let changed = json_of(&changed);
    assert_eq!((&changed["changes"], changed.get("agrees")), (&json!(1), None), "{changed}");
    assert_eq!(run(&product, "picket destinations balance --recount").status.code(), Some(2));
}

#[test]
fn empty_variables_and_files_are_told_from_those_that_are_not_there() {
    let product = product();
    settings(&product, "siem.yaml", "http://127.0.0.1:1/intake");
    for (command, said) in [
        (
            "SECRET= picket destinations create x --settings siem.yaml --credential auth=env:SECRET",
            "the credential `auth`: its variable is set and empty",
        ),
        ("picket destinations create x --settings siem.yaml --credential auth=env:NONE", "its variable is not set"),
        ("picket destinations create x --settings /dev/null", "/dev/null is empty: `to` says where events go"),
        ("picket tickets places create x --kind slack --credential url=env:NONE", "variable NONE is not set"),
    ] {
        let refused = run(&product, command);
        assert_eq!(refused.status.code(), Some(2), "{command}: {refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(said), "{command}: {refused:?}");
    }
}

#[test]
fn a_type_that_no_event_has_is_refused_with_the_one_that_was_meant() {
    let product = product();
    for (wanted, said) in [
        ("decison.*", "did you mean `decision.*`?"),
        ("decision.rejectd", "did you mean `decision.rejected`?"),
        ("foo", "docs/reference/events.md"),
    ] {
        let settings = json!({"to": {"kind": "file", "name": "a.ndjson"}, "wanted": {"events": ["finding", wanted]}});
        let body = json!({"name": "typo", "settings": settings});
        let refused = product.admin(Method::POST, "/v1/destinations", &body);
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains(&format!("`{wanted}` is no type of events")), "{}", refused.text);
        std::fs::write(product.folder.path().join("typo.yaml"), settings.to_string()).unwrap();
        let refused = run(&product, "picket destinations create typo --settings typo.yaml");
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(said), "{refused:?}");
    }
    assert_eq!(product.get("/v1/destinations"), json!([]));
}

#[test]
fn dead_letters_are_listed_exported_replayed_and_discarded_from_the_command_line() {
    let product = product();
    let sink = Sink::start();
    super::create(&product, "siem", super::to_sink(&sink, 50));
    signals(&product, 0, 3, super::sink::POISON);
    settled(&product, "siem", 3);
    super::letters(&product, "siem", 3);
    let listed = json_of(&run(&product, "picket destinations deadletters list siem --format json"));
    assert_eq!(listed.as_array().unwrap().len(), 3, "{listed}");
    let exported = run(&product, "picket destinations deadletters export siem --output dead.ndjson && cat dead.ndjson");
    let lines: Vec<Value> =
        String::from_utf8(exported.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line["event"]["event_id"] == line["dead_letter"]["event_id"]), "{lines:?}");
    let first = listed[0]["position"].to_string();
    // What was named and is not there is told, and so is that there was nothing else.
    let discarded =
        run(&product, &format!("picket destinations deadletters discard siem {first} {first} 999999 --yes"));
    assert_eq!(discarded.status.code(), Some(8), "{discarded:?}");
    let said = String::from_utf8_lossy(&discarded.stderr).into_owned();
    assert!(said.contains("1 dropped") && said.contains("no dead letter at 999999"), "{said}");
    let none = run(&product, &format!("picket destinations deadletters replay siem {first} 999999"));
    assert_eq!(none.status.code(), Some(3), "{none:?}");
    assert!(String::from_utf8_lossy(&none.stderr).contains(&format!("at {first}, 999999")), "{none:?}");
    sink.heal();
    assert!(run(&product, "picket destinations deadletters replay siem --all --yes").status.success());
    product.wait("they are delivered", |product| (super::balance(product, "siem")["delivered"] == 2).then_some(()));
    let sums = super::balance(&product, "siem");
    assert_eq!((&sums["dead_lettered"], &sums["dead_letters"]), (&json!(1), &json!(0)), "{sums}");
}

#[test]
fn a_credential_is_shown_nowhere_and_lies_nowhere_in_clear() {
    let mut product = product();
    let sink = Sink::start();
    let canary = format!("canary{}{}", random::number(), random::number());
    let mut wanted = super::to_sink(&sink, 10);
    wanted["to"]["auth_header"] = json!("X-Auth");
    let body = json!({"name": "siem", "settings": wanted, "credentials": {"auth": canary}});
    let made = product.admin(Method::POST, "/v1/destinations", &body);
    assert_eq!(made.status, 201, "{}", made.text);
    sink.die();
    signals(&product, 0, 5, "ana@example.com");
    product.wait("it is paused", |product| (state(product, "siem")["state"] == "paused").then_some(()));
    sink.heal();
    assert_eq!(act(&product, "siem", "resume", &Value::Null).status, 200);
    settled(&product, "siem", 5);
    assert_eq!(sink.server().asked().pop().unwrap().header("x-auth"), Some(canary.as_str()));
    let mut shown = made.text;
    for path in ["/v1/destinations", "/v1/destinations/siem", "/v1/events?event_type=*&limit=1000", "/v1/metrics"] {
        shown.push_str(&product.admin(Method::GET, path, &Value::Null).text);
    }
    shown.push_str(&act(&product, "siem", "test", &Value::Null).text);
    let refused = json!({"name": "other", "settings": wanted, "credentials": {"auth": canary, "none": canary}});
    shown.push_str(&product.admin(Method::POST, "/v1/destinations", &refused).text);
    assert!(!shown.contains(&canary), "{shown}");
    product.stop();
    let mut folders = vec![product.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
                assert!(!found, "{}", path.display());
            }
        }
    }
}

#[test]
fn prompts_and_answers_are_sent_where_the_operator_and_somebody_who_may_say_so() {
    let mut product = product();
    let file = |format: &str| {
        format!(
            "to: {{ kind: file, name: {format}.ndjson, rendering: {{ format: {format} }} }}\nwanted: {{ events: [request] }}\n"
        )
    };
    for format in ["canonical", "cef"] {
        std::fs::write(product.folder.path().join(format!("{format}.yaml")), file(format)).unwrap();
    }
    let create = "picket destinations create siem --settings canonical.yaml --start beginning --format json";
    let refused = run(&product, &format!("{create} --bodies on"));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("bodies: true"), "the operator has to: {refused:?}");
    let made = json_of(&run(&product, create));
    assert_eq!(made["bodies"], false, "nothing is sent that nobody asked for");
    let lines = |product: &Product, count: usize| {
        product.wait("the lines", |product| {
            let text = std::fs::read_to_string(product.folder.path().join("siem/canonical.ndjson")).unwrap_or_default();
            let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            (lines.len() == count).then_some(lines)
        })
    };
    product.chat("canary-one");
    assert!(!lines(&product, 1)[0].to_string().contains("canary"));
    product.reconfigure(|text, _| text.replace("folder: siem", "folder: siem, bodies: true"));
    let on = json_of(&run(&product, "picket destinations update siem --bodies on --format json"));
    assert_eq!((&on["bodies"], &on["settings"]["wanted"]["bodies"]), (&json!(true), &json!(true)), "{on}");
    product.chat("canary-two");
    let line = lines(&product, 2).pop().unwrap();
    assert!(line["body_contents"]["request"].as_str().unwrap().contains("canary-two"), "{line}");
    assert!(line["body_contents"]["response"].as_str().unwrap().contains("choices"), "{line}");
    // Previews are for those who may not read prompts, too.
    let preview = run(&product, "picket destinations preview siem --limit 2 --format json");
    assert!(!String::from_utf8_lossy(&preview.stdout).contains("canary"), "{preview:?}");
    // Who may change destinations but may not read prompts changes none that gets them, and makes none.
    let scopes = json!({"name": "automation", "role": "admin", "scopes": ["destinations:read", "destinations:write"]});
    let token = product.admin(Method::POST, "/v1/tokens", &scopes).json()["token"].as_str().unwrap().to_owned();
    let as_automation = |what: &str| run(&product, &format!("API_TOKEN={token} picket destinations {what}"));
    for refused in ["update siem --name other", "create other --settings canonical.yaml --bodies on"] {
        let output = as_automation(refused);
        assert_eq!(output.status.code(), Some(4), "{refused}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("prompts and answers"), "{output:?}");
    }
    let nowhere = run(&product, "picket destinations create lines --settings cef.yaml --bodies on");
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("no place"), "{nowhere:?}");
    let off = as_automation("update siem --bodies off --format json");
    assert_eq!(json_of(&off)["bodies"], false, "anybody may end it who may change it");
    product.chat("canary-three");
    assert!(!lines(&product, 3).pop().unwrap().to_string().contains("canary"));
    let told = |kind: &str| product.events(&format!("?event_type=destination.bodies_{kind}"), 1).len();
    assert_eq!((told("included"), told("excluded")), (1, 1));
    // The operator takes it back: events go on without.
    json_of(&run(&product, "picket destinations update siem --bodies on --format json"));
    product.reconfigure(|text, _| text.replace("bodies: true", "bodies: false"));
    product.chat("canary-four");
    assert!(!lines(&product, 4).pop().unwrap().to_string().contains("canary"));
    let shown = product.get("/v1/destinations/siem");
    assert!(shown["health"]["warning"].as_str().unwrap().contains("left out"), "{shown}");
}
