//! A server that is killed while people decide and approved requests run: what was acknowledged is there, with its event,
//! once; and an approval lets one request through at most.
//!
//! A run counts only if the kill left somebody without an answer.

mod people;

use super::{Moments, setting, tell};
use crate::harness::Product;
use crate::served::{kill, serve};
use http::Method;
use people::{Book, Crowd, Item};
use picket_stdx::random;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Kills in the ordinary run; `PICKET_REVIEW_KILLS` sets another number, `PICKET_REVIEW_SEED` repeats a run.
const KILLS: u64 = 2;
/// Longest work before a kill.
const WORK_MAX: Duration = Duration::from_secs(20);
/// What is held waits longer than the longest campaign.
const POLICY: &str = "policies: { chain: [prompt-injection, human-oversight, audit-logger] }
policy:
  prompt-injection: { action: escalate }
  human-oversight: { require_review: true, expires: 7d }
";

#[test]
fn no_decision_is_lost_or_counts_twice_when_the_server_is_killed() {
    let kills = setting("PICKET_REVIEW_KILLS").unwrap_or(KILLS);
    let seed = setting("PICKET_REVIEW_SEED").unwrap_or_else(random::number);
    tell(&format!("{kills} kills among reviewers, seed {seed}"));
    let mut moments = Moments(seed);
    let mut product = Product::with(POLICY, "");
    product.stop();
    let book = Book::default();
    let (mut rounds, mut counted, mut upstream) = (0, 0, HashMap::new());
    let mut seen = 0;
    while counted < kills {
        rounds += 1;
        assert!(rounds <= kills * 4 + 8, "too few kills came while somebody waited: {counted} of {rounds}");
        counted += u64::from(killed_at_work(&mut product, &mut moments, &book));
        seen = count_upstream(&product, seen, &mut upstream);
        if rounds % 10 == 0 {
            tell(&format!("{counted} of {rounds} kills count; {}", book.summary()));
        }
    }
    let served = serve(&product);
    (product.api, product.gateway) = (served.api.clone(), served.gateway.clone());
    let used_up = settle(&product, &book);
    count_upstream(&product, seen, &mut upstream);
    check(&product, &book, &upstream);
    let verified = product.admin(Method::POST, "/v1/log/verify", &Value::Null).json();
    assert_eq!(verified["passed"], true, "{verified}");
    tell(&format!(
        "{counted} of {rounds} kills count, seed {seed}: {}; 0 lost, 0 twice; {used_up} approvals were used up by a request that a kill ended",
        book.summary()
    ));
}

/// Serves, and kills while decisions or approved requests are on their way; whether somebody was left without an answer.
fn killed_at_work(product: &mut Product, moments: &mut Moments, book: &Book) -> bool {
    let mut served = serve(product);
    (product.api, product.gateway) = (served.api.clone(), served.gateway.clone());
    let crowd = Crowd::start(product, book);
    let (done, interrupted) = (book.done(), book.interrupted());
    let enough = done + 1 + moments.below(24);
    let begun = Instant::now();
    while book.done() < enough && begun.elapsed() < WORK_MAX {
        std::thread::yield_now();
    }
    moments.pass();
    while book.outstanding() == 0 && begun.elapsed() < 2 * WORK_MAX {
        std::thread::yield_now();
    }
    assert!(kill(&mut served.child), "the server had ended by itself");
    crowd.stop(product);
    book.interrupted() > interrupted
}

/// Adds what the provider was asked since `seen` requests, by the number of the request; how many there are now.
fn count_upstream(product: &Product, seen: u64, all: &mut HashMap<u64, u64>) -> u64 {
    let (now, kept) = (product.provider.count(), product.provider.requests());
    let new = usize::try_from(now - seen).unwrap();
    assert!(new <= kept.len(), "the provider kept {} of {new} requests", kept.len());
    for body in &kept[kept.len() - new..] {
        let body: Value = serde_json::from_slice(body).unwrap();
        *all.entry(people::number(body["messages"][0]["content"].as_str().unwrap())).or_default() += 1;
    }
    now
}

