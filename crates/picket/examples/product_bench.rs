//! The whole product under sustained load, and searches over a million events through its API.
//!
//! `cargo xt bench product [SECONDS] [EVENTS]`: a server in this process, with all consumers running; first events
//! with two bodies for SECONDS, then bare ones until the log holds EVENTS; then lists and counts over HTTP, the time
//! until a new event is found, and the index built anew from the log. Every phase ends with zero lag.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use picket_bodies::NewBody;
use picket_db::{Lane, Ticket};
use picket_egress::{Limits, Upstream};
use picket_event::{BodyClass, Decision, Event, EventType, Severity};
use picket_log::{AppendError, Appended, EventLog};
use picket_server::{Config, Server};
use picket_stdx::Clock;
use serde_json::Value;
use std::collections::VecDeque;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

type Outcome<T> = Result<T, Box<dyn Error>>;

const OUTSTANDING: usize = 64;
const BATCH: u64 = 1_000;
const RUNS: usize = 50;
const LAG_LIMIT: Duration = Duration::from_secs(600);

fn main() -> Outcome<()> {
    let number = |at: usize, default: u64| std::env::args().nth(at).map_or(Ok(default), |text| text.parse());
    let (seconds, events) = (number(1, 30)?, number(2, 1_000_000)?);
    let folder = tempfile::tempdir()?;
    let bench = Bench::start(folder.path())?;
    say(&format!("the whole product in one process: indexer, review, notary, retention; memory {} MiB", memory_mib()));
    bench.sustained(Duration::from_secs(seconds))?;
    bench.fill(events)?;
    bench.lists()?;
    bench.counts()?;
    bench.visible()?;
    bench.stop()?;
    let config = configuration(folder.path())?;
    let begun = Instant::now();
    let rebuilt = picket_server::rebuild_index(&config, &Clock::system(), &mut |_, _| {})?;
    say(&format!("index built anew: {rebuilt} entries in {:.1} s", begun.elapsed().as_secs_f64()));
    Ok(())
}

fn configuration(folder: &Path) -> Outcome<Config> {
    let at = folder.display();
    let text = format!(
        "data: {at}/data\nkeys: {{ root: {at}/root.key }}\ngateway: {{ listen: 127.0.0.1:0, threads: 1 }}\napi: {{ listen: 127.0.0.1:0 }}\n"
    );
    Config::parse(&text, "bench", folder).map_err(|problems| problems.to_string().into())
}

struct Bench {
    server: Server,
    runtime: Runtime,
    upstream: Upstream,
    headers: HeaderMap,
    log: EventLog,
}

