//! A wall clock that is set back or ahead while everything runs.

use crate::harness::Product;
use http::Method;
use picket_stdx::{Clock, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const POLICY: &str = "policies:
  chain: [rate-limit, duplicate-guard, audit-logger]
policy:
  rate-limit: { per: key, requests: 3, window: 1h }
";

/// A name, and what happens to the clock.
type Step<'a> = (&'a str, &'a dyn Fn(&Clock));

/// A product, and its clock.
fn product(policy: &str) -> (Product, Clock) {
    let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
    (Product::at(&clock, policy, ""), clock)
}

fn back(clock: &Clock) {
    clock.set(clock.now().minus(HOUR));
}

fn ahead(clock: &Clock) {
    clock.set(clock.now().plus(DAY));
}

#[test]
fn events_keep_their_order_and_are_found_whatever_the_clock_does() {
    let (product, clock) = product("policies:\n  chain: [audit-logger]\n");
    let steps: [Step<'_>; 4] = [("at first", &|_| {}), ("back", &back), ("ahead", &ahead), ("back again", &back)];
    let (mut ids, mut count) = (BTreeSet::new(), 0);
    for (name, step) in steps {
        step(&clock);
        for _ in 0..3 {
            let answer = product.chat(name);
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
            assert!(ids.insert(answer.headers["picket-event"].clone()), "{name}: an id came twice");
            count += 1;
        }
        let events = product.events("?limit=100", count);
        let recorded: Vec<&str> = events.iter().map(|event| event["recorded_at"].as_str().unwrap()).collect();
        assert!(recorded.is_sorted(), "{name}: {recorded:?}");
        assert_eq!(product.events("?since=30m", 3).len() % 3, 0, "{name}: what was recorded just now is recent");
        let wanted = product.log().size();
        product.wait("a checkpoint", |product| {
            let logs = product.get("/v1/log");
            let log = logs.as_array().unwrap().iter().find(|log| log["kind"] == "workspace").unwrap()["id"].clone();
            let note =
                product.admin(Method::GET, &format!("/v1/log/{}/checkpoint", log.as_str().unwrap()), &Value::Null);
            (note.text.lines().nth(1).and_then(|size| size.parse::<u64>().ok()) >= Some(wanted)).then_some(())
        });
    }
    let told = product.events("?event_type=system.clock_stepped_back", 2);
    assert_eq!(told.len(), 2, "{told:?}");
    let verified = product.admin(Method::POST, "/v1/log/verify", &Value::Null).json();
    assert_eq!(verified["passed"], true, "{verified}");
}

#[test]
fn a_limit_is_neither_emptied_nor_held_shut_by_a_step() {
    let (product, clock) = product(POLICY);
    for prompt in ["one", "two", "three"] {
        assert_eq!(product.chat(prompt).status, 200);
    }
    let steps: [Step<'_>; 3] = [("at first", &|_| {}), ("back", &back), ("ahead", &ahead)];
    for (name, step) in steps {
        step(&clock);
        assert_eq!(product.chat(name).status, 429, "{name}");
    }
    back(&clock);
    clock.advance(2 * HOUR);
    assert_eq!(product.chat("later").status, 200, "time does pass");
}

#[test]
fn what_expires_goes_by_the_wall_clock_and_comes_back_with_it() {
    let (mut product, clock) = product("policies:\n  chain: [audit-logger]\n");
    product.key = product.new_key(json!({"user": "ana@example.com", "expires": "2h"}));
    assert_eq!(product.chat("hello").status, 200);
    ahead(&clock);
    assert_eq!(product.chat("hello").status, 401, "it is over, says the clock");
    clock.set(clock.now().minus(DAY));
    assert_eq!(product.chat("hello").status, 200);
    back(&clock);
    assert_eq!(product.chat("hello").status, 200);
    clock.advance(3 * HOUR + HOUR);
    assert_eq!(product.chat("hello").status, 401);
}
