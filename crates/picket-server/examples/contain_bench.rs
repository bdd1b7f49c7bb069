//! How long it takes from a request to its finding, and from there to the gateway's refusal, while other traffic goes on.
//!
//! `cargo xt bench contain [USERS] [RATE]`: a server in this process with the rules of the program and one more that blocks
//! a user at his eleventh refusal, as the shipped one does, for as many users as there are. RATE other events a second are
//! written into the log meanwhile. For each of USERS, one after another: eleven prompts with a secret, and then harmless
//! ones until one is refused as contained. Ends with zero lag.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use picket_db::Lane;
use picket_egress::{Limits, Upstream};
use picket_event::{Event, EventType};
use picket_log::EventLog;
use picket_server::{Config, Server};
use picket_stdx::{Clock, random};
use picket_testkit::provider::{Config as ProviderConfig, Provider};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

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
/// Nothing takes so long that works.
const LIMIT: Duration = Duration::from_secs(10);
const TOGETHER: u64 = 20;
const WORKSPACE: &str = "workspace";

fn main() -> Outcome<()> {
    let number = |at: usize, default: u64| std::env::args().nth(at).map_or(Ok(default), |text| text.parse());
    let (users, rate) = (number(1, 300)?, number(2, 1_000)?);
    let folder = tempfile::tempdir()?;
    let runtime = Runtime::new()?;
    let provider = runtime.block_on(Provider::start(ProviderConfig::default()))?;
    let bench = Bench::start(folder.path(), &provider, runtime)?;
    bench.enable()?;
    let ends = Arc::new(AtomicBool::new(false));
    let found = Arc::new(Found::default());
    let threads = [bench.traffic(rate, &ends), bench.follow(&found, &ends)];
    let mut times = Times::default();
    for number in 0..users {
        bench.attack(number, &found, &mut times)?;
    }
    ends.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().map_err(|_panic| "a thread panicked")??;
    }
    bench.drain()?;
    say(&format!("{users} users, each refused eleven times, then contained; {rate} other events a second beside it"));
    times.tell();
    bench.server.stop().map_err(|unfinished| format!("did not end: {}", unfinished.0.join(", ")).into())
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
        for (name, mut times) in [
            ("refused request to its finding", self.finding),
            ("finding to the first refusal for it", self.enforcement),
            ("refused request to the first refusal for it", self.whole),
        ] {
            times.sort_unstable();
            let at =
                |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default().as_secs_f64() * 1e3;
            let most = times.last().copied().unwrap_or_default().as_secs_f64() * 1e3;
            say(&format!("{name}: p50 {:.1} ms, p90 {:.1}, p99 {:.1}, most {most:.1}", at(50), at(90), at(99)));
        }
    }
}

struct Bench {
    server: Server,
    runtime: Runtime,
    api: Upstream,
    gateway: Upstream,
    token: HeaderValue,
    log: EventLog,
}

impl Bench {
    fn start(folder: &Path, provider: &Provider, runtime: Runtime) -> Outcome<Self> {
        let at = folder.display();
        std::fs::write(folder.join("policy.yaml"), POLICY)?;
        std::fs::write(folder.join("rules.yml"), RULES)?;
        let text = format!(
            "data: {at}/data\nkeys: {{ root: {at}/root.key }}\ngateway: {{ listen: 127.0.0.1:0 }}\napi: {{ listen: 127.0.0.1:0 }}\nproviders:\n  openai: {{ dialect: openai, base_url: \"{}\" }}\nroutes:\n  - {{ model: \"gpt-*\", provider: openai }}\npolicies: {{ file: policy.yaml, managed: file }}\ndetection: {{ rules: [rules.yml] }}\ncontainment: {{ max_per_hour: 10000 }}\n",
            provider.openai_url()
        );
        let config = Config::parse(&text, "bench", folder).map_err(|problems| problems.to_string())?;
        let server = Server::start(config, &Clock::system()).map_err(|error| error.to_string())?;
        let upstream = |address: String| {
            Upstream::new(&format!("http://{address}"), Limits::default()).map_err(|error| error.to_string())
        };
        let (api, gateway) =
            (upstream(server.api_address().to_string())?, upstream(server.gateway_address().to_string())?);
        let token = bearer(server.administrator().map_err(|error| error.to_string())?.reveal())?;
        let log = server.log().clone();
        Ok(Self { server, runtime, api, gateway, token, log })
    }

