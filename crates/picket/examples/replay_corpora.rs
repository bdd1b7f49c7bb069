//! Sends every text of a folder of corpora through a running server, and compares what was sent with what is found.
//!
//! `cargo xt replay FOLDER [LIMIT]`: reads `*.jsonl` and `*.jsonl.gz` with `text` and `label` on each line; each file is
//! an application with a key of its own. Texts go as chat, streamed chat, responses and Anthropic messages in turn.
//! Fails when a count differs, when the gateway fails, or when the log does not verify.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use picket_egress::{Limits, Upstream};
use picket_server::{Config, Server};
use picket_stdx::Clock;
use picket_testkit::provider::{Config as ProviderConfig, Provider};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

type Outcome<T> = Result<T, Box<dyn Error>>;

const CONNECTIONS: usize = 24;
const POLICY: &str = "policies:
  chain: [tool-guard, prompt-injection, pii-detector, secret-detector, human-oversight, audit-logger]
policy:
  tool-guard: { deny: [shell] }
  prompt-injection: { action: escalate }
  pii-detector: { action: redact }
  secret-detector: { action: block }
  human-oversight: { require_review: true }
  audit-logger: { immutable: true }
";

#[derive(Deserialize)]
struct Row {
    text: String,
    label: String,
}

/// What became of the texts of one label: counts by status.
type Counts = BTreeMap<String, BTreeMap<u16, u64>>;

fn main() -> Outcome<()> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("name the folder of the corpora")?;
    let limit = args.next().map_or(Ok(usize::MAX), |text| text.parse())?;
    let runtime = Runtime::new()?;
    let place = tempfile::tempdir()?;
    let provider = runtime.block_on(Provider::start(ProviderConfig::default()))?;
    let replay = Replay::start(place.path(), &provider, runtime)?;
    let begun = Instant::now();
    let mut sent = 0;
    say("source                             label         sent  allowed     403     400   other");
    for file in corpora(Path::new(&folder))? {
        let rows: Vec<Row> = rows(&file, limit)?;
        sent += rows.len();
        replay.source(&file, rows)?;
    }
    let took = begun.elapsed();
    let found = replay.stats("")?;
    say(&format!("\n{sent} texts in {:.1} s; the API finds {found}", took.as_secs_f64()));
    for decision in ["allowed", "redacted", "escalated", "blocked", "error"] {
        say(&format!("{decision:>12}: {}", replay.stats(&format!("&decision={decision}"))?));
    }
    if found != u64::try_from(sent)? {
        return Err(format!("{sent} were sent, {found} are found").into());
    }
    replay.verify()
}

fn corpora(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let names = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        [".jsonl", ".jsonl.gz"].iter().any(|end| name.ends_with(end))
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.retain(names);
    files.sort();
    if files.is_empty() { Err(format!("{}: no *.jsonl there", folder.display()).into()) } else { Ok(files) }
}

fn rows(file: &Path, limit: usize) -> Outcome<Vec<Row>> {
    let opened = std::fs::File::open(file)?;
    let packed = file.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::read::MultiGzDecoder::new(opened)) } else { Box::new(opened) };
    let lines = BufReader::new(reader).lines().take(limit);
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

struct Replay {
    server: Server,
    runtime: Runtime,
    api: Upstream,
    token: HeaderValue,
}

impl Replay {
    fn start(folder: &Path, provider: &Provider, runtime: Runtime) -> Outcome<Self> {
        let at = folder.display();
        std::fs::write(folder.join("policy.yaml"), POLICY)?;
        let text = format!(
            "data: {at}/data\nkeys: {{ root: {at}/root.key }}\ngateway: {{ listen: 127.0.0.1:0 }}\napi: {{ listen: 127.0.0.1:0 }}\nproviders:\n  openai: {{ dialect: openai, base_url: \"{}\" }}\n  anthropic: {{ dialect: anthropic, base_url: \"{}\" }}\nroutes:\n  - {{ model: \"gpt-*\", provider: openai }}\n  - {{ model: \"claude*\", provider: anthropic }}\npolicies: {{ file: policy.yaml, managed: file }}\n",
            provider.openai_url(),
            provider.anthropic_url()
        );
        let config = Config::parse(&text, "replay", folder).map_err(|problems| problems.to_string())?;
        let server = Server::start(config, &Clock::system())?;
        let api = Upstream::new(&format!("http://{}", server.api_address()), Limits::default())?;
        let token = bearer(server.administrator()?.reveal())?;
        Ok(Self { server, runtime, api, token })
    }

