//! Detection under load: events appended durably, judged by 20 rules and 100 correlations, and what they find stored;
//! without the indexer beside it, and with it. Each phase ends with zero lag.
//!
//! `cargo xt bench detect [EVENTS]`: 200,000 a phase by default, of 10,000 users; one event in fifty is refused.

use picket_bodies::Bodies;
use picket_contain::{Container, Rules};
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_detect::{Detection, Detector, Settings, Sources};
use picket_event::{Decision, Event, EventType, Identity, Severity, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, EventLog, Logs, Options};
use picket_pipeline::{Consumer, Settings as Pace, Shutdown, Status, Trigger};
use picket_search::Index;
use picket_stdx::{Clock, random};
use picket_store::containments::{Containments, Never};
use std::collections::VecDeque;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

const WORKSPACE: &str = "ws_bench";
const RULES: usize = 20;
const CORRELATIONS: usize = 100;
const USERS: u64 = 10_000;
/// Events of one transaction, and transactions on their way.
const TOGETHER: u64 = 1_000;
const OUTSTANDING: usize = 4;

fn main() -> Outcome<()> {
    let events = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    for is_indexed in [false, true] {
        let folder = std::env::temp_dir().join(format!("picket-detect-{}", random::number()));
        std::fs::create_dir_all(&folder)?;
        let measured = measure(&folder, events, is_indexed);
        std::fs::remove_dir_all(&folder)?;
        measured?;
    }
    Ok(())
}

/// Rules about kinds of events, and correlations of them with bounds that differ.
fn rules() -> Outcome<String> {
    let mut text = String::new();
    for rule in 0..RULES {
        write!(
            text,
            "title: Kind {rule}\nname: kind-{rule}\nlogsource: {{ product: picket }}\ndetection: {{ s: {{ decision: blocked, type: kind_{rule} }}, condition: s }}\n---\n"
        )?;
    }
    for correlation in 0..CORRELATIONS {
        let (rule, count) = (correlation % RULES, 3 + correlation / RULES);
        write!(
            text,
            "title: Many of kind {rule}\nid: many-{correlation}\nlevel: medium\ncorrelation: {{ type: event_count, rules: [kind-{rule}], group-by: [user], timespan: 1h, condition: {{ gte: {count} }} }}\nx-picket: {{ category: guardrail-block, entity: user, risk: {{ score: 10 }} }}\n---\n"
        )?;
    }
    Ok(text.trim_end_matches("---\n").to_owned())
}

fn measure(folder: &Path, events: u64, is_indexed: bool) -> Outcome<()> {
    let tables = [
        picket_keys::MIGRATIONS,
        picket_bodies::MIGRATIONS,
        picket_log::MIGRATIONS,
        picket_store::MIGRATIONS,
        picket_store::detection::MIGRATIONS,
    ];
    let db = Db::open(DbOptions::new(folder.join("picket.db")), &tables)?;
    let keyring = Keyring::open(&db, RootKey::new(random::bytes()))?;
    let bodies = Bodies::new(&db, &keyring);
    let options = Options { host: "bench.example".to_owned(), state: folder.join("state"), clock: Clock::system() };
    let workspace = Workspace::parse(WORKSPACE)?;
    Logs::create(&db, &keyring, &options, &workspace)?;
    let log = Logs::open(&db, &keyring, &bodies, &options)?.workspace(&workspace)?.clone();
    std::fs::write(folder.join("rules.yml"), rules()?)?;
    let container = Container {
        db: db.clone(),
        log: log.clone(),
        workspace: workspace.clone(),
        in_force: Containments::open(&db, &workspace, Never::default())?,
        rules: Arc::new(Rules::default()),
    };
    let sources = Sources { is_shipped: false, rules: vec![folder.join("rules.yml")], data: Vec::new() };
    let detection = Detection::open(container, Settings { sources, ..Settings::default() })?;
    if let Some(problem) = detection.load().problems.first() {
        return Err(problem.clone().into());
    }
    let (trigger, shutdown) = Trigger::new();
    let mut running = vec![drive(Detector::new(&detection), &log, &shutdown)?];
    let index = Index::open(&folder.join("index"), &log, &keyring)?;
    if is_indexed {
        running.push(drive(index.indexer(), &log, &shutdown)?);
    }
    let begun = Instant::now();
    append(&log, events)?;
    let appended = begun.elapsed();
    while running.iter().any(|(status, _)| status.report().lag > 0) {
        // Not a core of its own: the consumers need both.
        std::thread::sleep(Duration::from_millis(2));
    }
    let (whole, counts) = (begun.elapsed(), detection.metrics().counts());
    trigger.advance(picket_pipeline::Stage::Draining);
    for (_, thread) in running {
        thread.join().map_err(|_panic| "a consumer panicked")??;
    }
    let found: u64 = counts.shadow.values().sum();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let float = |number: u64| number as f64;
    let rate = |time: Duration| float(events) / time.as_secs_f64();
    writeln!(
        io::stdout(),
        "indexer {}: {events} events, {RULES} rules, {CORRELATIONS} correlations: {:.0} events/s to zero lag ({:.0} appended); {} matches, {found} findings; judging {:.2} us an event, storing {:.2} us",
        if is_indexed { "on" } else { "off" },
        rate(whole),
        rate(appended),
        counts.matches,
        float(counts.judging_us) / float(events),
        float(counts.settling_us) / float(events),
    )?;
    db.close();
    Ok(())
}

