//! Detection in a running server: from a request to a finding, to what is done about it, and what people make of it.

use crate::commands::run;
use crate::harness::{Answer, Product};
use http::Method;
use picket_testkit::values;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const RULES: &str = "\
title: Refused request
name: refused
logsource: { product: picket }
detection: { s: { event_type: request, decision: blocked }, condition: s }
---
title: Many refused requests of one user
id: many-refused
status: stable
level: high
correlation: { type: event_count, rules: [refused], group-by: [user], timespan: 5m, condition: { gte: 3 } }
x-picket:
  category: guardrail-block
  entity: user
  risk: { score: 40, half-life: 1d }
  atlas: [AML.T0051]
  owasp: [LLM01]
  reason: '{user} had {value} requests refused within {span}'
  response: { action: block, ttl: 10m }
";

/// A server with those rules, which are enabled and respond.
pub(crate) fn product() -> Product {
    let mut product = Product::with(
        "policies:\n  chain: [secret-detector, audit-logger]\npolicy:\n  secret-detector: { action: block }\n",
        "",
    );
    std::fs::create_dir(product.folder.path().join("rules")).unwrap();
    std::fs::write(product.folder.path().join("rules/own.yml"), RULES).unwrap();
    product.reconfigure(|text, _| {
        text.replace(
            "detection: { shipped: false }",
            "detection: { rules: [rules], shipped: false }\ncontainment: { max_per_hour: 1000 }",
        )
    });
    product
}

pub(crate) fn enable(product: &Product, respond: bool) {
    let change = json!({"reason": "a test", "respond": respond});
    let done = product.admin(Method::POST, "/v1/rules/many-refused/enable", &change);
    assert_eq!((done.status, &done.json()["responds"]), (200, &json!(respond)), "{}", done.text);
}

/// A request that the chain refuses, unlike any before.
pub(crate) fn refused(product: &Product, key: &str) -> Answer {
    let secret = values::aws_access_key_id();
    let bearer = format!("Bearer {key}");
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": format!("use {secret}")}]});
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    product.send(&product.gateway, Method::POST, "/v1/chat/completions", &headers, body.to_string().into())
}

fn attack(product: &Product) {
    for _ in 0..3 {
        let answer = refused(product, &product.key);
        assert_eq!(answer.status, 403, "{}", answer.text);
    }
}

fn finding(product: &Product) -> Value {
    product.wait("the finding", |product| {
        let found = product.get("/v1/findings");
        found.get(0).cloned()
    })
}