    fn admin(&self, method: Method, path: &str, body: &Value) -> Outcome<Value> {
        let headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, self.token.clone()),
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ]);
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        self.runtime.block_on(async {
            let answer = self.api.send(method, path, headers, body).await?;
            let status = answer.status();
            let text = answer.into_body().whole().await?;
            if status.is_success() {
                Ok(serde_json::from_slice(&text)?)
            } else {
                Err(format!("{path}: {}", String::from_utf8_lossy(&text)).into())
            }
        })
    }

    /// Sends the texts of one file, and waits until as many are found.
    fn source(&self, file: &Path, rows: Vec<Row>) -> Outcome<()> {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let application = name.split('.').next().unwrap_or_default().to_owned();
        let created = self.admin(Method::POST, "/v1/keys", &json!({ "application": application }))?;
        let key = created.get("token").and_then(Value::as_str).ok_or("no key was made")?;
        let (key, gateway) = (bearer(key)?, format!("http://{}", self.server.gateway_address()));
        let count = rows.len();
        let work = Arc::new(Work { rows, next: AtomicUsize::new(0), counts: Mutex::default() });
        self.runtime.block_on(async {
            let mut tasks = Vec::new();
            for _ in 0..CONNECTIONS {
                let upstream = Upstream::new(&gateway, Limits::default())?;
                let (work, key) = (Arc::clone(&work), key.clone());
                tasks.push(tokio::task::spawn(async move { work.run(&upstream, &key).await }));
            }
            for task in tasks {
                task.await?.map_err(|error| format!("{name}: {error}"))?;
            }
            Ok::<_, Box<dyn Error>>(())
        })?;
        let counts = work.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (label, statuses) in &*counts {
            let of = |status: u16| statuses.get(&status).copied().unwrap_or(0);
            let all: u64 = statuses.values().sum();
            let other = all - of(200) - of(403) - of(400);
            say(&format!("{application:34} {label:10} {all:7} {:8} {:7} {:7} {other:7}", of(200), of(403), of(400)));
            if statuses.keys().any(|status| *status >= 500) {
                return Err(format!("{name}: the gateway failed: {statuses:?}").into());
            }
        }
        let begun = Instant::now();
        loop {
            let found = self.stats(&format!("&application={application}"))?;
            if found == u64::try_from(count)? {
                return Ok(());
            }
            if begun.elapsed() > Duration::from_secs(60) {
                return Err(format!("{name}: {count} were sent, {found} are found").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stats(&self, query: &str) -> Outcome<u64> {
        let stats = self.admin(Method::GET, &format!("/v1/events/stats?event_type=request{query}"), &Value::Null)?;
        Ok(stats.get("total").and_then(Value::as_u64).ok_or("no total")?)
    }

    fn verify(self) -> Outcome<()> {
        let report = self.admin(Method::POST, "/v1/log/verify", &Value::Null)?;
        if report.get("passed") != Some(&Value::Bool(true)) {
            return Err(format!("the log does not verify: {report}").into());
        }
        say("the log verifies");
        self.server.stop().map_err(|unfinished| format!("did not end: {}", unfinished.0.join(", ")).into())
    }
}

struct Work {
    rows: Vec<Row>,
    next: AtomicUsize,
    counts: Mutex<Counts>,
}

impl Work {
    async fn run(&self, upstream: &Upstream, key: &HeaderValue) -> Result<(), String> {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(row) = self.rows.get(at) else { return Ok(()) };
            let (path, body) = request(at, &row.text);
            let headers = HeaderMap::from_iter([
                (header::AUTHORIZATION, key.clone()),
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            ]);
            let answer = upstream.send(Method::POST, path, headers, body.to_string().into()).await;
            let answer = answer.map_err(|error| format!("text {at}: {error}"))?;
            let status = answer.status().as_u16();
            answer.into_body().whole().await.map_err(|error| format!("text {at}: {error}"))?;
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(row.label.clone()).or_default().entry(status).or_default() += 1;
        }
    }
}

fn request(at: usize, text: &str) -> (&'static str, Value) {
    let messages = json!([{"role": "user", "content": text}]);
    match at % 4 {
        0 => ("/v1/chat/completions", json!({"model": "gpt-4o", "messages": messages})),
        1 => ("/v1/chat/completions", json!({"model": "gpt-4o", "messages": messages, "stream": true})),
        2 => ("/v1/responses", json!({"model": "gpt-4o", "input": text})),
        _ => ("/v1/messages", json!({"model": "claude-sonnet-4-5", "max_tokens": 64, "messages": messages})),
    }
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
