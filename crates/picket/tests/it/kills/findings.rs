//! A server that is killed while it finds something: each finding is made once, with its event and its containment.

use super::{Moments, setting, tell};
use crate::detection;
use crate::served::{kill, serve};
use http::Method;
use picket_stdx::random;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Kills in the ordinary run; `PICKET_FINDINGS_KILLS` sets another number, `PICKET_FINDINGS_SEED` repeats a run.
const KILLS: u64 = 4;
/// Users who are refused between two kills, three requests each.
const USERS: usize = 6;

#[test]
fn no_finding_is_lost_or_made_twice_when_the_server_is_killed() {
    let kills = setting("PICKET_FINDINGS_KILLS").unwrap_or(KILLS);
    let seed = setting("PICKET_FINDINGS_SEED").unwrap_or_else(random::number);
    tell(&format!("{kills} kills among findings, seed {seed}"));
    let mut moments = Moments(seed);
    let mut product = detection::product();
    detection::enable(&product, true);
    let mut users: Vec<String> = Vec::new();
    product.stop();
    for round in 0..kills {
        let mut served = serve(&product);
        (product.api, product.gateway) = (served.api.clone(), served.gateway.clone());
        let keys: Vec<(String, String)> = (0..USERS)
            .map(|number| {
                let user = format!("user{round}.{number}@example.com");
                let key = product.new_key(json!({"user": user}));
                (user, key)
            })
            .collect();
        for turn in 0..3 {
            for (user, key) in &keys {
                assert_eq!(detection::refused(&product, key).status, 403, "{user}");
            }
            // The third request of each is what is found; the kill comes somewhere around it.
            if turn == 2 {
                moments.pass();
            }
        }
        users.extend(keys.into_iter().map(|(user, _)| user));
        assert!(kill(&mut served.child), "round {round}");
    }
    let served = serve(&product);
    (product.api, product.gateway) = (served.api.clone(), served.gateway.clone());
    product.wait("the detector", |product| {
        let consumers = product.get("/v1/health")["consumers"].clone();
        consumers.as_array().unwrap().iter().all(|consumer| consumer["lag"] == 0).then_some(())
    });
    let count = |rows: Value, field: &str| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows.as_array().unwrap() {
            *counts.entry(row[field].as_str().unwrap().to_owned()).or_default() += 1;
        }
        counts
    };
    users.sort();
    let once: BTreeMap<String, usize> = users.iter().map(|user| (user.clone(), 1)).collect();
    assert_eq!(count(product.get("/v1/findings?limit=1000"), "entity"), once);
    assert_eq!(count(product.get("/v1/containments?limit=1000"), "target"), once);
    assert_eq!(count(json!(product.events("?event_type=finding.created", users.len())), "user"), once);
    let verified = product.admin(Method::POST, "/v1/log/verify", &Value::Null).json();
    assert_eq!(verified["passed"], true, "{verified}");
    tell(&format!("{kills} kills, seed {seed}: {} findings, 0 lost, 0 twice", users.len()));
}