impl Bench {
    fn start(folder: &Path) -> Outcome<Self> {
        let server = Server::start(configuration(folder)?, &Clock::system())?;
        let runtime = Runtime::new()?;
        let upstream = Upstream::new(&format!("http://{}", server.api_address()), Limits::default())?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", server.administrator()?.reveal()))?;
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]);
        let log = server.log().clone();
        Ok(Self { server, runtime, upstream, headers, log })
    }

    fn stop(self) -> Outcome<()> {
        let Self { server, log, .. } = self;
        drop(log);
        server.stop().map_err(|unfinished| format!("did not end: {}", unfinished.0.join(", ")).into())
    }

    fn get(&self, path: &str) -> Outcome<Bytes> {
        self.runtime.block_on(async {
            let answer = self.upstream.send(Method::GET, path, self.headers.clone(), Bytes::new()).await?;
            let status = answer.status();
            let body = answer.into_body().whole().await?;
            if status.is_success() {
                Ok(body)
            } else {
                Err(format!("{path}: {}", String::from_utf8_lossy(&body)).into())
            }
        })
    }

    /// Events with two bodies of 1 KiB, so many at a time, each acknowledged when it is durable.
    fn sustained(&self, time: Duration) -> Outcome<()> {
        let text = "The quick brown fox jumps over the lazy dog. ".repeat(23);
        let body = |role| NewBody {
            role,
            class: BodyClass::Content,
            media_type: "application/json",
            bytes: text.as_bytes(),
            truncated: false,
        };
        let mut waiting: VecDeque<(Instant, Ticket<Appended, AppendError>)> = VecDeque::new();
        let (mut times, mut number) = (Vec::new(), 0);
        let (begun, mut slowest, mut mark, mut marked) = (Instant::now(), f64::MAX, Instant::now(), 0);
        let before = memory_mib();
        while begun.elapsed() < time {
            let record = self.log.prepare(event(&self.log, number), &[body("request"), body("response")]).closes(None);
            waiting.push_back((Instant::now(), self.log.append(Lane::Gateway, record)));
            number += 1;
            if waiting.len() == OUTSTANDING
                && let Some((sent, ticket)) = waiting.pop_front()
            {
                ticket.wait()?;
                times.push(sent.elapsed());
            }
            if mark.elapsed() > Duration::from_secs(10) {
                slowest = slowest.min(rate(number - marked, mark.elapsed()));
                (mark, marked) = (Instant::now(), number);
            }
        }
        for (sent, ticket) in waiting {
            ticket.wait()?;
            times.push(sent.elapsed());
        }
        let sustained = rate(number, begun.elapsed());
        let lag = self.caught_up()?;
        say(&format!(
            "sustained {:.0} s: {sustained:.0} durable events/s with two bodies each (slowest ten seconds {:.0}/s), acknowledged p50 {:.1} ms, p99 {:.1} ms; zero lag {:.1} s after; memory {before} -> {} MiB",
            time.as_secs_f64(),
            slowest.min(sustained),
            share(&mut times, 500),
            share(&mut times, 990),
            lag.as_secs_f64(),
            memory_mib()
        ));
        Ok(())
    }

    /// Bare events, in batches, until the log holds so many entries.
    fn fill(&self, events: u64) -> Outcome<()> {
        let (begun, before) = (Instant::now(), self.log.size());
        while self.log.size() < events {
            let records: Vec<_> = (0..BATCH)
                .map(|at| self.log.prepare(event(&self.log, self.log.size() + at), &[]).closes(None))
                .collect();
            let log = self.log.clone();
            let written: Ticket<(), AppendError> = self.log.db().write(Lane::Admin, "bench", move |tx| {
                records.into_iter().try_for_each(|record| log.append_in(tx, record).map(drop))
            });
            written.wait()?;
        }
        let filled = self.log.size().saturating_sub(before);
        let (rate, lag) = (rate(filled, begun.elapsed()), self.caught_up()?);
        say(&format!(
            "filled to {} entries: {rate:.0}/s in batches of {BATCH} while all is indexed; zero lag {:.1} s after; memory {} MiB",
            self.log.size(),
            lag.as_secs_f64(),
            memory_mib()
        ));
        Ok(())
    }

    /// Waits until every consumer has reached the tail.
    fn caught_up(&self) -> Outcome<Duration> {
        let begun = Instant::now();
        loop {
            let health: Value = serde_json::from_slice(&self.get("/v1/health")?)?;
            let consumers = health.get("consumers").and_then(Value::as_array).cloned().unwrap_or_default();
            let behind = consumers.iter().filter_map(|consumer| consumer.get("lag")?.as_u64()).sum::<u64>();
            if !consumers.is_empty() && behind == 0 {
                return Ok(begun.elapsed());
            }
            if begun.elapsed() > LAG_LIMIT {
                return Err(format!("{behind} entries are still behind").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn timed(&self, path: &str) -> Outcome<(f64, f64, usize)> {
        let mut bytes = self.get(path)?.len();
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let begun = Instant::now();
            bytes = self.get(path)?.len();
            times.push(begun.elapsed());
        }
        Ok((share(&mut times, 500), share(&mut times, 950), bytes))
    }

    fn lists(&self) -> Outcome<()> {
        say("\nnewest 100, whole events over HTTP                     p50 ms   p95 ms     KiB");
        for query in [
            "",
            "&decision=block",
            "&user=user7@example.com",
            "&team=team3",
            "&model=gpt-4o-mini",
            "&filter=severity:%3E=high",
            "&filter=-action:allowed%20team:team4",
            "&filter=prompt_injection",
            "&session=session-77",
            "&request_id=req-500000",
            "&src_ip=10.0.0.0/8",
            "&filter=tokens_in:%3E1900",
        ] {
            let (p50, p95, bytes) = self.timed(&format!("/v1/events?limit=100{query}"))?;
            say(&format!("{query:52} {p50:8.2} {p95:8.2} {:7}", bytes / 1_024));
        }
        Ok(())
    }

    fn counts(&self) -> Outcome<()> {
        say("\ncounts over HTTP                                       p50 ms   p95 ms");
        for query in ["", "by=decision", "by=user", "by=team&interval=1h", "by=model&decision=block", "interval=1h"] {
            let (p50, p95, _) = self.timed(&format!("/v1/events/stats?{query}"))?;
            say(&format!("{query:52} {p50:8.2} {p95:8.2}"));
        }
        Ok(())
    }

    /// How long until a request that was just recorded is found.
    fn visible(&self) -> Outcome<()> {
        let mut times = Vec::new();
        for number in 0..20 {
            let mut new = event(&self.log, number);
            let id = format!("visible-{number}");
            new.request_id = Some(id.clone());
            let begun = Instant::now();
            self.log.append(Lane::Gateway, self.log.prepare(new, &[]).closes(None)).wait()?;
            while self.get(&format!("/v1/events?request_id={id}"))?.len() < 10 {
                std::thread::sleep(Duration::from_millis(2));
            }
            times.push(begun.elapsed());
        }
        let (p50, p95) = (share(&mut times, 500), share(&mut times, 950));
        say(&format!("\nfound after being recorded: p50 {p50:.0} ms, p95 {p95:.0} ms"));
        Ok(())
    }
}

fn event(log: &EventLog, number: u64) -> Event {
    let mut event = Event::new(EventType::REQUEST, log.id(), log.clock().now());
    event.user = Some(format!("user{}@example.com", number % 1_000));
    event.team = Some(format!("team{}", number % 20));
    event.model = Some(format!("gpt-4o{}", if number.is_multiple_of(3) { "-mini" } else { "" }));
    event.provider = Some("openai".to_owned());
    event.endpoint = Some("/v1/chat/completions".to_owned());
    event.request_id = Some(format!("req-{number}"));
    event.session_id = Some(format!("session-{}", number / 40));
    event.src_ip = Some(format!("10.1.{}.{}", number % 200, number % 250));
    (event.tokens_in, event.tokens_out) = (Some(number * 7 % 2_000), Some(number * 3 % 500));
    event.latency_ms = Some(200 + number * 13 % 3_000);
    if number.is_multiple_of(12) {
        event.finding_type = Some("prompt_injection".to_owned());
        event.policies_triggered = vec!["prompt-injection".to_owned()];
        (event.decision, event.severity) = (Decision::Blocked, Severity::High);
    }
    event
}

/// The time that so many of a thousand do not exceed, in milliseconds.
fn share(times: &mut [Duration], of_thousand: usize) -> f64 {
    times.sort_unstable();
    times.get(times.len() * of_thousand / 1_000).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
