//! Holds a kind of destination against the real server that it is for: everything arrives, what is sent twice is there as
//! often as the protocol says, and one event that the server refuses costs only itself. With several nodes, one is lost in
//! the middle.
//!
//! `cargo xt receivers [KIND]` starts the server and runs this with its kind and the file that says where it is.

mod elastic;
mod fault;
mod kafka;
mod minio;
mod otelcol;
mod syslog;

use fault::Fault;
use picket_event::{Decision, Event, EventType, Severity};
use picket_receivers::{Answer, Credentials, Kind, Network, Outcome, Receiver, Request, Sent};
use picket_render::{Batches, Subject};
use picket_stdx::{Clock, Timestamp};
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

type Failure = Box<dyn std::error::Error>;

/// How long a server may take to show what it has.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);
const EVENTS: u64 = 5_000;
const ID_BYTES: usize = 30;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let (Some(kind), Some(file)) = (args.next(), args.next()) else { return Err("say the kind and the file".into()) };
    let text = std::fs::read_to_string(file)?;
    let place = Place(text.lines().filter_map(|line| line.split_once('=')).map(owned).collect());
    match kind.as_str() {
        "elastic_http" => elastic::run(&place).await,
        "elastic_cluster" => elastic::cluster(&place, Fault::Killed).await,
        "elastic_hung" => elastic::cluster(&place, Fault::Hung).await,
        "splunk_hec" => otelcol::hec(&place).await,
        "otlp" => otelcol::otlp(&place).await,
        "kafka" => kafka::run(&place).await,
        "kafka_cluster" => kafka::cluster(&place, Fault::Killed).await,
        "kafka_hung" => kafka::cluster(&place, Fault::Hung).await,
        "s3" => minio::run(&place).await,
        "syslog" | "syslog_ng" => syslog::run(&place).await,
        other => Err(format!("no server is known for `{other}`").into()),
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Where the server is.
struct Place(BTreeMap<String, String>);

impl Place {
    fn get(&self, name: &str) -> Result<&str, Failure> {
        Ok(self.0.get(name).ok_or_else(|| format!("the file lacks {name}"))?)
    }
}

/// Events of the last minutes, each with an id of its own.
fn events(count: u64) -> Vec<Event> {
    let now = Clock::system().now();
    let begin = now.minus(Duration::from_millis(count));
    (0..count).map(|number| event(begin.plus(Duration::from_millis(number)), number)).collect()
}

fn event(at: Timestamp, number: u64) -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws_123", at);
    if number.is_multiple_of(3) {
        (event.decision, event.severity) = (Decision::Blocked, Severity::High);
        event.finding_type = Some("pii".to_owned());
    }
    event.user = Some(format!("user{}@example.com", number % 100));
    event.reason = Some("hostile: \"quoted\" \\ back | pipe = equals ] bracket\nline \u{202e} ünïcödé 漢字".to_owned());
    event
}

/// A probe of no log.
fn probe() -> Event {
    Event::new(EventType::of("system.test"), "ws_123", Clock::system().now())
}

fn open(kind: &str, secrets: &[(&str, &str)]) -> Result<Receiver, Failure> {
    let kind: Kind = serde_json::from_str(kind)?;
    let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
    let credentials: Credentials = secrets.iter().map(secret).collect();
    let network = Network { allowed: vec!["127.0.0.0/8".parse()?].into(), ..Network::default() };
    Ok(Receiver::open(&kind, &credentials, &network)?)
}

/// Packs events as the product does, and sends each request once.
async fn send(receiver: &Receiver, events: &[Event]) -> Result<Vec<Answer>, Failure> {
    let subjects: Vec<Subject<'_>> = events.iter().map(Subject::new).collect();
    let framing = receiver.framing();
    let encode = |subject: &Subject<'_>, out: &mut Vec<u8>| receiver.encode(subject, out).unwrap_or_default();
    let mut answers = Vec::new();
    for batch in Batches::new(&framing, receiver.limits().into(), subjects.iter(), encode) {
        let batch = batch?;
        let held = subjects.get(batch.events.clone()).unwrap_or_default();
        let sent: Vec<Sent<'_>> = held.iter().zip(0..).map(|(subject, position)| sent(subject, position)).collect();
        answers.push(receiver.send(Request { body: batch.bytes.into(), events: &sent }).await);
    }
    Ok(answers)
}

fn sent<'a>(subject: &'a Subject<'_>, position: u64) -> Sent<'a> {
    let event = subject.event();
    Sent {
        id: subject.id(),
        name: subject.name(),
        workspace: &event.workspace_id,
        timestamp: event.timestamp,
        position,
    }
}

/// Sends, and says how fast; all has to be taken.
async fn delivered(receiver: &Receiver, events: &[Event]) -> Result<(), Failure> {
    let begun = Instant::now();
    let answers = send(receiver, events).await?;
    if let Some(answer) = answers.iter().find(|answer| answer.outcome != Outcome::Ack) {
        return Err(format!("not all was taken: {answer:?}").into());
    }
    let rate = f64::from(u32::try_from(events.len())?) / begun.elapsed().as_secs_f64();
    say(&format!("{} events in {} requests, one after another: {rate:.0}/s", events.len(), answers.len()))
}

/// A claim, which has to hold.
fn claim(name: &str, holds: bool) -> Result<(), Failure> {
    say(&format!("{}  {name}", if holds { "ok    " } else { "FAILED" }))?;
    if holds { Ok(()) } else { Err(name.into()) }
}

fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// How often each id stands behind a mark in a file; waits until each is there so often, or the time is over.
async fn occurrences(file: &str, mark: &str, events: &[Event], least: usize) -> Result<Vec<usize>, Failure> {
    let begun = Instant::now();
    loop {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let text = String::from_utf8_lossy(&std::fs::read(file)?).into_owned();
        for found in text.split(mark).skip(1) {
            *counts.entry(found.get(..ID_BYTES).unwrap_or_default()).or_default() += 1;
        }
        let count = |event: &Event| counts.get(event.event_id.to_string().as_str()).copied().unwrap_or(0);
        let found: Vec<usize> = events.iter().map(count).collect();
        if found.iter().all(|count| *count >= least) || begun.elapsed() > SHOWN_WITHIN {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
