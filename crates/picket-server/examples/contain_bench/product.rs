//! The whole product in this process, other traffic, and the way to the end of it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use picket_db::{Lane, Ticket};
use picket_egress::{Limits, Upstream};
use picket_event::{Event, EventType};
use picket_log::{AppendError, Appended, EventLog};
use picket_server::{Config, Server};
use picket_stdx::Clock;
use picket_testkit::provider::Provider;
use serde_json::{Value, json};
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Nothing takes so long that works.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
const TOGETHER: u64 = 20;
const WORKSPACE: &str = "workspace";

pub(crate) struct Product {
    pub(crate) server: Server,
    pub(crate) runtime: Runtime,
    pub(crate) log: EventLog,
    api: Upstream,
    token: HeaderValue,
}

impl Product {
    /// Starts with a policy; `more` is added to the configuration.
    pub(crate) fn start(
        folder: &Path,
        (provider, runtime): (&Provider, Runtime),
        (policy, more): (&str, &str),
    ) -> Outcome<Self> {
        let at = folder.display();
        std::fs::write(folder.join("policy.yaml"), policy)?;
        let text = format!(
            "data: {at}/data\nkeys: {{ root: {at}/root.key }}\ngateway: {{ listen: 127.0.0.1:0 }}\napi: {{ listen: 127.0.0.1:0 }}\nproviders:\n  openai: {{ dialect: openai, base_url: \"{}\" }}\nroutes:\n  - {{ model: \"gpt-*\", provider: openai }}\npolicies: {{ file: policy.yaml, managed: file }}\n{more}",
            provider.openai_url()
        );
        let config = Config::parse(&text, "bench", folder).map_err(|problems| problems.to_string())?;
        let server = Server::start(config, &Clock::system()).map_err(|error| error.to_string())?;
        let api = upstream(&server.api_address().to_string())?;
        let token = bearer(server.administrator().map_err(|error| error.to_string())?.reveal())?;
        let log = server.log().clone();
        Ok(Self { server, runtime, log, api, token })
    }

    pub(crate) fn send(
        &self,
        (to, token): (&Upstream, &HeaderValue),
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

    pub(crate) fn admin(&self, method: Method, path: &str, body: &Value) -> Outcome<Value> {
        match self.send((&self.api, &self.token), method, path, body)? {
            (200..=299, answer) => Ok(answer),
            (_, problem) => Err(format!("{path}: {problem}").into()),
        }
    }

    /// Other events, at a steady rate; how many there were.
    pub(crate) fn traffic(&self, rate: u64, ends: &Arc<AtomicBool>) -> JoinHandle<u64> {
        let (log, ends) = (self.log.clone(), Arc::clone(ends));
        std::thread::spawn(move || {
            let (begun, mut number) = (Instant::now(), 0_u64);
            while rate > 0 && !ends.load(Ordering::Relaxed) {
                for _ in 0..TOGETHER.min(rate.div_ceil(50)) {
                    // Nobody waits for it, at a rate that the log keeps up with.
                    drop(append(&log, number));
                    number += 1;
                }
                let due = Duration::from_micros(number * 1_000_000 / rate);
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
            }
            number
        })
    }

    /// Until all who read the log have read all of it.
    pub(crate) fn drain(&self) -> Outcome<()> {
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

    pub(crate) fn stop(self) -> Outcome<()> {
        self.server.stop().map_err(|unfinished| format!("did not end: {}", unfinished.0.join(", ")).into())
    }
}

/// A way to one of the two doors.
pub(crate) fn upstream(address: &str) -> Outcome<Upstream> {
    Ok(Upstream::new(&format!("http://{address}"), Limits::default()).map_err(|error| error.to_string())?)
}

/// Appends an event that says little.
pub(crate) fn append(log: &EventLog, number: u64) -> Ticket<Appended, AppendError> {
    let mut event = Event::new(EventType::REQUEST, WORKSPACE, log.clock().now());
    event.user = Some(format!("user{}@example.com", number.wrapping_mul(7_919) % 10_000));
    event.model = Some("gpt-4o".to_owned());
    (event.tokens_in, event.tokens_out, event.latency_ms) = (Some(450), Some(1_200), Some(800));
    log.append(Lane::Gateway, log.prepare(event, &[]).closes(None))
}

/// Tells the percentiles of times.
pub(crate) fn tell(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let most = times.last().copied().unwrap_or_default().as_secs_f64() * 1e3;
    say(&format!("{name}: p50 {:.1} ms, p90 {:.1}, p99 {:.1}, most {most:.1}", at(50), at(90), at(99)));
}

pub(crate) fn bearer(token: &str) -> Outcome<HeaderValue> {
    Ok(HeaderValue::from_str(&format!("Bearer {token}"))?)
}

pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
