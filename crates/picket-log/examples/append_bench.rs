//! How many durable appends a second this machine takes.
//!
//! `cargo xt bench log [FOLDER] [SECONDS]`: first single records by 1, 16, 64 and 256 writers, each of whom waits for the
//! acknowledgement before the next; then records in batches of 1,000, with facts and bare. Sealing is part of all figures.
//! The numbers depend on the disk's sync time, which is shown.

#[path = "append_bench/store.rs"]
mod store;

use picket_bodies::NewBody;
use picket_db::{Lane, Ticket};
use picket_event::{BodyClass, Event, EventType};
use picket_log::{AppendError, EventLog, Record};
use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const WRITERS: [u64; 4] = [1, 16, 64, 256];
const BATCH: u64 = 1_000;
/// Batches that wait for the writer, or for their acknowledgement.
const BATCHES_AHEAD: usize = 4;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(|| std::env::temp_dir().join("picket-append-bench"), Into::into);
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    std::fs::create_dir_all(&folder)?;
    let time = Duration::from_secs(seconds);
    let mut out = io::stdout();
    writeln!(out, "sync of 4 KiB: {:.2} ms (median of 50)", milliseconds(sync_time(&folder)?))?;
    for writers in WRITERS {
        let store = store::Store::create(&folder)?;
        by_writers(&store.log, writers, time, &mut out)?;
    }
    let store = store::Store::create(&folder)?;
    in_batches(&store.log, "entry + facts", time, &mut out, |log, number| log.prepare(event(log, number), &[]))?;
    let begun = Instant::now();
    let report = store.log.verify(&mut |_, _| {})?;
    let rate = rate(report.entries, begun.elapsed());
    writeln!(out, "verify: {} entries, {} bodies, {rate:.0} entries/s", report.entries, report.bodies_present)?;
    let store = store::Store::create(&folder)?;
    in_batches(&store.log, "entry alone", time, &mut out, |log, number| log.prepare_bare(event(log, number)))
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

/// Entry, facts, and two contents of 1 KiB for each record; each writer waits for its acknowledgement.
fn by_writers(log: &EventLog, writers: u64, time: Duration, out: &mut impl io::Write) -> Result<(), Failure> {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(23);
    let body = |role| NewBody {
        role,
        class: BodyClass::Content,
        media_type: "application/json",
        bytes: text.as_bytes(),
        truncated: false,
    };
    let begun = Instant::now();
    let write = async |writer| {
        let mut times = Vec::new();
        while begun.elapsed() < time {
            let sent = Instant::now();
            let number = writer + writers * u64::try_from(times.len())?;
            let record = log.prepare(event(log, number), &[body("request"), body("response")]).closes(None);
            log.append(Lane::Gateway, record).await?;
            times.push(sent.elapsed());
        }
        Ok::<_, Failure>(times)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let all = runtime.block_on(futures_util::future::try_join_all((0..writers).map(write)))?;
    let spent = begun.elapsed();
    let mut times = all.concat();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1_000).copied().map_or(0.0, milliseconds);
    writeln!(
        out,
        "entry + facts + two bodies, {writers} writers: {:.0}/s, acknowledged p50 {:.1} ms, p99 {:.1} ms",
        rate(u64::try_from(times.len())?, spent),
        at(500),
        at(990)
    )?;
    Ok(())
}

/// One transaction for each batch, while one thread seals the next.
fn in_batches(
    log: &EventLog,
    what: &str,
    time: Duration,
    out: &mut impl io::Write,
    prepare: impl Fn(&EventLog, u64) -> Record + Sync,
) -> Result<(), Failure> {
    let (sender, batches) = sync_channel::<Vec<Record>>(BATCHES_AHEAD);
    let begun = Instant::now();
    let mut number = 0;
    std::thread::scope(|scope| {
        let sealing = scope.spawn(|| {
            let batch = |first| (first..first + BATCH).map(|number| prepare(log, number)).collect();
            let mut firsts = (0..).step_by(usize::try_from(BATCH).unwrap_or(1));
            // The receiver goes when the time is over.
            while firsts.next().is_some_and(|first| sender.send(batch(first)).is_ok()) {}
        });
        let mut waiting = VecDeque::new();
        while begun.elapsed() < time {
            let records = batches.recv()?;
            let writer = log.clone();
            let ticket: Ticket<(), AppendError> = log.db().write(Lane::Admin, "bench", move |tx| {
                records.into_iter().try_for_each(|record| writer.append_in(tx, record).map(drop))
            });
            waiting.push_back(ticket);
            number += BATCH;
            if waiting.len() > BATCHES_AHEAD
                && let Some(oldest) = waiting.pop_front()
            {
                oldest.wait()?;
            }
        }
        drop(batches);
        waiting.into_iter().try_for_each(Ticket::wait)?;
        sealing.join().map_err(|_panic| "sealing panicked")?;
        Ok::<_, Failure>(())
    })?;
    writeln!(out, "{what}, batches of {BATCH}: {:.0}/s", rate(number, begun.elapsed()))?;
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
