//! How many durable appends a second this machine takes.
//!
//! `cargo run --release -p picket-log --example append_bench [FOLDER] [SECONDS]`: first single records with two bodies,
//! 64 outstanding, then bare records in batches of 1,000. The numbers depend on the disk's sync time, which is shown.

use picket_bodies::{Bodies, NewBody};
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_event::{BodyClass, Event, EventType};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, EventLog, Logs, Options};
use picket_stdx::{Clock, random};
use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const OUTSTANDING: usize = 64;
const BATCH: usize = 1_000;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(|| std::env::temp_dir().join("picket-append-bench"), Into::into);
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    std::fs::create_dir_all(&folder)?;
    let mut out = io::stdout();
    writeln!(out, "sync of 4 KiB: {:.2} ms (median of 50)", sync_time(&folder)?.as_secs_f64() * 1e3)?;
    let log = store(&folder.join(random::number().to_string()))?;
    with_bodies(&log, Duration::from_secs(seconds), &mut out)?;
    in_batches(&log, Duration::from_secs(seconds), &mut out)?;
    let begun = Instant::now();
    let report = log.verify(&mut |_, _| {})?;
    let rate = rate(report.entries, begun.elapsed());
    writeln!(out, "verify: {} entries, {} bodies, {rate:.0} entries/s", report.entries, report.bodies_present)?;
    Ok(())
}

fn sync_time(folder: &Path) -> io::Result<Duration> {
    let path = folder.join("sync");
    let mut file = std::fs::File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..50 {
        file.write_all(&[0; 4_096])?;
        let begun = Instant::now();
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    std::fs::remove_file(path)?;
    Ok(times.get(25).copied().unwrap_or_default())
}

fn store(folder: &Path) -> Result<EventLog, Failure> {
    std::fs::create_dir_all(folder)?;
    let db = Db::open(
        DbOptions::new(folder.join("picket.db")),
        &[picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS],
    )?;
    let keyring = Keyring::open(&db, RootKey::new(random::bytes()))?;
    let bodies = Bodies::new(&db, &keyring);
    let options = Options { host: "bench.example".to_owned(), state: folder.join("state"), clock: Clock::system() };
    Logs::create(&db, &keyring, &options, "ws_bench")?;
    Ok(Logs::open(&db, &keyring, &bodies, &options)?.workspace("ws_bench")?.clone())
}

fn event(log: &EventLog, number: u64) -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws_bench", log.clock().now());
    event.user = Some(format!("user{}@example.com", number % 1_000));
    event.team = Some(format!("team{}", number % 20));
    event.model = Some("gpt-4o-mini".to_owned());
    event.endpoint = Some("/v1/chat/completions".to_owned());
    event.request_id = Some(format!("req-{number}"));
    event.src_ip = Some("203.0.113.9".to_owned());
    (event.tokens_in, event.tokens_out, event.latency_ms) = (Some(812), Some(190), Some(734));
    event
}

/// Entry, facts, and two contents of 1 KiB for each record.
fn with_bodies(log: &EventLog, time: Duration, out: &mut impl io::Write) -> Result<(), Failure> {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(23);
    let body = |role| NewBody {
        role,
        class: BodyClass::Content,
        media_type: "application/json",
        bytes: text.as_bytes(),
        truncated: false,
    };
    let mut waiting = VecDeque::with_capacity(OUTSTANDING);
    let mut latencies = Vec::new();
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < time {
        let record = log.prepare(event(log, number), &[body("request"), body("response")]).closes(None);
        waiting.push_back((Instant::now(), log.append(Lane::Gateway, record)));
        number += 1;
        if waiting.len() == OUTSTANDING
            && let Some((sent, ticket)) = waiting.pop_front()
        {
            ticket.wait()?;
            latencies.push(sent.elapsed());
        }
    }
    for (sent, ticket) in waiting {
        ticket.wait()?;
        latencies.push(sent.elapsed());
    }
    latencies.sort_unstable();
    let at = |share: usize| latencies.get(latencies.len() * share / 1_000).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    writeln!(
        out,
        "entry + facts + two bodies, {OUTSTANDING} outstanding: {:.0}/s, acknowledged p50 {:.1} ms, p99 {:.1} ms",
        rate(number, begun.elapsed()),
        at(500),
        at(990)
    )?;
    Ok(())
}

/// Bare records, one transaction for each thousand; sealing is not counted, since it scales with the producers.
fn in_batches(log: &EventLog, time: Duration, out: &mut impl io::Write) -> Result<(), Failure> {
    let mut spent = Duration::ZERO;
    let mut number = 0;
    while spent < time {
        let mut records = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            records.push(log.prepare(event(log, number), &[]));
            number += 1;
        }
        let writer = log.clone();
        let begun = Instant::now();
        let written: Ticket<(), AppendError> = log.db().write(Lane::Admin, "bench", move |tx| {
            for record in records {
                writer.append_in(tx, record)?;
            }
            Ok(())
        });
        written.wait()?;
        spent += begun.elapsed();
    }
    writeln!(out, "entry + facts in batches of {BATCH}: {:.0}/s", rate(number, spent))?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