/// A consumer's thread, as the server drives it.
fn drive(
    mut consumer: impl Consumer + 'static,
    log: &EventLog,
    shutdown: &Shutdown,
) -> Outcome<(Arc<Status>, JoinHandle<io::Result<()>>)> {
    let status = Status::new(consumer.name(), log.clone());
    let (seen, shutdown) = (Arc::clone(&status), shutdown.clone());
    let pace = Pace { gather: Duration::from_millis(5), ..Pace::default() };
    let thread =
        std::thread::Builder::new().spawn(move || picket_pipeline::run(&mut consumer, &seen, &pace, &shutdown))?;
    Ok((status, thread))
}

/// Appends events with their facts, sealed on this thread.
fn append(log: &EventLog, events: u64) -> Outcome<()> {
    let mut waiting: VecDeque<Ticket<(), AppendError>> = VecDeque::new();
    for begin in (0..events).step_by(usize::try_from(TOGETHER)?) {
        let records: Vec<_> = (begin..events.min(begin + TOGETHER))
            .map(|number| log.prepare(event(log, number), &[]).closes(None))
            .collect();
        let own = log.clone();
        waiting.push_back(log.db().write(Lane::Gateway, "bench.append", move |tx| {
            records.into_iter().try_for_each(|record| own.append_in(tx, record).map(drop))
        }));
        if waiting.len() >= OUTSTANDING
            && let Some(oldest) = waiting.pop_front()
        {
            oldest.wait()?;
        }
    }
    for ticket in waiting {
        ticket.wait()?;
    }
    Ok(())
}

fn event(log: &EventLog, number: u64) -> Event {
    let mut event = Event::new(EventType::REQUEST, WORKSPACE, log.clock().now());
    // A multiplier that is prime to the number of users spreads them.
    event.user = Some(format!("user{}@example.com", number.wrapping_mul(7_919) % USERS));
    event.key_id = Some(format!("key_{}", number % 512));
    event.identity = Some(Identity::Key);
    event.team = Some(format!("team{}", number % 20));
    event.model = Some("gpt-4o".to_owned());
    (event.tokens_in, event.tokens_out, event.latency_ms) = (Some(450), Some(1_200), Some(800));
    if number.is_multiple_of(50) {
        (event.decision, event.severity) = (Decision::Blocked, Severity::Low);
        event.finding_type = Some(format!("kind_{}", number / 50 % 20));
        event.policies_triggered = vec!["pii-detector".to_owned()];
    }
    event
}
