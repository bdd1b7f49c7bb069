//! Tickets and webhooks of a running server, with strict fakes of those who receive them.

use crate::commands::run;
use crate::detection;
use crate::harness::Product;
use http::Method;
use picket_testkit::service::{Question, Reply, Service};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const TABLE: &str = "/api/now/table/incident";

/// A server that may reach this machine, with rules that find what `attack` does.
fn product() -> Product {
    let mut product = detection::product();
    product.reconfigure(|text, _| text.to_owned() + "integrations: { allow: [127.0.0.1], timeout: 5s }\n");
    detection::enable(&product, false);
    product
}

fn attack(product: &Product) -> Value {
    for _ in 0..3 {
        assert_eq!(detection::refused(product, &product.key).status, 403);
    }
    product.wait("a finding", |product| product.get("/v1/findings").as_array().unwrap().first().cloned())
}

/// Creates something, and gives back what it is.
fn create(product: &Product, path: &str, wanted: &Value) -> Value {
    let made = product.admin(Method::POST, path, wanted);
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()
}

/// Where a fake is, without a path.
fn base(service: &Service) -> String {
    picket_egress::origin(&service.url()).unwrap()
}

fn secret() -> String {
    "k9".repeat(16)
}

/// PagerDuty as its Events API is documented: everything wrong is 400.
fn pager_duty(question: &Question) -> Reply {
    let body = &question.body;
    let fits = question.head.starts_with("post /v2/enqueue ")
        && question.head.contains("content-type: application/json")
        && body["routing_key"].as_str().is_some_and(|key| key.len() == 32)
        && body["dedup_key"].as_str().is_some_and(|key| !key.is_empty() && key.len() <= 255);
    let is_whole = match body["event_action"].as_str() {
        Some("trigger") => {
            let payload = &body["payload"];
            payload["summary"].as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 1_024)
                && payload["source"].is_string()
                && ["critical", "error", "warning", "info"].iter().any(|word| payload["severity"] == *word)
        }
        Some("acknowledge" | "resolve") => true,
        _ => false,
    };
    if fits && is_whole {
        let answer = json!({"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]});
        return Reply::Json(202, answer.to_string());
    }
    Reply::Json(400, json!({"status": "invalid event", "message": "Event object is invalid"}).to_string())
}

#[test]
fn a_finding_opens_an_incident_and_its_ticket_follows_what_people_do() {
    let mut product = product();
    let place = Service::start(pager_duty).unwrap();
    let made = create(
        &product,
        "/v1/tickets/places",
        &json!({"name": "on call", "kind": "pagerduty", "settings": {"url": base(&place)}, "credentials": {"routing_key": secret()}}),
    );
    assert_eq!((&made["takes"], &made["credentials"]), (&json!(["incident"]), &json!(["routing_key"])));
    let tried = product.admin(Method::POST, "/v1/tickets/places/on%20call/test", &json!({}));
    assert_eq!((&tried.json()["ok"], place.questions().len()), (&json!(true), 2), "{}", tried.text);
    let set = run(&product, "picket tickets runbook set guardrail-block --action incident --severity high");
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    let finding = attack(&product);
    let incident = product.wait("the incident's ticket", |product| {
        let incident = product.get("/v1/incidents").as_array().unwrap().first()?["id"].as_str()?.to_owned();
        let incident = product.get(&format!("/v1/incidents/{incident}"));
        (incident["tickets"][0]["state"] == "open").then_some(incident)
    });
    assert_eq!(incident["finding_id"], finding["id"]);
    let id = incident["id"].as_str().unwrap();
    assert_eq!(incident["tickets"][0]["key"], format!("picket-{id}"));
    let finding = product.get(&format!("/v1/findings/{}", finding["id"].as_str().unwrap()));
    assert_eq!(finding["incident_id"], id);
    for (act, body, state) in
        [("acknowledge", json!({}), "acknowledged"), ("close", json!({"verdict": "true_positive"}), "resolved")]
    {
        let done = product.admin(Method::POST, &format!("/v1/incidents/{id}/{act}"), &body);
        assert_eq!(done.status, 200, "{}", done.text);
        product.wait(state, |product| {
            (product.get(&format!("/v1/incidents/{id}"))["tickets"][0]["state"] == state).then_some(())
        });
    }
    let again = product.admin(Method::POST, &format!("/v1/incidents/{id}/close"), &json!({"verdict": "benign"}));
    assert_eq!(again.status, 409);
    let actions: Vec<String> = place
        .questions()
        .iter()
        .skip(2)
        .map(|question| question.body["event_action"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        (actions.first().map(String::as_str), actions.last().map(String::as_str)),
        (Some("trigger"), Some("resolve"))
    );
    assert!(place.questions().iter().skip(2).all(|question| question.body["dedup_key"] == format!("picket-{id}")));
    for path in ["/v1/tickets/places", "/v1/tickets", "/v1/events?event_type=*", "/v1/audit-log"] {
        let shown = product.get(path).to_string();
        assert!(!shown.contains(&secret()), "{path}");
    }
    // What was decided is there after a restart, and nothing is opened twice.
    product.restart();
    assert_eq!(product.get("/v1/incidents").as_array().unwrap().len(), 1);
    let listed = run(&product, "picket tickets list --state resolved --format json");
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed[0]["subject"], id);
}

#[test]
fn a_ticket_waits_for_a_place_that_is_down_and_nobody_else_does() {
    let product = product();
    let is_up = Arc::new(AtomicBool::new(false));
    let up = Arc::clone(&is_up);
    let service_now = Service::start(move |question: &Question| {
        if !up.load(Ordering::SeqCst) {
            return Reply::Json(503, "{}".to_owned());
        }
        let row = json!({"sys_id": "a1b2", "number": "INC0010001", "state": "1", "correlation_id": question.body["correlation_id"]});
        match question.head.split(' ').next() {
            // Rows of others, as an instance brings them that does not understand a query.
            Some("get") => Reply::Json(200, json!({"result": [{"sys_id": "z", "number": "INC1", "correlation_id": ""}]}).to_string()),
            Some("post") if question.head.contains(TABLE) => Reply::Json(201, json!({"result": row}).to_string()),
            _ => Reply::Json(400, "{}".to_owned()),
        }
    })
    .unwrap();
    let chat = Service::start(|_question| Reply::Json(200, "ok".to_owned())).unwrap();
    let host = base(&chat).trim_start_matches("http://").to_owned();
    create(
        &product,
        "/v1/tickets/places",
        &json!({"name": "snow", "kind": "servicenow", "settings": {"url": base(&service_now)}, "credentials": {"token": secret()}}),
    );
    create(
        &product,
        "/v1/tickets/places",
        &json!({"name": "chat", "kind": "slack", "settings": {"host": host}, "credentials": {"url": format!("{}/services/{}", base(&chat), secret())}}),
    );
    let finding = attack(&product);
    let path = format!("/v1/findings/{}", finding["id"].as_str().unwrap());
    let ticket = |product: &Product, place: &str| {
        let found = product.get(&path);
        found["tickets"].as_array().and_then(|all| all.iter().find(|one| one["place"] == place)).cloned()
    };
    product.wait("the chat's message", |product| ticket(product, "chat").filter(|one| one["state"] == "open"));
    let waiting = product.wait("the failure", |product| ticket(product, "snow").filter(|one| one["error"].is_string()));
    assert_eq!(waiting["state"], "opening");
    assert!(waiting["error"].as_str().unwrap().contains("503"), "{waiting}");
    is_up.store(true, Ordering::SeqCst);
    // Somebody who touched the place does not want to wait.
    let touched = product.admin(Method::PATCH, "/v1/tickets/places/snow", &json!({"paused": false}));
    assert_eq!(touched.status, 200, "{}", touched.text);
    let open = product.wait("the ticket", |product| ticket(product, "snow").filter(|one| one["state"] == "open"));
    assert_eq!((&open["key"], open.get("error")), (&json!("INC0010001"), None));
    let made = service_now.questions();
    assert!(made.last().unwrap().head.starts_with("post "), "rows of others are no ticket");
    let refused =
        product.admin(Method::PATCH, "/v1/tickets/places/snow", &json!({"settings": {"url": "https://other.example"}}));
    assert_eq!(refused.status, 400, "another host needs the credentials again: {}", refused.text);
}

#[test]
fn places_and_webhooks_are_changed_by_those_who_may_and_nobody_reaches_what_is_private() {
    let product = detection::product();
    let service = Service::start(|_question| Reply::Json(200, "{}".to_owned())).unwrap();
    create(
        &product,
        "/v1/webhooks",
        &json!({"name": "inside", "url": format!("{}/hook", base(&service)), "events": ["finding.created"]}),
    );
    let tried = product.admin(Method::POST, "/v1/webhooks/inside/test", &json!({}));
    assert_eq!(tried.json()["ok"], false, "{}", tried.text);
    assert!(tried.json()["answer"].as_str().unwrap().contains("integrations: { allow"), "{}", tried.text);
    assert!(service.questions().is_empty());
    let viewer = product.admin(Method::POST, "/v1/tokens", &json!({"role": "viewer", "name": "v"})).json();
    let viewer = viewer["token"].as_str().unwrap();
    for path in ["/v1/webhooks", "/v1/tickets", "/v1/tickets/places"] {
        assert_eq!(product.admin_as(viewer, Method::GET, path, &Value::Null).status, 403, "{path}");
    }
    assert_eq!(product.admin_as(viewer, Method::GET, "/v1/tickets/runbook", &Value::Null).status, 200);
    for (path, wanted, problem) in [
        ("/v1/webhooks", json!({"name": "x", "url": "ftp://example.com", "events": ["finding.created"]}), "`url`"),
        (
            "/v1/webhooks",
            json!({"name": "x", "url": "https://example.com", "events": ["nothing"]}),
            "`events` are some of",
        ),
        (
            "/v1/webhooks",
            json!({"name": "inside", "url": "https://example.com", "events": ["finding.created"]}),
            "this name",
        ),
        ("/v1/tickets/places", json!({"name": "x", "kind": "jira", "settings": {}}), "`url` is missing"),
        (
            "/v1/tickets/places",
            json!({"name": "x", "kind": "email", "settings": {"host": "m", "from": "a@b.c", "to": 5}}),
            "expected `to` as a list of mail addresses or a text with commas between them, found the number 5",
        ),
        (
            "/v1/tickets/places",
            json!({"name": "x", "kind": "slack", "credentials": {"url": format!("https://evil.example/{}", secret())}}),
            "does not lead to",
        ),
    ] {
        let refused = product.admin(Method::POST, path, &wanted);
        assert!([400, 409].contains(&refused.status) && refused.text.contains(problem), "{}", refused.text);
        assert!(!refused.text.contains(&secret()));
    }
}

#[test]
fn product_events_reach_a_webhook_once_and_are_replayed_under_their_id() {
    let product = product();
    let receiver = Service::start(|_question| Reply::Json(200, "{}".to_owned())).unwrap();
    let place = format!("{}/hook?token={}", base(&receiver), secret());
    let create = format!(
        "picket webhooks create all --to '{place}' --events finding.created,event.created --filter 'severity:>=medium' --format json"
    );
    let made = run(&product, &create);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(made["key"].as_str().unwrap().starts_with("whsec_"));
    attack(&product);
    let kinds = |receiver: &Service| -> Vec<String> {
        receiver.questions().iter().map(|question| question.body["type"].as_str().unwrap().to_owned()).collect()
    };
    product.wait("the messages", |_| {
        (kinds(&receiver).iter().filter(|kind| *kind == "finding.created").count() == 1).then_some(())
    });
    let count = kinds(&receiver).len();
    let heads: Vec<String> = receiver.questions().into_iter().map(|question| question.head).collect();
    assert!(
        heads.iter().all(|head| head.contains("webhook-signature: v1,") && head.contains("content-digest: sha-256=:"))
    );
    // What the attack does may still go on, so that there may be more of them by now.
    let attempts = product.wait("the attempts", |product| {
        let found = product.get("/v1/webhooks/all/attempts");
        (found.as_array().unwrap().len() >= count).then_some(found)
    });
    assert!(attempts.as_array().unwrap().iter().all(|one| one["outcome"] == "delivered"), "{attempts}");
    let rotated = run(&product, "picket webhooks rotate all --keep 1h --format json");
    assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
    let message = attempts[0]["message"].as_str().unwrap();
    let replayed = run(&product, &format!("picket webhooks replay all --message {message}"));
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let id = format!("webhook-id: {}", message.to_lowercase());
    let heads = product.wait("the message again", |_| {
        let heads = receiver.questions().into_iter().map(|question| question.head);
        let heads: Vec<String> = heads.filter(|head| head.contains(&id)).collect();
        (heads.len() == 2).then_some(heads)
    });
    assert_eq!(heads[1].matches("v1,").count(), 2, "both keys sign while one is rotated: {}", heads[1]);
    let shown = product.get("/v1/webhooks").to_string() + &product.get("/v1/events?event_type=*").to_string();
    assert!(!shown.contains(&secret()) && !shown.contains("whsec_"), "{shown}");
}

#[test]
fn a_developer_has_product_events_posted_to_a_program_of_his_own() {
    let product = product();
    let program = Service::start(|_question| Reply::Json(204, String::new())).unwrap();
    attack(&product);
    let url = format!("{}/hook", base(&program));
    let listened = run(
        &product,
        &format!("picket webhooks listen --forward-to {url} --events finding.created --since 1h --max 1"),
    );
    let (told, said) = (String::from_utf8_lossy(&listened.stdout), String::from_utf8_lossy(&listened.stderr));
    assert!(listened.status.success() && told.starts_with("finding.created\tmsg_"), "{told}{said}");
    assert!(said.contains("verify with whsec_"), "{said}");
    let got = program.questions();
    assert_eq!((got.len(), &got[0].body["type"]), (1, &json!("finding.created")));
    assert!(got[0].head.starts_with("post /hook ") && got[0].head.contains("webhook-signature: v1,"));
    // Where nobody takes anything, that is no success.
    let nowhere = run(&product, "picket webhooks listen --forward-to http://127.0.0.1:1/x --since 1h --max 1");
    assert_eq!(nowhere.status.code(), Some(8), "{nowhere:?}");
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("1 of 1 were not taken"), "{nowhere:?}");
    for (arguments, said) in [
        (format!("{url} --events nothing"), "`nothing` is no product event"),
        ("ftp://x".to_owned(), "--forward-to: the URL is no address of HTTP: write http://"),
    ] {
        let wrong = run(&product, &format!("picket webhooks listen --forward-to {arguments}"));
        assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
        assert!(String::from_utf8_lossy(&wrong.stderr).contains(said), "{wrong:?}");
    }
}