    fn send(
        &self,
        to: &Upstream,
        token: &HeaderValue,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Outcome<(u16, Value)> {
        let headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, token.clone()),
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ]);
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        self.runtime.block_on(async {
            let answer = to.send(method, path, headers, body).await?;
            let status = answer.status().as_u16();
            let text = answer.into_body().whole().await?;
            Ok((status, serde_json::from_slice(&text)?))
        })
    }

    fn admin(&self, method: Method, path: &str, body: &Value) -> Outcome<Value> {
        match self.send(&self.api, &self.token, method, path, body)? {
            (200..=299, answer) => Ok(answer),
            (_, problem) => Err(format!("{path}: {problem}").into()),
        }
    }

    fn chat(&self, key: &HeaderValue, content: &str) -> Outcome<(u16, Value)> {
        let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]});
        self.send(&self.gateway, key, Method::POST, "/v1/chat/completions", &body)
    }

    /// Rules from a file watch until somebody enables them.
    fn enable(&self) -> Outcome<()> {
        let change = json!({"reason": "measured", "respond": true});
        self.admin(Method::POST, "/v1/rules/bench-blocks/enable", &change)?;
        self.admin(Method::POST, "/v1/rules/trigger-blocks/disable", &json!({"reason": "measured without it"}))
            .map(drop)
    }

    /// Other events, at a steady rate.
    fn traffic(&self, rate: u64, ends: &Arc<AtomicBool>) -> std::thread::JoinHandle<Outcome<()>> {
        let (log, ends) = (self.log.clone(), Arc::clone(ends));
        std::thread::spawn(move || {
            let (begun, mut number) = (Instant::now(), 0_u64);
            while rate > 0 && !ends.load(Ordering::Relaxed) {
                for _ in 0..TOGETHER {
                    let mut event = Event::new(EventType::REQUEST, WORKSPACE, log.clock().now());
                    event.user = Some(format!("user{}@example.com", number.wrapping_mul(7_919) % 10_000));
                    event.model = Some("gpt-4o".to_owned());
                    (event.tokens_in, event.tokens_out, event.latency_ms) = (Some(450), Some(1_200), Some(800));
                    // Nobody waits for it: the queue is bounded, and a refusal would end the run.
                    drop(log.append(Lane::Gateway, log.prepare(event, &[]).closes(None)));
                    number += 1;
                }
                let due = Duration::from_micros(number * 1_000_000 / rate);
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
            }
            Ok(())
        })
    }

    /// Sees when findings are in the log, as a consumer at its tail would.
    fn follow(&self, found: &Arc<Found>, ends: &Arc<AtomicBool>) -> std::thread::JoinHandle<Outcome<()>> {
        let (log, found, ends) = (self.log.clone(), Arc::clone(found), Arc::clone(ends));
        let runtime = self.runtime.handle().clone();
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
        let created = self.admin(Method::POST, "/v1/keys", &json!({ "user": user }))?;
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

    fn drain(&self) -> Outcome<()> {
        let begun = Instant::now();
        loop {
            let health = self.admin(Method::GET, "/v1/health", &Value::Null)?;
            let consumers = health.get("consumers").and_then(Value::as_array).cloned().unwrap_or_default();
            if !consumers.is_empty() && consumers.iter().all(|one| one.get("lag") == Some(&json!(0))) {
                return Ok(());
            }
            if begun.elapsed() > LIMIT * 6 {
                return Err(format!("consumers lag: {consumers:?}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
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

fn bearer(token: &str) -> Outcome<HeaderValue> {
    Ok(HeaderValue::from_str(&format!("Bearer {token}"))?)
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
