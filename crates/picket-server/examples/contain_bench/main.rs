//! How long it takes from a request to its finding, and from there to the gateway's refusal, while other traffic goes on.
//!
//! `cargo xt bench contain [USERS] [RATE]`: a server in this process with the rules of the program and one more that blocks
//! a user at his eleventh refusal, as the shipped one does, for as many users as there are. RATE other events a second are
//! written into the log meanwhile. For each of USERS, one after another: eleven prompts with a secret, and then harmless
//! ones until one is refused as contained. Ends with zero lag.

mod product;

use http::{HeaderValue, Method};
use picket_egress::Upstream;
use picket_stdx::random;
use picket_testkit::provider::{Config as ProviderConfig, Provider};
use product::{LIMIT, Outcome, Product, bearer, say, tell, upstream};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const POLICY: &str = "policies: { chain: [secret-detector, audit-logger] }\npolicy: { secret-detector: { action: block }, audit-logger: { immutable: true } }\n";
/// The shipped rule has a limit for each hour, which this is to pass.
const RULES: &str = "\
title: A block
name: a-block
logsource: { product: picket }
detection: { s: { event_type: request, decision: blocked, type: secret* }, condition: s }
---
title: More than ten blocks of a user
id: bench-blocks
level: high
correlation: { type: event_count, rules: [a-block], group-by: [user], timespan: 5m, condition: { gt: 10 } }
x-picket:
  category: guardrail-block
  entity: user
  response: { action: block, target: user, ttl: 1h, max-per-hour: 1000 }
";
fn main() -> Outcome<()> {
    let number = |at: usize, default: u64| std::env::args().nth(at).map_or(Ok(default), |text| text.parse());
    let (users, rate) = (number(1, 300)?, number(2, 1_000)?);
    let folder = tempfile::tempdir()?;
    let runtime = Runtime::new()?;
    let provider = runtime.block_on(Provider::start(ProviderConfig::default()))?;
    std::fs::write(folder.path().join("rules.yml"), RULES)?;
    let more = "detection: { rules: [rules.yml] }\ncontainment: { max_per_hour: 10000 }\n";
    let product = Product::start(folder.path(), (&provider, runtime), (POLICY, more))?;
    let gateway = upstream(&product.server.gateway_address().to_string())?;
    let bench = Bench(product, gateway);
    bench.enable()?;
    let ends = Arc::new(AtomicBool::new(false));
    let found = Arc::new(Found::default());
    let (traffic, following) = (bench.0.traffic(rate, &ends), bench.follow(&found, &ends));
    let mut times = Times::default();
    for number in 0..users {
        bench.attack(number, &found, &mut times)?;
    }
    ends.store(true, Ordering::Relaxed);
    let others = traffic.join().map_err(|_panic| "the traffic panicked")?;
    following.join().map_err(|_panic| "who followed panicked")??;
    bench.0.drain()?;
    say(&format!(
        "{users} users, each refused eleven times, then contained; {others} other events beside it, {rate} a second"
    ));
    times.tell();
    bench.0.stop()
}

/// When findings about users were seen at the tail of the log.
#[derive(Default)]
struct Found(Mutex<HashMap<String, Instant>>);

impl Found {
    fn see(&self, users: impl Iterator<Item = String>, now: Instant) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for user in users {
            found.entry(user).or_insert(now);
        }
    }

    fn of(&self, user: &str) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(user).copied()
    }
}

#[derive(Default)]
struct Times {
    finding: Vec<Duration>,
    enforcement: Vec<Duration>,
    whole: Vec<Duration>,
}

impl Times {
    fn tell(self) {
        tell("refused request to its finding", self.finding);
        tell("finding to the first refusal for it", self.enforcement);
        tell("refused request to the first refusal for it", self.whole);
    }
}

/// The product, and the way to its gateway.
struct Bench(Product, Upstream);

impl Bench {
    fn chat(&self, key: &HeaderValue, content: &str) -> Outcome<(u16, Value)> {
        let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]});
        self.0.send((&self.1, key), Method::POST, "/v1/chat/completions", &body)
    }

    /// Rules from a file watch until somebody enables them.
    fn enable(&self) -> Outcome<()> {
        let change = json!({"reason": "measured", "respond": true});
        self.0.admin(Method::POST, "/v1/rules/bench-blocks/enable", &change)?;
        self.0
            .admin(Method::POST, "/v1/rules/trigger-blocks/disable", &json!({"reason": "measured without it"}))
            .map(drop)
    }

    /// Sees when findings are in the log, as a consumer at its tail would.
    fn follow(&self, found: &Arc<Found>, ends: &Arc<AtomicBool>) -> std::thread::JoinHandle<Outcome<()>> {
        let (log, found, ends) = (self.0.log.clone(), Arc::clone(found), Arc::clone(ends));
        let runtime = self.0.runtime.handle().clone();
        std::thread::spawn(move || {
            let (mut at, mut tail) = (log.size(), log.tail());
            while !ends.load(Ordering::Relaxed) {
                let grown = async {
                    tokio::time::timeout(Duration::from_millis(100), tail.wait_for(|size| *size > at)).await.is_ok()
                };
                if !runtime.block_on(grown) {
                    continue;
                }
                let now = Instant::now();
                let batch = log.batch(at, 1_024)?;
                at = batch.last().map_or(at, |last| last.position + 1);
                let events = batch.iter().filter_map(|logged| logged.event.as_deref());
                let findings = events.filter(|event| event.event_type.as_str() == "finding.created");
                found.see(findings.filter_map(|event| event.user.clone()), now);
            }
            Ok(())
        })
    }

    fn attack(&self, number: u64, found: &Found, times: &mut Times) -> Outcome<()> {
        let user = format!("intruder{number}@example.com");
        let created = self.0.admin(Method::POST, "/v1/keys", &json!({ "user": user }))?;
        let key = bearer(created.get("token").and_then(Value::as_str).ok_or("no key was made")?)?;
        for _ in 0..11 {
            let (status, answer) = self.chat(&key, &format!("use AKIA{}", letters()))?;
            if status != 403 || is_contained(&answer) {
                return Err(format!("{user} was not refused for the secret: {answer}").into());
            }
        }
        let refused = Instant::now();
        let contained = loop {
            let (status, answer) = self.chat(&key, "hello")?;
            if status == 403 && is_contained(&answer) {
                break Instant::now();
            }
            if refused.elapsed() > LIMIT {
                return Err(format!("{user} is not contained: {answer}").into());
            }
        };
        let finding = loop {
            if let Some(at) = found.of(&user) {
                break at;
            }
            if refused.elapsed() > LIMIT {
                return Err(format!("there is no finding about {user}").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        times.finding.push(finding.saturating_duration_since(refused));
        times.enforcement.push(contained.saturating_duration_since(finding));
        times.whole.push(contained.saturating_duration_since(refused));
        Ok(())
    }
}

fn is_contained(answer: &Value) -> bool {
    answer.pointer("/error/code") == Some(&json!("contained"))
}

/// What the detector of secrets takes for the id of an access key.
fn letters() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let one = || LETTERS.get(usize::try_from(random::number() % 32).unwrap_or_default()).copied().unwrap_or(b'A');
    (0..16).map(|_| char::from(one())).collect()
}