/// Once nobody kills any more: whoever got no answer asks again, and each decision holds. How many approvals were used up
/// by requests that a kill ended.
fn settle(product: &Product, book: &Book) -> u64 {
    let mut used_up = 0;
    for (number, item) in book.items() {
        let Some(decision) = item.decision.filter(|_| !item.ran) else { continue };
        let answer = product.chat(&people::prompt(number));
        let code = answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned();
        match (decision, answer.status, code.as_str()) {
            ("approved", 200, _) => book.change(number, |item| item.ran = true),
            // Nobody has asked with this approval; then it has to let one through.
            ("approved", 403, "review_required") if item.asked_again => used_up += 1,
            ("rejected", 403, "review_rejected") => {}
            _ => panic!("request {number}, {decision}, {item:?}: {} {}", answer.status, answer.text),
        }
    }
    used_up
}

fn check(product: &Product, book: &Book, upstream: &HashMap<u64, u64>) {
    let items = book.items();
    let escalations: HashMap<String, Value> = product
        .get("/v1/escalations?limit=100000")
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry.clone()))
        .collect();
    let events = |kind: &str| -> HashMap<String, u64> {
        let path = format!("/v1/events?event_type={kind}&fields=escalation_id&format=ndjson");
        let listed = product.admin(Method::GET, &path, &json!(null));
        assert_eq!(listed.status, 200, "{}", listed.text);
        let mut counts = HashMap::new();
        for line in listed.text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            *counts.entry(event["escalation_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        counts
    };
    let count = |counts: &HashMap<String, u64>, id: &str| counts.get(id).copied().unwrap_or(0);
    let ran: Vec<&String> =
        items.values().filter(|item| item.ran).filter_map(|item| item.escalation.as_ref()).collect();
    // The end of a request is written after its answer, and what follows from that after it.
    let executed = product.wait("the event of each approved request that ran", |_| {
        let executed = events("decision.executed");
        ran.iter().all(|id| count(&executed, id) > 0).then_some(executed)
    });
    let (resolved, approved) = (events("escalation.resolved"), events("decision.approved"));
    let rejected = events("decision.rejected");
    assert!(items.values().any(|item| item.decision.is_some()), "nobody decided anything");
    for (number, Item { escalation, decision, ran, .. }) in &items {
        let ran_upstream = upstream.get(number).copied().unwrap_or(0);
        assert!(ran_upstream <= 1, "request {number} ran {ran_upstream} times");
        let Some(id) = escalation else { continue };
        let Some(entry) = escalations.get(id) else {
            panic!("request {number}: its escalation {id} is not in the queue");
        };
        match decision {
            Some(decision) => {
                assert_eq!(
                    (&entry["status"], &entry["resolution"]),
                    (&json!("resolved"), &json!(decision)),
                    "{number}"
                );
                assert_eq!(count(&resolved, id), 1, "events of the decision about {number}");
                let (yes, no) = if *decision == "approved" { (1, 0) } else { (0, 1) };
                assert_eq!((count(&approved, id), count(&rejected, id)), (yes, no), "events of {number}, {decision}");
                let most = u64::from(*decision == "approved");
                assert!(ran_upstream <= most && count(&executed, id) <= most, "{number} {decision}");
            }
            // Nobody was told that it was decided, and whatever it is, it is that once.
            None => assert_eq!(count(&resolved, id), u64::from(entry["status"] == "resolved"), "{number}: {entry}"),
        }
        if *ran {
            let about = || {
                product.get(&format!(
                    "/v1/events?event_type=*&filter=escalation:{id}&fields=event_type,decision,outcome,reason"
                ))
            };
            assert_eq!((ran_upstream, count(&executed, id)), (1, 1), "request {number} ran: {}", about());
        }
    }
    let twice = [&resolved, &approved, &rejected, &executed];
    assert!(twice.iter().all(|counts| counts.values().all(|count| *count == 1)), "an event came twice");
}