#[test]
fn from_refused_requests_to_a_finding_to_a_block_to_its_end() {
    let product = product();
    let rule = product.get("/v1/rules/many-refused");
    assert_eq!(
        (&rule["state"], &rule["responds"], &rule["lacks"]),
        (&json!("shadow"), &json!(false), &json!(["tests"]))
    );
    enable(&product, true);
    attack(&product);
    let one = finding(&product);
    for (field, value) in [
        ("severity", json!("high")),
        ("category", json!("guardrail_block")),
        ("entity_kind", json!("user")),
        ("entity", json!("ana@example.com")),
        ("status", json!("open")),
        ("rule_id", json!("many-refused")),
        ("reason", json!("ana@example.com had 3 requests refused within 5m")),
        ("shadow", json!(false)),
    ] {
        assert_eq!(one[field], value, "{field}: {one}");
    }
    assert_eq!(one["frameworks"]["atlas"], json!(["AML.T0051"]));
    assert_eq!((one["evidence"].as_array().unwrap().len(), &one["risk"]), (3, &json!(36.0)));
    let evidence = product.get(&format!("/v1/events/{}", one["evidence"][0].as_str().unwrap()));
    assert_eq!(evidence["decision"], "blocked");
    // The containment stands in the finding, and holds at the gateway.
    let containment = one["responses"][0]["containment_id"].as_str().unwrap_or_else(|| panic!("{one}")).to_owned();
    assert_eq!(product.get(&format!("/v1/containments/{containment}"))["cause"], "many-refused");
    let answer = product.chat("hello");
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (403, Some("contained")));
    let other = product.new_key(json!({"user": "bob@example.com"}));
    assert_ne!(refused(&product, &other).json()["error"]["code"], "contained");
    // What the block refuses makes no more of it.
    (0..6).for_each(|_| drop(product.chat("hello")));
    product.events("?event_type=request", 11);
    product.wait("the detector", |product| {
        let consumers = product.get("/v1/health")["consumers"].clone();
        let detector = consumers.as_array().unwrap().iter().find(|one| one["name"] == "detector").cloned();
        (detector.unwrap()["lag"] == 0).then_some(())
    });
    assert_eq!(product.get("/v1/findings").as_array().unwrap().len(), 1);
    assert_eq!(product.get("/v1/findings")[0]["count"], 1);
    let entity = product.get("/v1/entities/user/ana@example.com");
    assert_eq!((&entity["findings"][0]["id"], &entity["containments"][0]["id"]), (&one["id"], &json!(containment)));
    assert!(entity["risk"].as_f64().unwrap() > 35.0 && entity["history"][0]["half_life"] == "1d", "{entity}");
    let undone = product.admin(Method::POST, &format!("/v1/containments/{containment}/undo"), &json!({}));
    assert_eq!(undone.status, 200, "{}", undone.text);
    assert_eq!(product.chat("hello").status, 200);
    let told = product.events("?event_type=*&filter=event_type:finding.*", 1);
    assert_eq!((told.len(), &told[0]["rule_id"]), (1, &json!("many-refused")));
    let metrics = product.admin(Method::GET, "/v1/metrics", &Value::Null).text;
    for line in [
        "picket_detection_findings_total{rule=\"many-refused\",category=\"guardrail_block\",severity=\"high\"} 1",
        "picket_detection_responses_total{outcome=\"contained\"} 1",
        "picket_detection_time_to_detect_seconds_count 1",
        "picket_detection_rules_broken 0",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}

/// Prints from the request that is one too many to the first that is refused for it.
#[test]
fn from_the_request_that_is_one_too_many_to_the_block_it_is_a_moment() {
    let product = product();
    enable(&product, true);
    let mut times: Vec<Duration> = (0..10)
        .map(|number| {
            let key = product.new_key(json!({"user": format!("user{number}@example.com")}));
            (0..3).for_each(|_| drop(refused(&product, &key)));
            let begun = Instant::now();
            product.wait("the block", |product| {
                let answer = refused(product, &key);
                (answer.json()["error"]["code"] == "contained").then_some(())
            });
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("from the third refused request to the block: median {:?}, longest {:?}", times[5], times[9]);
    let after = product.get("/v1/findings?limit=1000");
    assert_eq!(after.as_array().unwrap().len(), 10);
}

#[test]
fn people_take_findings_up_close_them_and_silence_what_they_know() {
    let product = product();
    enable(&product, false);
    attack(&product);
    let id = finding(&product)["id"].as_str().unwrap().to_owned();
    let ok = |line: &str| {
        let done = run(&product, line);
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<Value>(&done.stdout).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    assert_eq!(ok("kt findings list --status unclosed --severity high --format json")[0]["id"], id);
    assert_eq!(ok("kt findings list --severity critical --format json"), json!([]));
    assert_eq!(ok("kt findings list --entity user:ana@example.com --format json").as_array().unwrap().len(), 1);
    assert_eq!(ok(&format!("kt findings acknowledge {id} --note looking --format json"))[0]["status"], "acknowledged");
    assert_eq!(run(&product, &format!("kt findings acknowledge {id}")).status.code(), Some(5));
    let closed =
        ok(&format!("kt findings close {id} --verdict false_positive --suppress 1h --note test --format json"));
    assert_eq!((&closed[0]["verdict"], closed[0]["notes"].as_array().unwrap().len()), (&json!("false_positive"), 2));
    let silent = ok("kt suppressions list --active --format json");
    assert_eq!((&silent[0]["rule_id"], &silent[0]["entity"]), (&json!("many-refused"), &json!("ana@example.com")));
    attack(&product);
    product.wait("the silence", |product| (product.get("/v1/suppressions")[0]["hits"] == 3).then_some(()));
    assert_eq!(product.get("/v1/findings").as_array().unwrap().len(), 1);
    let ended = ok(&format!("kt suppressions end {} --yes --format json", silent[0]["id"].as_str().unwrap()));
    assert_eq!(ended[0]["active"], false);
    let rule = ok("kt rules get many-refused --format json");
    assert_eq!((&rule["false_positives"], &rule["undecided"]), (&json!(1), &json!(0)));
    assert_eq!(ok("kt rules shadow many-refused --reason noise --format json")[0]["state"], "shadow");
    assert_eq!(ok("kt rules list --state shadow --format json").as_array().unwrap().len(), 1);
    assert_eq!(ok("kt entities get user ana@example.com --format json")["id"], "ana@example.com");
    assert!(ok("kt entities list --format json")[0]["risk"].as_f64().unwrap() > 0.0);
    for (body, expected) in [
        (json!({"reason": "x"}), 400),
        (json!({"reason": "x", "entity_kind": "user"}), 400),
        (json!({"reason": "x", "entity_kind": "planet", "entity": "earth"}), 400),
        (json!({"reason": "x", "rule_id": "none"}), 404),
        (json!({"reason": "", "rule_id": "many-refused"}), 400),
        (json!({"reason": "x", "rule_id": "many-refused", "expires": "400d"}), 400),
    ] {
        let answer = product.admin(Method::POST, "/v1/suppressions", &body);
        assert_eq!(answer.status, expected, "{body}: {}", answer.text);
    }
}

#[test]
fn changed_files_come_into_force_broken_ones_do_not_and_the_reason_is_told() {
    let product = product();
    let file = product.folder.path().join("rules/own.yml");
    std::fs::write(&file, RULES.replace("condition: s }", "condition: nothing }")).unwrap();
    let refused = product.admin(Method::POST, "/v1/rules/reload", &json!({}));
    assert_eq!((refused.status, refused.json()["code"].as_str()), (422, Some("invalid_rules")), "{}", refused.text);
    assert!(refused.text.contains("own.yml:4:"), "{}", refused.text);
    assert_eq!(product.get("/v1/rules/many-refused")["id"], "many-refused", "the old ones are in force");
    let status = run(&product, "kt rules status --format json");
    assert_eq!(status.status.code(), Some(6), "{}", String::from_utf8_lossy(&status.stdout));
    let causes = product.get("/v1/health")["causes"].to_string();
    assert!(causes.contains("rules do not load"), "{causes}");
    let more = RULES
        .replace("many-refused", "many-more")
        .replace("name: refused", "name: other")
        .replace("[refused]", "[other]");
    std::fs::write(&file, format!("{RULES}---\n{more}")).unwrap();
    // Nobody has to ask for it.
    product.wait("the new rule", |product| {
        (product.admin(Method::GET, "/v1/rules/many-more", &Value::Null).status == 200).then_some(())
    });
    assert_eq!(run(&product, "kt rules status").status.code(), Some(0));
}

#[test]
fn a_backtest_says_what_would_have_been_found_on_the_server_and_in_a_file() {
    let product = product();
    attack(&product);
    product.events("?event_type=request", 3);
    let folder = product.folder.path().display().to_string();
    let rows = |line: &str| {
        let done = run(&product, line);
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<Value>(&done.stdout).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    let live = rows(&format!("kt rules backtest --rules {folder}/rules --format json"));
    assert_eq!((&live[0]["rule"], &live[0]["findings"]), (&json!("many-refused"), &json!(1)), "{live}");
    assert_eq!(live[0]["responses"], json!({"block user": 1}));
    let export = run(&product, &format!("kt events export --format ndjson --output {folder}/events.ndjson"));
    assert!(export.status.success(), "{}", String::from_utf8_lossy(&export.stderr));
    let file = rows(&format!("kt rules backtest --rules {folder}/rules --events {folder}/events.ndjson --format json"));
    assert_eq!(file[0]["findings"], live[0]["findings"]);
    assert_eq!(product.get("/v1/containments"), json!([]), "nobody was contained");
}

#[test]
fn the_taxonomy_is_data_that_the_workspace_may_change_and_the_rules_of_the_program_are_there() {
    let mut product = Product::start();
    let before = product.get("/v1/taxonomy");
    assert_eq!(
        (before["categories"].as_array().unwrap().len(), before["severities"].as_array().unwrap().len()),
        (7, 5)
    );
    let of = |taxonomy: &Value, category: &str| {
        let found = taxonomy["categories"].as_array().unwrap().iter().find(|one| one["category"] == category);
        found.unwrap().clone()
    };
    let attack = of(&before, "prompt_attack");
    assert_eq!((&attack["severity"], &attack["frameworks"]["atlas_version"]), (&json!("high"), &json!("5.6.0")));
    assert!(attack["triage"].as_array().unwrap().len() >= 3, "{attack}");
    product.reconfigure(|text, _| {
        format!("{}detection:\n  taxonomy:\n    severities: {{ high: {{ respond_within: 30m }} }}\n    categories: {{ guardrail_block: {{ severity: medium, owner: SOC, triage: [{{ ask: 'Is it us?', answers: {{ yes: close it, no: hand it on }} }}] }} }}\n", text.replace("detection: { shipped: false }\n", ""))
    });
    let after = product.get("/v1/taxonomy");
    let block = of(&after, "guardrail_block");
    assert_eq!(
        (&block["severity"], &block["owner"], &block["triage"][0]["answers"][1]["then"]),
        (&json!("medium"), &json!("SOC"), &json!("hand it on"))
    );
    assert_eq!(after["severities"][3]["respond_within"], "30m");
    let rules = product.get("/v1/rules");
    let shipped = rules.as_array().unwrap();
    assert!(shipped.len() > 20 && shipped.iter().all(|rule| rule["lacks"] == json!([])), "{rules}");
    assert!(shipped.iter().any(|rule| rule["state"] == "enabled" && rule["responds"] == true), "{rules}");
    assert_eq!(of(&after, "prompt_attack"), attack);
}

#[test]
fn a_finding_outlives_a_restart_and_what_was_counted_before_it_counts() {
    let mut product = product();
    enable(&product, false);
    (0..2).for_each(|_| drop(refused(&product, &product.key)));
    product.events("?event_type=request", 2);
    product.restart();
    drop(refused(&product, &product.key));
    let one = finding(&product);
    assert_eq!(one["evidence"].as_array().unwrap().len(), 3, "{one}");
    product.restart();
    let again = product.get("/v1/findings");
    assert_eq!((again.as_array().unwrap().len(), &again[0]["id"]), (1, &one["id"]));
}

#[test]
fn an_erased_person_is_in_no_finding_and_no_count() {
    let product = product();
    enable(&product, false);
    attack(&product);
    let id = finding(&product)["id"].as_str().unwrap().to_owned();
    for key in product.get("/v1/keys").as_array().unwrap() {
        product.admin(Method::DELETE, &format!("/v1/keys/{}", key["id"].as_str().unwrap()), &Value::Null);
    }
    let wanted = json!({"confirm": "ana@example.com", "reason": "a request"});
    let erased = product.admin(Method::POST, "/v1/subjects/ana@example.com/erase", &wanted);
    assert_eq!(erased.status, 200, "{}", erased.text);
    let subject = erased.json()["subject"].as_str().unwrap().to_owned();
    let one = product.get(&format!("/v1/findings/{id}"));
    assert_eq!(one["entity"], json!(subject), "{one}");
    let text =
        one.to_string() + &product.get("/v1/entities").to_string() + &product.get("/v1/suppressions").to_string();
    assert!(!text.contains("ana@example.com"), "{text}");
    let told = product.events("?event_type=*&filter=event_type:finding.*", 0);
    assert!(!json!(told).to_string().contains("ana@example.com"), "{told:?}");
}
